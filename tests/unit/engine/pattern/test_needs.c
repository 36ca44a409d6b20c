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

static struct needs_begin begin_of(const char *source, uint32_t flags)
{
    struct pattern_source pattern = {.source = dvara_str_from_cstr(source), .flags = flags};
    struct needs_begin begin;
    ck_assert_msg(needs_begin(&pattern, &begin), "%s", source);
    return begin;
}

/* The ASCII bytes that may stand at a place, as a row. */
static const char *row_of(const struct needs_begin *begin, size_t place, char room[129])
{
    size_t n = 0;
    for (unsigned c = ' '; c < 0x7F; c++) {
        if (byte_set_has(&begin->at[place], (unsigned char)c))
            room[n++] = (char)c;
    }
    room[n] = '\0';
    return room;
}

static void assert_places(const char *source, uint32_t flags, size_t n, const char *const *rows)
{
    struct needs_begin begin = begin_of(source, flags);
    char room[129];
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(strcmp(row_of(&begin, i, room), rows[i]) == 0, "%s, place %zu: %s", source, i,
                      room);
    for (size_t i = n; i < NEEDS_BEGIN; i++)
        ck_assert_msg(byte_set_has(&begin.at[i], 0), "%s, place %zu", source, i);
}

TEST(a_match_begins_with_the_bytes_of_its_first_places)
{
    assert_places("\\bab[cd]\\b", 0, 3, (const char *[]){"a", "b", "cd"});
    assert_places("[0-1]{1,2}x-y", 0, 4, (const char *[]){"01", "01x", "-x", "-y"});
    assert_places("(?:a|bc)?de", 0, 2, (const char *[]){"abd", "cde"});
    assert_places("a*bc", 0, 2, (const char *[]){"ab", "abc"});
    assert_places("(?:ab){2}c", 0, 5, (const char *[]){"a", "b", "a", "b", "c"});
    assert_places("(?:ab?){3,}", 0, 3, (const char *[]){"a", "ab", "ab"});
    assert_places("(?=z)ab", 0, 2, (const char *[]){"a", "b"});
    assert_places("a|bcd", 0, 1, (const char *[]){"ab"});
    assert_places("a[x-z]", PATTERN_CASELESS, 2, (const char *[]){"Aa", "XYZxyz"});
}
END_TEST

TEST(a_match_begins_with_the_first_byte_of_what_is_not_ascii)
{
    struct needs_begin begin = begin_of("[Ks]x", PATTERN_CASELESS);
    ck_assert(byte_set_has(&begin.at[0], 0xE2) && byte_set_has(&begin.at[0], 0xC5));
    ck_assert(!byte_set_has(&begin.at[0], 0xC3));
    begin = begin_of("[Ks]x", 0);
    ck_assert(!byte_set_has(&begin.at[0], 0xE2));
    begin = begin_of("\xc3\xa9x", 0);
    ck_assert(byte_set_has(&begin.at[0], 0xC3) && !byte_set_has(&begin.at[0], 0xC5));
    begin = begin_of("\xc3\xa9?x", 0);
    ck_assert(byte_set_has(&begin.at[0], 0xC3) && byte_set_has(&begin.at[0], 'x'));
    begin = begin_of("\xc5\xbfx", PATTERN_CASELESS); /* the long s folds to s */
    ck_assert(byte_set_has(&begin.at[0], 'S') && byte_set_has(&begin.at[1], 'X'));
}
END_TEST

