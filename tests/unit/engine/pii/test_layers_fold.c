/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"
#include "pii/layers.h"
#include "unit/suite.h"

struct row {
    const char *text;
    const char *found;
};

static void check_rows(const struct row *rows, size_t n)
{
    struct fixture fixture = fixture_new();
    for (size_t i = 0; i < n; i++) {
        enum dvara_error_kind error;
        struct buf out;
        buf_init(&out, 4096);
        struct dvara_spans spans =
            dvara_scan(fixture.scanner, NULL, dvara_str_from_cstr(rows[i].text),
                       (struct dvara_str){0}, &error);
        fixture_describe(&fixture, spans, &out);
        ck_assert_int_eq(error, DVARA_ERROR_NONE);
        ck_assert_msg(strcmp(out.p, rows[i].found) == 0, "%s: found '%s', expected '%s'",
                      rows[i].text, out.p, rows[i].found);
        buf_clear(&out);
    }
    fixture_clear(&fixture);
}
#define CHECK_ROWS(...)                                                                            \
    check_rows((const struct row[]){__VA_ARGS__},                                                  \
               sizeof((const struct row[]){__VA_ARGS__}) / sizeof(struct row))

TEST(markup_within_a_number_that_needs_its_separators_is_left_out)
{
    CHECK_ROWS({"a **536**-22-8726 b", "us_ssn[4,17]"}, {"a 536-<b>22</b>-8726 b", "us_ssn[2,20]"},
               {"a `536`-`22`-`8726` b", "us_ssn[3,18]"}, {"a 536-~~22~~-8726 b", "us_ssn[2,17]"},
               {"a **536**-22-872 b", ""}, {"a 536|22|8726 b", ""});
}
END_TEST

TEST(a_plus_stands_for_the_space_of_a_form)
{
    CHECK_ROWS({"q=4111+1111+1111+1111", "credit_card[2,21]"}, {"x = 41111111 + 11111111", ""},
               {"+49+30+901820", ""});
}
END_TEST

SUITE(markup_within_a_number_that_needs_its_separators_is_left_out,
      a_plus_stands_for_the_space_of_a_form)
