/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(in_aadhaar_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("in_aadhaar", {"2341 2341 2346", VERDICT_VALID}, {"234123412346", VERDICT_WEAK},
                  {"2341 2341 2347", VERDICT_INVALID}, {"1341 2341 2346", VERDICT_INVALID});
}
END_TEST

TEST(in_pan_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("in_pan", {"ACUPA7085R", VERDICT_VALID}, {"ACUXA7085R", VERDICT_UNKNOWN},
                  {"ACUPA708", VERDICT_INVALID}, {"acupa7085r", VERDICT_UNKNOWN});
}
END_TEST

TEST(in_gstin_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("in_gstin", {"27AAPFU0939F1ZV", VERDICT_VALID},
                  {"27AAPFU0939F1ZO", VERDICT_RETIRED}, {"38AAPFU0939F1ZV", VERDICT_INVALID},
                  {"27AAPFU0939F1YV", VERDICT_INVALID});
}
END_TEST

TEST(cn_resident_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("cn_resident", {"11010519491231002X", VERDICT_VALID},
                  {"110105194912310026", VERDICT_INVALID}, {"990105194912310026", VERDICT_INVALID},
                  {"11010519491331002X", VERDICT_INVALID});
}
END_TEST

TEST(cn_uscc_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("cn_uscc", {"91110000600037341L", VERDICT_VALID},
                  {"91110000600037342L", VERDICT_INVALID});
}
END_TEST

TEST(jp_corporate_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("jp_corporate", {"5835678256246", VERDICT_WEAK},
                  {"2835678256246", VERDICT_INVALID});
}
END_TEST

TEST(kr_rrn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("kr_rrn", {"960121-1021413", VERDICT_VALID}, {"960121-1234567", VERDICT_RETIRED},
                  {"961321-1021413", VERDICT_INVALID}, {"960121-5021413", VERDICT_INVALID},
                  {"960303-0021413", VERDICT_INVALID});
}
END_TEST

TEST(kr_frn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("kr_frn", {"911124-5678906", VERDICT_VALID}, {"911124-5678901", VERDICT_RETIRED},
                  {"911124-1678906", VERDICT_INVALID});
}
END_TEST

TEST(kr_brn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("kr_brn", {"116-82-00276", VERDICT_VALID}, {"1168200276", VERDICT_WEAK},
                  {"116-82-00277", VERDICT_INVALID});
}
END_TEST

TEST(kr_driver_licence_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("kr_driver_licence", {"11-22-123456-12", VERDICT_VALID},
                  {"29-22-123456-12", VERDICT_INVALID});
}
END_TEST

TEST(sg_nric_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("sg_nric", {"S1234567D", VERDICT_VALID}, {"F1234567N", VERDICT_VALID},
                  {"M1234567K", VERDICT_VALID}, {"S1234567A", VERDICT_RETIRED},
                  {"S123456D", VERDICT_INVALID});
}
END_TEST

TEST(sg_uen_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("sg_uen", {"00192200M", VERDICT_VALID}, {"197401143C", VERDICT_VALID},
                  {"S16FC0121D", VERDICT_VALID}, {"T01FC6132D", VERDICT_VALID},
                  {"T01FC6132E", VERDICT_RETIRED}, {"T01F16132D", VERDICT_INVALID});
}
END_TEST

TEST(tr_national_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("tr_national_id", {"10000000146", VERDICT_VALID},
                  {"10000000145", VERDICT_INVALID}, {"02531814694", VERDICT_INVALID});
}
END_TEST

TEST(tr_tax_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("tr_tax_id", {"4540536920", VERDICT_WEAK}, {"4540536921", VERDICT_INVALID});
}
END_TEST

TEST(hk_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("hk_id", {"A123456(3)", VERDICT_VALID}, {"A123456(4)", VERDICT_INVALID},
                  {"AB987654(3)", VERDICT_VALID}, {"AB987654(4)", VERDICT_INVALID});
}
END_TEST

