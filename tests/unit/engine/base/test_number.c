/* SPDX-License-Identifier: Apache-2.0 */
#include "base/number.h"

#include "base/buf.h"
#include "unit/suite.h"

#include <math.h>
#include <stdio.h>

TEST(the_grammar_is_that_of_json)
{
    static const struct {
        const char *text;
        size_t length;
    } rows[] = {{"0", 1},   {"-0", 2},        {"01", 1},  {"-", 0},   {"", 0},       {"+1", 0},
                {".5", 0},  {"1.", 0},        {"1.5", 3}, {"1e5", 3}, {"1E+05x", 5}, {"1e", 0},
                {"1e+", 0}, {"-1.25e-3,", 8}, {"12a", 2}, {"--1", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool plain;
        ck_assert_msg(number_length(dvara_str_from_cstr(rows[i].text), &plain) == rows[i].length,
                      "%s", rows[i].text);
    }
}

static void check_double(const char *text)
{
    double got = number_double(dvara_str_from_cstr(text));
    double want = strtod(text, NULL);
    ck_assert_msg(memcmp(&got, &want, sizeof got) == 0, "%s: %a, not %a", text, got, want);
    ck_assert(number_is_finite(dvara_str_from_cstr(text)) == (isfinite(want) != 0));
}

TEST(doubles_are_the_nearest)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "0.1",
        "123456789012345678",
        "1e22",
        "1e23",
        "9007199254740993",
        "2.2250738585072011e-308",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "1e309",
        "-1e400",
        "1e-400",
        "4.9e-324",
        "2.4e-324",
        "0.000001e-300",
        "1e999999999999999999999",
        "-1e-999999999999999999999",
        "100000000000000000000000000e-10",
        "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017"
        "977587207096330286"
        "416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764"
        "47573027006985557"
        "1366959622842914819860834936475292719074168444365510704342711559699508093042880",
        "0."
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "00000000000000001"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_double(texts[i]);
    uint64_t state = 1;
    for (unsigned i = 0; i < 20000; i++) {
        char text[64];
        state = state * 6364136223846793005u + 1442695040888963407u;
        snprintf(text, sizeof text, "%s%llu.%llue%d", state & 1 ? "-" : "",
                 (unsigned long long)(state >> 44), (unsigned long long)(state >> (state % 60)),
                 (int)(state >> 20 & 1023) - 512);
        check_double(text);
    }
}

TEST(a_digit_past_every_buffer_still_rounds)
{
    /* 2^53 + 1 is halfway; the last of a thousand decimals decides. */
    char text[1100] = "9007199254740993.";
    memset(text + 17, '0', 1000);
    ck_assert(number_double(dvara_str_from_cstr(text)) == 9007199254740992.0);
    text[1016] = '1';
    ck_assert(number_double(dvara_str_from_cstr(text)) == 9007199254740994.0);
}

TEST(written_doubles_read_back_in_the_fewest_digits)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0.1, "0.1"}, {2, "2"}, {1.0 / 3, "0.3333333333333333"}, {1e300, "1e+300"}, {-0.7, "-0.7"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out;
        buf_init(&out, 64);
        number_write_double(&out, rows[i].value);
        ck_assert_msg(dvara_str_eq(buf_str(&out), dvara_str_from_cstr(rows[i].text)), "%s",
                      rows[i].text);
        ck_assert(number_double(buf_str(&out)) == rows[i].value);
        buf_clear(&out);
    }
}

/* Of 15, 16 and 17 digits the first that read back, by the C library. */
static void check_written(double value)
{
    char want[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(want, sizeof want, "%.*g", precision, value);
        if (strtod(want, NULL) == value)
            break;
    }
    struct buf out;
    buf_init(&out, 64);
    number_write_double(&out, value);
    ck_assert_msg(dvara_str_eq(buf_str(&out), dvara_str_from_cstr(want)), "%a: %.*s, not %s", value,
                  DVARA_STR_ARG(buf_str(&out)), want);
    double got = number_double(buf_str(&out));
    ck_assert_msg(memcmp(&got, &value, sizeof got) == 0, "%s reads back as %a, not %a", want, got,
                  value);
    buf_clear(&out);
}

TEST(written_doubles_are_those_of_the_library)
{
    static const double values[] = {0.0,
                                    0.2,
                                    0.7,
                                    1.0,
                                    100,
                                    1e5,
                                    12.5,
                                    0.05,
                                    0.0001,
                                    0.00012,
                                    0.00009999,
                                    9.9999999999999e-5,
                                    1e-5,
                                    1e-6,
                                    0.000001,
                                    1.000001,
                                    0.999999,
                                    0.9999995,
                                    0.1 + 0.2,
                                    1e14,
                                    1e15,
                                    999999999999999,
                                    999999999999999.5,
                                    1e15 - 0.125,
                                    1e16,
                                    1e21,
                                    99999999.999999,
                                    999999999.999999,
                                    9999999999.999999,
                                    123456789.123456,
                                    2.5,
                                    1.0 / 3,
                                    2.0 / 3,
                                    4.9e-324,
                                    2.2250738585072014e-308,
                                    1.7976931348623157e308,
                                    4503599627370496.5,
                                    9007199254740993.0,
                                    0.30000000000000004,
                                    562949953421312.125};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        check_written(values[i]);
        check_written(-values[i]);
        check_written(nextafter(values[i], 1e300));
        check_written(nextafter(values[i], -1e300));
    }
}

TEST(written_doubles_of_every_size_are_those_of_the_library)
{
    uint64_t state = 7;
    for (unsigned i = 0; i < 400000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = state ^ state >> 29;
        double value = (double)(bits >> (12 + i % 50)); /* few digits, and a point in them */
        for (unsigned k = 0; k < bits % 9; k++)
            value /= 10;
        if (i % 4 == 0) { /* any bits at all */
            memcpy(&value, &bits, sizeof value);
            if (!isfinite(value))
                continue;
        } else if (i % 4 == 1) { /* beside a short decimal */
            value = nextafter(value, bits & 1024 ? 1e300 : -1e300);
        }
        check_written(bits & 512 ? -value : value);
    }
}

SUITE(the_grammar_is_that_of_json, doubles_are_the_nearest, a_digit_past_every_buffer_still_rounds,
      written_doubles_read_back_in_the_fewest_digits, written_doubles_are_those_of_the_library,
      written_doubles_of_every_size_are_those_of_the_library)
