/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/pool.h"

#include "gateway/http/conn_state.h"
#include "gateway/limits.h"
#include "gateway/worker.h"

#include <stdlib.h>
#include <unistd.h>

enum { OUT_LIMIT_BYTES = 3 * LIMIT_BODY_BYTES }; /* a whole answer goes out in one piece */

static void on_flush(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    (void)what;
    struct http_pool *pool = user;
    while (pool->flush_first) {
        struct http_conn *conn = pool->flush_first;
        pool->flush_first = conn->next_flush;
        conn->scheduled = false;
        conn_run(conn);
    }
}

void conn_schedule(struct http_conn *conn)
{
    if (conn->scheduled || conn->running)
        return;
    struct http_pool *pool = conn->pool;
    if (!pool->flush_first)
        event_active(pool->flush_event, EV_TIMEOUT, 1);
    conn->scheduled = true;
    conn->next_flush = pool->flush_first;
    pool->flush_first = conn;
}

struct http_pool *http_pool_new(struct worker *worker)
{
    struct http_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->worker = worker;
    pool->flush_event = event_new(worker_base(worker), -1, 0, on_flush, pool);
    if (!pool->flush_event) {
        free(pool);
        return NULL;
    }
    return pool;
}

void http_pool_free(struct http_pool *pool)
{
    if (!pool)
        return;
    size_t cut;
    http_pool_cut(pool, &cut);
    while (pool->works) {
        struct http_work *work = pool->works;
        pool->works = work->next;
        buf_clear(&work->out);
        free(work);
    }
    event_free(pool->flush_event);
    free(pool);
}

/* Only the few fields that must start at zero are set: the arrays are large. */
struct http_work *pool_take_work(struct http_pool *pool)
{
    struct http_work *work = pool->works;
    if (work) {
        pool->works = work->next;
        pool->work_count--;
    } else {
        work = malloc(sizeof *work);
        if (!work)
            return NULL;
        buf_init(&work->body, LIMIT_BODY_BYTES);
        buf_init(&work->out, OUT_LIMIT_BYTES);
    }
    work->in_n = work->scanned = work->head_n = work->used = work->out_sent = 0;
    return work;
}

void pool_give_work(struct http_pool *pool, struct http_work *work)
{
    buf_clear(&work->body);
    if (work->out.size > WORK_KEPT_OUT_BYTES)
        buf_clear(&work->out);
    buf_reset(&work->out);
    if (pool->work_count >= POOL_KEPT_WORKS) {
        buf_clear(&work->out);
        free(work);
        return;
    }
    work->next = pool->works;
    pool->works = work;
    pool->work_count++;
}

struct dvara_str pool_date(struct http_pool *pool)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != pool->date_second) {
        struct tm tm;
        gmtime_r(&now.tv_sec, &tm);
        if (strftime(pool->date, sizeof pool->date, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
            pool->date[0] = '\0';
        pool->date_second = now.tv_sec;
    }
    return dvara_str_from_cstr(pool->date);
}

void http_pool_adopt(struct http_pool *pool, const struct http_arrival *arrival)
{
    struct http_conn *conn = conn_new(pool, arrival);
    if (!conn) {
        close(arrival->fd);
        atomic_fetch_sub(&arrival->load->connections, 1);
        atomic_fetch_sub(&pool->conn_count, 1);
        return;
    }
    if (conn->overloaded || pool->draining)
        conn_run(conn);
}

size_t http_pool_load(const struct http_pool *pool)
{
    return atomic_load(&pool->conn_count);
}

void http_pool_expect(struct http_pool *pool)
{
    atomic_fetch_add(&pool->conn_count, 1);
}

void http_pool_unexpect(struct http_pool *pool)
{
    atomic_fetch_sub(&pool->conn_count, 1);
}

void http_pool_drain(struct http_pool *pool)
{
    pool->draining = true;
    struct http_conn *next;
    for (struct http_conn *conn = pool->conns; conn; conn = next) {
        next = conn->next;
        bool is_idle = conn->state == CONN_HANDSHAKE ||
                       (conn->state == CONN_HEAD && (!conn->work || conn->work->in_n == 0));
        if (is_idle)
            conn_free(conn);
    }
}

void http_pool_cut(struct http_pool *pool, size_t *ret_cut)
{
    *ret_cut = 0;
    while (pool->conns) {
        struct http_conn *conn = pool->conns;
        *ret_cut += conn->has_request;
        conn_gone(conn);
        conn_free(conn);
    }
}