TEST(tw_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("tw_id", {"A123456789", VERDICT_VALID}, {"A123456788", VERDICT_INVALID},
                  {"A323456789", VERDICT_INVALID});
}
END_TEST

TEST(tw_ubn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("tw_ubn", {"04595257", VERDICT_WEAK}, {"04595258", VERDICT_INVALID});
}
END_TEST

TEST(my_kad_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("my_kad", {"770305-02-1234", VERDICT_VALID}, {"771305-02-1234", VERDICT_INVALID},
                  {"770305-17-1234", VERDICT_INVALID}, {"770305021234", VERDICT_UNKNOWN});
}
END_TEST

TEST(id_nik_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("id_nik", {"3171011708450001", VERDICT_VALID},
                  {"3171015708450001", VERDICT_VALID}, {"9871011708450001", VERDICT_INVALID},
                  {"3171013208450001", VERDICT_INVALID});
}
END_TEST

TEST(id_npwp_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("id_npwp", {"01.300.066.6-091.000", VERDICT_VALID},
                  {"01.300.067.6-091.000", VERDICT_INVALID});
}
END_TEST

TEST(il_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("il_id", {"3933742-3", VERDICT_VALID}, {"039337423", VERDICT_WEAK},
                  {"039337424", VERDICT_INVALID});
}
END_TEST

TEST(sa_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("sa_id", {"1000000008", VERDICT_WEAK}, {"3000000008", VERDICT_INVALID},
                  {"1000000009", VERDICT_INVALID});
}
END_TEST

TEST(ae_eid_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ae_eid", {"784-1968-6570305-0", VERDICT_VALID},
                  {"784-1968-6570305-1", VERDICT_INVALID}, {"784-1868-6570305-8", VERDICT_INVALID});
}
END_TEST

TEST(pk_cnic_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("pk_cnic", {"42201-0397640-8", VERDICT_VALID},
                  {"82201-0397640-8", VERDICT_INVALID});
}
END_TEST

TEST(vn_cccd_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("vn_cccd", {"001093000123", VERDICT_UNKNOWN}, {"099093000123", VERDICT_INVALID});
}
END_TEST

TEST(eg_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("eg_id", {"29001011234567", VERDICT_VALID}, {"29013011234567", VERDICT_INVALID},
                  {"49001011234567", VERDICT_INVALID});
}
END_TEST

SUITE(in_aadhaar_tells_published_numbers_from_their_neighbours,
      in_pan_tells_published_numbers_from_their_neighbours,
      in_gstin_tells_published_numbers_from_their_neighbours,
      cn_resident_tells_published_numbers_from_their_neighbours,
      cn_uscc_tells_published_numbers_from_their_neighbours,
      jp_corporate_tells_published_numbers_from_their_neighbours,
      kr_rrn_tells_published_numbers_from_their_neighbours,
      kr_frn_tells_published_numbers_from_their_neighbours,
      kr_brn_tells_published_numbers_from_their_neighbours,
      kr_driver_licence_tells_published_numbers_from_their_neighbours,
      sg_nric_tells_published_numbers_from_their_neighbours,
      sg_uen_tells_published_numbers_from_their_neighbours,
      tr_national_id_tells_published_numbers_from_their_neighbours,
      tr_tax_id_tells_published_numbers_from_their_neighbours,
      hk_id_tells_published_numbers_from_their_neighbours,
      tw_id_tells_published_numbers_from_their_neighbours,
      tw_ubn_tells_published_numbers_from_their_neighbours,
      my_kad_tells_published_numbers_from_their_neighbours,
      id_nik_tells_published_numbers_from_their_neighbours,
      id_npwp_tells_published_numbers_from_their_neighbours,
      il_id_tells_published_numbers_from_their_neighbours,
      sa_id_tells_published_numbers_from_their_neighbours,
      ae_eid_tells_published_numbers_from_their_neighbours,
      pk_cnic_tells_published_numbers_from_their_neighbours,
      vn_cccd_tells_published_numbers_from_their_neighbours,
      eg_id_tells_published_numbers_from_their_neighbours)
