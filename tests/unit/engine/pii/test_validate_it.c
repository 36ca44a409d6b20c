/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(it_fiscal_code_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("it_fiscal_code", {"RSSMRA85T10A562S", VERDICT_VALID},
                  {"RSSMRA85T10A562T", VERDICT_INVALID}, {"RSSMRA85T32A562S", VERDICT_INVALID},
                  {"RSSMRA85F10A562S", VERDICT_INVALID}, {"MRTMTT91D08F20RJ", VERDICT_INVALID});
}
END_TEST

TEST(it_vat_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("it_vat", {"00743110157", VERDICT_VALID}, {"IT00743110157", VERDICT_VALID},
                  {"00743110158", VERDICT_INVALID}, {"00000000001", VERDICT_INVALID});
}
END_TEST

SUITE(it_fiscal_code_tells_published_numbers_from_their_neighbours,
      it_vat_tells_published_numbers_from_their_neighbours)
