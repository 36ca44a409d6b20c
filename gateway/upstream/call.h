/* SPDX-License-Identifier: Apache-2.0 */
/* One request to an upstream and its answer. The call never sends a request twice: a kept
 * connection that turns out dead is replaced only while no byte of the request was sent. */
#ifndef GATEWAY_UPSTREAM_CALL_H
#define GATEWAY_UPSTREAM_CALL_H

#include "dvara/status.h"
#include "gateway/http/head.h"

#include <stdbool.h>
#include <stdint.h>

struct upstream_call;
struct worker;

/* Where to connect. Made from the config; must outlive every call that uses it. */
struct upstream_target {
    uint32_t id; /* names the connection pool: a target that differs in anything has another id */
    const char *origin_cstr;  /* "https://api.example.com" or "http://10.0.0.5:8000": no path */
    const char *proxy_cstr;   /* "http://host:port" or NULL; never taken from the environment */
    const char *ca_file_cstr; /* NULL: the system's store */
    const char *client_certificate_file_cstr; /* NULL: none */
    const char *client_key_file_cstr;
    bool is_private; /* may resolve to private addresses */
};

/* Nanoseconds; 0 = none. first_byte runs from the start (from the connection, when one had to be
 * made) to the head of the answer, idle from there between bytes, total over everything. Idle does
 * not run while paused. */
struct upstream_timers {
    uint64_t connect_ns;
    uint64_t first_byte_ns;
    uint64_t idle_ns;
    uint64_t total_ns;
};

enum upstream_failure {
#define UPSTREAM_FAILURE(name, text) UPSTREAM_FAILURE_##name,
#include "gateway/upstream/failures.def"
    UPSTREAM_FAILURE_COUNT
};
/* "TIMEOUT_IDLE" and its text. Static. */
const char *upstream_failure_name(enum upstream_failure failure);
const char *upstream_failure_text(enum upstream_failure failure);

/* All run on the worker's thread, never from within a function of this header. Slices are valid
 * during the callback only. on_done and on_failed end the call: its pointer is dead after them. Any
 * of them may cancel this call or start others. */
struct upstream_events {
    /* 1xx answers are not shown. */
    void (*on_head)(struct upstream_call *call, const struct http_head *head, void *user);
    void (*on_body)(struct upstream_call *call, struct dvara_str bytes, void *user);
    void (*on_done)(struct upstream_call *call, void *user);
    /* bytes_sent: some byte of the request may have reached the upstream. */
    void (*on_failed)(struct upstream_call *call, enum upstream_failure failure, bool bytes_sent,
                      void *user);
};

/* The request's bytes, ready to send: head (http_write_request_head) and body. */
enum { UPSTREAM_MAX_PARTS = 8 };
struct upstream_request {
    struct dvara_str parts[UPSTREAM_MAX_PARTS]; /* borrowed until the call ends */
    size_t part_count;
};

/* Fails only for lack of memory (or too many parts: INVALID). */
enum dvara_status upstream_call_start(struct worker *worker, const struct upstream_target *target,
                                      const struct upstream_request *request,
                                      const struct upstream_timers *timers,
                                      const struct upstream_events *events, void *user,
                                      struct upstream_call **ret_call) DVARA_MUST_CHECK;

/* No more on_body until resumed; the upstream feels it through TCP. */
void upstream_call_pause(struct upstream_call *call);
void upstream_call_resume(struct upstream_call *call);
/* No callback follows. The connection is closed unless the answer was complete. */
void upstream_call_cancel(struct upstream_call *call);

/* Some byte of the request may have reached the upstream. */
bool upstream_call_bytes_sent(const struct upstream_call *call);
/* When the connection was ready (monotonic); 0 before. */
uint64_t upstream_call_connected_ns(const struct upstream_call *call);

#endif
