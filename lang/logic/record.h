/* SPDX-License-Identifier: Apache-2.0 */
/* A `given` record that is made field by field, and printed as source or as JSON. */
#ifndef LANG_LOGIC_RECORD_H
#define LANG_LOGIC_RECORD_H

#include "lang/expr.h"

struct arena;
struct buf;

struct expr *record_new(struct arena *arena);
/* The field's value, or NULL. */
struct expr *record_find(const struct expr *record, struct dvara_str key);
/* Adds or replaces a field. */
void record_put(struct arena *arena, struct expr *record, struct dvara_str key, struct expr *value);
/* The record under the key, made if there is none. */
struct expr *record_under(struct arena *arena, struct expr *record, struct dvara_str key);
/* The list under the key, made if there is none; and one element more. */
void record_push(struct arena *arena, struct expr *record, struct dvara_str key,
                 struct expr *element);

struct expr *record_string(struct arena *arena, struct dvara_str text);
/* A scalar of types.def's `stored`. */
struct expr *record_number(struct arena *arena, enum dvara_type type, int64_t value);
struct expr *record_float(struct arena *arena, double value);

/* As source: `{ tenant: { id: "a" } }`; as JSON amounts are strings, as `eval --input` takes them.
 */
void record_print(const struct expr *record, struct buf *out);
void record_print_json(const struct expr *record, struct buf *out);

/* Tries to leave away what it can: fields, last first, as long as `holds` says so. */
void record_shrink(struct expr *record, bool (*holds)(void *user, const struct expr *record),
                   void *user);

#endif
