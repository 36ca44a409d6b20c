/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

TEST(coordinates_lie_on_the_globe)
{
    CHECK_VECTORS("coordinates", {"48.8584, 2.2945", VERDICT_UNKNOWN},
                  {"-33.8568,151.2153", VERDICT_UNKNOWN}, {"91.0000, 2.2945", VERDICT_INVALID},
                  {"48.8584, 182.2945", VERDICT_INVALID}, {"0.0000, 0.0000", VERDICT_UNKNOWN},
                  {"48\xc2\xb0"
                   "51'29\"N 2\xc2\xb0"
                   "17'40\"E",
                   VERDICT_VALID});
}
END_TEST

TEST(a_url_has_a_host_with_a_top_level_of_letters)
{
    CHECK_VECTORS("url", {"https://www.example.com/", VERDICT_VALID},
                  {"http://user@example.org:8080/a?b#c", VERDICT_VALID},
                  {"http://example", VERDICT_INVALID}, {"http://10.0.0.1/x", VERDICT_UNKNOWN},
                  {"http://exa_mple.site", VERDICT_VALID}, {"http://-a.com", VERDICT_INVALID},
                  {"http://a..com", VERDICT_INVALID}, {"http://example.c0m", VERDICT_INVALID},
                  {"http://example.xn--p1ai/", VERDICT_VALID}, {"www.example.com", VERDICT_VALID},
                  {"example.com", VERDICT_UNKNOWN});
}
END_TEST

TEST(a_host_alone_proves_little)
{
    CHECK_VECTORS("domain", {"example.com", VERDICT_UNKNOWN}, {"example.c0m", VERDICT_INVALID});
}
END_TEST

SUITE(a_host_alone_proves_little, coordinates_lie_on_the_globe,
      a_url_has_a_host_with_a_top_level_of_letters)
