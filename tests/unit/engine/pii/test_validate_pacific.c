/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(au_abn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("au_abn", {"51 824 753 556", VERDICT_VALID}, {"51824753556", VERDICT_VALID},
                  {"51 824 753 557", VERDICT_INVALID});
}
END_TEST

TEST(nz_ird_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("nz_ird", {"49-091-850", VERDICT_VALID}, {"136410132", VERDICT_WEAK},
                  {"49-098-576", VERDICT_VALID}, {"49-091-851", VERDICT_INVALID},
                  {"9125568", VERDICT_INVALID});
}
END_TEST

TEST(nz_nhi_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("nz_nhi", {"ZAC5361", VERDICT_WEAK}, {"ZBN77VL", VERDICT_WEAK},
                  {"ZAC5362", VERDICT_INVALID}, {"ZIC5361", VERDICT_INVALID});
}
END_TEST

TEST(ca_sin_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ca_sin", {"130 692 544", VERDICT_VALID}, {"130692544", VERDICT_WEAK},
                  {"130 692 545", VERDICT_INVALID}, {"046 454 286", VERDICT_INVALID});
}
END_TEST

TEST(ca_ohip_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ca_ohip", {"9876-543-217", VERDICT_VALID}, {"9876-543-218", VERDICT_INVALID});
}
END_TEST

TEST(ca_ramq_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ca_ramq", {"TREB 7862 1112", VERDICT_VALID},
                  {"TREB 7882 1112", VERDICT_INVALID});
}
END_TEST

TEST(za_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("za_id", {"8001015009087", VERDICT_VALID}, {"8001015009086", VERDICT_INVALID},
                  {"8001015009176", VERDICT_INVALID});
}
END_TEST

TEST(ng_nin_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ng_nin", {"12345678902", VERDICT_WEAK}, {"12345678901", VERDICT_INVALID});
}
END_TEST

SUITE(au_abn_tells_published_numbers_from_their_neighbours,
      nz_ird_tells_published_numbers_from_their_neighbours,
      nz_nhi_tells_published_numbers_from_their_neighbours,
      ca_sin_tells_published_numbers_from_their_neighbours,
      ca_ohip_tells_published_numbers_from_their_neighbours,
      ca_ramq_tells_published_numbers_from_their_neighbours,
      za_id_tells_published_numbers_from_their_neighbours,
      ng_nin_tells_published_numbers_from_their_neighbours)
