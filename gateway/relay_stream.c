/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/relay.h"

#include "gateway/answer.h"
#include "gateway/attempt.h"
#include "gateway/decide.h"
#include "gateway/http/reply.h"
#include "gateway/limits.h"
#include "base/number.h"
#include "gateway/relay_state.h"
#include "gateway/relay_text.h"

#include <stdlib.h>

enum { SMALL_EVENT_MAX = 64 * 1024 };

/* ---- Headers, bytes, pauses ---- */

static const struct dvara_str held_name = {.p = "x-dvara-held-max-ms", .n = 19};

static void send_headers(struct relay *relay, bool with_target)
{
    struct exchange *x = relay->x;
    struct answer_head head = {.n = 0};
    if (relay->has_headers)
        return;
    relay->has_headers = true;
    x->view.status = 200;
    answer_add(&head, DVARA_STR("content-type"), DVARA_STR("text/event-stream"));
    answer_add(&head, DVARA_STR("cache-control"), DVARA_STR("no-cache"));
    answer_add(&head, DVARA_STR("x-accel-buffering"), DVARA_STR("no"));
    answer_common(x, &head, with_target);
    if (relay->is_live && answer_shows_all(x))
        answer_add(&head, DVARA_STR("trailer"), held_name);
    http_reply_start(x->conn, 200, head.v, head.n);
}

static void send_bytes(struct relay *relay, struct dvara_str bytes)
{
    struct exchange *x = relay->x;
    size_t queued = http_reply_write(x->conn, bytes);
    relay->last_write_ns = worker_turn_ns(x->gateway->worker);
    x->view.response_bytes += bytes.n;
    if (queued > LIMIT_STREAM_QUEUE_BYTES && x->attempt.call && !relay->is_paused) {
        relay->is_paused = true;
        x->attempt.call->ops->pause(x->attempt.call);
    }
}

void relay_stream_writable(struct exchange *x)
{
    if (!x->relay || !x->relay->is_paused)
        return;
    x->relay->is_paused = false;
    if (x->attempt.call)
        x->attempt.call->ops->resume(x->attempt.call);
}

static void begin(struct relay *relay)
{
    send_headers(relay, true);
    relay->has_begun = true;
    if (relay->pending.n > 0)
        send_bytes(relay, buf_str(&relay->pending));
    buf_clear(&relay->pending); /* no more is kept */
}

static void refuse_long_answer(struct relay *relay)
{
    const struct gateway_error error = {
        .id = GATEWAY_ERROR_POLICY_DENIED,
        .message = DVARA_STR("A rule needs the whole answer, and it is longer than 256 KiB. Ask "
                             "without streaming.")};
    relay_deny(relay, &error);
}

bool relay_emit(struct relay *relay, struct dvara_str bytes, bool is_content)
{
    bool keeps = !relay->has_begun && (relay->needs.buffer || !is_content);
    if (keeps && relay->pending.n + bytes.n > relay->pending.limit) {
        if (relay->needs.buffer) {
            refuse_long_answer(relay);
            return false;
        }
        keeps = false; /* 64 KiB without content: nothing is gained by waiting on */
    }
    if (keeps) {
        buf_append(&relay->pending, bytes);
        return true;
    }
    if (!relay->has_begun)
        begin(relay);
    send_bytes(relay, bytes);
    return true;
}

/* ---- commit_after, then keep-alive comments ---- */

static void arm(struct relay *relay, uint64_t due_ns)
{
    worker_deadline_set(relay->x->gateway->worker, &relay->x->commit, due_ns);
}

static void commit_due(struct deadline *deadline)
{
    struct exchange *x = (struct exchange *)((char *)deadline - offsetof(struct exchange, commit));
    struct relay *relay = x->relay;
    uint64_t every_ns = x->snapshot->config->stream.keepalive_ns;
    uint64_t now_ns = worker_refresh_ns(x->gateway->worker);
    if (!x->conn || relay->is_over)
        return;
    send_headers(relay, false);
    if (now_ns - relay->last_write_ns >= every_ns) {
        struct buf comment;
        buf_init(&comment, SMALL_EVENT_MAX);
        sse_write_comment(&comment, DVARA_STR("keep-alive"));
        send_bytes(relay, buf_str(&comment));
        buf_clear(&comment);
    }
    arm(relay, relay->last_write_ns + every_ns);
}

