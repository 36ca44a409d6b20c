/* SPDX-License-Identifier: Apache-2.0 */
/* Whose address is it: the peer's, or, when the peer is a trusted proxy, the right-most hop of
 * X-Forwarded-For that is not one. */
#ifndef GATEWAY_CLIENT_IP_H
#define GATEWAY_CLIENT_IP_H

#include "base/arena.h"
#include "gateway/config.h"
#include "gateway/http/head.h"

#include <sys/socket.h>

/* Text in the arena, IPv4-mapped addresses as IPv4; "" for a family without addresses. `head` and
 * `trusted` may be NULL. A hop that is no address ends the walk: the last good one counts. */
struct dvara_str client_ip(struct arena *arena, const struct sockaddr *peer,
                           const struct http_head *head, const struct config_networks *trusted);

#endif
