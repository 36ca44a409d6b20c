/* SPDX-License-Identifier: Apache-2.0 */
/* The steps that read a request: its head, and its body to where it is judged. */
#include "gateway/http/conn_state.h"
#include "gateway/limits.h"
#include "gateway/worker.h"

enum conn_step conn_refuse(struct http_conn *conn, enum http_refusal reason)
{
    conn->state = CONN_SERVING;
    conn->close_after = true;
    conn->unread = true;
    conn->has_request = true;
    if (conn->work && !conn->reply_started)
        conn->handler->on_refused(conn, reason, conn->head_parsed ? &conn->work->head : NULL,
                                  conn->handler->user);
    if (!conn->reply_ended)
        conn_gone(conn);
    return STEP_ON;
}

size_t conn_read_some(struct http_conn *conn, char *p, size_t n)
{
    ssize_t got = http_io_read(&conn->io, p, n);
    if (got > 0) {
        if ((size_t)got < n && !conn->io.ssl)
            conn->readable = false;
        return (size_t)got;
    }
    conn->readable = false;
    if (got != HTTP_IO_AGAIN)
        conn->peer_closed = true;
    return 0;
}

static bool fill_head(struct http_conn *conn)
{
    struct http_work *work = conn->work;
    size_t got = conn_read_some(conn, work->in + work->in_n, sizeof work->in - work->in_n);
    if (got && !conn->start_ns)
        conn->start_ns = worker_turn_ns(conn->worker);
    work->in_n += got;
    return got > 0;
}

static enum conn_step begin_request(struct http_conn *conn)
{
    struct http_work *work = conn->work;
    struct dvara_str bytes = dvara_str_from(work->in, work->head_n);
    enum http_refusal refusal = http_head_parse_request(bytes, &work->head);
    if (refusal)
        return conn_refuse(conn, refusal);
    const struct http_handler *handler = conn->handler;
    if (!dvara_str_is_absent(work->head.authority) &&
        !(handler->is_ours && handler->is_ours(work->head.authority, handler->user)))
        return conn_refuse(conn, HTTP_REFUSAL_FOREIGN_AUTHORITY);
    conn->head_parsed = true;
    /* On 1.0 keeping a connection is an extension that old proxies pass on and do not obey. */
    conn->close_after = !work->head.keep_alive || work->head.minor == 0;
    http_body_init(&work->decoder, &work->head);
    work->used = work->head_n;
    if (conn->pool->draining)
        return conn_refuse(conn, HTTP_REFUSAL_SHUTTING_DOWN);
    conn->state = CONN_DECIDING;
    conn->has_request = true;
    handler->on_head(conn, &work->head, handler->user);
    return STEP_ON;
}

enum conn_step conn_read_head(struct http_conn *conn)
{
    if (!conn->work) {
        conn->work = pool_take_work(conn->pool);
        if (!conn->work) {
            conn->closing = true;
            return STEP_WAIT;
        }
    }
    struct http_work *work = conn->work;
    if (conn->overloaded)
        return conn_refuse(conn, HTTP_REFUSAL_OVERLOADED);
    if (work->in_n == work->scanned && !(conn->readable && fill_head(conn))) {
        if (conn->peer_closed || (conn->pool->draining && work->in_n == 0))
            conn->closing = true;
        if (work->in_n == 0)
            conn_release_work(conn);
        return STEP_WAIT;
    }
    enum http_refusal refusal = http_head_find_end(
        dvara_str_from(work->in, work->in_n), HTTP_MAX_HEAD_BYTES, &work->scanned, &work->head_n);
    if (refusal)
        return conn_refuse(conn, refusal);
    return work->head_n ? begin_request(conn) : STEP_ON;
}

static enum conn_step deliver(struct http_conn *conn, struct dvara_str body)
{
    conn->state = CONN_SERVING;
    conn->handler->on_body_done(conn, body, conn->handler->user);
    return STEP_ON;
}

