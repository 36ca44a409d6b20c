/* SPDX-License-Identifier: Apache-2.0 */
/* One `expect` against one decision. Names are compared as text: an expectation of a bundle's own
 * tests needs no look-up to be judged. */
#ifndef TRIAL_EXPECTATION_H
#define TRIAL_EXPECTATION_H

#include "trial/evaluate.h"
#include "trial/expects.h"

struct buf;

struct expectation {
    enum expect_kind kind;
    bool negated;
    struct dvara_str
        text; /* code, target, prompt, text, model, approver, the tag's value; or absent */
    struct dvara_str key;  /* TAG */
    struct dvara_str name; /* the rule of deny by, excluded by and matched; the route; the group */
    struct dvara_strs detectors; /* REDACTED: the members of the group */
    int64_t number;              /* MAX_TOKENS */
    uint32_t line, col;          /* where it stands in the test's file */
};

/* Does the decision meet it (negation included)? */
bool expectation_holds(const struct dvara_bundle *bundle, const struct evaluation *evaluation,
                       const struct expectation *expect);

/* Appends what was expected ("deny code \"x\" by r"), and what the decision shows of it. */
void expectation_print(const struct expectation *expect, struct buf *out);
void expectation_print_actual(const struct dvara_bundle *bundle,
                              const struct evaluation *evaluation, const struct expectation *expect,
                              struct buf *out);

#endif
