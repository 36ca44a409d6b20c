/* SPDX-License-Identifier: Apache-2.0 */
/* Health and speed of targets as this process sees them: what the strategies of routes look at. One
 * table for the process, in stripes: each call takes one short lock. It holds no names, only keyed
 * hashes of them; past its room the target seen longest ago gives way, so that no client can make
 * it grow by asking for models.
 *
 * The time to the first byte is a peak-EWMA: a slower sample counts at once, a faster one with the
 * weight 1 - exp(-age / TARGET_DECAY) (as in Finagle's load balancer, "Peak EWMA"). Samples older
 * than the window asked for are forgotten. A target that failed TARGET_FAILURES times in a row is
 * not healthy for TARGET_COOL_DOWN after the last failure. */
#ifndef GATEWAY_TARGET_STATES_H
#define GATEWAY_TARGET_STATES_H

#include "dvara/engine.h"

#include <stdint.h>

struct target_states;

enum {
    TARGET_FAILURES = 5,           /* in a row: one outage, not one bad request */
    TARGET_COOL_DOWN_SECONDS = 10, /* then one attempt may show that it is back */
    TARGET_DECAY_SECONDS = 10,
    TARGET_WINDOW_SECONDS = 300 /* where the route says none */
};

/* How an attempt ended. */
enum target_result {
    TARGET_ANSWERED,
    TARGET_BUSY,   /* it answered that it is busy (429): up, and no use */
    TARGET_FAILED, /* no answer, or one of its own failures */
    TARGET_UNKNOWN /* we left before it was over */
};

/* NULL when out of memory. */
struct target_states *target_states_new(void);
void target_states_free(struct target_states *states);

/* All of these may be called from any thread, with states NULL too (nothing is known then). */
uint64_t target_states_key(const struct target_states *states, struct dvara_str provider,
                           struct dvara_str model);
void target_states_begin(struct target_states *states, uint64_t key, uint64_t now_ns);
/* The head of a good answer came `latency_ns` after dispatch. */
void target_states_first_byte(struct target_states *states, uint64_t key, uint64_t latency_ns,
                              uint64_t now_ns);
/* Once for each begin. `tokens` were written in `writing_ns`; 0: not known. */
void target_states_end(struct target_states *states, uint64_t key, enum target_result result,
                       int64_t tokens, uint64_t writing_ns, uint64_t now_ns);

/* window_ns 0: TARGET_WINDOW_SECONDS. ret_state comes filled for an unmeasured target. */
void target_states_look(struct target_states *states, uint64_t key, uint64_t window_ns,
                        uint64_t now_ns, struct dvara_target_state *ret_state);

#endif
