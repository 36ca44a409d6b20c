/* SPDX-License-Identifier: Apache-2.0 */
/* Requests on which two policies decide otherwise: those of both policies' tests, and what an SMT
 * solver finds. Each is decided by both engines before anyone hears of it. */
#ifndef LANG_CHANGE_EXAMPLES_H
#define LANG_CHANGE_EXAMPLES_H

#include "lang/change/declarations.h"
#include "lang/logic/witness.h"
#include "trial/evaluate.h"

struct example_side {
    const struct program *program; /* NULL: a bundle without its sources */
    const struct dvara_bundle *bundle;
};

struct example {
    struct dvara_str from;               /* "test `x` (a.dvp:4)", "rule r" */
    const struct expr *given;            /* the record; NULL: of a bundle's own test */
    struct dvara_str old_json, new_json; /* as `eval` prints them, without the end of line */
    struct dvara_strs differs;           /* members of that object, in its order */
    struct dvara_str what;               /* each of them with what becomes what */
};

enum proof_state { PROOF_NOT_TRIED, PROOF_NO_SOLVER, PROOF_ALIKE, PROOF_DIFFER, PROOF_OPEN };

struct examples {
    struct example *v;
    size_t n;
    size_t tried;              /* requests that both policies decided */
    size_t differ;             /* of them otherwise */
    size_t passed_over;        /* requests of tests that one of them cannot read */
    enum proof_state verdicts; /* is there a request of another verdict? */
    struct dvara_str why;      /* OPEN: a clause */
};

struct example_options {
    struct witness_options witness;
    bool without_solver;
    size_t most; /* examples */
};

/* In the arena. Other than OK: some request could not be decided or compared, NO_MEMORY and
 * TOO_LARGE among the reasons. */
DVARA_MUST_CHECK enum dvara_status
examples_find(const struct example_side *old, const struct example_side *new,
              const struct changes *changes, const struct example_options *options,
              struct arena *arena, struct examples *ret_examples);

/* Appends the example as a `test` that the new policy passes. */
void example_print_test(const struct example *example, struct dvara_str name, struct buf *out);

#endif
