/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/text.h"

#include "base/arena.h"
#include "unit/suite.h"

struct glob {
    const char *pattern, *text;
    bool matches;
};

static const struct glob globs[] = {
    {"gpt-4o*", "gpt-4o", true},
    {"gpt-4o*", "gpt-4o-mini", true},
    {"gpt-4o*", "gpt-4", false},
    {"*", "", true},
    {"", "", true},
    {"", "a", false},
    {"a?c", "abc", true},
    {"a?c", "ac", false},
    {"?", "\xc3\xa9", true},
    {"*/b", "a/x/b", true},
    {"[a-c]x", "bx", true},
    {"[!a-c]x", "bx", false},
    {"[!a-c]x", "dx", true},
    {"[*]", "*", true},
    {"[*]", "a", false},
    {"*a*b*c*", "xxaxxbxxcxx", true},
    {"*a*b*c*", "xxaxxcxxbxx", false},
    {"A", "a", false},
    {"[]]", "]", true},
    {"a**b", "ab", true},
    {"*.", "a.b.", true},
};

TEST(globs_are_anchored_and_case_sensitive)
{
    for (size_t i = 0; i < sizeof globs / sizeof *globs; i++)
        ck_assert_msg(text_glob(dvara_str_from_cstr(globs[i].pattern),
                                dvara_str_from_cstr(globs[i].text)) == globs[i].matches,
                      "%s %s", globs[i].pattern, globs[i].text);
}

TEST(a_mapped_address_is_its_ipv4_address)
{
    unsigned char a[16], b[16];
    ck_assert(text_address(DVARA_STR("10.1.2.3"), a));
    ck_assert(text_address(DVARA_STR("::ffff:10.1.2.3"), b));
    ck_assert_mem_eq(a, b, sizeof a);
    ck_assert(!text_address(DVARA_STR("10.1.2"), a));
    ck_assert(!text_address(DVARA_STR("10.1.2.3\0"), a));
    ck_assert(!text_address(DVARA_STR(""), a));
    ck_assert(!text_address(DVARA_STR("fe80::1%eth0"), a));
}

TEST(buckets_are_the_same_everywhere)
{
    /* SHA-256("a") begins ca978112ca1bbdca. */
    ck_assert_uint_eq(text_bucket(DVARA_STR("a"), 1), 0);
    ck_assert_uint_eq(text_bucket(DVARA_STR("a"), 256), 0xca);
    ck_assert_uint_eq(text_bucket(DVARA_STR("a"), 65536), 0xca97);
    ck_assert_uint_eq(text_bucket_joined(DVARA_STR("a"), DVARA_STR("b"), 1000000),
                      text_bucket(DVARA_STR("a\0b"), 1000000));
}

TEST(case_changes_letter_by_letter)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct dvara_str low = text_lower(DVARA_STR("Gr\xc3\x9c\xc3\x9f"
                                                "E \xce\xa3 \xd0\x96 \xff"),
                                      &arena);
    ck_assert(dvara_str_eq(low, DVARA_STR("gr\xc3\xbc\xc3\x9f"
                                          "e \xcf\x83 \xd0\xb6 \xff")));
    struct dvara_str up = text_upper(DVARA_STR("stra\xc3\x9f"
                                               "e \xd1\x8f"),
                                     &arena);
    ck_assert(dvara_str_eq(up, DVARA_STR("STRA\xc3\x9f"
                                         "E \xd0\xaf")));
    arena_clear(&arena);
}

TEST(trim_takes_unicode_space_off_both_ends)
{
    ck_assert(
        dvara_str_eq(text_trim(DVARA_STR(" \t\xc2\xa0 a b \xe2\x80\xa8\n")), DVARA_STR("a b")));
    ck_assert_uint_eq(text_trim(DVARA_STR(" \n")).n, 0);
}

TEST(dates_follow_the_gregorian_calendar)
{
    struct civil c = text_civil(0);
    ck_assert(c.year == 1970 && c.month == 1 && c.day == 1 && c.weekday == 3);
    c = text_civil(951782400 + 3661); /* 2000-02-29T01:01:01 */
    ck_assert(c.year == 2000 && c.month == 2 && c.day == 29 && c.hour == 1 && c.minute == 1);
    c = text_civil(-1);
    ck_assert(c.year == 1969 && c.month == 12 && c.day == 31 && c.hour == 23 && c.minute == 59);
}

SUITE(globs_are_anchored_and_case_sensitive, a_mapped_address_is_its_ipv4_address,
      buckets_are_the_same_everywhere, case_changes_letter_by_letter,
      trim_takes_unicode_space_off_both_ends, dates_follow_the_gregorian_calendar)
