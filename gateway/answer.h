/* SPDX-License-Identifier: Apache-2.0 */
/* The head of our answers: which response headers an exchange carries. */
#ifndef GATEWAY_ANSWER_H
#define GATEWAY_ANSWER_H

#include "gateway/exchange_state.h"

enum { ANSWER_FIELDS_MAX = 48, ANSWER_WARNINGS_MAX = 16 };

struct answer_head {
    struct http_field v[ANSWER_FIELDS_MAX];
    size_t n;
};

void answer_add(struct answer_head *head, struct dvara_str name, struct dvara_str value);
/* Ids; after authentication what was decided; with `headers: full` or a key of scope `explain` also
 * rules, route, target, policy and overhead. Without `with_target` the target is left out (G19: it
 * may still change). Values live in the exchange's arena. */
void answer_common(struct exchange *x, struct answer_head *head, bool with_target);

/* Does this caller get the x-dvara- headers that explain? */
bool answer_shows_all(const struct exchange *x);

/* A whole answer of JSON. Ends the request for the edge. */
void answer_json(struct exchange *x, int status, struct answer_head *head, struct dvara_str body);
/* The answer to a refusal. */
void answer_error(struct exchange *x, const struct gateway_error *error);

#endif
