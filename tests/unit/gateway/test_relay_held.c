/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/relay_held.h"

#include "unit/suite.h"

TEST(text_that_leaves_at_once_waited_no_time)
{
    struct relay_held held = {.n = 0};
    ck_assert_uint_eq(relay_held_note(&held, 5, 0, 100), 0);
    ck_assert_uint_eq(relay_held_note(&held, 5, 0, 900), 0);
}
END_TEST

TEST(the_oldest_byte_that_leaves_says_how_long)
{
    struct relay_held held = {.n = 0};
    ck_assert_uint_eq(relay_held_note(&held, 5, 3, 100), 0);
    ck_assert_uint_eq(relay_held_note(&held, 4, 7, 150), 0);
    ck_assert_uint_eq(relay_held_note(&held, 1, 5, 400), 300);
    ck_assert_uint_eq(relay_held_note(&held, 0, 0, 450), 300);
    ck_assert_uint_eq(relay_held_note(&held, 2, 0, 500), 0);
}
END_TEST

TEST(many_feeds_are_never_told_shorter_than_they_waited)
{
    struct relay_held held = {.n = 0};
    for (uint64_t i = 0; i < 100; i++)
        ck_assert_uint_eq(relay_held_note(&held, 1, i + 1, i), 0);
    ck_assert_uint_eq(relay_held_note(&held, 1, 1, 1000), 1000);
    ck_assert_uint_eq(relay_held_note(&held, 0, 0, 1010), 1003);
}
END_TEST

SUITE(text_that_leaves_at_once_waited_no_time, the_oldest_byte_that_leaves_says_how_long,
      many_feeds_are_never_told_shorter_than_they_waited)
