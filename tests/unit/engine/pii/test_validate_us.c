/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(us_itin_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("us_itin", {"911-70-1234", VERDICT_VALID}, {"911701234", VERDICT_UNKNOWN},
                  {"911-89-1234", VERDICT_INVALID}, {"811-70-1234", VERDICT_INVALID});
}
END_TEST

TEST(us_atin_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("us_atin", {"912-93-1234", VERDICT_VALID}, {"912-92-1234", VERDICT_INVALID});
}
END_TEST

TEST(us_ein_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("us_ein", {"91-1144442", VERDICT_VALID}, {"911144442", VERDICT_WEAK},
                  {"07-1144442", VERDICT_INVALID});
}
END_TEST

TEST(us_npi_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("us_npi", {"1234567893", VERDICT_WEAK}, {"1234567890", VERDICT_INVALID},
                  {"3234567893", VERDICT_INVALID});
}
END_TEST

TEST(us_dea_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("us_dea", {"BB1388568", VERDICT_VALID}, {"F91234563", VERDICT_VALID},
                  {"BG8207031", VERDICT_INVALID}, {"BB138856", VERDICT_INVALID});
}
END_TEST

TEST(us_mbi_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("us_mbi", {"1EG4-TE5-MK73", VERDICT_VALID}, {"1EG4TE5MK73", VERDICT_UNKNOWN},
                  {"1EG4-TE5-MI73", VERDICT_INVALID}, {"0EG4-TE5-MK73", VERDICT_INVALID});
}
END_TEST

SUITE(us_itin_tells_published_numbers_from_their_neighbours,
      us_atin_tells_published_numbers_from_their_neighbours,
      us_ein_tells_published_numbers_from_their_neighbours,
      us_npi_tells_published_numbers_from_their_neighbours,
      us_dea_tells_published_numbers_from_their_neighbours,
      us_mbi_tells_published_numbers_from_their_neighbours)
