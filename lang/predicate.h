/* SPDX-License-Identifier: Apache-2.0 */
/* Reasoning over conditions. A condition becomes a disjunction of conjunctions of literals
 * (atom.h); a question is answered conjunction by conjunction, topic by topic (conflict.h). Every
 * answer is sound: true only if it is proven. What is over the budget is left out so that answers
 * become more careful, never wrong.
 *
 * Errors count: conditions have three values (language.md section 6). predicate_implies holds of
 * the values, too: where `a` is true so is `b`, and where `a` errs `b` errs or is true. */
#ifndef LANG_PREDICATE_H
#define LANG_PREDICATE_H

#include "lang/atom.h"

struct arena;
struct predicate;
struct reasoner;

/* NULL: out of memory. */
struct reasoner *reasoner_new(struct arena *arena);

/* The condition, or its negation. Of a folded and checked expression; NULL is `true`. NULL only
 * when out of memory; the functions below then prove nothing. */
const struct predicate *predicate_of(struct reasoner *reasoner, const struct expr *condition);
const struct predicate *predicate_of_not(struct reasoner *reasoner, const struct expr *condition);

/* It can never be true. */
bool predicate_is_never(const struct predicate *a);
/* The two can never both be true. */
bool predicates_exclude(struct reasoner *reasoner, const struct predicate *a,
                        const struct predicate *b);
/* Where `a` is true, so is the condition whose negation is `not_b`. */
bool predicate_implies(struct reasoner *reasoner, const struct predicate *a,
                       const struct predicate *not_b);

/* One literal with its topic numbered; NULL atom as atom_of. */
struct literal reasoner_literal(struct reasoner *reasoner, const struct expr *expr);
/* Can they not all be true? Literals of several topics. */
bool reasoner_conflict(struct reasoner *reasoner, const struct literal *v, size_t n);

#endif
