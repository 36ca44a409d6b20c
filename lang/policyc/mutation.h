/* SPDX-License-Identifier: Apache-2.0 */
/* Trying mutants: each is compiled and tested, several at a time, within a time. */
#ifndef LANG_POLICYC_MUTATION_H
#define LANG_POLICYC_MUTATION_H

#include "dvara/status.h"
#include "lang/mutate.h"
#include "policyc/front.h"

struct mutation {
    struct front *front;   /* the policy itself, compiled */
    struct dvara_str like; /* its bundle */
    struct dvara_str only; /* tests whose name contains it */
    unsigned jobs;         /* processes; 0: one a processor */
    uint64_t within_ns;    /* what is not tried then is said to be so */
};

/* Fills the states; says how far it is on standard error if that is a terminal. IO, NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status mutation_run(const struct mutation *mutation,
                                                struct mutants *mutants);

#endif
