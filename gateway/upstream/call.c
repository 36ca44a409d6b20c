/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream/call.h"

#include "base/buf.h"
#include "gateway/deadline.h"
#include "gateway/http/body.h"
#include "gateway/limits.h"
#include "gateway/upstream/call_state.h"
#include "gateway/upstream/link.h"
#include "gateway/upstream/pool.h"
#include "gateway/worker.h"

#include <assert.h>
#include <stdlib.h>

struct upstream_call {
    struct upstream_call *next_spare;
    struct worker *worker;
    const struct upstream_target *target;
    const struct upstream_events *events;
    void *user;
    struct upstream_timers timers;
    struct upstream_request request;
    size_t part; /* next byte to send: parts[part] + offset */
    size_t offset;
    struct upstream_link *link;
    struct deadline deadline;
    uint64_t start_ns;
    uint64_t connected_ns;
    uint64_t byte_ns; /* when the last byte of the answer came, or reading was resumed */
    struct http_body body;
    struct buf held; /* a part of a head, or what came while pausing */
    size_t scanned;
    unsigned informational;
    bool head_seen;
    bool keep_alive;
    bool bytes_sent;
    bool paused;
    bool running;
    bool cancelled; /* while running: to be freed when the callback returns */
};

const char *upstream_failure_name(enum upstream_failure failure)
{
    static const char *const names[] = {
#define UPSTREAM_FAILURE(name, text) [UPSTREAM_FAILURE_##name] = #name,
#include "gateway/upstream/failures.def"
    };
    return names[failure];
}

const char *upstream_failure_text(enum upstream_failure failure)
{
    static const char *const texts[] = {
#define UPSTREAM_FAILURE(name, text) [UPSTREAM_FAILURE_##name] = text,
#include "gateway/upstream/failures.def"
    };
    return texts[failure];
}

static void on_due(struct deadline *deadline);

/* Ended calls leave their memory, and the place of their deadline in the wheel, to the next. */
enum { SPARES_MAX = 64 };

static void free_call(struct upstream_call *call)
{
    struct call_spares *spares = upstream_call_spares(worker_upstream(call->worker));
    if (call->link)
        pool_drop(call->link);
    buf_clear(&call->held);
    if (spares->n == SPARES_MAX) {
        deadline_clear(&call->deadline);
        free(call);
        return;
    }
    deadline_pause(&call->deadline);
    call->next_spare = spares->first;
    spares->first = call;
    spares->n++;
}

static struct upstream_call *new_call(struct call_spares *spares)
{
    struct upstream_call *call = spares->first;
    if (!call) {
        call = calloc(1, sizeof *call);
        if (call)
            deadline_init(&call->deadline, on_due);
        return call;
    }
    spares->first = call->next_spare;
    spares->n--;
    const size_t after = offsetof(struct upstream_call, deadline) + sizeof call->deadline;
    memset(call, 0, offsetof(struct upstream_call, deadline)); /* the deadline stays in its slot */
    memset((char *)call + after, 0, sizeof *call - after);
    return call;
}

void call_spares_clear(struct call_spares *spares)
{
    while (spares->first) {
        struct upstream_call *call = spares->first;
        spares->first = call->next_spare;
        deadline_clear(&call->deadline);
        free(call);
    }
    spares->n = 0;
}

static bool is_sent(const struct upstream_call *call)
{
    return call->part == call->request.part_count;
}

/* The soonest timer; *ret_failure says which. 0 = none runs. */
static uint64_t due_ns(const struct upstream_call *call, enum upstream_failure *ret_failure)
{
    const struct upstream_timers *timers = &call->timers;
    uint64_t due = 0;
    if (!call->connected_ns) {
        due = timers->connect_ns ? call->start_ns + timers->connect_ns : 0;
        *ret_failure = UPSTREAM_FAILURE_TIMEOUT_CONNECT;
    } else if (!call->head_seen) {
        due = timers->first_byte_ns ? call->connected_ns + timers->first_byte_ns : 0;
        *ret_failure = UPSTREAM_FAILURE_TIMEOUT_FIRST_BYTE;
    } else if (!call->paused) {
        due = timers->idle_ns ? call->byte_ns + timers->idle_ns : 0;
        *ret_failure = UPSTREAM_FAILURE_TIMEOUT_IDLE;
    }
    uint64_t total = timers->total_ns ? call->start_ns + timers->total_ns : 0;
    if (total && (!due || total < due)) {
        due = total;
        *ret_failure = UPSTREAM_FAILURE_TIMEOUT_TOTAL;
    }
    return due;
}

static void set_deadline(struct upstream_call *call)
{
    enum upstream_failure failure;
    uint64_t due = due_ns(call, &failure);
    if (due)
        worker_deadline_set(call->worker, &call->deadline, due);
    else
        deadline_pause(&call->deadline);
}

/* Ends the call. */
static void fail(struct upstream_call *call, enum upstream_failure failure)
{
    if (call->link)
        pool_drop(call->link);
    call->link = NULL;
    call->running = true;
    if (!call->cancelled)
        call->events->on_failed(call, failure, call->bytes_sent, call->user);
    free_call(call);
}

