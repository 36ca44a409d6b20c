/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/template.h"

#include "base/buf.h"
#include "unit/suite.h"

static void printed(enum dvara_type type, struct value value, const char *wanted)
{
    struct buf out;
    buf_init(&out, 1 << 12);
    template_print(&out, (uint8_t)type, value);
    ck_assert_msg(dvara_str_eq(buf_str(&out), dvara_str_from_cstr(wanted)), "%.*s is not %s",
                  DVARA_STR_ARG(buf_str(&out)), wanted);
    buf_clear(&out);
}

static const struct row {
    enum dvara_type type;
    int64_t value;
    const char *text;
} rows[] = {
    {DVARA_TYPE_BOOL, 1, "true"},
    {DVARA_TYPE_BOOL, 0, "false"},
    {DVARA_TYPE_INT, INT64_MIN, "-9223372036854775808"},
    {DVARA_TYPE_INT, INT64_MAX, "9223372036854775807"},
    {DVARA_TYPE_MONEY, 12500000, "$12.50"},
    {DVARA_TYPE_MONEY, 0, "$0.00"},
    {DVARA_TYPE_MONEY, 1, "$0.000001"},
    {DVARA_TYPE_MONEY, 120, "$0.00012"},
    {DVARA_TYPE_MONEY, -5000000, "-$5.00"},
    {DVARA_TYPE_MONEY, INT64_MIN, "-$9223372036854.775808"},
    {DVARA_TYPE_PERCENT, 830000, "83%"},
    {DVARA_TYPE_PERCENT, 825000, "82.5%"},
    {DVARA_TYPE_PERCENT, 0, "0%"},
    {DVARA_TYPE_PERCENT, 1000000, "100%"},
    {DVARA_TYPE_PERCENT, 999600, "100%"},
    {DVARA_TYPE_PERCENT, 499, "0%"},
    {DVARA_TYPE_PERCENT, -499, "0%"},
    {DVARA_TYPE_PERCENT, -500, "-0.1%"},
    {DVARA_TYPE_PERCENT, INT64_MIN, "-922337203685477.6%"},
    {DVARA_TYPE_DURATION, 0, "0s"},
    {DVARA_TYPE_DURATION, 1, "1ns"},
    {DVARA_TYPE_DURATION, 90000000000, "90s"},
    {DVARA_TYPE_DURATION, 3600000000000, "1h"},
    {DVARA_TYPE_DURATION, 172800000000000, "2d"},
    {DVARA_TYPE_DURATION, -250000000, "-250ms"},
    {DVARA_TYPE_DURATION, INT64_MIN, "-9223372036854775808ns"},
    {DVARA_TYPE_SIZE, 0, "0B"},
    {DVARA_TYPE_SIZE, 1024, "1KiB"},
    {DVARA_TYPE_SIZE, 1000, "1KB"},
    {DVARA_TYPE_SIZE, 1025, "1025B"},
    {DVARA_TYPE_SIZE, INT64_C(1) << 31, "2GiB"},
    {DVARA_TYPE_CLOCK, 545, "09:05"},
    {DVARA_TYPE_CLOCK, 1439, "23:59"},
    {DVARA_TYPE_TIME, 0, "1970-01-01T00:00:00Z"},
};

TEST(each_type_prints_as_the_language_spells_it)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        printed(rows[i].type, value_int(rows[i].value), rows[i].text);
    printed(DVARA_TYPE_STRING, value_str(DVARA_STR("as\nit is")), "as\nit is");
}

TEST(a_float_prints_the_fewest_digits_that_read_back)
{
    printed(DVARA_TYPE_FLOAT, value_float(0.7), "0.7");
    printed(DVARA_TYPE_FLOAT, value_float(0.1 + 0.2), "0.30000000000000004");
    printed(DVARA_TYPE_FLOAT, value_float(1e300), "1e+300");
    printed(DVARA_TYPE_FLOAT, value_float(0), "0");
}

static void shown(struct dvara_str s, const char *wanted)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    template_print_client(&out, s);
    ck_assert_msg(dvara_str_eq(buf_str(&out), dvara_str_from_cstr(wanted)), "%.*s is not %s",
                  DVARA_STR_ARG(buf_str(&out)), wanted);
    buf_clear(&out);
}

TEST(controls_and_bidi_of_a_client_are_escaped)
{
    shown(DVARA_STR("plain"), "plain");
    shown(DVARA_STR("a\nb"), "a\\u{a}b");
    shown(DVARA_STR("a\x1b[31m"), "a\\u{1b}[31m");
    shown(DVARA_STR("\x7f\xc2\x80\xc2\x9f"), "\\u{7f}\\u{80}\\u{9f}");
    shown(DVARA_STR("\xe2\x80\xae"
                    "evil"),
          "\\u{202e}evil");
    shown(DVARA_STR("\xe2\x81\xa6\xe2\x80\x8f\xe2\x80\xa8"), "\\u{2066}\\u{200f}\\u{2028}");
    shown(DVARA_STR("\xc3\xa9\xf0\x9f\x98\x80"), "\xc3\xa9\xf0\x9f\x98\x80");
}

TEST(what_is_not_utf8_shows_as_the_replacement_character)
{
    shown(DVARA_STR("a\xff"
                    "b"),
          "a\\u{fffd}b");
    shown(DVARA_STR("\xe2\x82"), "\\u{fffd}\\u{fffd}");
}

TEST(a_client_value_is_cut_by_characters_without_an_ellipsis)
{
    struct buf out;
    char text[2 * (DVARA_CLIENT_VALUE_SHOWN + 1)];
    for (size_t i = 0; i < sizeof text; i += 2) {
        text[i] = (char)0xc3;
        text[i + 1] = (char)0xa9;
    }
    buf_init(&out, 1 << 16);
    template_print_client(&out, dvara_str_from(text, sizeof text));
    ck_assert_uint_eq(out.n, 2 * DVARA_CLIENT_VALUE_SHOWN);
    ck_assert_mem_eq(out.p, text, out.n);
    buf_clear(&out);
}

SUITE(each_type_prints_as_the_language_spells_it, a_float_prints_the_fewest_digits_that_read_back,
      controls_and_bidi_of_a_client_are_escaped,
      what_is_not_utf8_shows_as_the_replacement_character,
      a_client_value_is_cut_by_characters_without_an_ellipsis)
