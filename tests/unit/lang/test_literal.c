/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/literal.h"

#include "base/arena.h"
#include "dvara/words.h"
#include "unit/suite.h"

static struct number_literal read(const char *text)
{
    return number_read(dvara_str_from_cstr(text));
}

static void expect_value(const char *text, enum token_kind kind, int64_t value)
{
    struct number_literal number = read(text);
    ck_assert_msg(number.problem == NULL, "%s: %s", text, number.problem);
    ck_assert_int_eq(number.kind, kind);
    ck_assert_int_eq(number.i, value);
    ck_assert_uint_eq(number.length, strlen(text));
}

TEST(numbers_have_the_value_they_spell)
{
    expect_value("10_000", TOKEN_INT, 10000);
    expect_value("200k", TOKEN_INT, 200000);
    expect_value("5M", TOKEN_INT, 5000000);
    expect_value("1h30m", TOKEN_DURATION, INT64_C(5400000000000));
    expect_value("250ms", TOKEN_DURATION, 250000000);
    expect_value("4KiB", TOKEN_SIZE, 4096);
    expect_value("4KB", TOKEN_SIZE, 4000);
    expect_value("$12.50", TOKEN_MONEY, 12500000);
    expect_value("0.25%", TOKEN_PERCENT, 2500);
    expect_value("250%", TOKEN_PERCENT, 2500000);
    expect_value("09:05", TOKEN_CLOCK, 545);
    expect_value("9223372036854775807", TOKEN_INT, INT64_MAX);
}

TEST(a_wrong_number_is_one_run_with_a_suggestion)
{
    struct number_literal number = read("5min later");
    ck_assert_ptr_nonnull(number.problem);
    ck_assert_uint_eq(number.length, 4);
    ck_assert_str_eq(number.suggestion, "5m");
    ck_assert_str_eq(read("200K").suggestion, "200k");
    ck_assert_str_eq(read("0x10").suggestion, "");
    ck_assert_uint_eq(read("0x10").length, 4);
}

TEST(a_number_ends_before_a_dot_that_begins_no_fraction)
{
    ck_assert_uint_eq(read("1.name").length, 6); /* a float may not be followed by a letter */
    ck_assert_uint_eq(read("1 .5").length, 1);
    ck_assert_uint_eq(read("1..5").length, 1);
}

TEST(values_print_in_their_largest_exact_unit)
{
    char text[LITERAL_MAX];
    ck_assert_str_eq(literal_print(DVARA_TYPE_DURATION, INT64_C(5400000000000), text), "90m");
    ck_assert_str_eq(literal_print(DVARA_TYPE_SIZE, 4096, text), "4KiB");
    ck_assert_str_eq(literal_print(DVARA_TYPE_MONEY, 12500000, text), "$12.50");
    ck_assert_str_eq(literal_print(DVARA_TYPE_MONEY, -1, text), "-$0.000001");
    ck_assert_str_eq(literal_print(DVARA_TYPE_PERCENT, 825000, text), "82.5%");
    ck_assert_str_eq(literal_print(DVARA_TYPE_CLOCK, 545, text), "09:05");
    ck_assert_str_eq(literal_print(DVARA_TYPE_INT, INT64_MIN, text), "-9223372036854775808");
}

TEST(escapes_decode_to_utf8)
{
    struct arena arena;
    arena_init(&arena, 1 << 16);
    struct dvara_str out = string_decode(&arena, DVARA_STR("a\\n\\u{1F600}\\\""), false);
    ck_assert(dvara_str_eq(out, DVARA_STR("a\n\xf0\x9f\x98\x80\"")));
    out = string_decode(&arena, DVARA_STR("\\d"), true);
    ck_assert(dvara_str_eq(out, DVARA_STR("\\d")));
    uint32_t code;
    ck_assert_uint_eq(escape_read(DVARA_STR("\\u{D800}"), 0, &code), 0);
    ck_assert_uint_eq(escape_read(DVARA_STR("\\u{110000}"), 0, &code), 0);
    ck_assert_uint_eq(escape_read(DVARA_STR("\\u{41"), 0, &code), 0);
    arena_clear(&arena);
}

SUITE(numbers_have_the_value_they_spell, a_wrong_number_is_one_run_with_a_suggestion,
      a_number_ends_before_a_dot_that_begins_no_fraction, values_print_in_their_largest_exact_unit,
      escapes_decode_to_utf8)
