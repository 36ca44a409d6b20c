/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/sarif.h"

#include "base/buf.h"
#include "unit/suite.h"

TEST(a_path_becomes_a_uri_reference)
{
    struct buf out;
    struct sarif sarif;
    buf_init(&out, 4096);
    sarif_open(&sarif, &out);
    sarif_result(&sarif, &(struct sarif_result){.rule = DVARA_STR("R"),
                                                .level = "note",
                                                .text = DVARA_STR("t"),
                                                .place = {.path = DVARA_STR("a b/ä:<c>.dvp")}});
    sarif_close(&sarif, DVARA_STR("t"), DVARA_STR(""), NULL, 0, 0);
    buf_byte(&out, 0);
    ck_assert(!buf_failed(&out));
    ck_assert_ptr_nonnull(strstr(out.p, "\"uri\":\"a%20b/%C3%A4%3A%3Cc%3E.dvp\""));
    ck_assert_ptr_null(strstr(out.p, "region"));
    buf_clear(&out);
}

SUITE(a_path_becomes_a_uri_reference)
