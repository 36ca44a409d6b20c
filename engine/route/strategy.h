/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which a route's targets are preferred. Pure functions of weights and a stickiness.
 */
#ifndef ROUTE_STRATEGY_H
#define ROUTE_STRATEGY_H

#include "dvara/limits.h"
#include "dvara/str.h"
#include "dvara/words.h"

#include <stdint.h>

struct strategy_input {
    enum dvara_strategy strategy;
    struct dvara_str route; /* its name */
    struct dvara_str stickiness;
    const uint32_t *weights; /* one a target, eligible or not */
    uint32_t n;              /* at most DVARA_MAX_TARGETS */
};

/* Fills ret_order with the numbers of all targets, first choice first. `weighted`: the arm of
 * bucket(route ‖ "\0" ‖ stickiness, 1 000 000), then the targets after it in declared order, around
 * the end: so the share of one that is not eligible goes to the next. */
void strategy_order(const struct strategy_input *input, uint32_t ret_order[DVARA_MAX_TARGETS]);

#endif
