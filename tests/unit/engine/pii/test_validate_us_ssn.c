/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that the issuing bodies or the standards publish as examples, and neighbours of them that
 * must fail: another check digit, a length, a prefix or a date that is none. */
#include "vectors.h"

TEST(us_ssn_tells_published_numbers_from_their_neighbours)
{
    CHECK_VECTORS("us_ssn", {"536-22-8726", VERDICT_VALID}, {"536228726", VERDICT_UNKNOWN},
                  {"000-22-8726", VERDICT_INVALID}, {"900-22-8726", VERDICT_INVALID},
                  {"078-05-1120", VERDICT_INVALID}, {"536-228726", VERDICT_UNKNOWN},
                  {"53622-8726", VERDICT_UNKNOWN});
}
END_TEST

SUITE(us_ssn_tells_published_numbers_from_their_neighbours)
