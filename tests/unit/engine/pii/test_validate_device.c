/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(vin_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("vin", {"1M8GDM9AXKP042788", VERDICT_VALID},
                  {"1M8GDM9A1KP042788", VERDICT_INVALID}, {"WVWZZZ1JZ3W386752", VERDICT_UNKNOWN},
                  {"1M8GDM9AXKP04278O", VERDICT_INVALID}, {"11111111111111111", VERDICT_INVALID});
}
END_TEST

TEST(imei_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("imei", {"49-015420-323751-8", VERDICT_VALID}, {"490154203237518", VERDICT_WEAK},
                  {"49-015420-323751-7", VERDICT_INVALID},
                  {"49-015420-323751-12", VERDICT_UNKNOWN});
}
END_TEST

TEST(meid_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("meid", {"AF01234500ABCDEC", VERDICT_INVALID}, {"AF0123450ABCDEC", VERDICT_VALID},
                  {"AF0123450ABCDE", VERDICT_UNKNOWN}, {"AF0123450ABCDED", VERDICT_INVALID});
}
END_TEST

TEST(iccid_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("iccid", {"8991101200003204514", VERDICT_VALID},
                  {"8991101200003204515", VERDICT_INVALID});
}
END_TEST

TEST(imsi_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("imsi", {"310150123456789", VERDICT_UNKNOWN},
                  {"910150123456789", VERDICT_INVALID});
}
END_TEST

TEST(mac_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("mac", {"00:1A:2B:3C:4D:5E", VERDICT_VALID},
                  {"FF:FF:FF:FF:FF:FF", VERDICT_INVALID}, {"00:00:00:00:00:00", VERDICT_INVALID},
                  {"00:1A:2B:3C:4D", VERDICT_INVALID});
}
END_TEST

SUITE(vin_tells_published_numbers_from_their_neighbours,
      imei_tells_published_numbers_from_their_neighbours,
      meid_tells_published_numbers_from_their_neighbours,
      iccid_tells_published_numbers_from_their_neighbours,
      imsi_tells_published_numbers_from_their_neighbours,
      mac_tells_published_numbers_from_their_neighbours)
