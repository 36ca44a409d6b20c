/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(fr_nir_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("fr_nir", {"2 95 10 99 126 111 93", VERDICT_VALID},
                  {"295109912611193", VERDICT_VALID}, {"295109912611194", VERDICT_INVALID},
                  {"595109912611193", VERDICT_INVALID}, {"295139912611193", VERDICT_INVALID});
}
END_TEST

TEST(fr_siren_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("fr_siren", {"732829320", VERDICT_WEAK}, {"732 829 320", VERDICT_VALID},
                  {"732829321", VERDICT_INVALID});
}
END_TEST

TEST(fr_siret_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("fr_siret", {"732 829 320 00074", VERDICT_VALID},
                  {"35600000049837", VERDICT_VALID}, {"732 829 320 00075", VERDICT_INVALID});
}
END_TEST

TEST(fr_vat_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("fr_vat", {"FR40303265045", VERDICT_VALID}, {"FR41303265045", VERDICT_INVALID},
                  {"FRK7399859412", VERDICT_UNKNOWN});
}
END_TEST

TEST(fr_tax_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("fr_tax_id", {"30 23 217 600 053", VERDICT_VALID},
                  {"3023217600054", VERDICT_INVALID});
}
END_TEST

TEST(fr_rib_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("fr_rib", {"20041 01005 0500013M026 06", VERDICT_VALID},
                  {"20041 01005 0500013M026 07", VERDICT_INVALID});
}
END_TEST

TEST(fr_cni_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("fr_cni", {"880692310285", VERDICT_UNKNOWN}, {"881392310285", VERDICT_INVALID});
}
END_TEST

SUITE(fr_nir_tells_published_numbers_from_their_neighbours,
      fr_siren_tells_published_numbers_from_their_neighbours,
      fr_siret_tells_published_numbers_from_their_neighbours,
      fr_vat_tells_published_numbers_from_their_neighbours,
      fr_tax_id_tells_published_numbers_from_their_neighbours,
      fr_rib_tells_published_numbers_from_their_neighbours,
      fr_cni_tells_published_numbers_from_their_neighbours)
