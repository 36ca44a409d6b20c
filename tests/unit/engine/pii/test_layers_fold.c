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

/* It has no checksum: only its word tells that these digits are one. */
TEST(a_social_security_number_is_found_whatever_stands_between_its_digits_beside_its_word)
{
    CHECK_ROWS({"ssn 5 3 6 2 2 8 7 2 6 x", "us_ssn[4,21]"},
               {"ssn 536 - 22 - 8726 x", "us_ssn[4,19]"}, {"ssn 536/22/8726 x", "us_ssn[4,15]"},
               {"ssn 536_22_8726 x", "us_ssn[4,15]"}, {"ssn | 536 | 22 | 8726 | x", "us_ssn[6,21]"},
               {"ssn 536\n22\n8726 x", "us_ssn[4,15]"}, {"ssn 536+22+8726 x", "us_ssn[4,15]"},
               {"ssn 5l6-22-87O6 x", "us_ssn[4,15]"}, {"so 5 3 6 2 2 8 7 2 6 x", ""},
               {"so 536/22/8726 x", ""}, {"ssn since 12/31/2024 x", ""}, {"ssn 666/22/8726 x", ""});
}
END_TEST

TEST(the_long_mark_of_katakana_is_a_hyphen_between_digits)
{
    CHECK_ROWS({"n 536\xe3\x83\xbc"
                "22\xe3\x83\xbc"
                "8726",
                "us_ssn[2,17]"});
}
END_TEST

TEST(dots_between_the_groups_of_an_account_do_not_hide_it)
{
    CHECK_ROWS({"to GB82.WEST.1234.5698.7654.32 x", "iban[3,30]"},
               {"to GB82.WEST.1234.5698.7654.33 x", ""});
}
END_TEST

SUITE(markup_within_a_number_that_needs_its_separators_is_left_out,
      a_plus_stands_for_the_space_of_a_form,
      a_social_security_number_is_found_whatever_stands_between_its_digits_beside_its_word,
      the_long_mark_of_katakana_is_a_hyphen_between_digits,
      dots_between_the_groups_of_an_account_do_not_hide_it)
