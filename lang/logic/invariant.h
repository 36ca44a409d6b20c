/* SPDX-License-Identifier: Apache-2.0 */
/* Invariants proved or refuted (docs/language/invariants.md). What each claims is put to the solver
 * as a request, and a target of it, that break it; what the solver finds is judged by the engine
 * before anyone hears of it. */
#ifndef LANG_LOGIC_INVARIANT_H
#define LANG_LOGIC_INVARIANT_H

#include "lang/logic/witness.h"

enum proof { PROOF_PROVED, PROOF_REFUTED, PROOF_UNKNOWN };

struct invariant_result {
    const struct decl *decl;
    enum proof proof;
    const struct expr *given; /* REFUTED: the counterexample */
    struct dvara_str target;  /* the target that is left, "provider/model"; absent: none is meant */
    struct dvara_str trace;   /* of the engine's decision: lines of text */
    struct dvara_str why;     /* UNKNOWN: a clause */
    struct dvara_strs free;   /* and the conditions that had to be left free */
};

/* Judges one. NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status invariant_prove(struct arena *arena,
                                                   const struct witness_options *options,
                                                   const struct witness_policy *policy,
                                                   const struct decl *decl,
                                                   struct invariant_result *ret_result);

/* Does a request that waits for a human's yes count? It does where the claim says where a request
 * goes or how it leaves, since the yes sends it there; of what is allowed it is no part. */
bool invariant_counts_approvals(const struct decl *decl);

/* The counterexample as a `test` that fails until the invariant holds. */
void invariant_print_test(const struct invariant_result *result, struct buf *out);

#endif
