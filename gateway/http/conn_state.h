/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a connection and of the pool, shared by conn.c, conn_read.c, reply.c and pool.c
 * alone. */
#ifndef GATEWAY_HTTP_CONN_STATE_H
#define GATEWAY_HTTP_CONN_STATE_H

#include "base/buf.h"
#include "gateway/deadline.h"
#include "gateway/http/body.h"
#include "gateway/http/conn.h"
#include "gateway/http/io.h"
#include "gateway/http/pool.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <time.h>

enum {
    WORK_INPUT_BYTES = 2 * HTTP_MAX_HEAD_BYTES, /* any head, and most bodies beside it */
    WORK_KEPT_OUT_BYTES = 16 * 1024,            /* a queue that grew larger is not kept */
    POOL_KEPT_WORKS = 256,
};

/* The memory of a request under way; an idle connection has none. */
struct http_work {
    struct http_work *next; /* in the pool */
    size_t in_n;            /* bytes of `in` that were read */
    size_t scanned;
    size_t head_n; /* length of the head; 0 = not complete */
    size_t used;   /* bytes of `in` that belong to the present request */
    struct http_head head;
    struct http_body decoder;
    struct buf body; /* a body that does not fit into `in`, or came in chunks */
    struct buf out;
    size_t out_sent;
    char in[WORK_INPUT_BYTES];
};

enum conn_state {
    CONN_HANDSHAKE,
    CONN_HEAD,     /* between requests, or a part of a head is here */
    CONN_DECIDING, /* on_head was called and has decided nothing */
    CONN_BODY,
    CONN_SERVING, /* the handler works, or its reply goes out */
    CONN_DISCARD, /* answered; the rest of the body is dropped to keep the connection */
    CONN_LINGER,  /* answered; what still comes is dropped so that the answer arrives */
};

struct http_conn {
    struct http_conn *next; /* all of the pool */
    struct http_conn **link;
    struct http_conn *next_flush;
    struct http_pool *pool;
    struct worker *worker;
    const struct http_handler *handler;
    const struct http_timers *timers;
    struct http_load *load;
    struct http_io io;
    struct event event; /* edge-triggered, added once for the connection's life */
    struct deadline deadline;
    struct http_work *work; /* NULL while idle */
    void *request;
    uint64_t start_ns;    /* first byte of the request */
    uint64_t idle_ns;     /* the last request ended; 0 before the first */
    uint64_t accept_ns;   /* of the connection, then of the body */
    uint64_t looked_ns;   /* while serving: an event, or the socket was asked */
    uint64_t progress_ns; /* the client last took a byte */
    size_t body_limit;
    size_t accounted; /* in load->body_bytes */
    size_t dropped;   /* while discarding or lingering */
    enum conn_state state;
    bool readable; /* the socket may have bytes */
    bool blocked;  /* the socket takes no more */
    bool peer_closed;
    bool closing;   /* to be freed at the end of this run */
    bool running;   /* conn_run is on the stack */
    bool scheduled; /* in the pool's flush list */
    bool head_parsed;
    bool has_request; /* the handler has one and did not end it */
    bool reply_started;
    bool reply_ended;
    bool reply_chunked;
    bool reply_bodyless; /* HEAD, 204, 304 */
    bool close_after;
    bool unread; /* answered before the body was read */
    bool wants_writable;
    bool overloaded;
    struct sockaddr_storage peer;
};

struct http_pool {
    struct worker *worker;
    struct http_conn *conns;
    struct http_work *works;
    size_t work_count;
    struct http_conn *flush_first;
    struct event *flush_event;
    bool draining;
    _Atomic size_t conn_count;
    time_t date_second;
    char date[64];
};

/* What a step of the state machine did. */
enum conn_step {
    STEP_WAIT, /* nothing more until an event */
    STEP_ON,   /* go on with the next */
};

/* conn_read.c: a step each. */
enum conn_step conn_read_head(struct http_conn *conn);
enum conn_step conn_read_body(struct http_conn *conn);
/* Reads once. More than 0: bytes; else nothing came, and the state of the connection says why. */
size_t conn_read_some(struct http_conn *conn, char *p, size_t n);
/* The edge's own answer; the layer above words it. */
enum conn_step conn_refuse(struct http_conn *conn, enum http_refusal reason);

/* Gives a request's memory back to the pool. */
void conn_release_work(struct http_conn *conn);
/* Does all that can be done now. May free the connection. */
void conn_run(struct http_conn *conn);
/* conn_run once the present event is done. */
void conn_schedule(struct http_conn *conn);
/* on_gone if a request is under way; frees it at the end of the run, or in the next one. */
void conn_gone(struct http_conn *conn);
/* Only outside of conn_run. */
void conn_free(struct http_conn *conn);
struct http_conn *conn_new(struct http_pool *pool, const struct http_arrival *arrival);
/* Brings load->body_bytes up to date. */
void conn_account(struct http_conn *conn);

struct http_work *pool_take_work(struct http_pool *pool);
void pool_give_work(struct http_pool *pool, struct http_work *work);
/* "Sun, 06 Nov 1994 08:49:37 GMT". */
struct dvara_str pool_date(struct http_pool *pool);

/* reply.c: sends what is queued. False when the connection is broken. */
bool reply_flush(struct http_conn *conn);

#endif
