/* SPDX-License-Identifier: Apache-2.0 */
/* Whether literals about one thing exclude each other: decided by truth values, orders, intervals,
 * finite sets, automata over texts, and ranges of addresses. Sound: true only if it is certain. */
#ifndef LANG_CONFLICT_H
#define LANG_CONFLICT_H

#include "lang/atom.h"

struct text_search;

/* No value, and no absence, of the one thing makes all of them true. */
bool literals_conflict(struct arena *arena, struct text_search *search, const struct literal *v,
                       size_t n);

/* No time of day makes all of those true that ask `hour` and `between` of one zone. Nobody errs. */
bool clocks_conflict(struct arena *arena, const struct literal *v, size_t n);

#endif
