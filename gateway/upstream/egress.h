/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses an outgoing connection may reach. Judged on the resolved address, so that a name
 * that points inside is caught. */
#ifndef GATEWAY_UPSTREAM_EGRESS_H
#define GATEWAY_UPSTREAM_EGRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* True when the address may be connected to. With `private_allowed` only multicast, unspecified,
 * broadcast and families other than IPv4 and IPv6 are refused. Else also: loopback, private,
 * link-local, shared (100.64/10), metadata, benchmarking, documentation and reserved ranges, IPv6
 * unique-local and site-local, and all of these inside IPv4-mapped, -compatible, NAT64, 6to4 and
 * Teredo forms. */
bool egress_is_allowed(const struct sockaddr *address, bool private_allowed);

#endif
