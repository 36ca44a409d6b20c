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

#endif
