/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/layers.h"
#include "rows.h"

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
