/* SPDX-License-Identifier: Apache-2.0 */
/* Running `test` blocks: each case's `given` over its test's, one decision, every expectation. */
#ifndef LANG_TESTRUN_H
#define LANG_TESTRUN_H

#include "dvara/bundle.h"
#include "dvara/status.h"
#include "lang/program.h"

struct buf;

struct testrun_result {
    size_t passed, failed;
};

/* Runs the tests whose name contains `only` (absent: all), in the order of their names, on the
 * bundle made of the same program. Appends a line for each failure (place, test, case, expected and
 * actual, the rules that matched) to `out`. NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status testrun(const struct program *program,
                                           const struct dvara_bundle *bundle, struct dvara_str only,
                                           struct buf *out, struct testrun_result *ret_result);

#endif
