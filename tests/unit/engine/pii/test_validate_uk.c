/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(uk_nino_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("uk_nino", {"AB 12 34 56 C", VERDICT_VALID}, {"AB123456", VERDICT_UNKNOWN},
                  {"QQ123456C", VERDICT_INVALID}, {"GB123456C", VERDICT_INVALID},
                  {"AO123456C", VERDICT_INVALID}, {"AB123456E", VERDICT_INVALID});
}
END_TEST

TEST(uk_utr_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("uk_utr", {"1955839661", VERDICT_WEAK}, {"19558 39661", VERDICT_VALID},
                  {"2955839661", VERDICT_INVALID});
}
END_TEST

TEST(uk_vat_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("uk_vat", {"GB 980 7806 84", VERDICT_VALID}, {"GB626963857", VERDICT_VALID},
                  {"980780684", VERDICT_WEAK}, {"GB 802 3112 82", VERDICT_INVALID});
}
END_TEST

TEST(uk_driving_licence_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("uk_driving_licence", {"MORGA657054SM9IJ", VERDICT_VALID},
                  {"FO999512018AA1AB", VERDICT_VALID}, {"MORGA613054SM9IJ", VERDICT_INVALID},
                  {"FO9A9512018AA1AB", VERDICT_INVALID});
}
END_TEST

TEST(uk_plate_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("uk_plate", {"AB51 ABC", VERDICT_VALID}, {"M456DEF", VERDICT_UNKNOWN},
                  {"AB00 ABC", VERDICT_INVALID}, {"AB51 AIB", VERDICT_INVALID},
                  {"ABC 123Z", VERDICT_INVALID}, {"ab51 abc", VERDICT_UNKNOWN});
}
END_TEST

SUITE(uk_nino_tells_published_numbers_from_their_neighbours,
      uk_utr_tells_published_numbers_from_their_neighbours,
      uk_vat_tells_published_numbers_from_their_neighbours,
      uk_driving_licence_tells_published_numbers_from_their_neighbours,
      uk_plate_tells_published_numbers_from_their_neighbours)
