/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(cz_birth_number_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("cz_birth_number", {"710319/2745", VERDICT_VALID}, {"7103192745", VERDICT_WEAK},
                  {"710319/2746", VERDICT_INVALID}, {"711332/2745", VERDICT_INVALID},
                  {"590312/123", VERDICT_INVALID});
}
END_TEST

TEST(cz_ico_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("cz_ico", {"25596641", VERDICT_WEAK}, {"CZ25596641", VERDICT_VALID},
                  {"25596640", VERDICT_INVALID});
}
END_TEST

TEST(ee_isikukood_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ee_isikukood", {"36805280109", VERDICT_VALID}, {"36805280108", VERDICT_INVALID});
}
END_TEST

TEST(lt_asmens_kodas_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("lt_asmens_kodas", {"33309240064", VERDICT_VALID},
                  {"33309240164", VERDICT_INVALID});
}
END_TEST

TEST(lv_personas_kods_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("lv_personas_kods", {"161175-19997", VERDICT_VALID},
                  {"327654-32109", VERDICT_UNKNOWN}, {"161175-19998", VERDICT_INVALID});
}
END_TEST

TEST(ro_cui_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ro_cui", {"RO18547290", VERDICT_VALID}, {"18547290", VERDICT_WEAK},
                  {"18547291", VERDICT_INVALID});
}
END_TEST

TEST(bg_eik_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("bg_eik", {"175074752", VERDICT_WEAK}, {"BG175074752", VERDICT_VALID},
                  {"175074753", VERDICT_INVALID});
}
END_TEST

TEST(hr_oib_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("hr_oib", {"33392005961", VERDICT_WEAK}, {"HR33392005961", VERDICT_VALID},
                  {"33392005962", VERDICT_INVALID});
}
END_TEST

TEST(gr_amka_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("gr_amka", {"01013099997", VERDICT_VALID}, {"01013099998", VERDICT_INVALID},
                  {"41013099997", VERDICT_INVALID});
}
END_TEST

TEST(pl_id_card_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("pl_id_card", {"ABA300000", VERDICT_WEAK}, {"ABA 300000", VERDICT_VALID},
                  {"ABA400000", VERDICT_INVALID});
}
END_TEST

TEST(pl_passport_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("pl_passport", {"ZS0000177", VERDICT_WEAK}, {"ZS0000178", VERDICT_INVALID});
}
END_TEST

TEST(ru_snils_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ru_snils", {"112-233-445 95", VERDICT_VALID},
                  {"112-233-445 96", VERDICT_INVALID});
}
END_TEST

TEST(ru_ogrn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ru_ogrn", {"1022200525819", VERDICT_WEAK}, {"1022200525818", VERDICT_INVALID});
}
END_TEST

SUITE(cz_birth_number_tells_published_numbers_from_their_neighbours,
      cz_ico_tells_published_numbers_from_their_neighbours,
      ee_isikukood_tells_published_numbers_from_their_neighbours,
      lt_asmens_kodas_tells_published_numbers_from_their_neighbours,
      lv_personas_kods_tells_published_numbers_from_their_neighbours,
      ro_cui_tells_published_numbers_from_their_neighbours,
      bg_eik_tells_published_numbers_from_their_neighbours,
      hr_oib_tells_published_numbers_from_their_neighbours,
      gr_amka_tells_published_numbers_from_their_neighbours,
      pl_id_card_tells_published_numbers_from_their_neighbours,
      pl_passport_tells_published_numbers_from_their_neighbours,
      ru_snils_tells_published_numbers_from_their_neighbours,
      ru_ogrn_tells_published_numbers_from_their_neighbours)
