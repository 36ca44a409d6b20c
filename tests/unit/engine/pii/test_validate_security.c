/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(cusip_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("cusip", {"037833100", VERDICT_WEAK}, {"38259P508", VERDICT_VALID},
                  {"037833101", VERDICT_INVALID});
}
END_TEST

TEST(isin_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("isin", {"US0378331005", VERDICT_VALID}, {"US0378331006", VERDICT_INVALID},
                  {"QZ0378331005", VERDICT_INVALID});
}
END_TEST

TEST(sedol_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("sedol", {"B15KXQ8", VERDICT_WEAK}, {"0263494", VERDICT_WEAK},
                  {"B15KXQ9", VERDICT_INVALID}, {"A15KXQ8", VERDICT_INVALID});
}
END_TEST

TEST(lei_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("lei", {"213800KUD8LAJWSQ9D15", VERDICT_VALID},
                  {"213800KUD8LAJXSQ9D15", VERDICT_INVALID});
}
END_TEST

TEST(figi_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("figi", {"BBG000BLNNH6", VERDICT_VALID}, {"BBG000BLNNH7", VERDICT_INVALID},
                  {"GGG000BLNNH6", VERDICT_INVALID});
}
END_TEST

TEST(bic_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("bic", {"DEUTDEFF500", VERDICT_UNKNOWN}, {"DEUTXXFF", VERDICT_INVALID},
                  {"DEUTDEF", VERDICT_INVALID});
}
END_TEST

TEST(digits_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("digits", {"945456787654", VERDICT_UNKNOWN}, {"111111111111", VERDICT_INVALID});
}
END_TEST

SUITE(cusip_tells_published_numbers_from_their_neighbours,
      isin_tells_published_numbers_from_their_neighbours,
      sedol_tells_published_numbers_from_their_neighbours,
      lei_tells_published_numbers_from_their_neighbours,
      figi_tells_published_numbers_from_their_neighbours,
      bic_tells_published_numbers_from_their_neighbours,
      digits_tells_published_numbers_from_their_neighbours)
