/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/conn.h"

#include "gateway/http/conn_state.h"
#include "gateway/http/reply.h"
#include "gateway/limits.h"
#include "gateway/worker.h"

#include <assert.h>
#include <stdlib.h>

struct http_timers http_timers_default(void)
{
    return (struct http_timers){
        .head_ns = 10 * LIMIT_SECOND_NS,
        .body_ns = 30 * LIMIT_SECOND_NS,
        .body_bytes_per_second = 64 * 1024,
        .keepalive_ns = 75 * LIMIT_SECOND_NS,
        .write_stall_ns = 60 * LIMIT_SECOND_NS,
    };
}

void http_load_init(struct http_load *load)
{
    *load = (struct http_load){.max_connections = LIMIT_CONNECTIONS,
                               .max_body_bytes = LIMIT_BUFFERED_BYTES};
}

void conn_account(struct http_conn *conn)
{
    size_t held = 0;
    if (conn->work) {
        held = conn->work->body.size;
        if (conn->work->out.size > WORK_KEPT_OUT_BYTES)
            held += conn->work->out.size;
    }
    if (held == conn->accounted)
        return;
    atomic_fetch_add(&conn->load->body_bytes, held - conn->accounted); /* wraps: a difference */
    conn->accounted = held;
}

bool http_conn_take_body(struct http_conn *conn, struct buf *ret_body, struct http_load **ret_load)
{
    struct buf *body = &conn->work->body;
    if (body->n == 0)
        return false;
    *ret_body = *body;
    *ret_load = conn->load;
    buf_init(body, body->limit);
    atomic_fetch_add(&conn->load->body_bytes, ret_body->size);
    conn_account(conn);
    return true;
}

struct http_work *http_conn_keep_work(struct http_conn *conn)
{
    struct http_work *work = conn->work;
    conn->work = NULL;
    conn_account(conn);
    return work;
}

void http_work_free(struct http_work *work)
{
    if (!work)
        return;
    buf_clear(&work->body);
    buf_clear(&work->out);
    free(work);
}

void http_load_release(struct http_load *load, size_t bytes)
{
    atomic_fetch_sub(&load->body_bytes, bytes);
}

void conn_release_work(struct http_conn *conn)
{
    if (!conn->work)
        return;
    pool_give_work(conn->pool, conn->work);
    conn->work = NULL;
    conn_account(conn);
}

void conn_gone(struct http_conn *conn)
{
    conn->closing = true;
    if (!conn->has_request)
        return;
    conn->has_request = false;
    conn->handler->on_gone(conn, conn->handler->user);
    conn->request = NULL;
}

void http_conn_abort(struct http_conn *conn)
{
    conn->has_request = false;
    conn->request = NULL;
    conn->closing = true;
    conn_schedule(conn);
}

static enum conn_step handshake(struct http_conn *conn)
{
    int result = http_io_handshake(&conn->io);
    if (result == HTTP_IO_BROKEN || (result == HTTP_IO_AGAIN && conn->peer_closed))
        conn->closing = true;
    if (result != 0)
        return STEP_WAIT;
    conn->state = CONN_HEAD;
    conn->readable = true;
    return STEP_ON;
}

static void forget_request(struct http_conn *conn)
{
    conn->request = NULL;
    conn->start_ns = 0;
    conn->idle_ns = worker_turn_ns(conn->worker);
    conn->head_parsed = conn->has_request = false;
    conn->reply_started = conn->reply_ended = conn->reply_chunked = conn->reply_bodyless = false;
    conn->close_after = conn->unread = conn->wants_writable = false;
    conn->dropped = 0;
    conn->state = CONN_HEAD;
}

/* What the client sent ahead is the start of its next request. */
static void next_request(struct http_conn *conn)
{
    struct http_work *work = conn->work;
    size_t rest = work->in_n - work->used;
    forget_request(conn);
    if (rest == 0) {
        conn_release_work(conn);
        return;
    }
    memmove(work->in, work->in + work->used, rest);
    buf_clear(&work->body);
    work->in_n = rest;
    work->scanned = work->head_n = work->used = 0;
    conn->start_ns = worker_turn_ns(conn->worker);
    conn_account(conn);
}

/* Closing a socket that holds unread bytes resets it, and the client may lose the answer. */
static enum conn_step end_connection(struct http_conn *conn)
{
    bool may_lose = conn->unread || conn->work->used < conn->work->in_n || conn->readable;
    if (!may_lose || conn->peer_closed) {
        conn->closing = true;
        return STEP_WAIT;
    }
    http_io_end_writing(&conn->io);
    conn_release_work(conn);
    conn->state = CONN_LINGER;
    conn->readable = true;
    conn->accept_ns = worker_turn_ns(conn->worker);
    return STEP_ON;
}

static enum conn_step serve(struct http_conn *conn)
{
    if (!conn->reply_ended) {
        if (conn->peer_closed)
            conn_gone(conn);
        return STEP_WAIT;
    }
    if (conn->work->out.n > 0)
        return STEP_WAIT;
    if (conn->close_after)
        return end_connection(conn);
    if (conn->unread) {
        conn->state = CONN_DISCARD;
        conn->accept_ns = worker_turn_ns(conn->worker);
        return STEP_ON;
    }
    next_request(conn);
    return STEP_ON;
}

