/* SPDX-License-Identifier: Apache-2.0 */
/* Which target is tried next after a failure (language.md, Routes): `retry N on …` is at most N
 * more attempts in all, each on the next eligible target in order, after the last the first again;
 * without `retry` each target is tried once, after any failure that another target might not have.
 * Pure: no clock, no I/O. */
#ifndef GATEWAY_UPSTREAM_RETRY_H
#define GATEWAY_UPSTREAM_RETRY_H

#include "dvara/bundle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct retry {
    const struct dvara_route_info *route; /* NULL: no route was taken */
    size_t n_targets;
    size_t target;  /* the one under way */
    uint32_t extra; /* attempts after the first */
};

struct retry_failure {
    uint32_t classes; /* bits 1 << enum dvara_retry_class */
    int status;       /* of the answer; 0: none */
};

/* n_targets > 0; the first attempt is on target 0. `route` must outlive it. */
void retry_init(struct retry *retry, const struct dvara_route_info *route, size_t n_targets);

enum retry_verdict {
    RETRY_AGAIN, /* try retry->target after *ret_wait_ns */
    RETRY_SPENT, /* the route has nothing more to try: its fallback's turn */
    RETRY_FINAL, /* the failure's class is not one to try again after */
};

/* `random` spreads the waits. */
enum retry_verdict retry_next(struct retry *retry, const struct retry_failure *failure,
                              uint64_t random, uint64_t *ret_wait_ns);

/* The classes of an answer's status: 4xx, 5xx, 429, timeout (408). */
uint32_t retry_classes_of_status(int status);

#endif
