/* SPDX-License-Identifier: Apache-2.0 */
/* One decision, as eval and tests make it: all phases that `given` speaks of, redaction, restoring,
 * and streams fed chunk by chunk through the same code as the gateway's. */
#ifndef TRIAL_EVALUATE_H
#define TRIAL_EVALUATE_H

#include "trial/given.h"

struct evaluator;

/* The scratch for one bundle, which must outlive it. */
DVARA_MUST_CHECK enum dvara_status evaluator_new(const struct dvara_bundle *bundle,
                                                 struct evaluator **ret_evaluator);
void evaluator_free(struct evaluator *evaluator);

/* Evaluations from here on tell it what they judge; NULL: no more. It is borrowed. */
struct dvara_trace;
void evaluator_trace(struct evaluator *evaluator, const struct dvara_trace *trace);

struct evaluation {
    const struct dvara_decision *decision;
    struct dvara_str prompt; /* request.text after redaction */
    bool has_text;
    struct dvara_str text; /* the answer as the client gets it */
};

/* Everything of the result lives in given->arena. NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status evaluate(struct evaluator *evaluator, struct given *given,
                                            struct evaluation *ret_evaluation);

#endif
