/* SPDX-License-Identifier: Apache-2.0 */
/* RECORD and DISPATCH: one target is asked; what comes back goes to the relay, what fails to the
 * next attempt. */
#ifndef GATEWAY_ATTEMPT_H
#define GATEWAY_ATTEMPT_H

#include "gateway/exchange_state.h"

/* After PLAN: writes the decision record, then asks the first target. May end the exchange. At the
 * end of the loop's turn, with all that were judged in it: their records share one write(2), and
 * their requests wake a busy upstream once. */
void attempt_first(struct exchange *x);
void attempt_init_parking(struct gateway_worker *gateway);
/* For an exchange that ends; nothing when it is not parked. */
void attempt_unpark(struct exchange *x);
/* The attempt under way gave no usable answer: cancels it and starts the next, or ends the
 * exchange. */
void attempt_fail(struct exchange *x, const struct attempt_failure *failure);
#endif