static struct relay_scratch *scratch_of(struct gateway_worker *gateway)
{
    struct relay_scratch *scratch = gateway->relay_scratch;
    if (scratch)
        return scratch;
    scratch = calloc(1, sizeof *scratch);
    if (!scratch)
        return NULL;
    arena_init(&scratch->event, RELAY_EVENT_ARENA);
    arena_init(&scratch->call, RELAY_EVENT_ARENA);
    buf_init(&scratch->line, RELAY_EVENT_ARENA);
    buf_init(&scratch->text, RELAY_EVENT_ARENA);
    gateway->relay_scratch = scratch;
    return scratch;
}

/* What a large event left behind. */
static void trim_scratch(struct relay_scratch *scratch)
{
    arena_reset(&scratch->event);
    arena_reset(&scratch->call);
    if (scratch->line.size > SMALL_EVENT_MAX)
        buf_clear(&scratch->line);
    if (scratch->text.size > SMALL_EVENT_MAX)
        buf_clear(&scratch->text);
}

void relay_scratch_free(struct relay_scratch *scratch)
{
    if (!scratch)
        return;
    arena_clear(&scratch->event);
    arena_clear(&scratch->call);
    buf_clear(&scratch->line);
    buf_clear(&scratch->text);
    free(scratch);
}

bool relay_stream_open(struct exchange *x)
{
    struct relay *relay = calloc(1, sizeof *relay);
    if (!relay)
        return false;
    relay->scratch = scratch_of(x->gateway);
    if (!relay->scratch) {
        free(relay);
        return false;
    }
    relay->x = x;
    x->relay = relay;
    buf_init(&relay->pending, RELAY_PENDING_MAX);
    deadline_init(&x->commit, commit_due);
    arm(relay, worker_turn_ns(x->gateway->worker) + x->snapshot->config->stream.commit_after_ns);
    return true;
}

/* ---- One attempt's stream ---- */

static bool has_rules(const struct dvara_bundle *bundle, uint8_t phases)
{
    size_t n = dvara_bundle_info(bundle).n_rules;
    for (size_t i = 0; i < n; i++)
        if (dvara_bundle_rule(bundle, (uint32_t)i).phases & phases)
            return true;
    return false;
}

bool relay_stream_begin(struct exchange *x)
{
    struct relay *relay = x->relay;
    sse_decoder_init(&relay->decoder, RELAY_EVENT_MAX);
    relay->has_decoder = true;
    x->facts.response.text = DVARA_STR("");
    x->facts.response.finish_reason = DVARA_STR("");
    x->facts.response.leaves = (struct dvara_leaves){0};
    relay->needs = dvara_run_stream_needs(x->run);
    relay->styles = dvara_run_styles(x->run, DVARA_WHERE_RESPONSE);
    bool has_tokens = x->vault && !dvara_vault_is_empty(x->vault);
    relay->is_live = relay->needs.redact || relay->needs.restore || relay->needs.incremental ||
                     relay->styles || has_tokens;
    relay->edits_calls = dvara_run_styles(x->run, DVARA_WHERE_TOOLS) != NULL ||
                         (has_tokens && dvara_run_restores_tools(x->run));
    relay->reads_text = has_rules(x->snapshot->bundle, DVARA_PHASES_RESPONSE);
    relay->judges_calls = has_rules(x->snapshot->bundle, DVARA_PHASES_TOOL);
    relay->pending.limit = relay->needs.buffer ? RELAY_BUFFER_MAX : RELAY_PENDING_MAX;
    /* A denial that reads no text is decided before the first byte (R18). */
    if (x->view.decision->verdict != DVARA_VERDICT_ALLOW) {
        struct gateway_error error = exchange_denial(x);
        relay_deny(relay, &error);
    }
    return true;
}

void relay_stream_drop(struct exchange *x)
{
    struct relay *relay = x->relay;
    if (!relay)
        return;
    if (relay->has_decoder)
        sse_decoder_clear(&relay->decoder);
    relay->has_decoder = false;
    relay_live_clear(relay);
    relay_calls_clear(relay);
    buf_reset(&relay->pending);
    relay->text_overflowed = false;
    relay->n_choices = 0;
    relay->has_id = relay->saw_content = relay->saw_done = false;
    relay->is_paused = false;
    relay->content_bytes = 0;
}

void relay_stream_free(struct exchange *x)
{
    struct relay *relay = x->relay;
    if (!relay)
        return;
    relay_stream_drop(x);
    trim_scratch(relay->scratch);
    buf_clear(&relay->pending);
    free(relay);
    x->relay = NULL;
}

