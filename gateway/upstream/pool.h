/* SPDX-License-Identifier: Apache-2.0 */
/* The upstream connections of one worker: for each target a stack of idle ones, the last used on
 * top (so that the others can grow old and go). */
#ifndef GATEWAY_UPSTREAM_POOL_H
#define GATEWAY_UPSTREAM_POOL_H

#include "gateway/upstream/call.h"

struct call_spares;
struct upstream;
struct upstream_link;
struct upstream_pool;
struct worker;

struct upstream *upstream_new(struct worker *worker);
/* Closes every idle link. Calls must be over. */
void upstream_free(struct upstream *upstream);

/* The worker's; call.c fills it. */
struct call_spares *upstream_call_spares(struct upstream *upstream);

/* A link for the call: an idle one that is ready (fd >= 0), else a new one that starts to connect
 * and reports through call_connected. */
enum dvara_status pool_take(struct upstream *upstream, const struct upstream_target *target,
                            struct upstream_call *call,
                            struct upstream_link **ret_link) DVARA_MUST_CHECK;
/* The answer was whole and the connection may serve another. */
void pool_keep(struct upstream_link *link);
/* Closes it, idle or not. */
void pool_drop(struct upstream_link *link);

#endif
