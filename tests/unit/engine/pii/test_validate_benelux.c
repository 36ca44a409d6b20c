/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(be_national_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("be_national", {"85.07.30-033 28", VERDICT_VALID}, {"85073003328", VERDICT_VALID},
                  {"85.07.30-033 29", VERDICT_INVALID}, {"85.13.30-033 28", VERDICT_INVALID});
}
END_TEST

TEST(be_vat_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("be_vat", {"BE 0403.019.261", VERDICT_VALID},
                  {"BE 0403.019.262", VERDICT_INVALID});
}
END_TEST

TEST(nl_vat_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("nl_vat", {"NL004495445B01", VERDICT_VALID}, {"NL123456789B90", VERDICT_INVALID},
                  {"NL004495445C01", VERDICT_INVALID});
}
END_TEST

TEST(lu_national_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("lu_national", {"1893120105732", VERDICT_VALID},
                  {"1893120105733", VERDICT_INVALID});
}
END_TEST

TEST(ch_uid_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ch_uid", {"CHE-100.155.212", VERDICT_VALID},
                  {"CHE-100.155.213", VERDICT_INVALID});
}
END_TEST

TEST(at_vat_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("at_vat", {"ATU13585627", VERDICT_VALID}, {"ATU13585626", VERDICT_INVALID});
}
END_TEST

TEST(ie_pps_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ie_pps", {"1234567T", VERDICT_VALID}, {"6433435F", VERDICT_VALID},
                  {"1234567FA", VERDICT_VALID}, {"6433435E", VERDICT_INVALID});
}
END_TEST

TEST(ie_eircode_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ie_eircode", {"A65 F4E2", VERDICT_UNKNOWN}, {"D6W XY00", VERDICT_UNKNOWN},
                  {"B65 F4E2", VERDICT_INVALID});
}
END_TEST

TEST(pt_cc_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("pt_cc", {"00000000 0 ZZ4", VERDICT_VALID}, {"00000000 0 ZZ3", VERDICT_INVALID});
}
END_TEST

SUITE(be_national_tells_published_numbers_from_their_neighbours,
      be_vat_tells_published_numbers_from_their_neighbours,
      nl_vat_tells_published_numbers_from_their_neighbours,
      lu_national_tells_published_numbers_from_their_neighbours,
      ch_uid_tells_published_numbers_from_their_neighbours,
      at_vat_tells_published_numbers_from_their_neighbours,
      ie_pps_tells_published_numbers_from_their_neighbours,
      ie_eircode_tells_published_numbers_from_their_neighbours,
      pt_cc_tells_published_numbers_from_their_neighbours)