static void finish(struct upstream_call *call, bool reusable)
{
    struct upstream_link *link = call->link;
    call->link = NULL;
    if (reusable && call->keep_alive && is_sent(call) && !link->peer_closed &&
        call->body.framing != HTTP_FRAMING_UNTIL_CLOSE)
        pool_keep(link);
    else
        pool_drop(link);
    call->running = true;
    call->events->on_done(call, call->user);
    free_call(call);
}

static void on_due(struct deadline *deadline)
{
    struct upstream_call *call =
        (struct upstream_call *)(void *)((char *)deadline -
                                         offsetof(struct upstream_call, deadline));
    enum upstream_failure failure;
    uint64_t due = due_ns(call, &failure);
    if (due && due <= worker_refresh_ns(call->worker))
        fail(call, failure);
    else
        set_deadline(call);
}

/* Sends what the socket takes. False when the link is broken. */
static bool send_request(struct upstream_call *call)
{
    while (!is_sent(call) && !call->link->blocked) {
        ssize_t put = link_write(call->link, &call->request, &call->part, &call->offset,
                                 worker_scratch(call->worker), WORKER_SCRATCH_BYTES);
        if (put == LINK_BROKEN)
            return false;
        if (put == LINK_AGAIN)
            call->link->blocked = true;
        else
            call->bytes_sent = true;
    }
    return true;
}

/* Sends on the link, or on another one as long as no byte went out. TLS may have sent bytes before
 * it says that the link is broken, so there only an idle end that was noticed counts. */
static enum dvara_status dispatch(struct upstream_call *call)
{
    for (;;) {
        enum dvara_status status =
            pool_take(worker_upstream(call->worker), call->target, call, &call->link);
        if (status)
            return status;
        if (call->link->fd < 0)
            return DVARA_OK; /* call_connected follows */
        call->connected_ns = worker_turn_ns(call->worker);
        if (send_request(call))
            return DVARA_OK;
        if (call->bytes_sent || call->link->is_tls) {
            event_active(&call->link->event, EV_READ, 1); /* shows when it is read */
            return DVARA_OK;
        }
        pool_drop(call->link);
        call->link = NULL;
        call->connected_ns = 0;
    }
}

/* What became of a piece of the answer. */
enum taken {
    TAKEN_ON,     /* more is needed */
    TAKEN_PAUSED, /* the rest is held */
    TAKEN_ENDED,  /* the call is gone */
};

static void hold(struct upstream_call *call, struct dvara_str rest)
{
    buf_append(&call->held, rest);
}

static enum taken take_body(struct upstream_call *call, struct dvara_str bytes)
{
    while (!call->body.done && bytes.n) {
        if (call->paused) {
            hold(call, bytes);
            return TAKEN_PAUSED;
        }
        size_t used;
        struct dvara_str data;
        if (http_body_step(&call->body, bytes, &used, &data)) {
            fail(call, UPSTREAM_FAILURE_PROTOCOL);
            return TAKEN_ENDED;
        }
        bytes = dvara_str_slice(bytes, used, bytes.n);
        if (data.n)
            call->events->on_body(call, data, call->user);
        if (call->cancelled) {
            free_call(call);
            return TAKEN_ENDED;
        }
    }
    if (!call->body.done)
        return TAKEN_ON;
    /* Paused with nothing left to deliver: the end waits like a byte would. */
    if (call->paused) {
        hold(call, bytes);
        return TAKEN_PAUSED;
    }
    finish(call, bytes.n == 0); /* bytes after the answer: nobody asked for them */
    return TAKEN_ENDED;
}

static enum taken take_head(struct upstream_call *call, struct dvara_str head_bytes)
{
    struct http_head head;
    if (http_head_parse_response(head_bytes, false, &head) || head.status == 101) {
        fail(call, UPSTREAM_FAILURE_PROTOCOL);
        return TAKEN_ENDED;
    }
    call->scanned = 0;
    if (head.status < 200) {
        if (++call->informational <= LIMIT_INFORMATIONAL_HEADS)
            return TAKEN_ON;
        fail(call, UPSTREAM_FAILURE_PROTOCOL);
        return TAKEN_ENDED;
    }
    call->head_seen = true;
    call->keep_alive = head.keep_alive;
    http_body_init(&call->body, &head);
    call->events->on_head(call, &head, call->user);
    if (!call->cancelled)
        return TAKEN_ON;
    free_call(call);
    return TAKEN_ENDED;
}

