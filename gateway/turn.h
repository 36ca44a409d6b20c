/* SPDX-License-Identifier: Apache-2.0 */
/* RECORD: what a turn of the loop decided and answered is recorded together at its end, and only
 * then dispatched and sent. Their records share one write(2), which costs more than a record, and
 * an idle upstream is woken once a turn instead of once a request. */
#ifndef GATEWAY_TURN_H
#define GATEWAY_TURN_H

#include "gateway/exchange_state.h"

void turn_init(struct gateway_worker *gateway);
/* attempt_recorded (DECIDED) or relay_whole_recorded (ANSWERED) follows, unless the exchange ends
 * before. */
void turn_park(struct exchange *x, enum turn_kind kind);
/* For an exchange that ends; nothing when it is not parked. */
void turn_unpark(struct exchange *x);

#endif
