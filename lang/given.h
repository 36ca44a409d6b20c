/* SPDX-License-Identifier: Apache-2.0 */
/* `given`: what a test or eval says of the world, as a record in the shape of the attributes, made
 * into facts. The record is the tree of a test, or JSON made into one. */
#ifndef LANG_GIVEN_H
#define LANG_GIVEN_H

#include "lang/expr.h"
#include "trial/given.h"

struct dvara_bundle;

/* The record over the other: records merge key by key, everything else is replaced (R25). Either
 * may be NULL. */
const struct expr *given_merge(struct arena *arena, const struct expr *under,
                               const struct expr *over);

/* JSON text as such a record. NULL: `ret_error` says what is wrong. */
const struct expr *given_from_json(struct arena *arena, struct dvara_str text,
                                   struct dvara_str *ret_error);

/* Fills `ret_given` with the defaults and the record (NULL: only the defaults); it is not finished,
 * so that it may be frozen. False: an unknown key or a value of the wrong type, named in
 * ret_given->error. */
bool given_fill(struct arena *arena, const struct expr *record, struct given *ret_given);

/* The same, finished for a bundle. */
bool given_read(struct arena *arena, const struct dvara_bundle *bundle, const struct expr *record,
                struct given *ret_given);

/* JSON text of a record's value, for request.body. */
struct buf;
void given_to_json(const struct expr *value, struct buf *out);

#endif
