/* SPDX-License-Identifier: Apache-2.0 */
/* PARSE to PLAN: from a body to a judgement (x->judgement). Touches nothing but the exchange, so
 * that it may run on another thread while nothing else does. */
#ifndef GATEWAY_JUDGE_H
#define GATEWAY_JUDGE_H

#include "gateway/exchange_state.h"

/* Copies what policy may read of the head: before the others, on the connection's own thread. */
void judge_headers(struct exchange *x, const struct http_head *head);
/* With x->vm and x->scanner. */
void judge(struct exchange *x);
/* x gets a vm and a scanner of its own, and its run uses them. False: no memory. */
bool judge_own_scratch(struct exchange *x);
/* The same with scratch of its own, which stays the exchange's. */
void judge_with_own_scratch(struct exchange *x);

#endif
