/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/needs.h"

#include "unit/suite.h"

static struct pattern_needs needs_of(const char *source, uint32_t flags)
{
    struct pattern_source pattern = {.source = dvara_str_from_cstr(source), .flags = flags};
    return pattern_needs(&pattern);
}

static bool holds(const char *source, uint32_t flags, unsigned char c)
{
    struct pattern_needs needs = needs_of(source, flags);
    return byte_set_has(&needs.holds, c);
}

TEST(what_holds_no_space_and_is_long_needs_a_run)
{
    static const char *const sources[] = {"\\b[0-9A-Za-z]{32}\\b", "[0-9a-f]{8}-[0-9a-f]{4}-\\w+",
                                          "(?<![0-9A-Za-z/+=])[0-9A-Za-z/+]{40}(?![0-9A-Za-z/+=])",
                                          "(?:[KL][1-9A-Z]{51}|5[HJK][1-9A-Z]{49})",
                                          "\\b[0-9A-Z-]{20}(?:[0-9A-Z]\\b|-\\B)"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        ck_assert_msg(needs_of(sources[i], 0).run, "%s", sources[i]);
}
END_TEST

TEST(what_may_be_short_or_hold_something_else_needs_none)
{
    static const char *const sources[] = {"[0-9a-f]{13}",     "[0-9a-f]{0,99}", "[0-9 ]{20}",
                                          "[0-9]{20}|x",      "[0-9]{20} ?",    "[^ ]{20}",
                                          "\\S{20}",          ".{20}",          "(?:[0-9]{9} ){9}",
                                          "[0-9]{9}[\"]{20}", "[0-9*]{20}"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        ck_assert_msg(!needs_of(sources[i], 0).run, "%s", sources[i]);
}
END_TEST

TEST(a_digit_is_needed_where_every_way_of_matching_has_one)
{
    ck_assert(needs_of("[A-Z]{1,2} ?-?[0-9]{6}", 0).digit);
    ck_assert(needs_of("(?:a\\d|[0-9]b)", 0).digit);
    ck_assert(!needs_of("(?:a\\d|b)", 0).digit);
    ck_assert(!needs_of("[0-9]?a", 0).digit);
    ck_assert(!needs_of("[0-9a-f]{8}", 0).digit);
    ck_assert(!needs_of("(?=[0-9])a", 0).digit);
}
END_TEST

TEST(a_literal_of_three_bytes_counts_where_it_is_always_there)
{
    ck_assert(needs_of("\\bghp_[0-9A-Za-z]{36}\\b", 0).literal);
    ck_assert(needs_of("[a-z]+\\.atlasv1\\.", 0).literal);
    ck_assert(needs_of("(?:jan(?:uary)?|feb) [0-9]", 0).literal);
    ck_assert(!needs_of("(?:jan|ju)[0-9]", 0).literal);
    ck_assert(!needs_of("ab[cd]ef", 0).literal);
    ck_assert(!needs_of("(?:abc)?x", 0).literal);
    ck_assert(!needs_of("abc{0,2}", 0).literal);
}
END_TEST

TEST(a_match_holds_only_the_bytes_of_its_source)
{
    ck_assert(holds("[a-f]+\\.x", 0, 'c') && holds("[a-f]+\\.x", 0, '.'));
    ck_assert(!holds("[a-f]+\\.x", 0, 'g') && !holds("[a-f]+\\.x", 0, 'C'));
    ck_assert(holds("[a-f]", PATTERN_CASELESS, 'C'));
    ck_assert(holds("k", PATTERN_CASELESS, 0xE2)); /* the Kelvin sign folds to k */
    ck_assert(holds("[^ ]", 0, 0xC3) && !holds("[^ ]", 0, ' '));
    ck_assert(holds("\\x41[\\x60]", 0, '`') && !holds("\\x41[\\x60]", 0, 'a'));
    ck_assert(holds("\\s", 0, '\n') && !holds("\\s", 0, 'n'));
    ck_assert(holds("\xc2\xb0", 0, 0xB0) && !holds("\xc2\xb0", 0, 'b'));
}
END_TEST

TEST(of_what_is_not_known_anything_may_be)
{
    static const char *const sources[] = {"a\\p{L}b", "(?i)a",       "a\\Q.\\E", "^a$",
                                          "(a)\\1",   "[[:alpha:]]", "(?>a)",    "a{,3}",
                                          "(",        "[a",          "[\\b]"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct pattern_needs needs = needs_of(sources[i], 0);
        ck_assert_msg(!needs.known && !needs.run && byte_set_has(&needs.holds, 0xFF), "%s",
                      sources[i]);
    }
    ck_assert(!needs_of("a b", PATTERN_EXTENDED).known);
}
END_TEST

TEST(a_row_of_what_a_match_holds_is_found_wherever_it_stands)
{
    struct pattern_needs needs = needs_of("\\b[xyz]{7}\\b", 0);
    char text[40];
    for (size_t n = 0; n <= 20; n++) {
        for (size_t at = 0; at + n <= sizeof text; at++) {
            memset(text, '.', sizeof text);
            memset(text + at, 'y', n);
            struct dvara_str s = dvara_str_from(text, sizeof text);
            ck_assert_int_eq(needs_occur(&needs, s, 0), n >= 7);
            ck_assert_int_eq(needs_occur(&needs, s, 10), at + n >= (at > 10 ? at : 10) + 7);
        }
    }
    ck_assert(!needs_occur(&needs, DVARA_STR("xyzxyz"), 0));
    ck_assert(needs_occur(&needs, DVARA_STR("xyzxyzx"), 0));
}
END_TEST

SUITE(what_holds_no_space_and_is_long_needs_a_run,
      what_may_be_short_or_hold_something_else_needs_none,
      a_digit_is_needed_where_every_way_of_matching_has_one,
      a_literal_of_three_bytes_counts_where_it_is_always_there,
      a_match_holds_only_the_bytes_of_its_source, of_what_is_not_known_anything_may_be,
      a_row_of_what_a_match_holds_is_found_wherever_it_stands)
