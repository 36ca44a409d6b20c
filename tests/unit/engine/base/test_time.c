/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include "unit/suite.h"

#include <time.h>

TEST(times_are_read_with_their_offset)
{
    static const struct {
        const char *text;
        int64_t seconds, ns;
    } rows[] = {{"1970-01-01T00:00:00Z", 0, 0},
                {"2026-01-05T10:00:00Z", 1767607200, 0},
                {"2026-01-05T10:00:00.5+02:00", 1767600000, 500000000},
                {"2026-01-05t10:00:00.1234567899z", 1767607200, 123456789},
                {"2026-01-05 10:00:00-00:30", 1767609000, 0},
                {"1969-12-31T23:59:59Z", -1, 0},
                {"2024-02-29T00:00:00Z", 1709164800, 0},
                {"2016-12-31T23:59:60Z", 1483228800, 0},
                {"1677-09-21T00:12:44Z", -9223372036, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ns = 7;
        ck_assert_msg(time_parse(dvara_str_from_cstr(rows[i].text), &ns) == DVARA_OK, "%s",
                      rows[i].text);
        ck_assert_msg(ns == rows[i].seconds * TIME_NS_PER_S + rows[i].ns, "%s: %lld", rows[i].text,
                      (long long)ns);
    }
}

TEST(what_is_no_time_is_refused)
{
    static const char *const texts[] = {"",
                                        "2026-01-05",
                                        "2026-01-05T10:00:00",
                                        "2026-01-05T10:00Z",
                                        "2026-13-05T10:00:00Z",
                                        "2026-02-29T10:00:00Z",
                                        "2026-00-05T10:00:00Z",
                                        "2026-01-05T24:00:00Z",
                                        "2026-01-05T10:60:00Z",
                                        "2026-01-05T10:00:61Z",
                                        "2026-01-05T10:00:00.Z",
                                        "2026-01-05T10:00:00+2:00",
                                        "2026-01-05T10:00:00+24:00",
                                        "2026-01-05T10:00:00Zx",
                                        "26-01-05T10:00:00Z",
                                        "2026-01-05T10:00:00+02",
                                        "2262-04-12T00:00:00Z",
                                        "9999-01-01T00:00:00Z"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t ns;
        ck_assert_msg(time_parse(dvara_str_from_cstr(texts[i]), &ns) == DVARA_INVALID, "%s",
                      texts[i]);
    }
}

TEST(times_are_written_as_the_c_library_has_them)
{
    uint64_t state = 3;
    for (unsigned i = 0; i < 20000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        int64_t ns = (int64_t)state / 2;
        time_t seconds = (time_t)(ns / TIME_NS_PER_S - (ns % TIME_NS_PER_S < 0));
        struct tm tm;
        char want[64], got[TIME_RFC3339_SIZE];
        gmtime_r(&seconds, &tm);
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm);
        ck_assert_uint_eq(time_format(ns, 0, got), 20);
        ck_assert_str_eq(got, want);
        int64_t back;
        size_t n = time_format(ns, 9, got);
        ck_assert_int_eq(time_parse(dvara_str_from(got, n), &back), DVARA_OK);
        ck_assert_int_eq(back, ns);
    }
}

TEST(decimals_are_cut_and_not_rounded)
{
    char text[TIME_RFC3339_SIZE];
    time_format(1767607200 * TIME_NS_PER_S + 123999999, 3, text);
    ck_assert_str_eq(text, "2026-01-05T10:00:00.123Z");
    time_format(-1, 6, text);
    ck_assert_str_eq(text, "1969-12-31T23:59:59.999999Z");
}

TEST(the_monotonic_clock_does_not_go_back)
{
    uint64_t before = time_monotonic_ns();
    ck_assert_uint_ge(time_monotonic_ns(), before);
    ck_assert_int_gt(time_wall_ns(), 1700000000 * TIME_NS_PER_S);
}

SUITE(times_are_read_with_their_offset, what_is_no_time_is_refused,
      times_are_written_as_the_c_library_has_them, decimals_are_cut_and_not_rounded,
      the_monotonic_clock_does_not_go_back)
