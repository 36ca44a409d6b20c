/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/reply.h"

#include "gateway/http/conn_state.h"
#include "gateway/http/head_write.h"
#include "gateway/limits.h"
#include "gateway/worker.h"

#include <assert.h>

static size_t queued(const struct http_conn *conn)
{
    return conn->work ? conn->work->out.n - conn->work->out_sent : 0;
}

size_t http_conn_queued(const struct http_conn *conn)
{
    return queued(conn);
}

bool http_reply_is_started(const struct http_conn *conn)
{
    return conn->reply_started;
}

/* A reply that comes before the body was read leaves bytes in the way of the next request. A few
 * are dropped; more, or an unknown number, or none because the client waits for 100 Continue, and
 * the connection ends. */
static void leave_body(struct http_conn *conn)
{
    struct http_work *work = conn->work;
    if (conn->state == CONN_SERVING || work->decoder.done)
        return;
    conn->unread = true;
    if (work->head.framing != HTTP_FRAMING_LENGTH || work->head.expects_continue ||
        work->head.content_length > LIMIT_DISCARD_BYTES)
        conn->close_after = true;
}

static void write_head(struct http_conn *conn, int status, const struct http_field *fields,
                       size_t count, int64_t length)
{
    assert(conn->has_request && !conn->reply_started);
    struct http_work *work = conn->work;
    struct buf *out = &work->out;
    if (conn->head_parsed)
        leave_body(conn);
    else
        conn->close_after = true;
    if (conn->pool->draining)
        conn->close_after = true;
    bool is_empty = status == 204 || status == 304;
    conn->reply_started = true;
    conn->reply_bodyless =
        is_empty || (conn->head_parsed && dvara_str_eq(work->head.method, DVARA_STR("HEAD")));
    conn->reply_chunked =
        length < 0 && !conn->reply_bodyless && conn->head_parsed && work->head.minor == 1;
    http_write_status_line(out, status);
    BUF_LIT(out, "Date: ");
    buf_append(out, pool_date(conn->pool));
    BUF_LIT(out, "\r\n");
    http_write_fields(out, fields, count);
    if (conn->reply_chunked) {
        BUF_LIT(out, "Transfer-Encoding: chunked\r\n");
    } else if (length >= 0 && !is_empty) {
        BUF_LIT(out, "Content-Length: ");
        buf_int(out, length);
        BUF_LIT(out, "\r\n");
    } else if (!conn->reply_bodyless) {
        conn->close_after = true;
    }
    if (conn->close_after)
        BUF_LIT(out, "Connection: close\r\n");
    BUF_LIT(out, "\r\n");
    if (conn->state == CONN_DECIDING || conn->state == CONN_BODY)
        conn->state = CONN_SERVING;
}

static void end(struct http_conn *conn)
{
    conn->reply_ended = true;
    conn->has_request = false;
    conn->request = NULL;
    if (buf_failed(&conn->work->out))
        conn->closing = true;
    conn_schedule(conn);
}

void http_reply_send(struct http_conn *conn, int status, const struct http_field *fields,
                     size_t count, struct dvara_str body)
{
    write_head(conn, status, fields, count, (int64_t)body.n);
    if (!conn->reply_bodyless)
        buf_append(&conn->work->out, body);
    end(conn);
}

void http_reply_start(struct http_conn *conn, int status, const struct http_field *fields,
                      size_t count)
{
    write_head(conn, status, fields, count, -1);
    conn_schedule(conn);
}

size_t http_reply_write(struct http_conn *conn, struct dvara_str bytes)
{
    assert(conn->reply_started && !conn->reply_ended);
    struct buf *out = &conn->work->out;
    if (bytes.n && !conn->reply_bodyless) {
        if (conn->work->out_sent > LIMIT_STREAM_QUEUE_BYTES) {
            buf_consume(out, conn->work->out_sent);
            conn->work->out_sent = 0;
        }
        if (conn->reply_chunked)
            http_chunk_write(out, bytes);
        else
            buf_append(out, bytes);
    }
    conn_schedule(conn);
    size_t now_queued = queued(conn);
    if (now_queued > LIMIT_STREAM_QUEUE_BYTES)
        conn->wants_writable = true;
    return now_queued;
}

void http_reply_end(struct http_conn *conn)
{
    http_reply_end_with(conn, NULL);
}

void http_reply_end_with(struct http_conn *conn, const struct http_field *trailer)
{
    assert(conn->reply_started && !conn->reply_ended);
    if (conn->reply_chunked)
        http_chunk_end(&conn->work->out, trailer);
    end(conn);
}

static void call_writable(struct http_conn *conn)
{
    if (!conn->wants_writable || queued(conn) > LIMIT_STREAM_QUEUE_BYTES / 2)
        return;
    conn->wants_writable = false;
    if (conn->has_request && conn->handler->on_writable)
        conn->handler->on_writable(conn, conn->handler->user);
}

bool reply_flush(struct http_conn *conn)
{
    struct http_work *work = conn->work;
    if (!work || conn->blocked || work->out_sent == work->out.n)
        return !work || !buf_failed(&work->out);
    if (buf_failed(&work->out))
        return false;
    while (work->out_sent < work->out.n) {
        ssize_t put = http_io_write(
            &conn->io, dvara_str_from(work->out.p + work->out_sent, work->out.n - work->out_sent));
        if (put == HTTP_IO_BROKEN)
            return false;
        if (put == HTTP_IO_AGAIN) {
            conn->blocked = true;
            break;
        }
        work->out_sent += (size_t)put;
        conn->progress_ns = 0;
    }
    if (work->out_sent == work->out.n) {
        work->out_sent = 0;
        if (work->out.size > WORK_KEPT_OUT_BYTES && !conn->wants_writable)
            buf_clear(&work->out);
        buf_reset(&work->out);
    }
    if (conn->blocked && !conn->progress_ns)
        conn->progress_ns = worker_turn_ns(conn->worker);
    call_writable(conn);
    return true;
}
