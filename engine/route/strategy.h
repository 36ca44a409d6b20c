/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which a route's targets are preferred: pure functions of declared shares and prices,
 * of what is known of the targets, and of one number drawn from the stickiness. With the same
 * health and measurements the same request is planned alike everywhere. */
#ifndef ROUTE_STRATEGY_H
#define ROUTE_STRATEGY_H

#include "dvara/engine.h"
#include "dvara/limits.h"
#include "dvara/str.h"
#include "dvara/words.h"

#include <stdint.h>

#define STRATEGY_UNPRICED (-1)

/* One target of the route. */
struct strategy_target {
    bool usable; /* eligible, capable and healthy */
    uint32_t weight;
    uint32_t share; /* of a canary, parts per million */
    uint8_t arm;    /* enum dvara_arm */
    int64_t price;  /* of the request's estimate, micro-dollars; STRATEGY_UNPRICED */
    struct dvara_target_state state;
};

struct strategy_input {
    enum dvara_strategy strategy;
    struct dvara_str route; /* its name */
    struct dvara_str stickiness;
    uint32_t explore;                      /* parts per million */
    const struct strategy_target *targets; /* in declared order */
    uint32_t n;                            /* at most DVARA_MAX_TARGETS */
};

/* Fills ret_order with the numbers of the usable targets, first choice first. The one number drawn
 * is bucket(route ‖ "\0" ‖ stickiness, 1 000 000).
 *
 *   failover     as declared
 *   weighted     the arm the number falls in, then the targets after it as declared, around the
 * end: so the share of one that is not eligible goes to the next round_robin  the same with equal
 * weights canary       canaries take shares from 0 upwards in declared order, the rest is the first
 * stable target's; then as for weighted latency      by time to first byte; targets without a
 * sample first, so that each gets one; where the number is below `explore`, one drawn target stands
 * first cost         by price; unpriced ones last least_busy   by attempts in flight balanced by
 * the sum of price, downtime, throughput and time to first byte, each relative to the best target;
 * as declared while none has a sample
 *
 * What is not usable has its share taken by the next, and is no measure for others. What ties keeps
 * its declared order. Returns how many are usable. */
uint32_t strategy_order(const struct strategy_input *input, uint32_t ret_order[DVARA_MAX_TARGETS]);

#endif
