/* SPDX-License-Identifier: Apache-2.0 */
/* What the server connections of one worker share: the list of them, working memory to reuse, the
 * round in which queued answers go out, the Date field. */
#ifndef GATEWAY_HTTP_POOL_H
#define GATEWAY_HTTP_POOL_H

#include "dvara/status.h"
#include "gateway/http/conn.h"

struct http_pool;
struct tls_server;
struct worker;

/* A socket on its way from the acceptor to a worker. */
struct http_arrival {
    int fd;
    bool overloaded; /* over the ceiling: to be answered 503 */
    struct sockaddr_storage peer;
    struct tls_server *tls; /* NULL: plain */
    const struct http_handler *handler;
    const struct http_timers *timers;
    struct http_load *load; /* has counted this connection */
};

struct http_pool *http_pool_new(struct worker *worker);
/* Closes what is left. */
void http_pool_free(struct http_pool *pool);

/* Takes over the socket; closes it when out of memory. On the worker's thread. */
void http_pool_adopt(struct http_pool *pool, const struct http_arrival *arrival);
/* Counted by the acceptor, to choose the least loaded. From any thread. */
size_t http_pool_load(const struct http_pool *pool);
void http_pool_expect(struct http_pool *pool);
void http_pool_unexpect(struct http_pool *pool);

/* Closes idle connections now and the others when their request is over; new requests are refused
 * as SHUTTING_DOWN. */
void http_pool_drain(struct http_pool *pool);
/* Ends every connection; *ret_cut is how many had a request under way. */
void http_pool_cut(struct http_pool *pool, size_t *ret_cut);

#endif
