/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_text.h"

#include "base/buf.h"
#include "unit/suite.h"

TEST(an_absent_text_is_null_and_an_empty_one_is_empty)
{
    static const struct {
        const char *text, *wanted;
    } rows[] = {{NULL, "\"a\":null"}, {"", "\"a\":\"\""}, {"x\n\"", "\"a\":\"x\\n\\\"\""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out;
        buf_init(&out, 64);
        json_write_member(&out, "a",
                          rows[i].text ? dvara_str_from_cstr(rows[i].text) : (struct dvara_str){0});
        ck_assert_msg(dvara_str_eq(buf_str(&out), dvara_str_from_cstr(rows[i].wanted)),
                      "%.*s is not %s", DVARA_STR_ARG(buf_str(&out)), rows[i].wanted);
        buf_clear(&out);
    }
}

SUITE(an_absent_text_is_null_and_an_empty_one_is_empty)
