/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a Check program: TEST(name) { … } for each test, then SUITE(name, name, …) once.
 * A name is a sentence in the present tense. */
#ifndef TESTS_UNIT_SUITE_H
#define TESTS_UNIT_SUITE_H

#include "unit/scratch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define TEST(name) START_TEST(name)

/* Ends a test that cannot run here. The runner reads the line, and counts the test as skipped. */
#define SKIP_TEST(reason)                                                                          \
    do {                                                                                           \
        puts("skipped: " reason);                                                                  \
        return;                                                                                    \
    } while (0)

/* END_TEST is empty in Check 0.15; bodies are plain functions. */
#define SUITE(...)                                                                                 \
    int main(void)                                                                                 \
    {                                                                                              \
        char scratch_cstr[32];                                                                     \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        Suite *suite = suite_create(__FILE__);                                                     \
        TCase *tcase = tcase_create("all");                                                        \
        tcase_set_timeout(tcase, 60);                                                              \
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)                                  \
            tcase_add_test(tcase, tests[i]);                                                       \
        suite_add_tcase(suite, tcase);                                                             \
        SRunner *runner = srunner_create(suite);                                                   \
        scratch_open(scratch_cstr);                                                                \
        srunner_run_all(runner, CK_ENV);                                                           \
        int failed = srunner_ntests_failed(runner);                                                \
        srunner_free(runner);                                                                      \
        scratch_close(scratch_cstr);                                                               \
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;                                               \
    }

#endif
