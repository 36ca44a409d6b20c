/* SPDX-License-Identifier: Apache-2.0 */
#include "base/number.h"
#include "gateway/exchange.h"
#include "gateway/metrics.h"

static const struct dvara_str mode_names[] = {
#define MODE(id, spelling) [DVARA_MODE_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};
static const struct dvara_str where_names[] = {
#define WHERE(id, spelling) [DVARA_WHERE_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};
static const struct dvara_str error_names[] = {
#define ERROR_KIND(id, spelling, what) [DVARA_ERROR_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};

static const struct dvara_str nothing = {"", 0};

static void count_decision(struct metrics *metrics, const struct exchange_view *view)
{
    const struct dvara_decision *decision = view->decision;
    for (size_t i = 0; i < decision->n_matched; i++)
        metrics_add(metrics, METRIC_RULES,
                    dvara_bundle_rule(view->bundle, decision->matched[i].rule).name,
                    mode_names[decision->matched[i].mode], 1);
    for (size_t i = 0; i < decision->n_errors; i++)
        metrics_add(metrics, METRIC_RULE_ERRORS,
                    dvara_bundle_rule(view->bundle, decision->errors[i].rule).name,
                    error_names[decision->errors[i].kind], 1);
    for (size_t i = 0; i < decision->n_redactions; i++)
        metrics_add(metrics, METRIC_REDACTIONS,
                    dvara_bundle_detector(view->bundle, decision->redactions[i].detector).name,
                    where_names[decision->redactions[i].where], decision->redactions[i].count);
}

static void count_provider(struct metrics *metrics, const struct exchange_view *view)
{
    struct dvara_str provider = view->provider, model = view->target_model;
    if (view->has_usage) {
        metrics_add(metrics, METRIC_GEN_AI_TOKENS_IN, provider, model,
                    (uint64_t)view->prompt_tokens);
        metrics_add(metrics, METRIC_GEN_AI_TOKENS_OUT, provider, model,
                    (uint64_t)view->completion_tokens);
    }
    if (view->upstream_ns != 0)
        metrics_add(metrics, METRIC_GEN_AI_DURATION, provider, model, view->upstream_ns);
    if (view->first_byte_ns != 0)
        metrics_add(metrics, METRIC_GEN_AI_FIRST_TOKEN, provider, model, view->first_byte_ns);
}

void metrics_exchange(struct metrics *metrics, const struct exchange_view *view)
{
    if (metrics == NULL)
        return;
    char status_text[NUMBER_INT_BYTES];
    struct dvara_str endpoint = view->endpoint.n ? view->endpoint : DVARA_STR("none");
    metrics_add(metrics, METRIC_REQUESTS, endpoint, number_int_text(view->status, status_text), 1);
    metrics_add(metrics, METRIC_OUTCOMES, exchange_outcome_name(view->outcome), nothing, 1);
    if (view->code.n != 0)
        metrics_add(metrics, METRIC_REFUSALS, view->code, nothing, 1);
    metrics_add(metrics, METRIC_REQUEST_DURATION, endpoint, nothing, view->duration_ns);
    if (view->overhead_ns != 0)
        metrics_add(metrics, METRIC_OVERHEAD, endpoint, nothing, view->overhead_ns);
    if (view->held_ns != 0)
        metrics_add(metrics, METRIC_STREAM_HELD, endpoint, nothing, view->held_ns);
    if (view->decision != NULL && view->bundle != NULL)
        count_decision(metrics, view);
    if (view->attempt != 0)
        count_provider(metrics, view);
}
