/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in provider: no network, on the worker's own loop, through the same relay as an
 * upstream. It produces what simulator_script.h chooses, at the pace asked for, and keeps the four
 * timers as a real call would. */
#include "gateway/provider/provider.h"

#include "base/time.h"
#include "gateway/dialect/openai_chat.h"
#include "gateway/provider/simulator_write.h"
#include "gateway/worker.h"

#include <stdlib.h>

enum {
    ARENA_BYTES = 128 * 1024 * 1024, /* a request of 32 MiB, read once more */
    EVENT_BYTES_MAX = 128 * 1024 * 1024,
    EVENTS_A_TURN = 32 /* then others have a turn */
};

struct simulator_call {
    struct provider_call base;
    struct worker *worker;
    const struct provider_events *events;
    void *user;
    struct upstream_timers timers;
    struct deadline wake;
    struct arena arena;
    struct json_doc doc;
    struct chat_request request;
    struct simulator_answer answer;
    struct simulator_writer writer;
    struct buf out;
    uint64_t start_ns, head_ns, last_ns;
    bool stream, has_head, is_paused;
    bool is_posted, is_running, is_cancelled; /* freed by what runs last */
};

static void free_call(struct simulator_call *call)
{
    deadline_clear(&call->wake);
    buf_clear(&call->out);
    arena_clear(&call->arena);
    free(call);
}

static void run(struct simulator_call *call);

static void run_posted(struct worker *worker, void *arg)
{
    (void)worker;
    struct simulator_call *call = arg;
    call->is_posted = false;
    if (call->is_cancelled)
        free_call(call);
    else
        run(call);
}

static void post(struct simulator_call *call)
{
    if (call->is_posted)
        return;
    call->is_posted = worker_post(call->worker, run_posted, call) == DVARA_OK;
    if (!call->is_posted)
        worker_deadline_set(call->worker, &call->wake, worker_now_ns());
}

static void wake_due(struct deadline *deadline)
{
    struct simulator_call *call =
        (struct simulator_call *)((char *)deadline - offsetof(struct simulator_call, wake));
    if (!call->is_posted)
        run(call);
}

/* ---- Ends: the call is dead after them ---- */

static void fail(struct simulator_call *call, enum upstream_failure failure)
{
    const struct provider_events *events = call->events;
    void *user = call->user;
    free_call(call);
    events->on_failed(failure, true, user);
}

static void finish(struct simulator_call *call)
{
    const struct provider_events *events = call->events;
    void *user = call->user;
    free_call(call);
    events->on_done(user);
}

/* ---- Time ---- */

static uint64_t after(uint64_t from_ns, uint64_t span_ns)
{
    return span_ns ? from_ns + span_ns : UINT64_MAX;
}

/* Is it time for what is due? If not: sleeps, or fails by a timer that runs out first. */
static bool is_due(struct simulator_call *call, uint64_t due_ns)
{
    uint64_t now_ns = worker_now_ns();
    uint64_t total_ns = after(call->start_ns, call->timers.total_ns);
    uint64_t limit_ns = call->has_head ? after(call->last_ns, call->timers.idle_ns)
                                       : after(call->start_ns, call->timers.first_byte_ns);
    uint64_t first_ns = limit_ns < total_ns ? limit_ns : total_ns;
    if (due_ns <= first_ns && due_ns <= now_ns)
        return true;
    if (due_ns <= first_ns) {
        worker_deadline_set(call->worker, &call->wake, due_ns);
    } else if (now_ns < first_ns) {
        worker_deadline_set(call->worker, &call->wake, first_ns);
    } else if (total_ns <= limit_ns) {
        fail(call, UPSTREAM_FAILURE_TIMEOUT_TOTAL);
    } else {
        fail(call,
             call->has_head ? UPSTREAM_FAILURE_TIMEOUT_IDLE : UPSTREAM_FAILURE_TIMEOUT_FIRST_BYTE);
    }
    return false;
}

/* ---- What the relay gets ---- */

/* True: the call goes on. */
static bool after_callback(struct simulator_call *call)
{
    call->is_running = false;
    if (!call->is_cancelled)
        return true;
    free_call(call);
    return false;
}

