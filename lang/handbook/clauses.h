/* SPDX-License-Identifier: Apache-2.0 */
/* A declaration's clauses as fields of its entry, by the rows of clauses.def. */
#ifndef LANG_HANDBOOK_CLAUSES_H
#define LANG_HANDBOOK_CLAUSES_H

#include "lang/handbook/form.h"
#include "lang/handbook/spelling.h"

/* Appends to the entry; fields stand in the order of the rows. Nothing happens when memory is out
 * (the arena's flag is sticky). */
void clauses_add(const struct decl *decl, const struct spelling *spelling, struct arena *arena,
                 struct handbook_entry *entry);

#endif
