/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(us_aba_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("us_aba", {"121000358", VERDICT_WEAK}, {"0210-0002-1", VERDICT_VALID},
                  {"121000359", VERDICT_INVALID}, {"12100035", VERDICT_INVALID},
                  {"451000354", VERDICT_INVALID}, {"000000000", VERDICT_INVALID});
}
END_TEST

TEST(uk_nhs_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("uk_nhs", {"943 476 5919", VERDICT_VALID}, {"9434765919", VERDICT_WEAK},
                  {"943 476 5918", VERDICT_INVALID}, {"943 476 591", VERDICT_INVALID});
}
END_TEST

TEST(au_tfn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("au_tfn", {"123 456 782", VERDICT_VALID}, {"87 654 321", VERDICT_INVALID},
                  {"123456782", VERDICT_WEAK}, {"123 456 783", VERDICT_INVALID});
}
END_TEST

TEST(a_vat_number_is_valid_behind_the_letters_of_its_own_country_only)
{
    CHECK_VECTORS("pl_nip", {"PL1234563218", VERDICT_VALID}, {"PL1234563219", VERDICT_INVALID},
                  {"PT1234563218", VERDICT_INVALID}, {"PL", VERDICT_INVALID});
    CHECK_VECTORS("pt_nif", {"PT 501964843", VERDICT_VALID}, {"PT501964842", VERDICT_INVALID});
    CHECK_VECTORS("dk_cvr", {"DK13585628", VERDICT_VALID}, {"DK13585627", VERDICT_INVALID});
    CHECK_VECTORS("fi_ytunnus", {"FI20774740", VERDICT_VALID}, {"FI20774741", VERDICT_INVALID});
    CHECK_VECTORS("gr_afm", {"EL094259216", VERDICT_VALID}, {"GR094259216", VERDICT_VALID},
                  {"EL094259215", VERDICT_INVALID});
    CHECK_VECTORS("hu_vat", {"HU12892312", VERDICT_VALID}, {"HU12892313", VERDICT_INVALID});
    CHECK_VECTORS("si_tax", {"SI50223054", VERDICT_VALID}, {"SI50223055", VERDICT_INVALID});
}
END_TEST

TEST(au_acn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("au_acn", {"004 085 616", VERDICT_VALID}, {"004 085 617", VERDICT_INVALID});
}
END_TEST

TEST(au_medicare_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("au_medicare", {"2123 45670 1", VERDICT_VALID}, {"2123456701", VERDICT_WEAK},
                  {"2123 45671 1", VERDICT_INVALID}, {"7123 45670 1", VERDICT_INVALID});
}
END_TEST

TEST(ca_bc_phn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ca_bc_phn", {"9698 658 215", VERDICT_VALID}, {"9698 658 216", VERDICT_INVALID},
                  {"8698 658 215", VERDICT_INVALID});
}
END_TEST

TEST(nl_bsn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("nl_bsn", {"111222333", VERDICT_WEAK}, {"1112.22.333", VERDICT_VALID},
                  {"1112.22.334", VERDICT_INVALID});
}
END_TEST

TEST(pl_pesel_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("pl_pesel", {"44051401458", VERDICT_VALID}, {"02070803628", VERDICT_VALID},
                  {"44051401459", VERDICT_INVALID}, {"44133101458", VERDICT_INVALID});
}
END_TEST

TEST(pl_nip_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("pl_nip", {"856-734-62-15", VERDICT_VALID}, {"8567346215", VERDICT_WEAK},
                  {"856-734-62-16", VERDICT_INVALID});
}
END_TEST

TEST(pl_regon_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("pl_regon", {"192598184", VERDICT_WEAK}, {"12345678512347", VERDICT_WEAK},
                  {"192598183", VERDICT_INVALID}, {"12345678612342", VERDICT_INVALID});
}
END_TEST

TEST(at_svnr_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("at_svnr", {"1237 010180", VERDICT_VALID}, {"1237010180", VERDICT_VALID},
                  {"2237 010180", VERDICT_INVALID}, {"1237 320180", VERDICT_INVALID});
}
END_TEST

TEST(pt_nif_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("pt_nif", {"501964843", VERDICT_WEAK}, {"501 964 843", VERDICT_VALID},
                  {"501 964 842", VERDICT_INVALID}, {"401 964 843", VERDICT_INVALID});
}
END_TEST