/* `bytes` do not lie in call->held. */
static enum taken take(struct upstream_call *call, struct dvara_str bytes)
{
    while (!call->head_seen && bytes.n) {
        size_t end;
        if (http_head_find_end(bytes, LIMIT_UPSTREAM_HEAD_BYTES, &call->scanned, &end)) {
            fail(call, UPSTREAM_FAILURE_PROTOCOL);
            return TAKEN_ENDED;
        }
        if (!end) {
            hold(call, bytes);
            return TAKEN_ON;
        }
        if (take_head(call, dvara_str_slice(bytes, 0, end)) == TAKEN_ENDED)
            return TAKEN_ENDED;
        bytes = dvara_str_slice(bytes, end, bytes.n);
    }
    return call->head_seen ? take_body(call, bytes) : TAKEN_ON;
}

/* Goes on with what was held, and `fresh` behind it. */
static enum taken take_held(struct upstream_call *call, struct dvara_str fresh)
{
    hold(call, fresh);
    if (buf_failed(&call->held)) {
        fail(call, UPSTREAM_FAILURE_NO_MEMORY);
        return TAKEN_ENDED;
    }
    struct buf held = call->held;
    buf_init(&call->held, held.limit);
    enum taken taken = take(call, buf_str(&held));
    buf_clear(&held);
    return taken;
}

/* The connection ended. */
static void take_end(struct upstream_call *call, bool broken)
{
    bool whole = call->head_seen && !broken && http_body_closed(&call->body) == HTTP_REFUSAL_NONE;
    if (whole)
        finish(call, false);
    else
        fail(call, UPSTREAM_FAILURE_RESET);
}

static enum taken read_once(struct upstream_call *call)
{
    struct upstream_link *link = call->link;
    char *scratch = worker_scratch(call->worker);
    ssize_t got = link_read(link, scratch, WORKER_SCRATCH_BYTES);
    if (got == LINK_AGAIN) {
        link->readable = false;
        return TAKEN_ON;
    }
    if (got <= 0) {
        take_end(call, got < 0);
        return TAKEN_ENDED;
    }
    /* No short cut after a short read: a reset that came with these bytes is told only once. */
    call->byte_ns = worker_turn_ns(call->worker);
    struct dvara_str bytes = dvara_str_from(scratch, (size_t)got);
    return call->held.n ? take_held(call, bytes) : take(call, bytes);
}

static void read_answer(struct upstream_call *call)
{
    enum taken taken = TAKEN_ON;
    if (call->head_seen && !call->paused && (call->held.n || call->body.done))
        taken = take_held(call, (struct dvara_str){0});
    for (int turns = 0; taken == TAKEN_ON && !call->paused && call->link->readable; turns++) {
        if (turns == LIMIT_TURNS) {
            event_active(&call->link->event, EV_TIMEOUT, 1);
            break;
        }
        taken = read_once(call);
    }
    if (taken == TAKEN_ENDED)
        return;
    call->running = false;
    set_deadline(call);
}

void call_run(struct upstream_call *call)
{
    assert(!call->running);
    call->running = true;
    /* An upstream may answer and close before it took the whole request: read that first. */
    if (!send_request(call))
        call->link->readable = true;
    read_answer(call);
}

void call_connected(struct upstream_call *call)
{
    call->connected_ns = worker_turn_ns(call->worker);
    call->link->readable = true;
    call_run(call);
}

void call_connect_failed(struct upstream_call *call, enum upstream_failure failure)
{
    fail(call, failure);
}

enum dvara_status upstream_call_start(struct worker *worker, const struct upstream_target *target,
                                      const struct upstream_request *request,
                                      const struct upstream_timers *timers,
                                      const struct upstream_events *events, void *user,
                                      struct upstream_call **ret_call)
{
    if (request->part_count > UPSTREAM_MAX_PARTS)
        return DVARA_INVALID;
    struct upstream_call *call = new_call(upstream_call_spares(worker_upstream(worker)));
    if (!call)
        return DVARA_NO_MEMORY;
    call->worker = worker;
    call->target = target;
    call->events = events;
    call->user = user;
    call->timers = *timers;
    for (size_t i = 0; i < request->part_count; i++)
        if (request->parts[i].n)
            call->request.parts[call->request.part_count++] = request->parts[i];
    call->start_ns = worker_turn_ns(call->worker);
    buf_init(&call->held, LIMIT_UPSTREAM_HEAD_BYTES + 2 * WORKER_SCRATCH_BYTES);
    enum dvara_status status = dispatch(call);
    if (status) {
        free_call(call);
        return status;
    }
    set_deadline(call);
    *ret_call = call;
    return DVARA_OK;
}

void upstream_call_pause(struct upstream_call *call)
{
    call->paused = true;
}

void upstream_call_resume(struct upstream_call *call)
{
    if (!call->paused)
        return;
    call->paused = false;
    call->byte_ns = worker_turn_ns(call->worker);
    if (call->link && call->link->has_event)
        event_active(&call->link->event, EV_TIMEOUT, 1);
}

void upstream_call_cancel(struct upstream_call *call)
{
    if (call->running)
        call->cancelled = true;
    else
        free_call(call);
}

bool upstream_call_bytes_sent(const struct upstream_call *call)
{
    return call->bytes_sent;
}

uint64_t upstream_call_connected_ns(const struct upstream_call *call)
{
    return call->connected_ns;
}
