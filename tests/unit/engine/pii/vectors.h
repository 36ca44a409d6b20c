/* SPDX-License-Identifier: Apache-2.0 */
/* Test vectors of checks: a number as it is written, and what must be said of it. */
#ifndef TESTS_PII_VECTORS_H
#define TESTS_PII_VECTORS_H

#include "pii/run.h"
#include "pii/validators.h"

#include "unit/suite.h"

struct vector {
    const char *value;
    enum verdict verdict;
};

static inline enum verdict vector_judge(const char *name, const char *value)
{
    const struct validator *validator = validator_find(dvara_str_from_cstr(name));
    struct dvara_str span = dvara_str_from_cstr(value);
    char room[RUN_MAX];
    struct run run;
    ck_assert_ptr_nonnull(validator);
    if (validator->check)
        return validator->check(span);
    ck_assert_ptr_nonnull(validator->run);
    return run_of(span, room, &run) ? validator->run(&run) : VERDICT_INVALID;
}

/* Every check is also given every beginning of each vector and a few things that are no numbers:
 * nothing may read past what is there. */
static inline void vectors_hold(const char *name, const struct vector *vectors, size_t n)
{
    static const char *const strange[] = {"", "-", "A", "0", "ZZZZZZZZZZZZZZZZZZZZ", "\xc3\xa9"};
    for (size_t i = 0; i < n; i++) {
        enum verdict got = vector_judge(name, vectors[i].value);
        ck_assert_msg(got == vectors[i].verdict, "%s: %s is judged %d, not %d", name,
                      vectors[i].value, got, vectors[i].verdict);
        char *beginning = strdup(vectors[i].value);
        for (size_t length = strlen(beginning); length--;) {
            beginning[length] = '\0';
            char *exact = strdup(beginning);
            (void)vector_judge(name, exact);
            free(exact);
        }
        free(beginning);
    }
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
        ck_assert_int_ne(vector_judge(name, strange[i]), VERDICT_VALID);
}
#define CHECK_VECTORS(name, ...)                                                                   \
    vectors_hold(name, (const struct vector[]){__VA_ARGS__},                                       \
                 sizeof((const struct vector[]){__VA_ARGS__}) / sizeof(struct vector))

#endif