bool relay_stream_has_begun(const struct exchange *x)
{
    return x->relay && x->relay->has_begun;
}
bool relay_stream_is_over(const struct exchange *x)
{
    return x->relay && x->relay->is_over;
}

struct relay_choice *relay_choice(struct relay *relay, uint32_t index)
{
    for (size_t i = 0; i < relay->n_choices; i++)
        if (relay->choices[i].index == index)
            return &relay->choices[i];
    if (relay->n_choices == RELAY_CHOICES_MAX)
        return NULL;
    if (relay->n_choices == relay->choices_size) {
        size_t size = relay->choices_size ? relay->choices_size * 2 : 4;
        struct relay_choice *v = ARENA_ARRAY(&relay->x->arena, size, struct relay_choice);
        if (!v)
            return NULL;
        if (relay->n_choices > 0)
            memcpy(v, relay->choices, relay->n_choices * sizeof *v);
        relay->choices = v;
        relay->choices_size = size;
    }
    relay->choices[relay->n_choices] = (struct relay_choice){.index = index};
    return &relay->choices[relay->n_choices++];
}

/* ---- Ways to end ---- */

/* Milliseconds, rounded up: what waited did not wait no time. */
static void end_with_held(const struct relay *relay, struct http_conn *conn)
{
    char text[NUMBER_INT_BYTES];
    uint64_t ms = (relay->x->view.held_ns + 999999) / 1000000;
    const struct http_field field = {.name = held_name,
                                     .value = number_int_text((int64_t)ms, text)};
    http_reply_end_with(conn, relay->is_live && answer_shows_all(relay->x) ? &field : NULL);
}

static void end_reply(struct relay *relay, struct dvara_str last)
{
    struct exchange *x = relay->x;
    struct http_conn *conn = x->conn;
    if (last.n > 0)
        send_bytes(relay, last);
    relay->is_over = true;
    x->conn = NULL;
    end_with_held(relay, conn);
    exchange_answered(x);
}

void relay_stream_fail(struct exchange *x, const struct gateway_error *error)
{
    struct relay *relay = x->relay;
    enum exchange_outcome outcome = x->view.outcome;
    if (relay->has_begun && outcome == EXCHANGE_OUTCOME_FAILED)
        outcome = EXCHANGE_OUTCOME_CUT_BY_UPSTREAM;
    x->view.code = gateway_error_code(error);
    x->view.rule = error->rule;
    if (x->attempt.call) {
        x->attempt.call->ops->cancel(x->attempt.call);
        x->attempt.call = NULL;
    }
    relay_estimate_usage(x, relay->content_bytes);
    struct chat_error shape = gateway_error_chat(error, x->view.trace_id);
    if (!exchange_close_books(x, outcome))
        shape = gateway_error_chat(
            &(const struct gateway_error){.id = GATEWAY_ERROR_AUDIT_UNAVAILABLE}, x->view.trace_id);
    buf_reset(&relay->scratch->line);
    openai_chat_write_error_event(&relay->scratch->line, &shape);
    end_reply(relay, buf_str(&relay->scratch->line));
}

void relay_stop(struct relay *relay, enum relay_verdict verdict)
{
    struct gateway_error error;
    if (verdict == RELAY_TOO_LONG) {
        refuse_long_answer(relay);
    } else if (verdict == RELAY_DENIED) {
        error = exchange_denial(relay->x);
        relay_deny(relay, &error);
    } else {
        relay_give_up(relay);
    }
}

/* The stream has begun: every choice ends by policy, and [DONE] follows (G16). */
static void end_filtered(struct relay *relay, const struct gateway_error *error)
{
    struct exchange *x = relay->x;
    struct buf *out = &relay->scratch->line;
    buf_reset(out);
    if (error->id == GATEWAY_ERROR_APPROVAL_REQUIRED) {
        struct chat_error shape = gateway_error_chat(error, x->view.trace_id);
        openai_chat_write_error_event(out, &shape);
    }
    if (relay->n_choices == 0)
        openai_chat_write_filter_event(out, &relay->id, 0);
    for (size_t i = 0; i < relay->n_choices; i++)
        if (!relay->choices[i].has_finished || !relay->has_begun) /* a finish that was kept */
            openai_chat_write_filter_event(out, &relay->id, relay->choices[i].index);
    openai_chat_write_done(out);
    end_reply(relay, buf_str(out));
}

