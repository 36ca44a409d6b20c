/* SPDX-License-Identifier: Apache-2.0 */
/* Every way of writing that is listed as no disguise, code point by code point. */
#include "pii/normalise.h"

#include "fixture.h"
#include "unit/suite.h"

static void put_code_point(struct buf *out, uint32_t c)
{
    struct view view = {.n = 0};
    view_put_code_point(&view, c, 0, 1);
    buf_append(out, view_str(&view));
    view_clear(&view);
}

/* Is exactly the text's whole claimed, but for what stands around it? */
static void check_claimed(struct fixture *fixture, const struct buf *text, size_t around,
                          const char *detector, uint32_t code_point)
{
    enum dvara_error_kind error;
    struct dvara_spans spans =
        dvara_scan(fixture->scanner, NULL, buf_str(text), (struct dvara_str){0}, &error);
    ck_assert_int_eq(error, DVARA_ERROR_NONE);
    ck_assert_msg(spans.n == 1, "U+%04X: %zu spans in %.*s", code_point, spans.n, (int)text->n,
                  text->p);
    ck_assert_msg(dvara_str_eq(detectors_name(fixture->detectors, spans.v[0].detector),
                               dvara_str_from_cstr(detector)),
                  "U+%04X", code_point);
    ck_assert_msg(spans.v[0].start == around && spans.v[0].end == text->n - around,
                  "U+%04X: [%u,%u] of %zu", code_point, spans.v[0].start, spans.v[0].end, text->n);
}

/* The text with each '#' replaced by a code point is one value of the detector's. */
static void check_each(const char *form, const char *detector, const uint32_t *v, size_t n)
{
    struct fixture fixture = fixture_new();
    for (size_t i = 0; i < n; i++) {
        struct buf text;
        buf_init(&text, 4096);
        buf_byte(&text, '(');
        for (const char *p = form; *p; p++) {
            if (*p == '#')
                put_code_point(&text, v[i]);
            else
                buf_byte(&text, *p);
        }
        buf_byte(&text, ')');
        check_claimed(&fixture, &text, 1, detector, v[i]);
        buf_clear(&text);
    }
    fixture_clear(&fixture);
}
#define CHECK_EACH(form, detector, ...)                                                            \
    check_each(form, detector, (const uint32_t[]){__VA_ARGS__},                                    \
               sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

TEST(all_ten_digits_of_each_script_and_dress_are_digits)
{
    static const uint32_t zeros[] = {0x0660,  0x06F0,  0x07C0,  0x0966,  0x09E6,  0x0A66, 0x0AE6,
                                     0x0B66,  0x0BE6,  0x0C66,  0x0CE6,  0x0D66,  0x0E50, 0x0ED0,
                                     0x0F20,  0x1040,  0x17E0,  0x1810,  0x2080,  0xFF10, 0x1D7CE,
                                     0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x11066, 0x1E950};
    static const char digits[] = "3053226798401451"; /* all ten */
    struct fixture fixture = fixture_new();
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++) {
        struct buf text;
        buf_init(&text, 4096);
        buf_append(&text, DVARA_STR("(4"));
        for (const char *p = "012888888881881"; *p; p++)
            put_code_point(&text, zeros[i] + (uint32_t)(*p - '0'));
        buf_byte(&text, ')');
        check_claimed(&fixture, &text, 1, "credit_card", zeros[i]);
        buf_clear(&text);
        for (const char *p = digits; *p; p++) {
            struct view view = {.n = 0};
            struct buf one;
            buf_init(&one, 64);
            put_code_point(&one, zeros[i] + (uint32_t)(*p - '0'));
            normalise(buf_str(&one), 0, one.n, &view);
            ck_assert_msg(view.n == 1 && view.p[0] == *p, "U+%04X", zeros[i]);
            view_clear(&view);
            buf_clear(&one);
        }
    }
    fixture_clear(&fixture);
}
END_TEST

TEST(a_zero_on_its_own_is_a_zero_too)
{
    CHECK_EACH("4#12888888881881", "credit_card", 0x2070, 0x24EA, 0x24FF, 0x1F10B, 0x1F10C);
}
END_TEST

TEST(what_does_not_show_is_left_out_and_belongs_to_the_value)
{
    CHECK_EACH("41#11 1111 11#11 1111", "credit_card", 0x200B, 0x200C, 0x200D, 0x200E, 0x200F,
               0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0xFEFF, 0x00AD, 0x034F, 0x061C, 0x180E,
               0x3164, 0xFFA0, 0xFE00, 0xFE0F, 0xE0100, 0xE01EF, 0x202A, 0x202B, 0x202C, 0x202D,
               0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0x0336, 0x20DD);
}
END_TEST

TEST(odd_spaces_separate_as_the_plain_one_does)
{
    CHECK_EACH("4111#1111#1111#1111", "credit_card", 0x00A0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003,
               0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x202F, 0x205F, 0x3000);
}
END_TEST

TEST(odd_dashes_join_as_the_hyphen_does)
{
    CHECK_EACH("536#22#8726", "us_ssn", 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212,
               0xFE58, 0xFE63, 0xFF0D);
}
END_TEST

TEST(odd_dots_and_at_signs_are_those_of_an_address)
{
    CHECK_EACH("jane@mail#example#com", "email", 0xFF0E, 0x3002, 0x2024, 0xFE52, 0xFF61);
    CHECK_EACH("jane#example.com", "email", 0xFF20, 0xFE6B);
}
END_TEST

SUITE(all_ten_digits_of_each_script_and_dress_are_digits, a_zero_on_its_own_is_a_zero_too,
      what_does_not_show_is_left_out_and_belongs_to_the_value,
      odd_spaces_separate_as_the_plain_one_does, odd_dashes_join_as_the_hyphen_does,
      odd_dots_and_at_signs_are_those_of_an_address)
