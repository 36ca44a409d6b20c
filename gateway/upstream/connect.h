/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl as connector: name look-up, proxies, TLS, certificate checks; no HTTP to the upstream.
 *
 * Plain connections are made in one multi handle and leave it when they are connected. A TLS one
 * stays with libcurl and has a multi handle of its own: in a shared one libcurl takes a
 * CONNECT_ONLY connection for idle and closes it under its user when another connection is made
 * (once it is older than CURLOPT_MAXAGE_CONN, or has bytes to read). Names and TLS sessions are
 * shared through a share handle of the worker. */
#ifndef GATEWAY_UPSTREAM_CONNECT_H
#define GATEWAY_UPSTREAM_CONNECT_H

#include "gateway/upstream/call.h"

#include <sys/types.h>

struct connector;
struct connector_share;
struct event_base;

struct connector_share *connector_share_new(struct event_base *base);
void connector_share_free(struct connector_share *share);

/* on_end runs once, from the loop: fd >= 0 is the connected, non-blocking socket; else `failure`
 * says why. The connector may be freed in it. */
typedef void connector_end(void *user, int fd, enum upstream_failure failure);

enum dvara_status connector_new(struct connector_share *share, const struct upstream_target *target,
                                connector_end *on_end, void *user,
                                struct connector **ret_connector) DVARA_MUST_CHECK;
/* Ends it; a look-up under way is left to itself. Closes the socket unless it was released.
 * Accepts NULL. */
void connector_free(struct connector *connector);

/* True when bytes must go through the connector; else connector_release and use the socket. */
bool connector_is_tls(const struct connector *connector);
/* The socket is the caller's; the connector must be freed. */
void connector_release(struct connector *connector);

/* As link_read and link_write. */
ssize_t connector_read(struct connector *connector, char *p, size_t n);
ssize_t connector_write(struct connector *connector, const char *p, size_t n);

#endif
