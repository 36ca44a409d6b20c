/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/judge.h"

#include "gateway/decide.h"
#include "gateway/dialect/openai_chat.h"
#include "gateway/header_names.h"

static struct dvara_str lower(struct arena *arena, struct dvara_str s)
{
    char *p = arena_alloc(arena, s.n);
    if (!p)
        return (struct dvara_str){0};
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + ('a' - 'A')) : s.p[i];
    return dvara_str_from(p, s.n);
}

void judge_headers(struct exchange *x, const struct http_head *head)
{
    if (!dvara_bundle_reads(x->snapshot->bundle, DVARA_ATTR_REQUEST_HEADER))
        return;
    struct dvara_pair *pairs = ARENA_ARRAY(&x->arena, head->field_count, struct dvara_pair);
    struct dvara_pairs result = {.v = pairs};
    for (size_t i = 0; pairs && i < head->field_count; i++) {
        struct dvara_str name = lower(&x->arena, head->fields[i].name);
        if (!header_is_credential(name))
            pairs[result.n++] = (struct dvara_pair){
                .name = name, .value = arena_copy(&x->arena, head->fields[i].value)};
    }
    x->facts.request.headers = result;
}

static void refuse(struct exchange *x, struct gateway_error error, enum exchange_outcome outcome)
{
    x->judgement =
        (struct judgement){.kind = JUDGEMENT_REFUSED, .error = error, .outcome = outcome};
}

static bool parse(struct exchange *x, struct chat_refusal *ret_refusal)
{
    struct json_error error;
    enum dvara_status status = json_parse(x->body, 0, &x->arena, &x->doc, &error);
    if (status != DVARA_OK) {
        *ret_refusal = chat_refusal_of_json(&error, status, &x->arena);
        return false;
    }
    status = openai_chat_request(&x->doc, &x->arena, &x->request, ret_refusal);
    if (status == DVARA_NO_MEMORY)
        ret_refusal->code = DVARA_STR("overloaded");
    return status == DVARA_OK;
}

static struct gateway_error stateful_refusal(struct exchange *x)
{
    struct dvara_str feature = x->request.features.v[0];
    return (struct gateway_error){
        .id = GATEWAY_ERROR_STATEFUL_FEATURE_REFUSED,
        .message =
            arena_printf(&x->arena,
                         "The request uses `%.*s`, which keeps state at the provider or runs "
                         "there; this gateway does not allow it. Leave it out.",
                         DVARA_STR_ARG(feature))};
}

/* False: refused. */
static bool read_request(struct exchange *x)
{
    struct chat_refusal refusal = {.code = {0}};
    x->view.step = EXCHANGE_STEP_PARSE;
    if (!parse(x, &refusal)) {
        refuse(x,
               (struct gateway_error){.id = gateway_error_of_code(refusal.code),
                                      .param = refusal.param,
                                      .message = refusal.message},
               EXCHANGE_OUTCOME_REFUSED);
        return false;
    }
    x->view.stream = x->request.stream;
    x->view.asked_model = x->view.model = x->request.model;
    if (x->request.feature_set == 0)
        return true;
    refuse(x, stateful_refusal(x), EXCHANGE_OUTCOME_REFUSED);
    return false;
}

void judge(struct exchange *x)
{
    struct gateway_error error;
    if (!read_request(x))
        return;
    x->judgement.kind = JUDGEMENT_DENIED;
    x->view.step = EXCHANGE_STEP_DECIDE;
    if (!decide_request(x, &error)) {
        if (error.id != GATEWAY_ERROR_COUNT)
            refuse(x, error, EXCHANGE_OUTCOME_FAILED);
        return;
    }
    x->view.step = EXCHANGE_STEP_REDACT;
    if (!decide_redact(x, &error)) {
        refuse(x, error, EXCHANGE_OUTCOME_DENIED);
        return;
    }
    x->view.step = EXCHANGE_STEP_PLAN;
    if (decide_plan(x))
        x->judgement.kind = JUDGEMENT_GO_ON;
}

/* A bundle without detectors has no scanner. */
static enum dvara_status make_scratch(struct exchange *x, struct dvara_vm **ret_vm,
                                      struct dvara_scanner **ret_scanner)
{
    const struct dvara_detectors *detectors = dvara_bundle_detectors(x->snapshot->bundle);
    *ret_scanner = NULL;
    enum dvara_status status = dvara_vm_new(x->snapshot->bundle, ret_vm);
    if (status != DVARA_OK || !detectors)
        return status;
    status = dvara_scanner_new(detectors, ret_scanner);
    if (status != DVARA_OK)
        dvara_vm_free(*ret_vm);
    return status;
}

bool judge_own_scratch(struct exchange *x)
{
    struct dvara_vm *vm = NULL;
    struct dvara_scanner *scanner = NULL;
    if (x->vm != x->snapshot->vm)
        return true;
    if (make_scratch(x, &vm, &scanner) != DVARA_OK)
        return false;
    x->vm = vm;
    x->scanner = scanner;
    if (x->run)
        dvara_run_move(x->run, vm);
    return true;
}

void judge_with_own_scratch(struct exchange *x)
{
    if (judge_own_scratch(x))
        judge(x);
    else
        refuse(x, (struct gateway_error){.id = GATEWAY_ERROR_OVERLOADED}, EXCHANGE_OUTCOME_FAILED);
}
