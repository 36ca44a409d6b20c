/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/header_names.h"

#include "unit/suite.h"

TEST(credentials_are_known_in_any_case)
{
    ck_assert(header_is_credential(DVARA_STR("Authorization")));
    ck_assert(header_is_credential(DVARA_STR("x-goog-api-key")));
    ck_assert(header_is_credential(DVARA_STR("COOKIE")));
    ck_assert(!header_is_credential(DVARA_STR("x-api-keys")));
}

TEST(hop_by_hop_headers_are_known)
{
    ck_assert(header_is_hop(DVARA_STR("Connection")));
    ck_assert(header_is_hop(DVARA_STR("transfer-encoding")));
    ck_assert(!header_is_hop(DVARA_STR("x-team")));
}

TEST(of_a_client_s_headers_only_the_dialect_s_own_pass)
{
    ck_assert(header_is_passed(DVARA_STR("OpenAI-Beta")));
    ck_assert(!header_is_passed(DVARA_STR("anthropic-version")));
    ck_assert(!header_is_passed(DVARA_STR("openai-organization")));
}

SUITE(credentials_are_known_in_any_case, hop_by_hop_headers_are_known,
      of_a_client_s_headers_only_the_dialect_s_own_pass)
