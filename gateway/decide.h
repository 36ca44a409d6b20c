/* SPDX-License-Identifier: Apache-2.0 */
/* DECIDE, REDACT and PLAN: fills the facts of a request, lets the engine judge them, and collects
 * the replacements of the prompt. */
#ifndef GATEWAY_DECIDE_H
#define GATEWAY_DECIDE_H

#include "gateway/exchange_state.h"

/* The request phase. True: go on; x->view.decision is set either way. False: it is denied, or
 * *ret_error says what else is wrong (its id is GATEWAY_ERROR_COUNT for a denial). */
bool decide_request(struct exchange *x, struct gateway_error *ret_error);
/* Would a chat request of this key with this model, and nothing else in it, be let through and find
 * a target? Only x->facts is written; `arena` holds what the question needs. */
bool decide_would_serve(struct exchange *x, struct dvara_str model, struct arena *arena);
/* Collects the replacements of the prompt (x->edits). False: *ret_error. */
bool decide_redact(struct exchange *x, struct gateway_error *ret_error);
/* x->vault exists after it: the request's map of tokens, and the key of `hash`. False: it failed.
 */
bool decide_vault(struct exchange *x);
/* Chooses route and targets. False: the decision became a denial. */
bool decide_plan(struct exchange *x);
/* The body for one target: the client's bytes when nothing is to be spliced, else an edited copy in
 * `out` (empty at first). False: out of memory or over the ceiling. */
bool decide_body(struct exchange *x, struct dvara_str model, struct buf *out,
                 struct dvara_str *ret_body);

#endif
