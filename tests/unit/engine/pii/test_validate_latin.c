/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(br_cnpj_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("br_cnpj", {"16.727.230/0001-97", VERDICT_VALID},
                  {"12.ABC.345/01DE-35", VERDICT_VALID}, {"16.727.230.0001-98", VERDICT_INVALID},
                  {"12.ABC.345/01DE-36", VERDICT_INVALID});
}
END_TEST

TEST(br_cnh_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("br_cnh", {"62472927637", VERDICT_VALID}, {"62472927638", VERDICT_INVALID});
}
END_TEST

TEST(br_voter_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("br_voter", {"004356870906", VERDICT_VALID}, {"004356870907", VERDICT_INVALID},
                  {"004356879906", VERDICT_INVALID});
}
END_TEST

TEST(mx_curp_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("mx_curp", {"BOXW310820HNERXN09", VERDICT_VALID},
                  {"BOXW310820HNERXN08", VERDICT_INVALID}, {"BOXW311320HNERXN09", VERDICT_INVALID},
                  {"BOXW310820HXXRXN09", VERDICT_INVALID});
}
END_TEST

TEST(mx_rfc_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("mx_rfc", {"GODE561231GR8", VERDICT_VALID}, {"GODE561231GR7", VERDICT_RETIRED},
                  {"GODE561331GR8", VERDICT_INVALID});
}
END_TEST

TEST(cl_rut_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("cl_rut", {"12.531.909-2", VERDICT_VALID}, {"12.531.909-3", VERDICT_INVALID},
                  {"125319092", VERDICT_WEAK});
}
END_TEST

TEST(co_nit_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("co_nit", {"213.123.432-1", VERDICT_VALID}, {"213.123.432-5", VERDICT_INVALID});
}
END_TEST

TEST(pe_dni_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("pe_dni", {"10117410-2", VERDICT_VALID}, {"10117410-3", VERDICT_INVALID},
                  {"10117410", VERDICT_UNKNOWN});
}
END_TEST

TEST(ec_cedula_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("ec_cedula", {"171430710-3", VERDICT_VALID}, {"171430710-9", VERDICT_INVALID},
                  {"991430710-3", VERDICT_INVALID});
}
END_TEST

TEST(do_cedula_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("do_cedula", {"001-1391820-5", VERDICT_VALID},
                  {"001-1391820-6", VERDICT_INVALID});
}
END_TEST

TEST(bare_id_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("bare_id", {"12345678", VERDICT_UNKNOWN}, {"11111111", VERDICT_INVALID});
}
END_TEST

TEST(mx_nss_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("mx_nss", {"1234567893-1", VERDICT_INVALID}, {"12-34-56-7890-3", VERDICT_VALID},
                  {"12-34-56-7890-4", VERDICT_INVALID});
}
END_TEST

SUITE(br_cnpj_tells_published_numbers_from_their_neighbours,
      br_cnh_tells_published_numbers_from_their_neighbours,
      br_voter_tells_published_numbers_from_their_neighbours,
      mx_curp_tells_published_numbers_from_their_neighbours,
      mx_rfc_tells_published_numbers_from_their_neighbours,
      cl_rut_tells_published_numbers_from_their_neighbours,
      co_nit_tells_published_numbers_from_their_neighbours,
      pe_dni_tells_published_numbers_from_their_neighbours,
      ec_cedula_tells_published_numbers_from_their_neighbours,
      do_cedula_tells_published_numbers_from_their_neighbours,
      bare_id_tells_published_numbers_from_their_neighbours,
      mx_nss_tells_published_numbers_from_their_neighbours)
