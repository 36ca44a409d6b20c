/* SPDX-License-Identifier: Apache-2.0 */
/* Texts, and what the fixture's detectors find in them. */
#ifndef TESTS_PII_ROWS_H
#define TESTS_PII_ROWS_H

#include "fixture.h"
#include "unit/suite.h"

struct row {
    const char *text;
    const char *found;
};

static inline void check_rows(const struct row *rows, size_t n)
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

#endif
