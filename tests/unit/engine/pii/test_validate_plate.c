/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(in_plate_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("in_plate", {"KA 53 ME 3456", VERDICT_VALID}, {"DL3CJI0001", VERDICT_VALID},
                  {"22 BH 1234 AA", VERDICT_VALID}, {"MCX1243", VERDICT_UNKNOWN},
                  {"ZZ 53 ME 3456", VERDICT_INVALID});
}
END_TEST

TEST(tr_plate_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("tr_plate", {"34 ABC 123", VERDICT_VALID}, {"34ABC123", VERDICT_UNKNOWN},
                  {"82 ABC 123", VERDICT_INVALID}, {"00 ABC 123", VERDICT_INVALID},
                  {"34 A 12", VERDICT_INVALID}, {"34 ABC 1234", VERDICT_UNKNOWN});
}
END_TEST

TEST(capitals_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("capitals", {"ABJ-001AA", VERDICT_VALID}, {"abj-001aa", VERDICT_UNKNOWN});
}
END_TEST

SUITE(in_plate_tells_published_numbers_from_their_neighbours,
      tr_plate_tells_published_numbers_from_their_neighbours,
      capitals_tells_published_numbers_from_their_neighbours)
