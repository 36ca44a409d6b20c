/* SPDX-License-Identifier: Apache-2.0 */
/* Running `test` blocks: each case's `given` over its test's, one decision, every expectation. */
#ifndef LANG_TESTRUN_H
#define LANG_TESTRUN_H

#include "dvara/bundle.h"
#include "dvara/status.h"
#include "lang/coverage.h"
#include "lang/program.h"

struct buf;

/* One expectation that was not met. */
struct testrun_failure {
    uint32_t line, col;
    struct dvara_str expected, actual;
    struct dvara_str difference; /* of two texts: where they part; else absent */
};

/* One row of a test: a case, or a test that has none. */
struct testrun_result {
    struct dvara_str name, row; /* row is absent where the test has no cases */
    struct dvara_str file;
    uint32_t line;
    uint64_t ns;
    struct testrun_failure *failures; /* none: it passed */
    size_t n_failures;
    struct dvara_str trace; /* of a failed one: lines of text */
};

struct testrun_results {
    struct testrun_result *v;
    size_t n, passed, failed;
};

/* Runs the tests whose name contains `only` (absent: all), in the order of their names, on the
 * bundle made of the same program. What is found lives in the arena. `coverage` may be NULL; else
 * it adds up what the tests reach. NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status testrun(const struct program *program,
                                           const struct dvara_bundle *bundle, struct dvara_str only,
                                           struct coverage *coverage, struct arena *arena,
                                           struct testrun_results *ret_results);

/* Does a test fail? Stops at the first that does, and says no more. */
DVARA_MUST_CHECK enum dvara_status testrun_fails(const struct program *program,
                                                 const struct dvara_bundle *bundle,
                                                 struct dvara_str only, bool *ret_fails);

#endif