TEST(no_fnr_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("no_fnr", {"15108695088", VERDICT_VALID}, {"151086 95088", VERDICT_VALID},
                  {"15108695077", VERDICT_INVALID}, {"32108695088", VERDICT_INVALID});
}
END_TEST

TEST(no_orgnr_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("no_orgnr", {"988 077 917", VERDICT_VALID}, {"988 077 918", VERDICT_INVALID},
                  {"188 077 917", VERDICT_INVALID});
}
END_TEST

TEST(no_konto_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("no_konto", {"8601.11.17947", VERDICT_VALID}, {"8601.11.17949", VERDICT_INVALID});
}
END_TEST

TEST(dk_cvr_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("dk_cvr", {"13585628", VERDICT_WEAK}, {"13585627", VERDICT_INVALID});
}
END_TEST

TEST(fi_ytunnus_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("fi_ytunnus", {"2077474-0", VERDICT_VALID}, {"2077474-1", VERDICT_INVALID});
}
END_TEST

TEST(is_kennitala_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("is_kennitala", {"120174-3399", VERDICT_VALID}, {"120174-3389", VERDICT_INVALID},
                  {"120174-3395", VERDICT_INVALID});
}
END_TEST

TEST(ro_cnp_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ro_cnp", {"1630615123457", VERDICT_VALID}, {"1630615123458", VERDICT_INVALID},
                  {"1631315123457", VERDICT_INVALID});
}
END_TEST

TEST(bg_egn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("bg_egn", {"752316 9263", VERDICT_VALID}, {"7523169263", VERDICT_WEAK},
                  {"7552A10004", VERDICT_INVALID}, {"7523169264", VERDICT_INVALID});
}
END_TEST

TEST(bg_lnch_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("bg_lnch", {"7111042925", VERDICT_WEAK}, {"7111042922", VERDICT_INVALID});
}
END_TEST

TEST(hu_taj_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("hu_taj", {"111 111 110", VERDICT_VALID}, {"111 111 111", VERDICT_INVALID});
}
END_TEST

TEST(hu_tax_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("hu_tax_id", {"8071592153", VERDICT_WEAK}, {"8071592154", VERDICT_INVALID},
                  {"7071592153", VERDICT_INVALID});
}
END_TEST

TEST(hu_vat_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("hu_vat", {"12892312-1-41", VERDICT_VALID}, {"12892312", VERDICT_WEAK},
                  {"12892313", VERDICT_INVALID}, {"12892312-9-41", VERDICT_INVALID});
}
END_TEST

TEST(jmbg_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("jmbg", {"0101006500006", VERDICT_VALID}, {"0101006500007", VERDICT_INVALID},
                  {"3201006500006", VERDICT_INVALID});
}
END_TEST

TEST(si_tax_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("si_tax", {"50223054", VERDICT_WEAK}, {"50223055", VERDICT_INVALID});
}
END_TEST

TEST(ua_rnokpp_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ua_rnokpp", {"1759013776", VERDICT_WEAK}, {"1759013770", VERDICT_INVALID});
}
END_TEST

TEST(ru_inn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ru_inn", {"7707083893", VERDICT_WEAK}, {"500100732259", VERDICT_VALID},
                  {"7707083894", VERDICT_INVALID}, {"500100732258", VERDICT_INVALID},
                  {"77070838", VERDICT_INVALID});
}
END_TEST

TEST(gr_afm_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("gr_afm", {"094259216", VERDICT_WEAK}, {"094259217", VERDICT_INVALID});
}
END_TEST

TEST(ch_ahv_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ch_ahv", {"756.9217.0769.85", VERDICT_VALID},
                  {"756.9217.0769.84", VERDICT_INVALID}, {"123.4567.8910.19", VERDICT_INVALID});
}
END_TEST

TEST(br_cpf_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("br_cpf", {"390.533.447-05", VERDICT_VALID}, {"39053344705", VERDICT_VALID},
                  {"390.533.447-06", VERDICT_INVALID}, {"111.111.111-11", VERDICT_INVALID});
}
END_TEST

TEST(br_pis_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("br_pis", {"120.56412.54-5", VERDICT_VALID}, {"120.56412.54-6", VERDICT_INVALID});
}
END_TEST

TEST(ar_cuit_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ar_cuit", {"20-05536168-2", VERDICT_VALID}, {"23-16917394-9", VERDICT_VALID},
                  {"23-16917394-0", VERDICT_INVALID}, {"20-05536168-3", VERDICT_INVALID},
                  {"99-05536168-2", VERDICT_INVALID});
}
END_TEST

