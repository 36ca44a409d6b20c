/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(fi_hetu_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("fi_hetu", {"131052-308T", VERDICT_VALID}, {"010594Y9021", VERDICT_VALID},
                  {"131052-308U", VERDICT_INVALID}, {"131052/308T", VERDICT_INVALID},
                  {"311152-308T", VERDICT_INVALID});
}
END_TEST

TEST(se_personnummer_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("se_personnummer", {"811218-9876", VERDICT_VALID},
                  {"198112189876", VERDICT_VALID}, {"8112189876", VERDICT_WEAK},
                  {"811218-9875", VERDICT_INVALID}, {"811318-9876", VERDICT_INVALID});
}
END_TEST

TEST(se_orgnr_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("se_orgnr", {"556703-7485", VERDICT_VALID}, {"5567037485", VERDICT_WEAK},
                  {"556703-7486", VERDICT_INVALID}, {"811218-9876", VERDICT_INVALID});
}
END_TEST

TEST(dk_cpr_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("dk_cpr", {"211062-5629", VERDICT_VALID}, {"2110625629", VERDICT_WEAK},
                  {"211062-5628", VERDICT_RETIRED}, {"321062-5629", VERDICT_INVALID});
}
END_TEST

SUITE(fi_hetu_tells_published_numbers_from_their_neighbours,
      se_personnummer_tells_published_numbers_from_their_neighbours,
      se_orgnr_tells_published_numbers_from_their_neighbours,
      dk_cpr_tells_published_numbers_from_their_neighbours)
