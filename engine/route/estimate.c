/* SPDX-License-Identifier: Apache-2.0 */
#include "route/estimate.h"

enum { TOKENS_PER_PRICE = 1000000 };

static bool has_opaque(const struct dvara_facts *facts, struct dvara_str kind)
{
    for (size_t i = 0; i < facts->request.opaque.n; i++) {
        if (dvara_str_eq(facts->request.opaque.v[i], kind))
            return true;
    }
    return false;
}

uint32_t estimate_images(const struct dvara_facts *facts)
{
    uint32_t n = 0;
    for (size_t i = 0; i < facts->request.messages.n; i++)
        n += facts->request.messages.v[i].has_image;
    return n;
}

uint32_t estimate_needs(const struct dvara_facts *facts)
{
    uint32_t needs = 0;
    if (facts->request.tools.n)
        needs |= 1u << DVARA_CAPABILITY_TOOLS;
    if (estimate_images(facts) || has_opaque(facts, DVARA_STR("image")))
        needs |= 1u << DVARA_CAPABILITY_VISION;
    if (has_opaque(facts, DVARA_STR("audio")))
        needs |= 1u << DVARA_CAPABILITY_AUDIO;
    if (dvara_str_eq(facts->request.response_format, DVARA_STR("json_schema")))
        needs |= 1u << DVARA_CAPABILITY_JSON_SCHEMA;
    return needs;
}

bool estimate_is_capable(const struct dvara_bundle *bundle, const struct bundle_model *model,
                         uint32_t needs)
{
    static const char *const words[] = {
#define CAPABILITY(id, spelling, what) [DVARA_CAPABILITY_##id] = spelling,
#include "dvara/words.def"
    };
    uint32_t missing = needs;
    if (!model || model->supports_count == 0)
        return true;
    for (uint32_t i = 0; i < model->supports_count; i++) {
        struct dvara_str word =
            bundle_text(bundle, bundle->program.tables.aliases[model->supports_first + i].name);
        for (uint32_t k = 0; k < DVARA_CAPABILITY_COUNT; k++) {
            if (dvara_str_eq(word, dvara_str_from_cstr(words[k])))
                missing &= ~(1u << k);
        }
    }
    return missing == 0;
}

/* a × b, at most INT64_MAX; neither is negative. */
static int64_t times(int64_t a, int64_t b)
{
    int64_t product;
    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t at_least_0(int64_t v)
{
    return v < 0 ? 0 : v;
}

int64_t estimate_price(const struct dvara_facts *facts, const struct bundle_model *model)
{
    bool answers = !dvara_str_eq(facts->request.endpoint, DVARA_STR("embeddings"));
    if (!model || model->input < 0 || (answers && model->output < 0))
        return -1;
    int64_t output =
        facts->request.max_tokens.has ? facts->request.max_tokens.value : ESTIMATE_OUTPUT_TOKENS;
    if (model->max_output >= 0 && model->max_output < output)
        output = model->max_output;
    int64_t n = facts->request.n.has ? facts->request.n.value : 1;
    int64_t tokens = times(at_least_0(facts->request.prompt_tokens), model->input);
    if (answers)
        tokens = plus(tokens, times(times(at_least_0(output), at_least_0(n)), model->output));
    int64_t price = tokens / TOKENS_PER_PRICE + (tokens % TOKENS_PER_PRICE != 0);
    price = plus(price, at_least_0(model->request));
    return plus(price, times(estimate_images(facts), at_least_0(model->image)));
}
