/* SPDX-License-Identifier: Apache-2.0 */
/* Listeners, one acceptor thread, workers. The acceptor hands each socket to the worker with the
 * fewest connections. Ignores SIGPIPE for the process. */
#ifndef GATEWAY_SERVER_H
#define GATEWAY_SERVER_H

#include "dvara/status.h"
#include "gateway/http/conn.h"

#include <stdbool.h>

struct server;
struct tls_server;

struct server_config {
    unsigned workers; /* 0: one a core */
    struct http_timers timers;
    size_t max_connections; /* 0: LIMIT_CONNECTIONS */
    size_t max_body_bytes;  /* 0: LIMIT_BUFFERED_BYTES */
};

enum dvara_status server_new(const struct server_config *config,
                             struct server **ret_server) DVARA_MUST_CHECK;

/* Binds and listens at once (so that errors show), accepts after server_start. address_cstr is a
 * numeric IPv4 or IPv6 address. port 0 picks one; *ret_port says which. tls may be NULL, and the
 * handler and tls must outlive the server. */
enum dvara_status server_listen(struct server *server, const char *address_cstr, uint16_t port,
                                struct tls_server *tls, const struct http_handler *handler,
                                uint16_t *ret_port) DVARA_MUST_CHECK;

enum dvara_status server_start(struct server *server) DVARA_MUST_CHECK;

unsigned server_worker_count(const struct server *server);
struct worker *server_worker(const struct server *server, unsigned index);
const struct http_load *server_load(const struct server *server);

/* Stops accepting, closes idle connections, lets requests finish (new ones on kept connections are
 * refused as SHUTTING_DOWN) until the monotonic deadline, then cuts the rest (on_gone). Blocks;
 * not from a worker. True when nothing had to be cut. */
bool server_drain(struct server *server, uint64_t deadline_ns);
/* Drains with no time left if not drained yet, ends the threads, frees all. */
void server_free(struct server *server);

#endif
