/* SPDX-License-Identifier: Apache-2.0 */
/* A server connection: plain or TLS, one request after another, one state machine. Lives on one
 * worker and is touched only there. Replies: reply.h. */
#ifndef GATEWAY_HTTP_CONN_H
#define GATEWAY_HTTP_CONN_H

#include "gateway/http/head.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct http_conn;
struct worker;

/* Time limits; all are deadlines, none restarts at a byte. */
struct http_timers {
    uint64_t head_ns; /* 10 s: from the first byte of a head to its end; TLS handshake too */
    uint64_t body_ns; /* 30 s, and one second more for each body_bytes_per_second */
    uint64_t body_bytes_per_second; /* 64 KiB */
    uint64_t keepalive_ns;          /* 75 s: between requests */
    uint64_t write_stall_ns;        /* 60 s: since the client last took a byte */
};
struct http_timers http_timers_default(void);

/* Ceilings of the process, shared by all workers. */
struct http_load {
    _Atomic size_t connections;
    _Atomic size_t body_bytes; /* held in request bodies and queued answers */
    size_t max_connections;
    size_t max_body_bytes;
};
void http_load_init(struct http_load *load);

/* What serves the requests of a listener. For every request:
 *
 *   on_head -> http_conn_accept_body -> on_body_done -> a reply (reply.h)
 *           \-> a reply at once (the body is not read)
 *
 * on_head may also return and decide later (nothing more is read until then). The request is over
 * for the handler when it has called http_reply_end or http_reply_send, or http_conn_abort, or got
 * on_gone: from then on the connection calls nothing for it. */
struct http_handler {
    void (*on_head)(struct http_conn *conn, const struct http_head *head, void *user);
    /* The whole body; the slice lives until the request is over. An empty one for no body. */
    void (*on_body_done)(struct http_conn *conn, struct dvara_str body, void *user);
    /* The client left, stalled too long, or the server stops. No reply is possible: free what the
     * request owns, touch the connection no more. */
    void (*on_gone)(struct http_conn *conn, void *user);
    /* The queue fell under half of LIMIT_STREAM_QUEUE_BYTES after http_reply_write had returned
     * more than that. May be NULL. */
    void (*on_writable)(struct http_conn *conn, void *user);
    /* The edge refuses: answer with one http_reply_send (status and code from the reason's row).
     * `head` is NULL unless it was parsed. When on_head was called before, this ends that request
     * in place of on_body_done. The connection closes afterwards. */
    void (*on_refused)(struct http_conn *conn, enum http_refusal reason,
                       const struct http_head *head, void *user);
    /* True when an absolute target may name this authority. NULL: none may. */
    bool (*is_ours)(struct dvara_str authority, void *user);
    void *user;
};

/* The whole request head; valid until the request is over. */
const struct http_head *http_conn_head(const struct http_conn *conn);
/* Go on and read the body, at most limit_bytes (else on_refused BODY_TOO_LARGE); sends
 * 100 Continue where the client waits for it. on_body_done follows from the loop, not from within
 * this call. */
void http_conn_accept_body(struct http_conn *conn, size_t limit_bytes);
/* Cuts the connection without ending the reply: the client sees that the answer is incomplete. */
void http_conn_abort(struct http_conn *conn);

/* The handler's own pointer for the request under way; NULL at its start. */
void http_conn_set_request(struct http_conn *conn, void *request);
void *http_conn_request(const struct http_conn *conn);

/* Takes a long body's memory over from the connection, in on_body_done: it then outlives the
 * request, and the caller clears it. It stays counted in *ret_load until http_load_release. False:
 * the body is short and stands among the connection's own bytes. */
struct buf;
bool http_conn_take_body(struct http_conn *conn, struct buf *ret_body, struct http_load **ret_load);

/* In on_gone: what the request's head and a short body stand in outlives the connection, until
 * http_work_free. */
struct http_work;
struct http_work *http_conn_keep_work(struct http_conn *conn);
void http_work_free(struct http_work *work); /* NULL is nothing */
void http_load_release(struct http_load *load, size_t bytes);

struct worker *http_conn_worker(const struct http_conn *conn);
/* The peer's address as accepted. */
const struct sockaddr *http_conn_peer(const struct http_conn *conn);
/* Bytes of answers not yet taken by the client. */
size_t http_conn_queued(const struct http_conn *conn);
/* When the first byte of the present request was seen (monotonic). */
uint64_t http_conn_start_ns(const struct http_conn *conn);

#endif
