/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/attempt.h"

#include "base/json_text.h"
#include "gateway/decide.h"
#include "gateway/header_names.h"
#include "gateway/http/reply.h"
#include "gateway/limits.h"
#include "gateway/metrics.h"
#include "gateway/relay.h"
#include "gateway/target_states.h"
#include "gateway/turn.h"

enum {
    ERROR_ANSWER_MAX = 64 * 1024,        /* all we look at of an error's body */
    WHOLE_ANSWER_MAX = 32 * 1024 * 1024, /* as large as a request may be */
    RECORD_MAX = 16 * 1024
};

static void dispatch(struct exchange *x);

/* ---- What is known of targets ---- */

static void count_in(struct exchange *x)
{
    struct target_states *targets = x->gateway->targets;
    x->attempt.target_key = target_states_key(targets, x->view.provider, x->view.target_model);
    x->attempt.is_counted = true;
    target_states_begin(targets, x->attempt.target_key, x->attempt.start_ns);
}

static void count_out(struct exchange *x, enum target_result result)
{
    uint64_t writing_ns = x->view.upstream_ns > x->view.first_byte_ns
                              ? x->view.upstream_ns - x->view.first_byte_ns
                              : 0;
    if (!x->attempt.is_counted)
        return;
    x->attempt.is_counted = false;
    target_states_end(x->gateway->targets, x->attempt.target_key, result,
                      x->view.has_usage ? x->view.completion_tokens : 0, writing_ns,
                      worker_now_ns());
}

void attempt_over(struct exchange *x)
{
    count_out(x, x->attempt.has_ended && !x->attempt.is_error ? TARGET_ANSWERED : TARGET_UNKNOWN);
}

static enum target_result result_of(const struct attempt_failure *failure)
{
    const uint32_t busy = 1u << DVARA_RETRY_STATUS_429;
    const uint32_t failed = 1u << DVARA_RETRY_TIMEOUT | 1u << DVARA_RETRY_CONNECT |
                            1u << DVARA_RETRY_RESET | 1u << DVARA_RETRY_STATUS_5XX;
    if (failure->classes & failed)
        return TARGET_FAILED;
    return failure->classes & busy ? TARGET_BUSY : TARGET_ANSWERED;
}

/* ---- What the upstream tells ---- */

static bool is_event_stream(const struct http_head *head)
{
    struct dvara_str type = http_head_value(head, DVARA_STR("content-type"));
    struct dvara_str wanted = DVARA_STR("text/event-stream");
    return type.n >= wanted.n && http_name_eq(dvara_str_slice(type, 0, wanted.n), wanted);
}

static void fail_badly(struct exchange *x)
{
    struct attempt_failure failure = upstream_error_bad_answer();
    attempt_fail(x, &failure);
}

static void fail_without_memory(struct exchange *x)
{
    const struct gateway_error error = {.id = GATEWAY_ERROR_OVERLOADED};
    exchange_refuse(x, &error, EXCHANGE_OUTCOME_FAILED);
}

static void on_head(const struct http_head *head, void *user)
{
    struct exchange *x = user;
    x->attempt.head_ns = worker_turn_ns(x->gateway->worker);
    x->attempt.status = head->status;
    x->view.upstream_status = head->status;
    x->view.first_byte_ns = x->attempt.head_ns - x->attempt.start_ns;
    x->attempt.is_error = head->status != 200;
    x->attempt.answer.limit = x->attempt.is_error ? ERROR_ANSWER_MAX : WHOLE_ANSWER_MAX;
    x->attempt.retry_after_ms = upstream_error_wait_ms(head);
    if (x->attempt.is_error)
        return;
    target_states_first_byte(x->gateway->targets, x->attempt.target_key, x->view.first_byte_ns,
                             x->attempt.head_ns);
    x->view.step = EXCHANGE_STEP_RELAY;
    if (!x->request.stream)
        return;
    if (!is_event_stream(head))
        fail_badly(x);
    else if (!relay_stream_begin(x))
        fail_without_memory(x);
}

static void on_body(struct dvara_str bytes, void *user)
{
    struct exchange *x = user;
    if (!x->attempt.is_error && x->request.stream) {
        relay_stream_bytes(x, bytes);
        return;
    }
    struct buf *answer = &x->attempt.answer;
    if (x->attempt.is_error && bytes.n > answer->limit - answer->n)
        bytes.n = answer->limit - answer->n;
    buf_append(answer, bytes);
    if (buf_failed(answer))
        fail_badly(x);
}

static void note_end(struct exchange *x)
{
    x->attempt.call = NULL;
    x->view.upstream_ns = worker_turn_ns(x->gateway->worker) - x->attempt.start_ns;
}

