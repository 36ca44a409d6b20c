/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to an upstream: its socket (and its TLS, which stays with libcurl), its events.
 * Plain connections take the socket over from libcurl and forget the handle. */
#ifndef GATEWAY_UPSTREAM_LINK_H
#define GATEWAY_UPSTREAM_LINK_H

#include "gateway/upstream/call.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/types.h>

struct connector;
struct upstream_pool;

enum { LINK_AGAIN = -1, LINK_BROKEN = -2 };

struct upstream_link {
    struct upstream_link *next; /* in the pool's idle list */
    struct upstream_link **slot;
    struct upstream_pool *pool;
    struct upstream_call *call;  /* NULL while idle */
    struct connector *connector; /* while connecting, and for TLS as long as the link lives */
    int fd;                      /* -1 while connecting */
    bool is_tls;                 /* bytes go through the connector */
    bool readable;
    bool blocked;
    bool peer_closed;
    bool has_event;
    uint64_t idle_since_ns;
    struct event event; /* edge-triggered, added once */
};

/* Starts watching the connected socket. */
enum dvara_status link_open(struct upstream_link *link, struct event_base *base,
                            int fd) DVARA_MUST_CHECK;
/* Closes and frees it, in whatever state. Not from within a libcurl callback. */
void link_close(struct upstream_link *link);

/* Sends from parts[*part] + *offset on and moves both. Bytes sent, AGAIN, BROKEN. `scratch` joins
 * parts for TLS and of short messages. */
ssize_t link_write(struct upstream_link *link, const struct upstream_request *request, size_t *part,
                   size_t *offset, char *scratch, size_t scratch_n);
/* Bytes read, 0 at the end, AGAIN, BROKEN. */
ssize_t link_read(struct upstream_link *link, char *p, size_t n);
/* The peer sent or closed while the link was idle; asks the socket. */
bool link_is_stale(const struct upstream_link *link);

#endif
