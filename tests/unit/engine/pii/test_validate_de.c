/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(de_tax_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("de_tax_id", {"36574261809", VERDICT_VALID}, {"36 574 261 809", VERDICT_VALID},
                  {"36574261808", VERDICT_INVALID}, {"11112345678", VERDICT_INVALID},
                  {"06574261809", VERDICT_INVALID});
}
END_TEST

TEST(de_vat_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("de_vat", {"DE136695976", VERDICT_VALID}, {"DE136695978", VERDICT_UNKNOWN},
                  {"AT136695976", VERDICT_INVALID}, {"DE13669597", VERDICT_INVALID});
}
END_TEST

TEST(de_rvnr_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("de_rvnr", {"15070649C103", VERDICT_VALID}, {"65170839J003", VERDICT_VALID},
                  {"65170839J009", VERDICT_INVALID}, {"15071349C103", VERDICT_INVALID});
}
END_TEST

TEST(de_kvnr_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("de_kvnr", {"A123456780", VERDICT_VALID}, {"A123456787", VERDICT_INVALID},
                  {"1123456780", VERDICT_INVALID});
}
END_TEST

TEST(de_bsnr_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("de_bsnr", {"521234567", VERDICT_UNKNOWN}, {"000000000", VERDICT_INVALID});
}
END_TEST

TEST(de_passport_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("de_passport", {"C01X00T478", VERDICT_VALID}, {"C01234565", VERDICT_VALID},
                  {"C01234567", VERDICT_INVALID}, {"I01234565", VERDICT_INVALID});
}
END_TEST

TEST(de_id_card_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("de_id_card", {"L01X00T471", VERDICT_VALID}, {"T22000129", VERDICT_UNKNOWN},
                  {"T22000121", VERDICT_UNKNOWN}, {"L01X00T470", VERDICT_INVALID});
}
END_TEST

TEST(de_tax_number_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("de_tax_number", {"9181081508155", VERDICT_WEAK},
                  {"181/815/08155", VERDICT_VALID}, {"0981508150999", VERDICT_UNKNOWN},
                  {"0081508150001", VERDICT_INVALID}, {"18181508155", VERDICT_INVALID},
                  {"12/345/6789", VERDICT_UNKNOWN});
}
END_TEST

TEST(de_driving_licence_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("de_driving_licence", {"B072RRE2I55", VERDICT_VALID},
                  {"BO12345678A", VERDICT_UNKNOWN}, {"B072RRE2I65", VERDICT_INVALID});
}
END_TEST

SUITE(de_tax_id_tells_published_numbers_from_their_neighbours,
      de_vat_tells_published_numbers_from_their_neighbours,
      de_rvnr_tells_published_numbers_from_their_neighbours,
      de_kvnr_tells_published_numbers_from_their_neighbours,
      de_bsnr_tells_published_numbers_from_their_neighbours,
      de_passport_tells_published_numbers_from_their_neighbours,
      de_id_card_tells_published_numbers_from_their_neighbours,
      de_tax_number_tells_published_numbers_from_their_neighbours,
      de_driving_licence_tells_published_numbers_from_their_neighbours)