TEST(what_may_not_stand_before_a_match_is_known_where_every_way_begins_so)
{
    struct needs_begin begin = begin_of("\\b[a-z]", 0);
    ck_assert(byte_set_has(&begin.not_before, 'Z') && byte_set_has(&begin.not_before, '_'));
    ck_assert(!byte_set_has(&begin.not_before, '-') && !byte_set_has(&begin.not_before, 0xC3));
    begin = begin_of("\\b[a-z-]", 0); /* a hyphen stands at a boundary behind a letter */
    ck_assert(!byte_set_has(&begin.not_before, 'Z'));
    begin = begin_of("\\ba|b", 0);
    ck_assert(!byte_set_has(&begin.not_before, 'Z'));
    begin = begin_of("(?<![@x])\\ba", PATTERN_CASELESS);
    ck_assert(byte_set_has(&begin.not_before, '@') && byte_set_has(&begin.not_before, 'X') &&
              byte_set_has(&begin.not_before, '0'));
    begin = begin_of("(?<![^x])a", 0);
    ck_assert(!byte_set_has(&begin.not_before, 'y'));
    begin = begin_of("(?<!x:)a", 0);
    ck_assert(!byte_set_has(&begin.not_before, ':'));
}
END_TEST

TEST(where_a_match_may_begin_nothing_is_said_of_what_is_not_known_or_may_be_empty)
{
    struct needs_begin begin;
    struct pattern_source unknown = {.source = DVARA_STR("a\\p{L}b")};
    struct pattern_source empty = {.source = DVARA_STR("a?")};
    ck_assert(!needs_begin(&unknown, &begin) && !needs_begin(&empty, &begin));
}
END_TEST

TEST(a_quantifier_is_one_of_a_whole_code_point)
{
    ck_assert_uint_eq(needs_of("a\xc2\xb0?b", 0).least, 2);
    ck_assert_uint_eq(needs_of("a\xc2\xb0{2}b", 0).least, 6);
    ck_assert(needs_of("\xe2\x80\xb2", 0).literal);
}
END_TEST

TEST(a_match_must_hold_one_of_the_rarest_set)
{
    struct pattern_needs needs = needs_of("[a-z]+\\.(?:com|de)", 0);
    ck_assert(byte_set_has(&needs.must, '.') && !byte_set_has(&needs.must, 'a'));
    needs = needs_of("(?:a\\.|[0-9]b)", 0);
    ck_assert(byte_set_has(&needs.must, '.') || byte_set_has(&needs.must, 'a'));
    ck_assert(!byte_set_has(&needs.must, 'z'));
    needs = needs_of("[a-z]\\.?", 0);
    ck_assert(byte_set_has(&needs.must, 'z'));
    needs = needs_of("(?=\\.)a?", 0);
    ck_assert(byte_set_has(&needs.must, 'z'));
}
END_TEST

TEST(a_match_may_begin_where_enough_follows_or_the_text_ends)
{
    struct pattern_needs needs = needs_of("[a-z]+\\.com", 0);
    ck_assert(needs_may_begin(&needs, DVARA_STR("abc.com x"), 0));
    ck_assert(needs_may_begin(&needs, DVARA_STR("x abc"), 2));
    ck_assert(!needs_may_begin(&needs, DVARA_STR("abcdefg x"), 0));
    ck_assert(!needs_may_begin(&needs, DVARA_STR("a.b x"), 0));
}
END_TEST

SUITE(what_holds_no_space_and_is_long_needs_a_run,
      what_may_be_short_or_hold_something_else_needs_none,
      a_digit_is_needed_where_every_way_of_matching_has_one,
      a_literal_of_three_bytes_counts_where_it_is_always_there,
      a_match_holds_only_the_bytes_of_its_source, of_what_is_not_known_anything_may_be,
      a_row_of_what_a_match_holds_is_found_wherever_it_stands,
      a_match_begins_with_the_bytes_of_its_first_places,
      a_match_begins_with_the_first_byte_of_what_is_not_ascii,
      what_may_not_stand_before_a_match_is_known_where_every_way_begins_so,
      where_a_match_may_begin_nothing_is_said_of_what_is_not_known_or_may_be_empty,
      a_quantifier_is_one_of_a_whole_code_point, a_match_must_hold_one_of_the_rarest_set,
      a_match_may_begin_where_enough_follows_or_the_text_ends)