void relay_deny(struct relay *relay, const struct gateway_error *error)
{
    struct exchange *x = relay->x;
    const struct gateway_error no_record = {.id = GATEWAY_ERROR_AUDIT_UNAVAILABLE};
    if (x->attempt.call) {
        x->attempt.call->ops->cancel(x->attempt.call);
        x->attempt.call = NULL;
    }
    relay_estimate_usage(x, relay->content_bytes);
    if (!relay->has_headers) {
        exchange_refuse(x, error, EXCHANGE_OUTCOME_DENIED);
        return;
    }
    x->view.code = gateway_error_code(error);
    x->view.rule = error->rule;
    x->view.finish_reason = DVARA_STR("content_filter");
    if (exchange_close_books(x, EXCHANGE_OUTCOME_DENIED))
        end_filtered(relay, error);
    else
        relay_stream_fail(x, &no_record);
}

void relay_give_up(struct relay *relay)
{
    const struct gateway_error error = {
        .id = GATEWAY_ERROR_POLICY_ERROR,
        .message = DVARA_STR("The answer could not be scanned, so the rest is withheld.")};
    relay_deny(relay, &error);
}

/* ---- The upstream's end ---- */

static bool tell_late(struct relay *relay, uint32_t rule)
{
    struct exchange *x = relay->x;
    struct dvara_str name = dvara_bundle_rule(x->snapshot->bundle, rule).name;
    buf_reset(&relay->scratch->line);
    sse_write_comment(&relay->scratch->line,
                      arena_printf(&x->arena, "dvara notify %.*s", DVARA_STR_ARG(name)));
    return relay_emit(relay, buf_str(&relay->scratch->line), false);
}

/* The whole answer's judgement. What `on_stream notify` marks is only told. */
static bool judge(struct relay *relay)
{
    struct exchange *x = relay->x;
    struct dvara_str text;
    struct dvara_leaves leaves;
    uint32_t late = UINT32_MAX;
    if (!relay->reads_text || relay->text_overflowed)
        return true;
    relay_live_said(relay, &text, &leaves);
    bool passes = relay_judge_stream(x, text, leaves, &late);
    if (!passes) {
        struct gateway_error error = exchange_denial(x);
        relay_deny(relay, &error);
        return false;
    }
    return late == UINT32_MAX || tell_late(relay, late);
}

static void complete(struct relay *relay)
{
    struct exchange *x = relay->x;
    const struct gateway_error no_record = {.id = GATEWAY_ERROR_AUDIT_UNAVAILABLE};
    if (!relay_live_release(relay, UINT32_MAX) || !relay_calls_release(relay, UINT32_MAX))
        return;
    relay_estimate_usage(x, relay->content_bytes);
    if (!judge(relay))
        return;
    x->view.step = EXCHANGE_STEP_RECORD;
    if (!exchange_close_books(x, EXCHANGE_OUTCOME_RELAYED)) {
        if (relay->has_headers)
            relay_stream_fail(x, &no_record);
        else
            exchange_refuse(x, &no_record, EXCHANGE_OUTCOME_FAILED);
        return;
    }
    if (!relay->has_begun)
        begin(relay);
    buf_reset(&relay->scratch->line);
    openai_chat_write_done(&relay->scratch->line);
    end_reply(relay, buf_str(&relay->scratch->line));
}

static bool all_finished(const struct relay *relay)
{
    for (size_t i = 0; i < relay->n_choices; i++)
        if (!relay->choices[i].has_finished)
            return false;
    return relay->n_choices > 0;
}

void relay_stream_end(struct exchange *x)
{
    struct relay *relay = x->relay;
    if (relay->is_over) {
        exchange_end(x);
        return;
    }
    bool is_whole = relay->saw_done ? relay->n_choices > 0 : all_finished(relay);
    if (is_whole && (relay->saw_done || sse_unfinished(&relay->decoder) == 0)) {
        complete(relay);
        return;
    }
    struct attempt_failure failure = upstream_error_empty();
    attempt_fail(x, &failure);
}

void relay_stream_bytes(struct exchange *x, struct dvara_str bytes)
{
    struct relay *relay = x->relay;
    struct sse_event event;
    if (relay->is_over)
        return;
    enum dvara_status status = sse_feed(&relay->decoder, bytes);
    while (status == DVARA_OK && (status = sse_next(&relay->decoder, &event)) == DVARA_OK) {
        if (dvara_str_starts_with(event.data, DVARA_STR("[DONE]"))) {
            relay->saw_done = true;
            relay_stream_end(x);
            return;
        }
        if (!relay_event(relay, event.data))
            return;
    }
    if (status == DVARA_AGAIN)
        return;
    struct attempt_failure failure = upstream_error_bad_answer();
    attempt_fail(x, &failure);
}