static bool send_head(struct simulator_call *call)
{
    struct http_head head = {.status = (int)call->answer.status,
                             .minor = 1,
                             .keep_alive = true,
                             .framing = HTTP_FRAMING_CHUNKED};
    bool is_stream = call->stream && call->answer.status == 200 && !call->answer.body.p;
    head.fields[head.field_count++] =
        (struct http_field){DVARA_STR("content-type"), is_stream ? DVARA_STR("text/event-stream")
                                                                 : DVARA_STR("application/json")};
    if (call->answer.retry_after_ms > 0)
        head.fields[head.field_count++] = (struct http_field){
            DVARA_STR("retry-after-ms"),
            arena_printf(&call->arena, "%lld", (long long)call->answer.retry_after_ms)};
    call->stream = is_stream;
    call->has_head = true;
    call->head_ns = call->last_ns = worker_now_ns();
    call->is_running = true;
    call->events->on_head(&head, call->user);
    return after_callback(call);
}

static bool send_body(struct simulator_call *call)
{
    call->last_ns = worker_now_ns();
    call->is_running = true;
    call->events->on_body(buf_str(&call->out), call->user);
    return after_callback(call);
}

static void send_whole(struct simulator_call *call)
{
    simulator_write_whole(&call->writer, &call->out);
    if (buf_failed(&call->out))
        fail(call, UPSTREAM_FAILURE_NO_MEMORY);
    else if (send_body(call))
        finish(call);
}

static uint64_t event_due_ns(const struct simulator_call *call)
{
    uint64_t interval_ns = (uint64_t)call->answer.interval_ms * (uint64_t)TIME_NS_PER_MS;
    return call->head_ns + (uint64_t)call->writer.events * interval_ns;
}

static void send_events(struct simulator_call *call)
{
    for (int i = 0; i < EVENTS_A_TURN; i++) {
        if (call->is_paused || !is_due(call, event_due_ns(call)))
            return;
        if (call->answer.cut_after >= 0 && call->writer.events >= call->answer.cut_after) {
            fail(call, UPSTREAM_FAILURE_RESET);
            return;
        }
        buf_reset(&call->out);
        if (!simulator_write_next(&call->writer, &call->out)) {
            finish(call);
            return;
        }
        if (buf_failed(&call->out)) {
            fail(call, UPSTREAM_FAILURE_NO_MEMORY);
            return;
        }
        if (!send_body(call))
            return;
    }
    post(call);
}

static void run(struct simulator_call *call)
{
    uint64_t latency_ns = (uint64_t)call->answer.latency_ms * (uint64_t)TIME_NS_PER_MS;
    if (!call->has_head) {
        if (!is_due(call, call->start_ns + latency_ns))
            return;
        if (!send_head(call))
            return;
    }
    if (call->is_paused)
        return;
    if (call->stream)
        send_events(call);
    else
        send_whole(call);
}

/* ---- The provider ---- */

static enum dvara_status read_request(struct simulator_call *call, struct dvara_str body)
{
    struct chat_refusal refusal;
    enum dvara_status status = json_parse(body, 0, &call->arena, &call->doc, NULL);
    if (status == DVARA_OK)
        status = openai_chat_request(&call->doc, &call->arena, &call->request, &refusal);
    return status;
}

static enum dvara_status start(struct worker *worker, const struct provider_request *request,
                               const struct provider_events *events, void *user,
                               struct provider_call **ret_call)
{
    struct simulator_call *call = calloc(1, sizeof *call);
    if (!call)
        return DVARA_NO_MEMORY;
    call->base.ops = &provider_simulator;
    call->worker = worker;
    call->events = events;
    call->user = user;
    call->timers = request->timers;
    call->stream = request->stream;
    call->start_ns = worker_now_ns();
    deadline_init(&call->wake, wake_due);
    arena_init(&call->arena, ARENA_BYTES);
    buf_init(&call->out, EVENT_BYTES_MAX);
    if (read_request(call, request->body) == DVARA_OK)
        call->answer = simulator_answer_for(request->provider, &call->request, &call->arena);
    else
        call->answer = (struct simulator_answer){.status = 400, .code = DVARA_STR("invalid_body")};
    simulator_writer_init(&call->writer, &call->answer, &call->request,
                          time_wall_ns() / TIME_NS_PER_S);
    post(call);
    *ret_call = &call->base;
    return DVARA_OK;
}

static void pause_call(struct provider_call *base)
{
    ((struct simulator_call *)base)->is_paused = true;
}

static void resume_call(struct provider_call *base)
{
    struct simulator_call *call = (struct simulator_call *)base;
    call->is_paused = false;
    if (!call->is_running)
        post(call);
}

static void cancel_call(struct provider_call *base)
{
    struct simulator_call *call = (struct simulator_call *)base;
    if (call->is_running || call->is_posted)
        call->is_cancelled = true;
    else
        free_call(call);
}

const struct provider_ops provider_simulator = {
    .start = start, .pause = pause_call, .resume = resume_call, .cancel = cancel_call};