/* Decodes what is in `in` behind the head. What follows the body stays there. */
static enum http_refusal decode_input(struct http_work *work, size_t limit)
{
    while (work->used < work->in_n && !work->decoder.done) {
        struct dvara_str data;
        size_t used;
        enum http_refusal refusal = http_body_step(
            &work->decoder, dvara_str_from(work->in + work->used, work->in_n - work->used), &used,
            &data);
        if (refusal)
            return refusal;
        work->used += used;
        if (data.n > limit - work->body.n)
            return HTTP_REFUSAL_BODY_TOO_LARGE;
        buf_append(&work->body, data);
        if (buf_failed(&work->body))
            return HTTP_REFUSAL_OVERLOADED;
    }
    if (!work->decoder.done)
        work->in_n = work->used = work->head_n; /* all of it is decoded: room for more */
    return HTTP_REFUSAL_NONE;
}

/* A long body with a length is read to where it stays. */
static size_t read_long(struct http_conn *conn)
{
    struct http_work *work = conn->work;
    size_t left = (size_t)work->decoder.left;
    size_t room = work->body.size - work->body.n;
    if (room < HTTP_MAX_HEAD_BYTES)
        room = HTTP_MAX_HEAD_BYTES;
    size_t n = left < room ? left : room;
    n = n < LIMIT_READ_BYTES ? n : LIMIT_READ_BYTES;
    char *p = buf_room(&work->body, n);
    if (!p)
        return 0;
    size_t got = conn_read_some(conn, p, n);
    work->body.n += got;
    work->decoder.left -= got;
    work->decoder.done = work->decoder.left == 0;
    return got;
}

static enum conn_step read_more_body(struct http_conn *conn)
{
    struct http_work *work = conn->work;
    size_t got;
    if (work->head.framing == HTTP_FRAMING_LENGTH) {
        got = read_long(conn);
    } else {
        got = conn_read_some(conn, work->in + work->in_n, sizeof work->in - work->in_n);
        work->in_n += got;
    }
    conn_account(conn);
    if (buf_failed(&work->body) ||
        atomic_load_explicit(&conn->load->body_bytes, memory_order_relaxed) >
            conn->load->max_body_bytes)
        return conn_refuse(conn, HTTP_REFUSAL_OVERLOADED);
    return got ? STEP_ON : STEP_WAIT;
}

/* The slice of `in` that is the whole body, where it fits beside the head and is all there. */
static bool is_in_place(const struct http_work *work)
{
    return work->head.framing == HTTP_FRAMING_LENGTH &&
           work->head.content_length <= sizeof work->in - work->head_n;
}

enum conn_step conn_read_body(struct http_conn *conn)
{
    struct http_work *work = conn->work;
    bool in_place = is_in_place(work);
    if (work->head.framing == HTTP_FRAMING_LENGTH && work->head.content_length > conn->body_limit)
        return conn_refuse(conn, HTTP_REFUSAL_BODY_TOO_LARGE);
    if (in_place && work->in_n - work->head_n >= work->head.content_length) {
        work->used = work->head_n + (size_t)work->head.content_length;
        work->decoder.done = true;
        return deliver(conn, dvara_str_from(work->in + work->head_n, work->used - work->head_n));
    }
    if (!in_place) {
        enum http_refusal refusal = decode_input(work, conn->body_limit);
        if (refusal)
            return conn_refuse(conn, refusal);
        if (work->decoder.done)
            return deliver(conn, buf_str(&work->body));
    }
    if (!conn->readable) {
        if (conn->peer_closed)
            conn_gone(conn);
        return STEP_WAIT;
    }
    if (in_place) {
        size_t got = conn_read_some(conn, work->in + work->in_n, sizeof work->in - work->in_n);
        work->in_n += got;
        return STEP_ON;
    }
    return read_more_body(conn) == STEP_ON || conn->peer_closed ? STEP_ON : STEP_WAIT;
}
