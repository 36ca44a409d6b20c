/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

TEST(a_whole_date_is_one_that_the_calendar_has)
{
    CHECK_VECTORS(
        "date", {"2024-12-31T23:59:59+00:00", VERDICT_VALID}, {"2024-02-29", VERDICT_VALID},
        {"2023-02-29", VERDICT_INVALID}, {"5/20/2021", VERDICT_VALID}, {"21.5.2021", VERDICT_VALID},
        {"21/5/21", VERDICT_VALID}, {"32/5/21", VERDICT_VALID}, {"32/13/21", VERDICT_INVALID},
        {"13/13/2021", VERDICT_INVALID}, {"5-MAY-2021", VERDICT_VALID},
        {"31 June 2021", VERDICT_INVALID}, {"March 3rd, 2021", VERDICT_VALID},
        {"3. M\xc3\xa4rz 2021", VERDICT_VALID}, {"3 mars 2021", VERDICT_VALID});
}
END_TEST

TEST(a_month_with_a_day_or_a_year_is_less_than_a_date)
{
    CHECK_VECTORS("date", {"5/21", VERDICT_UNKNOWN}, {"05/2021", VERDICT_UNKNOWN},
                  {"2021-05", VERDICT_UNKNOWN}, {"13/2021", VERDICT_INVALID},
                  {"41/21", VERDICT_INVALID}, {"21-MAY", VERDICT_VALID},
                  {"32-MAY", VERDICT_INVALID}, {"May 2021", VERDICT_VALID},
                  {"2021", VERDICT_INVALID});
}
END_TEST

TEST(a_weekday_is_a_date_and_adds_nothing_to_one)
{
    CHECK_VECTORS(
        "date", {"Monday", VERDICT_VALID}, {"SUNDAY", VERDICT_VALID}, {"birthday", VERDICT_INVALID},
        {"Mon", VERDICT_INVALID}, {"Tuesday, 4 May", VERDICT_VALID},
        {"Tuesday, 32 May", VERDICT_INVALID}, {"Tue, 04 May 2021 10:11:12 +0000", VERDICT_VALID},
        {"Tue, 31 June 2021", VERDICT_INVALID}, {"Tue May  4 10:11:12 2021", VERDICT_VALID},
        {"5th of May", VERDICT_VALID}, {"31 April", VERDICT_INVALID});
}
END_TEST

TEST(a_date_of_birth_needs_a_word_beside_it)
{
    CHECK_VECTORS("birth_date", {"5/20/1971", VERDICT_UNKNOWN}, {"5/1971", VERDICT_INVALID});
}
END_TEST

SUITE(a_date_of_birth_needs_a_word_beside_it, a_weekday_is_a_date_and_adds_nothing_to_one,
      a_whole_date_is_one_that_the_calendar_has, a_month_with_a_day_or_a_year_is_less_than_a_date)
