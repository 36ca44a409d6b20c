/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/change/examples.h"

#include "bundle/loaded.h"
#include "unit/lang/compiled.h"
#include "unit/suite.h"

static const char policy[] = "dvp 1\ndefault allow\n"
                             "rule r { on request when request.model == \"a\" deny }\n"
                             "test \"a\" { given { request: { model: \"a\" } } expect deny }\n"
                             "test \"b\" { given { request: { model: \"b\" } } expect allow }\n";

/* The bundle's own tests, of which the last `cut` bytes are missing. */
static enum dvara_status find(size_t cut, struct examples *ret_examples)
{
    struct compiled c;
    struct arena arena;
    const struct changes none = {NULL, 0};
    const struct example_options options = {.without_solver = true, .most = 9};
    arena_init(&arena, 64 << 20);
    compiled_init(&c, policy);
    ck_assert_uint_gt(c.bundle->tests.n, cut);
    c.bundle->tests.n -= cut;
    const struct example_side side = {.bundle = c.bundle};
    enum dvara_status status = examples_find(&side, &side, &none, &options, &arena, ret_examples);
    compiled_clear(&c);
    arena_clear(&arena);
    return status;
}

TEST(every_test_of_both_bundles_is_tried)
{
    struct examples examples;
    ck_assert_int_eq(find(0, &examples), DVARA_OK);
    ck_assert_uint_eq(examples.tried, 4);
    ck_assert_uint_eq(examples.differ, 0);
}

TEST(tests_that_cannot_be_read_are_not_called_alike)
{
    struct examples examples;
    ck_assert_int_ne(find(1, &examples), DVARA_OK);
}

SUITE(every_test_of_both_bundles_is_tried, tests_that_cannot_be_read_are_not_called_alike)
