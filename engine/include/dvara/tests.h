/* SPDX-License-Identifier: Apache-2.0 */
/* The tests that a bundle carries: requests frozen when it was compiled, and what must come of
 * them. They need no parser: the bundle's own code judges them. */
#ifndef DVARA_TESTS_H
#define DVARA_TESTS_H

#include "dvara/bundle.h"
#include "dvara/status.h"

struct buf;

struct dvara_tests_result {
    size_t passed, failed; /* a row of a table test is one */
};

/* Judges all of them. Appends for each failure its place, its name, what was expected and what came
 * instead to `out`. NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status dvara_bundle_test(const struct dvara_bundle *bundle,
                                                     struct buf *out,
                                                     struct dvara_tests_result *ret_result);

#endif
