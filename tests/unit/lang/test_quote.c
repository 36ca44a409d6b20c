/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/quote.h"

#include "unit/lang/front.h"
#include "unit/suite.h"

static void expect_quote(const char *let_cstr, size_t max, const char *expected)
{
    struct front front;
    front_open(&front, let_cstr);
    struct dvara_str shown = quote(front.program, &front.arena, front_let(&front)->span, max);
    ck_assert_msg(dvara_str_eq(shown, dvara_str_from_cstr(expected)), "%.*s, not %s",
                  DVARA_STR_ARG(shown), expected);
    front_close(&front);
}

TEST(source_is_quoted_in_one_line)
{
    expect_quote("let a = [1,  2]", 100, "[1,  2]");
    expect_quote("let a = [1,\t2]", 100, "[1, 2]");
    expect_quote("let a = [1,\r\n  # one\n\n  2\n]", 100, "[1, 2 ]");
}
END_TEST

TEST(a_quote_is_cut_after_the_same_token_however_it_is_laid_out)
{
    expect_quote("let a = [1, 2, 3]", 4, "[1, 2");
    expect_quote("let a = [1,     2,3]", 4, "[1, 2");
    expect_quote("let a = [\n1,\n2,\n3]", 4, "[ 1, 2");
}
END_TEST

SUITE(source_is_quoted_in_one_line, a_quote_is_cut_after_the_same_token_however_it_is_laid_out)