static void on_done(void *user)
{
    struct exchange *x = user;
    note_end(x);
    x->attempt.has_ended = true;
    if (x->attempt.is_error) {
        struct attempt_failure failure = upstream_error_of_status(
            x->attempt.status, buf_str(&x->attempt.answer), x->attempt.retry_after_ms, &x->arena);
        attempt_fail(x, &failure);
    } else if (x->request.stream) {
        relay_stream_end(x);
    } else {
        relay_whole(x);
    }
}

static struct dvara_str failure_word(struct exchange *x, enum upstream_failure failure)
{
    struct dvara_str name = dvara_str_from_cstr(upstream_failure_name(failure));
    char *p = arena_alloc(&x->arena, name.n);
    for (size_t i = 0; p && i < name.n; i++)
        p[i] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] + ('a' - 'A')) : name.p[i];
    return p ? dvara_str_from(p, name.n) : (struct dvara_str){0};
}

static void on_failed(enum upstream_failure failure, bool bytes_sent, void *user)
{
    (void)bytes_sent;
    struct exchange *x = user;
    note_end(x);
    if (relay_stream_is_over(x)) {
        exchange_end(x);
        return;
    }
    x->view.upstream_failure = failure_word(x, failure);
    struct attempt_failure mapped = upstream_error_of_failure(failure);
    attempt_fail(x, &mapped);
}

static const struct provider_events events = {
    .on_head = on_head, .on_body = on_body, .on_done = on_done, .on_failed = on_failed};

/* ---- One attempt ---- */

static void add_field(struct exchange *x, struct dvara_str name, struct dvara_str value)
{
    if (header_is_credential(name) || header_is_hop(name))
        return;
    if (x->attempt.field_count < EXCHANGE_PASSED_FIELDS)
        x->passed[x->attempt.field_count++] = (struct http_field){name, value};
}

static void collect_fields(struct exchange *x)
{
    const struct http_head *head = http_conn_head(x->conn);
    const struct dvara_decision *decision = x->view.decision;
    x->attempt.field_count = 0;
    for (size_t i = 0; i < head->field_count; i++)
        if (header_is_passed(head->fields[i].name))
            add_field(x, head->fields[i].name, head->fields[i].value);
    for (size_t i = 0; i < decision->n_headers; i++)
        add_field(x, decision->headers[i].name, decision->headers[i].value);
}

static uint64_t pick(int64_t of_route, uint64_t otherwise)
{
    return of_route > 0 ? (uint64_t)of_route : otherwise;
}

static struct upstream_timers timers(const struct exchange *x)
{
    const struct config *config = x->snapshot->config;
    return (struct upstream_timers){
        .connect_ns = pick(x->route.connect, config->limits.connect_ns),
        .first_byte_ns = pick(x->route.first_byte, config->limits.first_byte_ns),
        .idle_ns = pick(x->route.idle, config->limits.idle_ns),
        .total_ns = pick(x->route.timeout, config->limits.total_ns),
    };
}

/* The first attempt's record is the decision, which names its target. */
static bool record_attempt(struct exchange *x)
{
    struct buf payload;
    if (!x->gateway->audit)
        return true;
    buf_init(&payload, RECORD_MAX);
    buf_printf(&payload, "{\"attempt\":%u,\"provider\":", x->view.attempt);
    json_write_string(&payload, x->view.provider);
    BUF_LIT(&payload, ",\"model\":");
    json_write_string(&payload, x->view.target_model);
    BUF_LIT(&payload, "}");
    const struct audit_entry entry = {
        .type = AUDIT_ATTEMPT,
        .id = x->view.request_id,
        .tenant = x->view.tenant_id,
        .key = x->view.key_id,
        .session = x->view.session_id,
        .trace_id = x->view.trace_id,
        .payload = buf_str(&payload),
    };
    bool ok = !buf_failed(&payload) && audit_append(x->gateway->audit, &entry, NULL) == DVARA_OK;
    buf_clear(&payload);
    return ok;
}

static void use_target(struct exchange *x)
{
    const struct dvara_target *target = &x->view.decision->targets[x->retry.target];
    x->attempt.provider = config_provider_find(x->snapshot->config, target->provider);
    dvara_run_use_target(x->run, target, &x->world);
    x->view.attempt++;
    x->view.provider = target->provider;
    x->view.target_model = target->model;
    x->view.provider_kind =
        x->attempt.provider ? x->attempt.provider->kind_name : (struct dvara_str){0};
    x->view.upstream_status = 0;
    x->view.upstream_failure = (struct dvara_str){0};
}

