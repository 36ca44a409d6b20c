/* SPDX-License-Identifier: Apache-2.0 */
/* One test judged: an evaluation and every expectation of it. */
#ifndef TRIAL_TRIAL_H
#define TRIAL_TRIAL_H

#include "trial/frozen.h"

enum { TRIAL_MEMORY = 256 << 20 }; /* of one test: what is given, the decision, the texts */

struct trial {
    const struct frozen_test *test;
    struct evaluation evaluation;
    const struct expectation **failed; /* in the order they stand */
    size_t n_failed;
};

/* Everything of the result lives in given->arena, which also holds what is given, finished.
 * NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status trial_judge(struct evaluator *evaluator,
                                               const struct dvara_bundle *bundle,
                                               const struct frozen_test *test, struct given *given,
                                               struct trial *ret_trial);

/* Appends the failures as text: place, name, expected and actual, the rules that matched. */
void trial_print(const struct dvara_bundle *bundle, const struct trial *trial, struct buf *out);

#endif
