/* SPDX-License-Identifier: Apache-2.0 */
/* RECORD and DISPATCH: one target is asked; what comes back goes to the relay, what fails to the
 * next attempt. */
#ifndef GATEWAY_ATTEMPT_H
#define GATEWAY_ATTEMPT_H

#include "gateway/exchange_state.h"

/* After PLAN: has the decision recorded (turn.h), then asks the first target. May end the exchange.
 */
void attempt_first(struct exchange *x);
/* The turn's part: record `seq` is written, or not. Dispatches or refuses. */
void attempt_recorded(struct exchange *x, uint64_t seq, bool is_recorded);
/* The attempt under way gave no usable answer: cancels it and starts the next, or ends the
 * exchange. */
void attempt_fail(struct exchange *x, const struct attempt_failure *failure);
/* The exchange ends: its target has one attempt less under way. */
void attempt_over(struct exchange *x);
#endif
