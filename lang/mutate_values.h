/* SPDX-License-Identifier: Apache-2.0 */
/* Mutants of literals: a number one more, an amount or a text a little more, a truth turned. */
#ifndef LANG_MUTATE_VALUES_H
#define LANG_MUTATE_VALUES_H

#include "lang/program.h"

struct arena;

/* What `span` becomes. */
typedef void mutate_on_value(void *user, struct span span, struct dvara_str after);

/* The literals of a rule's condition and effects, of a let, of a route's match and of a budget's
 * amount. A literal that must keep its form (a range of addresses, a zone) gives a mutant that does
 * not compile, which is none. Texts live in the arena. */
void mutate_values(const struct program *program, const struct decl *decl, struct arena *arena,
                   mutate_on_value *on_value, void *user);

#endif
