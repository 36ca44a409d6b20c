/* SPDX-License-Identifier: Apache-2.0 */
/* A row of a test as the engine judges it: the case's `given` over the test's, and the expectations
 * of both. */
#ifndef LANG_TESTROW_H
#define LANG_TESTROW_H

#include "lang/program.h"
#include "trial/frozen.h"

/* `row` is one of the test's cases, or NULL when it has none. Everything lives in the arena or in
 * the program's. False: what is given cannot be read, and ret_given->error says why; or memory is
 * out. */
bool testrow_make(struct arena *arena, const struct program *program, const struct decl *decl,
                  const struct test_case *row, struct frozen_test *ret_test,
                  struct given *ret_given);

/* Where a rule of the bundle stands, as the path was given: bundles record it in their own way. */
struct test_place {
    struct dvara_str path;
    uint32_t line;
};
struct test_place testrow_rule_place(const struct program *program,
                                     const struct dvara_bundle *bundle, uint32_t rule);

#endif
