/* SPDX-License-Identifier: Apache-2.0 */
/* A worker: one thread, one event loop, one set of upstream connections, one mailbox. Everything
 * that belongs to a worker is touched on its thread alone; other threads only post to it. */
#ifndef GATEWAY_WORKER_H
#define GATEWAY_WORKER_H

#include "dvara/status.h"
#include "gateway/deadline.h"

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct http_pool;
struct upstream;
struct worker;

enum { WORKER_SCRATCH_BYTES = 64 * 1024 };

/* The thread starts at once and serves its mailbox. */
enum dvara_status worker_new(unsigned index, struct worker **ret_worker) DVARA_MUST_CHECK;
/* Ends the loop, joins the thread, frees all. Connections must be gone (server_stop sees to it). */
void worker_free(struct worker *worker);

/* Runs fn(worker, arg) on the worker's thread, in the order posted. From any thread, the worker's
 * own included (then after the present event). */
enum dvara_status worker_post(struct worker *worker, void (*fn)(struct worker *, void *),
                              void *arg) DVARA_MUST_CHECK;
/* The same, and waits until it has run. Not from a worker's own thread. */
enum dvara_status worker_call(struct worker *worker, void (*fn)(struct worker *, void *),
                              void *arg) DVARA_MUST_CHECK;

/* Whatever the layer above keeps per worker (its bundle pointer, audit file ...). */
void worker_set_user(struct worker *worker, void *user);
void *worker_user(const struct worker *worker);

/* Runs fn(user) on the worker's thread when worker_ask_turn_end was called and the events that were
 * ready with the present one are served: for work that several of them share. One function a
 * worker. */
void worker_set_turn_end(struct worker *worker, void (*fn)(void *user), void *user);
/* Asking again before it ran changes nothing. On the worker's own thread. */
void worker_ask_turn_end(struct worker *worker);

unsigned worker_index(const struct worker *worker);
struct event_base *worker_base(const struct worker *worker);
struct deadline_wheel *worker_wheel(const struct worker *worker);
struct upstream *worker_upstream(const struct worker *worker);
struct http_pool *worker_http_pool(const struct worker *worker);
/* WORKER_SCRATCH_BYTES that any code on the thread may use until it returns to the loop. */
char *worker_scratch(struct worker *worker);

/* CLOCK_MONOTONIC, now. */
uint64_t worker_now_ns(void);
/* The same, read once for all events of a turn of the loop: they were ready at its start. Never
 * earlier than what it gave before. On the worker's own thread. */
uint64_t worker_turn_ns(struct worker *worker);
/* Reads the clock anew for the rest of the turn: after work that takes time worth telling. */
uint64_t worker_refresh_ns(struct worker *worker);
/* Nanoseconds since the epoch, read once a turn too. */
int64_t worker_turn_wall_ns(struct worker *worker);

/* Shorthand for deadline_set on the worker's wheel. */
void worker_deadline_set(struct worker *worker, struct deadline *deadline, uint64_t due_ns);

#endif