/* The rest of a short body (its length is known). */
static enum conn_step discard(struct http_conn *conn)
{
    struct http_work *work = conn->work;
    size_t length = (size_t)work->head.content_length;
    size_t here = work->in_n - work->head_n;
    if (conn->dropped + here >= length) {
        work->used = work->head_n + (length - conn->dropped);
        next_request(conn);
        return STEP_ON;
    }
    conn->dropped += here;
    work->in_n = work->head_n;
    if (conn->readable)
        work->in_n += conn_read_some(conn, work->in + work->in_n, sizeof work->in - work->in_n);
    if (work->in_n > work->head_n)
        return STEP_ON;
    if (conn->peer_closed)
        conn->closing = true;
    return STEP_WAIT;
}

static enum conn_step linger(struct http_conn *conn)
{
    if (conn->readable)
        conn->dropped += conn_read_some(conn, worker_scratch(conn->worker), WORKER_SCRATCH_BYTES);
    if ((conn->peer_closed && !conn->readable) || conn->dropped > LIMIT_LINGER_BYTES)
        conn->closing = true;
    return conn->readable && !conn->closing ? STEP_ON : STEP_WAIT;
}

static enum conn_step step(struct http_conn *conn)
{
    switch (conn->state) {
    case CONN_HANDSHAKE:
        return handshake(conn);
    case CONN_HEAD:
        return conn_read_head(conn);
    case CONN_DECIDING:
        if (conn->peer_closed)
            conn_gone(conn);
        return STEP_WAIT;
    case CONN_BODY:
        return conn_read_body(conn);
    case CONN_SERVING:
        return serve(conn);
    case CONN_DISCARD:
        return discard(conn);
    case CONN_LINGER:
        return linger(conn);
    }
    return STEP_WAIT;
}

static uint64_t body_due_ns(const struct http_conn *conn)
{
    const struct http_timers *timers = conn->timers;
    const struct http_work *work = conn->work;
    uint64_t size = work->head.framing == HTTP_FRAMING_LENGTH ? work->head.content_length
                                                              : (uint64_t)work->body.n;
    uint64_t rate = timers->body_bytes_per_second ? timers->body_bytes_per_second : 1;
    return conn->accept_ns + timers->body_ns + size * LIMIT_SECOND_NS / rate;
}

/* When the present state has lasted too long, or the socket of a silent one is to be looked at. */
static uint64_t due_ns(struct http_conn *conn)
{
    const struct http_timers *timers = conn->timers;
    switch (conn->state) {
    case CONN_HANDSHAKE:
        return conn->accept_ns + timers->head_ns;
    case CONN_HEAD:
        if (conn->start_ns)
            return conn->start_ns + timers->head_ns;
        return conn->idle_ns ? conn->idle_ns + timers->keepalive_ns
                             : conn->accept_ns + timers->head_ns;
    case CONN_BODY:
        return body_due_ns(conn);
    case CONN_DECIDING:
    case CONN_SERVING:
        return conn->blocked && conn->progress_ns ? conn->progress_ns + timers->write_stall_ns
                                                  : conn->looked_ns + LIMIT_SECOND_NS;
    case CONN_DISCARD:
    case CONN_LINGER:
        return conn->accept_ns + LIMIT_LINGER_SECONDS * LIMIT_SECOND_NS;
    }
    return 0;
}

static void set_deadline(struct http_conn *conn)
{
    if (conn->state == CONN_SERVING || conn->state == CONN_DECIDING)
        conn->looked_ns = worker_turn_ns(conn->worker);
    worker_deadline_set(conn->worker, &conn->deadline, due_ns(conn));
}

/* Something is left to do without waiting for an event: bytes to send, or a sent reply to close. */
static bool has_more(const struct http_conn *conn)
{
    if (!conn->work || conn->blocked)
        return false;
    return conn->work->out.n > 0 || (conn->state == CONN_SERVING && conn->reply_ended);
}

static void run_steps(struct http_conn *conn)
{
    for (int turns = 0; turns < LIMIT_TURNS; turns++) {
        enum conn_step result = step(conn);
        if (!conn->closing && !reply_flush(conn))
            conn_gone(conn);
        if (conn->closing || (result == STEP_WAIT && !has_more(conn)))
            return;
    }
    event_active(&conn->event, EV_TIMEOUT, 1); /* others first */
}

void conn_run(struct http_conn *conn)
{
    assert(!conn->running);
    conn->running = true;
    if (!conn->closing)
        run_steps(conn);
    conn->running = false;
    if (conn->closing) {
        if (conn->has_request)
            conn_gone(conn);
        (void)reply_flush(conn); /* of a reply that was cut: what was written before */
        conn_free(conn);
        return;
    }
    conn_account(conn);
    set_deadline(conn);
}

