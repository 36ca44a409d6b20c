/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about one thing that follow from literals about another: what a text is says how long it
 * is, and whether personal data is found says how many spans there are and how well they score. */
#ifndef LANG_RELATED_H
#define LANG_RELATED_H

#include "lang/atom.h"

enum { RELATED_MAX = 8 };

/* Literals about `subject` that hold wherever all of v do and nobody errs; how many (at most
 * RELATED_MAX) are in ret_literals. They are as total as what they follow from. */
size_t related_literals(struct arena *arena, const struct literal *v, size_t n,
                        const struct expr *subject, struct literal *ret_literals);

#endif
