/* SPDX-License-Identifier: Apache-2.0 */
/* What tests reached: how often each rule held, did not hold and erred, and the same of each atom
 * (a comparison, a membership, a match) of its condition. */
#ifndef LANG_COVERAGE_H
#define LANG_COVERAGE_H

#include "dvara/trace.h"
#include "lang/program.h"

struct arena;
struct buf;

/* By enum dvara_truth. */
struct outcomes {
    uint64_t n[DVARA_ERRED + 1];
};

struct coverage {
    const struct program *program;
    const struct dvara_bundle *bundle;
    struct outcomes *rules, *atoms;
    size_t n_rules, n_atoms;
    struct dvara_trace trace; /* give it to the evaluator */
};

/* False: out of memory. */
bool coverage_init(struct coverage *coverage, const struct program *program,
                   const struct dvara_bundle *bundle, struct arena *arena);

/* Did the rule's condition hold in some test, or err where an effect of it applies then? */
bool coverage_applied(const struct coverage *coverage, uint32_t rule);

struct coverage_sums {
    size_t rules, matched;    /* rules, and those that applied in some test */
    size_t outcomes, reached; /* true and false of each atom of a rule, and those that came about */
};
struct coverage_sums coverage_sums(const struct coverage *coverage);
/* The lesser of the two shares, in percent, rounded down; 100 where there is nothing to reach. */
unsigned coverage_percent(struct coverage_sums sums);

/* A table, and what was not reached; or the value of a JSON object's key. */
void coverage_print(const struct coverage *coverage, struct buf *out);
void coverage_print_json(const struct coverage *coverage, struct buf *out);

#endif
