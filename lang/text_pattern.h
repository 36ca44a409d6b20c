/* SPDX-License-Identifier: Apache-2.0 */
/* Whether texts can satisfy several patterns at once, decided on automata: each pattern (a value, a
 * prefix, a suffix, a part, a glob) is a nondeterministic automaton over code points; their product
 * is searched, subset by subset, over one representative of each class of code points that no
 * pattern tells apart (the classical construction of Rabin and Scott, 1959, on the fly). */
#ifndef LANG_TEXT_PATTERN_H
#define LANG_TEXT_PATTERN_H

#include "lang/expr.h"

struct arena;
struct text_search;

/* The search's memory, for any number of questions. NULL: out of memory. */
struct text_search *text_search_new(struct arena *arena);

/* `text op values`: EQ, STARTS_WITH, ENDS_WITH, CONTAINS (one value); IN, GLOB (any of them). */
struct text_pattern {
    enum binary op;
    struct constants values;
    bool positive; /* false: the text does not match it */
};

/* True: certainly no text satisfies them all. False also when the search is over its budget. */
bool text_patterns_exclude(struct text_search *search, const struct text_pattern *v, size_t n);
/* Does the text match the pattern, regardless of `positive`? The arena is for scratch. */
bool text_pattern_holds(struct arena *arena, const struct text_pattern *pattern,
                        struct dvara_str text);

#endif
