/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include "unit/suite.h"

struct utf8_case {
    struct dvara_str text;
    size_t bad; /* offset of the first bad byte; text.n: well-formed */
};

#define CASE(text, bad)                                                                            \
    {                                                                                              \
        {text, sizeof(text) - 1}, bad                                                              \
    }
static const struct utf8_case cases[] = {CASE("", 0),
                                         CASE("plain ASCII, over sixteen bytes of it", 37),
                                         CASE("\xc3\xa9", 2),
                                         CASE("\xe2\x82\xac!", 4),
                                         CASE("\xf0\x9f\x98\x80", 4),
                                         CASE("\xf4\x8f\xbf\xbf", 4),
                                         CASE("\xee\x80\x80", 3),
                                         CASE("\xef\xbf\xbf", 3),
                                         CASE("a\x80", 1),
                                         CASE("\xc0\xaf", 0),
                                         CASE("\xc1\xbf", 0),
                                         CASE("\xe0\x9f\xbf", 0),
                                         CASE("\xed\xa0\x80", 0),
                                         CASE("ab\xf0\x8f\xbf\xbf", 2),
                                         CASE("\xf4\x90\x80\x80", 0),
                                         CASE("\xf5\x80\x80\x80", 0),
                                         CASE("\xff", 0),
                                         CASE("abcdefgh\xe2\x82", 8),
                                         CASE("\xe2\x28\xa1", 0),
                                         CASE("\xf0\x9f\x98", 0),
                                         CASE("\xc3", 0)};

TEST(well_formed_text_is_told_from_the_rest)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t offset;
        bool good = utf8_validate(cases[i].text, &offset);
        ck_assert_msg(good == (cases[i].bad == cases[i].text.n) && offset == cases[i].bad,
                      "case %zu: %zu", i, offset);
    }
}

TEST(chunks_give_the_verdict_of_the_whole)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dvara_str text = cases[i].text;
        for (size_t first = 0; first <= text.n; first++) {
            for (size_t second = first; second <= text.n; second++) {
                struct utf8_checker checker = {.n = 0};
                bool good = utf8_checker_feed(&checker, dvara_str_slice(text, 0, first)) &&
                            utf8_checker_feed(&checker, dvara_str_slice(text, first, second)) &&
                            utf8_checker_feed(&checker, dvara_str_slice(text, second, text.n)) &&
                            utf8_checker_is_whole(&checker);
                ck_assert_msg(good == utf8_validate(text, NULL), "case %zu %zu %zu", i, first,
                              second);
            }
        }
    }
}

TEST(every_scalar_value_survives_the_round)
{
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        char text[4];
        size_t offset = 0;
        unsigned n = utf8_put(text, c);
        ck_assert_uint_eq(utf8_sequence(text, 4 < n ? 4 : n), n);
        ck_assert_uint_eq(utf8_next(dvara_str_from(text, n), &offset), c);
        ck_assert_uint_eq(offset, n);
    }
}

TEST(code_points_are_counted_and_cut_ends_are_found)
{
    ck_assert_uint_eq(utf8_count(DVARA_STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), 4);
    ck_assert_uint_eq(utf8_unfinished(DVARA_STR("a\xe2\x82")), 2);
    ck_assert_uint_eq(utf8_unfinished(DVARA_STR("a\xe2\x82\xac")), 0);
    ck_assert_uint_eq(utf8_unfinished(DVARA_STR("\xf0\x9f\x98")), 3);
    ck_assert_uint_eq(utf8_unfinished(DVARA_STR("\xc3")), 1);
    ck_assert_uint_eq(utf8_unfinished(DVARA_STR("")), 0);
}

SUITE(well_formed_text_is_told_from_the_rest, chunks_give_the_verdict_of_the_whole,
      every_scalar_value_survives_the_round, code_points_are_counted_and_cut_ends_are_found)
