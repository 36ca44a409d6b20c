/* SPDX-License-Identifier: Apache-2.0 */
/* Mutants: the policy with one thing changed, that a test ought to notice. A conjunct is dropped, a
 * comparison turned or moved over its boundary, an effect taken away. A mutant is an edit of the
 * source, so it is compiled as any policy is, and one that does not compile is none. */
#ifndef LANG_MUTATE_H
#define LANG_MUTATE_H

#include "lang/program.h"

struct arena;

enum mutant_state {
    MUTANT_NOT_TRIED, /* time was up */
    MUTANT_KILLED,    /* a test failed */
    MUTANT_SURVIVED,
    MUTANT_INVALID, /* it does not compile */
    MUTANT_STATE_COUNT
};

struct mutant {
    struct span span;       /* what is replaced */
    struct dvara_str after; /* what stands in its place */
    struct dvara_str what;  /* "conjunct dropped" */
    struct dvara_str owner; /* "rule r", "let x", "route q" */
    struct dvara_str file;
    uint32_t line, col;
    struct dvara_str before; /* the source replaced, in one line */
    uint8_t state;           /* enum mutant_state */
};

struct mutants {
    struct mutant *v;
    size_t n;
};

struct mutate_options {
    bool with_library; /* also of files that come from the library: they are tested there */
    bool with_values;  /* also other literals, of the conditions, the effects and the budgets */
};

/* The mutants of the program, in the order of their places. They live in the arena. */
struct mutants mutate(const struct program *program, const struct mutate_options *options,
                      struct arena *arena);

struct mutant_sums {
    size_t by_state[MUTANT_STATE_COUNT];
};
struct mutant_sums mutant_sums(const struct mutants *mutants);
/* Killed of those that were tried and compile, rounded down; 100 where there are none. */
unsigned mutant_percent(struct mutant_sums sums);

/* The whole text of the mutant's file. */
struct dvara_str mutant_text(const struct mutant *mutant, const struct program *program,
                             struct arena *arena);

#endif