static void on_event(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    struct http_conn *conn = user;
    if (what & (EV_READ | EV_WRITE)) {
        /* A reset shows as both; and TLS may read on a writable socket. */
        conn->readable = conn->readable || (what & EV_READ) || conn->io.ssl;
        if (what & EV_WRITE)
            conn->blocked = false;
    }
    if (what & EV_CLOSED)
        conn->peer_closed = conn->readable = true;
    else if ((what & EV_READ) && (conn->state == CONN_DECIDING || conn->state == CONN_SERVING) &&
             http_io_is_gone(&conn->io))
        conn->peer_closed = true;
    conn_run(conn);
}

static void on_due(struct deadline *deadline)
{
    struct http_conn *conn =
        (struct http_conn *)(void *)((char *)deadline - offsetof(struct http_conn, deadline));
    if (due_ns(conn) > worker_refresh_ns(conn->worker)) { /* a chunked body has grown */
        set_deadline(conn);
        return;
    }
    /* A reset that came together with the last bytes of a request has been told once, with them,
     * and is not told again: a long silence is a reason to ask. */
    bool is_silent = conn->state == CONN_SERVING || conn->state == CONN_DECIDING;
    if (is_silent && !conn->blocked && !http_io_is_gone(&conn->io)) {
        set_deadline(conn);
        return;
    }
    conn->running = true;
    if (conn->state == CONN_HEAD && conn->work && conn->work->in_n)
        conn_refuse(conn, HTTP_REFUSAL_HEAD_TIMEOUT);
    else if (conn->state == CONN_BODY)
        conn_refuse(conn, HTTP_REFUSAL_BODY_TIMEOUT);
    else
        conn_gone(conn);
    conn->running = false;
    conn_run(conn);
}

struct http_conn *conn_new(struct http_pool *pool, const struct http_arrival *arrival)
{
    struct http_conn *conn = calloc(1, sizeof *conn);
    if (!conn)
        return NULL;
    conn->pool = pool;
    conn->worker = pool->worker;
    conn->handler = arrival->handler;
    conn->timers = arrival->timers;
    conn->load = arrival->load;
    conn->peer = arrival->peer;
    conn->overloaded = arrival->overloaded;
    conn->state = arrival->tls ? CONN_HANDSHAKE : CONN_HEAD;
    conn->accept_ns = worker_turn_ns(conn->worker);
    deadline_init(&conn->deadline, on_due);
    if (!http_io_init(&conn->io, arrival->fd, arrival->tls)) {
        free(conn);
        return NULL;
    }
    event_assign(&conn->event, worker_base(conn->worker), arrival->fd,
                 EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST, on_event, conn);
    if (event_add(&conn->event, NULL)) {
        conn->io.fd = -1;
        http_io_close(&conn->io);
        free(conn);
        return NULL;
    }
    conn->next = pool->conns;
    conn->link = &pool->conns;
    if (conn->next)
        conn->next->link = &conn->next;
    pool->conns = conn;
    set_deadline(conn);
    return conn;
}

static void leave_flush_list(struct http_conn *conn)
{
    struct http_conn **at = &conn->pool->flush_first;
    while (conn->scheduled && *at != conn)
        at = &(*at)->next_flush;
    if (conn->scheduled)
        *at = conn->next_flush;
}

void conn_free(struct http_conn *conn)
{
    leave_flush_list(conn);
    conn_release_work(conn);
    deadline_clear(&conn->deadline);
    event_del(&conn->event);
    http_io_close(&conn->io);
    *conn->link = conn->next;
    if (conn->next)
        conn->next->link = conn->link;
    atomic_fetch_sub(&conn->load->connections, 1);
    atomic_fetch_sub(&conn->pool->conn_count, 1);
    free(conn);
}

void http_conn_accept_body(struct http_conn *conn, size_t limit_bytes)
{
    assert(conn->state == CONN_DECIDING);
    struct http_work *work = conn->work;
    conn->body_limit = limit_bytes < LIMIT_BODY_BYTES ? limit_bytes : LIMIT_BODY_BYTES;
    conn->accept_ns = worker_turn_ns(conn->worker);
    conn->state = CONN_BODY;
    conn_schedule(conn);
    if (work->head.framing == HTTP_FRAMING_LENGTH && work->head.content_length > conn->body_limit)
        return; /* refused when the body is to be read */
    if (work->head.expects_continue && work->in_n == work->head_n && !work->decoder.done)
        BUF_LIT(&work->out, "HTTP/1.1 100 Continue\r\n\r\n");
}

const struct http_head *http_conn_head(const struct http_conn *conn)
{
    return &conn->work->head;
}
void http_conn_set_request(struct http_conn *conn, void *request)
{
    conn->request = request;
}
void *http_conn_request(const struct http_conn *conn)
{
    return conn->request;
}
struct worker *http_conn_worker(const struct http_conn *conn)
{
    return conn->worker;
}
uint64_t http_conn_start_ns(const struct http_conn *conn)
{
    return conn->start_ns;
}

const struct sockaddr *http_conn_peer(const struct http_conn *conn)
{
    return (const struct sockaddr *)&conn->peer;
}