static void start_call(struct exchange *x)
{
    struct provider_request request = {
        .provider = x->attempt.provider,
        .stream = x->request.stream,
        .timers = timers(x),
    };
    x->view.step = EXCHANGE_STEP_DISPATCH;
    x->attempt.start_ns = worker_turn_ns(x->gateway->worker);
    x->attempt.has_ended = false;
    count_in(x);
    if (x->view.attempt == 1)
        x->view.overhead_ns = x->attempt.start_ns - x->body_ns;
    collect_fields(x);
    request.fields = x->passed;
    request.field_count = x->attempt.field_count;
    if (!decide_body(x, x->view.target_model, &x->attempt.body, &request.body) ||
        provider_call_start(x->gateway->worker, &request, &events, x, &x->attempt.call) != DVARA_OK)
        fail_without_memory(x);
}

static void refuse_unrecorded(struct exchange *x)
{
    const struct gateway_error error = {.id = GATEWAY_ERROR_AUDIT_UNAVAILABLE};
    exchange_refuse(x, &error, EXCHANGE_OUTCOME_FAILED);
}

static void on_synced(struct audit_wait *wait)
{
    struct exchange *x = (struct exchange *)((char *)wait - offsetof(struct exchange, wait));
    x->is_waiting = false;
    start_call(x);
}

static void start_recorded(struct exchange *x, uint64_t seq)
{
    struct audit_chain *audit = x->gateway->audit;
    x->has_decision_record = true;
    if (!audit || !audit_is_strict(audit)) {
        start_call(x);
        return;
    }
    x->is_waiting = true;
    x->wait.on_synced = on_synced;
    audit_wait_start(audit, &x->wait, seq);
}

void attempt_recorded(struct exchange *x, uint64_t seq, bool is_recorded)
{
    if (is_recorded)
        start_recorded(x, seq);
    else
        refuse_unrecorded(x);
}

static void dispatch(struct exchange *x)
{
    buf_reset(&x->attempt.answer);
    buf_reset(&x->attempt.body);
    x->attempt.is_error = false;
    use_target(x);
    x->view.step = EXCHANGE_STEP_RECORD;
    if (!x->attempt.provider) {
        struct attempt_failure failure = upstream_error_of_failure(UPSTREAM_FAILURE_REFUSED);
        attempt_fail(x, &failure);
    } else if (!x->has_decision_record) {
        turn_park(x, TURN_DECIDED);
    } else if (!record_attempt(x)) {
        refuse_unrecorded(x);
    } else {
        start_call(x);
    }
}

static void backoff_due(struct deadline *deadline)
{
    dispatch((struct exchange *)((char *)deadline - offsetof(struct exchange, backoff)));
}

/* The decision's targets, under its route's rules of retrying. */
static void plan_attempts(struct exchange *x)
{
    const struct dvara_decision *decision = x->view.decision;
    const struct dvara_route_info *route = NULL;
    x->route = (struct dvara_route_info){.name = {0}};
    if (decision->route != DVARA_NO_ROUTE) {
        x->route = dvara_bundle_route(x->snapshot->bundle, decision->route);
        route = &x->route;
    }
    retry_init(&x->retry, route, decision->n_targets);
}

void attempt_first(struct exchange *x)
{
    deadline_init(&x->backoff, backoff_due);
    plan_attempts(x);
    if (x->request.stream && !relay_stream_open(x)) {
        fail_without_memory(x);
        return;
    }
    dispatch(x);
}

void attempt_fail(struct exchange *x, const struct attempt_failure *failure)
{
    const struct retry_failure what = {.classes = failure->classes, .status = failure->status};
    uint64_t wait_ns = 0;
    count_out(x, result_of(failure));
    if (x->attempt.call) {
        x->attempt.call->ops->cancel(x->attempt.call);
        note_end(x);
    }
    metrics_add(x->gateway->metrics, METRIC_UPSTREAM_ANSWERS, x->view.provider,
                gateway_error_code(&failure->error), 1);
    if (relay_stream_has_begun(x)) {
        exchange_failed(x, failure);
        return;
    }
    relay_stream_drop(x);
    enum retry_verdict verdict =
        retry_next(&x->retry, &what, worker_turn_ns(x->gateway->worker), &wait_ns);
    if (verdict == RETRY_SPENT && dvara_run_plan_fallback(x->run, &x->world)) {
        plan_attempts(x);
        dispatch(x);
    } else if (verdict != RETRY_AGAIN) {
        exchange_failed(x, failure);
    } else if (wait_ns > 0) {
        worker_deadline_set(x->gateway->worker, &x->backoff,
                            worker_turn_ns(x->gateway->worker) + wait_ns);
    } else {
        dispatch(x);
    }
}