TEST(ar_cbu_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ar_cbu", {"2850590940090418135201", VERDICT_VALID},
                  {"2850590940090418135202", VERDICT_INVALID},
                  {"2850590840090418135201", VERDICT_INVALID});
}
END_TEST

TEST(pe_ruc_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("pe_ruc", {"20512333797", VERDICT_VALID}, {"20512333798", VERDICT_INVALID},
                  {"30512333797", VERDICT_INVALID});
}
END_TEST

TEST(uy_ci_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("uy_ci", {"1.234.567-2", VERDICT_VALID}, {"1.234.567-3", VERDICT_INVALID});
}
END_TEST

TEST(mx_clabe_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("mx_clabe", {"032180000118359719", VERDICT_WEAK},
                  {"032180000118359718", VERDICT_INVALID});
}
END_TEST

TEST(jp_my_number_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("jp_my_number", {"6214 9832 0257", VERDICT_VALID}, {"621498320257", VERDICT_WEAK},
                  {"6214 9832 0258", VERDICT_INVALID});
}
END_TEST

TEST(th_tnin_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("th_tnin", {"1-2345-67890-12-1", VERDICT_VALID}, {"3456789012347", VERDICT_WEAK},
                  {"3456789012346", VERDICT_INVALID}, {"1284567890124", VERDICT_INVALID});
}
END_TEST

TEST(de_lanr_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("de_lanr", {"123456601", VERDICT_WEAK}, {"123456901", VERDICT_INVALID},
                  {"12345660", VERDICT_INVALID});
}
END_TEST

SUITE(a_vat_number_is_valid_behind_the_letters_of_its_own_country_only,
      us_aba_tells_published_numbers_from_their_neighbours,
      uk_nhs_tells_published_numbers_from_their_neighbours,
      au_tfn_tells_published_numbers_from_their_neighbours,
      au_acn_tells_published_numbers_from_their_neighbours,
      au_medicare_tells_published_numbers_from_their_neighbours,
      ca_bc_phn_tells_published_numbers_from_their_neighbours,
      nl_bsn_tells_published_numbers_from_their_neighbours,
      pl_pesel_tells_published_numbers_from_their_neighbours,
      pl_nip_tells_published_numbers_from_their_neighbours,
      pl_regon_tells_published_numbers_from_their_neighbours,
      at_svnr_tells_published_numbers_from_their_neighbours,
      pt_nif_tells_published_numbers_from_their_neighbours,
      no_fnr_tells_published_numbers_from_their_neighbours,
      no_orgnr_tells_published_numbers_from_their_neighbours,
      no_konto_tells_published_numbers_from_their_neighbours,
      dk_cvr_tells_published_numbers_from_their_neighbours,
      fi_ytunnus_tells_published_numbers_from_their_neighbours,
      is_kennitala_tells_published_numbers_from_their_neighbours,
      ro_cnp_tells_published_numbers_from_their_neighbours,
      bg_egn_tells_published_numbers_from_their_neighbours,
      bg_lnch_tells_published_numbers_from_their_neighbours,
      hu_taj_tells_published_numbers_from_their_neighbours,
      hu_tax_id_tells_published_numbers_from_their_neighbours,
      hu_vat_tells_published_numbers_from_their_neighbours,
      jmbg_tells_published_numbers_from_their_neighbours,
      si_tax_tells_published_numbers_from_their_neighbours,
      ua_rnokpp_tells_published_numbers_from_their_neighbours,
      ru_inn_tells_published_numbers_from_their_neighbours,
      gr_afm_tells_published_numbers_from_their_neighbours,
      ch_ahv_tells_published_numbers_from_their_neighbours,
      br_cpf_tells_published_numbers_from_their_neighbours,
      br_pis_tells_published_numbers_from_their_neighbours,
      ar_cuit_tells_published_numbers_from_their_neighbours,
      ar_cbu_tells_published_numbers_from_their_neighbours,
      pe_ruc_tells_published_numbers_from_their_neighbours,
      uy_ci_tells_published_numbers_from_their_neighbours,
      mx_clabe_tells_published_numbers_from_their_neighbours,
      jp_my_number_tells_published_numbers_from_their_neighbours,
      th_tnin_tells_published_numbers_from_their_neighbours,
      de_lanr_tells_published_numbers_from_their_neighbours)
