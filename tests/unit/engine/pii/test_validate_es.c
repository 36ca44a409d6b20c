/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(es_nif_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("es_nif", {"12345678Z", VERDICT_VALID}, {"12345678-Z", VERDICT_VALID},
                  {"1111111G", VERDICT_VALID}, {"12345678A", VERDICT_INVALID});
}
END_TEST

TEST(es_nie_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("es_nie", {"X1234567L", VERDICT_VALID}, {"X1234567A", VERDICT_INVALID},
                  {"W1234567L", VERDICT_INVALID});
}
END_TEST

TEST(es_cif_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("es_cif", {"A58818501", VERDICT_WEAK}, {"A-58818501", VERDICT_VALID},
                  {"P0801900B", VERDICT_WEAK}, {"A58818502", VERDICT_INVALID},
                  {"Q2818002D", VERDICT_WEAK}, {"P0801900C", VERDICT_INVALID});
}
END_TEST

TEST(es_ccc_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("es_ccc", {"1234-1234-16 1234567890", VERDICT_VALID},
                  {"1234-1234-16 1234567891", VERDICT_INVALID});
}
END_TEST

TEST(es_nss_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("es_nss", {"281234567840", VERDICT_VALID}, {"281234567841", VERDICT_INVALID});
}
END_TEST

SUITE(es_nif_tells_published_numbers_from_their_neighbours,
      es_nie_tells_published_numbers_from_their_neighbours,
      es_cif_tells_published_numbers_from_their_neighbours,
      es_ccc_tells_published_numbers_from_their_neighbours,
      es_nss_tells_published_numbers_from_their_neighbours)
