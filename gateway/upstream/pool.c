/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream/pool.h"

#include "gateway/deadline.h"
#include "gateway/limits.h"
#include "gateway/upstream/call_state.h"
#include "gateway/upstream/connect.h"
#include "gateway/upstream/link.h"
#include "gateway/worker.h"

#include <stdlib.h>

enum { SWEEP_SECONDS = 5 };

/* Idle for less than this, a link is taken without asking its socket: an end of the peer's would
 * have come up as an event. */
#define TRUSTED_IDLE_NS ((uint64_t)100000000)

struct upstream_pool {
    struct upstream_pool *next;
    struct upstream *upstream;
    uint32_t target_id;
    struct upstream_link *idle;
    size_t idle_count;
    size_t link_count; /* idle, in use and connecting */
};

struct upstream {
    struct worker *worker;
    struct connector_share *share;
    struct upstream_pool *pools; /* the last used first: a few targets serve most calls */
    struct deadline sweep;
    struct call_spares spares;
};

struct call_spares *upstream_call_spares(struct upstream *upstream)
{
    return &upstream->spares;
}

static void leave_idle(struct upstream_link *link)
{
    if (!link->slot)
        return;
    *link->slot = link->next;
    if (link->next)
        link->next->slot = link->slot;
    link->slot = NULL;
    link->next = NULL;
    link->pool->idle_count--;
}

void pool_drop(struct upstream_link *link)
{
    leave_idle(link);
    link->pool->link_count--;
    link_close(link);
}

static void set_sweep(struct upstream *upstream)
{
    worker_deadline_set(upstream->worker, &upstream->sweep,
                        worker_turn_ns(upstream->worker) + SWEEP_SECONDS * LIMIT_SECOND_NS);
}

static void sweep_pool(struct upstream_pool *pool, uint64_t now_ns)
{
    struct upstream_link *next;
    for (struct upstream_link *link = pool->idle; link; link = next) {
        next = link->next;
        if (now_ns - link->idle_since_ns > LIMIT_UPSTREAM_IDLE_SECONDS * LIMIT_SECOND_NS)
            pool_drop(link);
    }
}

static void on_sweep(struct deadline *deadline)
{
    struct upstream *upstream =
        (struct upstream *)(void *)((char *)deadline - offsetof(struct upstream, sweep));
    uint64_t now_ns = worker_turn_ns(upstream->worker);
    struct upstream_pool **at = &upstream->pools;
    while (*at) {
        struct upstream_pool *pool = *at;
        sweep_pool(pool, now_ns);
        if (pool->link_count) {
            at = &pool->next;
            continue;
        }
        *at = pool->next;
        free(pool);
    }
    if (upstream->pools)
        set_sweep(upstream);
}

struct upstream *upstream_new(struct worker *worker)
{
    struct upstream *upstream = calloc(1, sizeof *upstream);
    if (!upstream)
        return NULL;
    upstream->worker = worker;
    deadline_init(&upstream->sweep, on_sweep);
    upstream->share = connector_share_new(worker_base(worker));
    if (!upstream->share) {
        free(upstream);
        return NULL;
    }
    return upstream;
}

void upstream_free(struct upstream *upstream)
{
    if (!upstream)
        return;
    while (upstream->pools) {
        struct upstream_pool *pool = upstream->pools;
        upstream->pools = pool->next;
        while (pool->idle)
            pool_drop(pool->idle);
        free(pool);
    }
    deadline_clear(&upstream->sweep);
    call_spares_clear(&upstream->spares);
    connector_share_free(upstream->share);
    free(upstream);
}

static struct upstream_pool *find_pool(struct upstream *upstream, uint32_t target_id)
{
    for (struct upstream_pool **at = &upstream->pools; *at; at = &(*at)->next) {
        struct upstream_pool *pool = *at;
        if (pool->target_id != target_id)
            continue;
        *at = pool->next;
        pool->next = upstream->pools;
        upstream->pools = pool;
        return pool;
    }
    struct upstream_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    *pool = (struct upstream_pool){
        .upstream = upstream, .target_id = target_id, .next = upstream->pools};
    upstream->pools = pool;
    if (!upstream->sweep.due_ns)
        set_sweep(upstream);
    return pool;
}

static struct upstream_link *take_idle(struct upstream_pool *pool)
{
    while (pool->idle) {
        struct upstream_link *link = pool->idle;
        bool trusted =
            worker_turn_ns(pool->upstream->worker) - link->idle_since_ns < TRUSTED_IDLE_NS;
        if (trusted || !link_is_stale(link)) {
            leave_idle(link);
            return link;
        }
        pool_drop(link);
    }
    return NULL;
}

static void on_connected(void *user, int fd, enum upstream_failure failure)
{
    struct upstream_link *link = user;
    struct upstream_call *call = link->call;
    if (fd < 0) {
        call_connect_failed(call, failure);
        return;
    }
    link->is_tls = connector_is_tls(link->connector);
    if (!link->is_tls) {
        connector_release(link->connector);
        connector_free(link->connector);
        link->connector = NULL;
    }
    if (link_open(link, worker_base(link->pool->upstream->worker), fd))
        call_connect_failed(call, UPSTREAM_FAILURE_NO_MEMORY);
    else
        call_connected(call);
}

enum dvara_status pool_take(struct upstream *upstream, const struct upstream_target *target,
                            struct upstream_call *call, struct upstream_link **ret_link)
{
    struct upstream_pool *pool = find_pool(upstream, target->id);
    if (!pool)
        return DVARA_NO_MEMORY;
    struct upstream_link *link = take_idle(pool);
    if (!link) {
        link = calloc(1, sizeof *link);
        if (!link)
            return DVARA_NO_MEMORY;
        link->fd = -1;
        link->pool = pool;
        enum dvara_status status =
            connector_new(upstream->share, target, on_connected, link, &link->connector);
        if (status) {
            free(link);
            return status;
        }
        pool->link_count++;
    }
    link->call = call;
    *ret_link = link;
    return DVARA_OK;
}

void pool_keep(struct upstream_link *link)
{
    struct upstream_pool *pool = link->pool;
    link->call = NULL;
    if (pool->idle_count >= LIMIT_UPSTREAM_IDLE) {
        pool_drop(link);
        return;
    }
    link->idle_since_ns = worker_turn_ns(pool->upstream->worker);
    link->next = pool->idle;
    link->slot = &pool->idle;
    if (link->next)
        link->next->slot = &link->next;
    pool->idle = link;
    pool->idle_count++;
}
