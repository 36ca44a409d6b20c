/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens here are made up, and written in halves so that scanners of this tree stay quiet. */
#include "pii/validators.h"

#include "pii/secret.h"
#include "unit/suite.h"

TEST(a_token_whose_last_six_are_its_sum_is_valid)
{
    ck_assert_int_eq(check_crc32_base62(DVARA_STR("ghp"
                                                  "_dGlMoiyrlfxX1rTnyFf3vA7NUtFOY64WuYlz")),
                     VERDICT_VALID);
    ck_assert_int_eq(check_crc32_base62(DVARA_STR("ghp"
                                                  "_dGlMoiyrlfxX1rTnyFf3vA7NUtFOY64WuYlZ")),
                     VERDICT_RETIRED);
    ck_assert_int_eq(check_crc32_base62(DVARA_STR("ghp_short")), VERDICT_INVALID);
    ck_assert_int_eq(check_crc32_base62(DVARA_STR("no mark at all")), VERDICT_INVALID);
}
END_TEST

TEST(a_grafana_token_ends_in_its_sum)
{
    ck_assert_int_eq(check_grafana(DVARA_STR("glsa"
                                             "_HBwtnOAmp48ddS880t0DnDzAtAIKzCYu_4045eb8b")),
                     VERDICT_VALID);
    ck_assert_int_eq(check_grafana(DVARA_STR("glsa"
                                             "_HBwtnOAmp48ddS880t0DnDzAtAIKzCYu_4045eb8c")),
                     VERDICT_RETIRED);
    ck_assert_int_eq(check_grafana(DVARA_STR("glsa_HBwt_xyz")), VERDICT_INVALID);
}
END_TEST

TEST(an_age_identity_is_bech32)
{
    ck_assert_int_eq(check_age_key(DVARA_STR(
                         "AGE-SECRET"
                         "-KEY-1DTVCNPH62FSY4NQ4YNKN75T77TRSPKEP6HCQUZTV80AKKSAXHJZMLT9D8M")),
                     VERDICT_VALID);
    ck_assert_int_eq(check_age_key(DVARA_STR(
                         "AGE-SECRET"
                         "-KEY-1DTVCNPH62FSY4NQ4YNKN75T77TRSPKEP6HCQUZTV80AKKSAXHJZMLT9D88")),
                     VERDICT_RETIRED);
    ck_assert_int_eq(check_age_key(DVARA_STR("AGE-SECRET-KEY-1BIO")), VERDICT_INVALID);
}
END_TEST

TEST(basic_credentials_are_a_name_a_colon_and_a_password)
{
    /* name:pass, "authentication", and a colon behind a control */
    ck_assert_int_eq(check_basic_auth(DVARA_STR("Basic bmFtZTpwYXNz")), VERDICT_VALID);
    ck_assert_int_eq(check_basic_auth(DVARA_STR("basic authentication")), VERDICT_INVALID);
    ck_assert_int_eq(check_basic_auth(DVARA_STR("Basic AW46cGFzcw==")), VERDICT_INVALID);
    ck_assert_int_eq(check_basic_auth(DVARA_STR("Basic bmFtZTo=")), VERDICT_INVALID);
    ck_assert_int_eq(check_basic_auth(DVARA_STR("")), VERDICT_INVALID);
}
END_TEST

TEST(words_dates_and_versions_do_not_look_drawn_at_random)
{
    static const char *const plain[] = {"authentication-mechanisms-overview",
                                        "2026-11-21T13:20:39.123456Z", "release-1.2.3-linux-amd64",
                                        "AuthenticationTokenProvider2", "aaaaaaaaaaaaaaa1aaaaaaaa"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        ck_assert_msg(!secret_is_random(dvara_str_from_cstr(plain[i])), "%s", plain[i]);
    ck_assert(secret_is_random(DVARA_STR("q8Zt2LmX9vRb4KsW7dYn")));
    ck_assert(secret_is_random(DVARA_STR("9f86d081884c7d659a2feaa0c55ad015")));
}
END_TEST

static enum verdict read_value(const char *text_cstr, const char *value_cstr, size_t *ret_length)
{
    struct reading reading = {.text = dvara_str_from_cstr(text_cstr)};
    const char *value = strstr(text_cstr, value_cstr);
    size_t start = (size_t)(value - text_cstr);
    enum verdict verdict = locate_assigned.read(&reading, start);
    *ret_length = verdict == VERDICT_INVALID ? 0 : reading.end - start;
    return verdict;
}

TEST(a_value_is_read_from_behind_its_assignment)
{
    size_t length;
    ck_assert_int_eq(read_value("api_key = 'q8Zt2LmX9vRb4KsW7dYn'", "q8", &length), VERDICT_VALID);
    ck_assert_uint_eq(length, 20);
    ck_assert_int_eq(read_value("password: \"hunter2!x\"", "hunter", &length), VERDICT_UNKNOWN);
    ck_assert_uint_eq(length, 9);
    ck_assert_int_eq(read_value("api_key == 'q8Zt2LmX9vRb4KsW7dYn'", "q8", &length),
                     VERDICT_INVALID);
    ck_assert_int_eq(read_value("monkey = 'q8Zt2LmX9vRb4KsW7dYn'", "q8", &length), VERDICT_INVALID);
    ck_assert_int_eq(read_value("api_key = 'q8Zt2LmX9vRb4KsW7dYn", "q8", &length), VERDICT_INVALID);
    ck_assert_int_eq(read_value("password: String1(x)y", "String1", &length), VERDICT_INVALID);
}
END_TEST

SUITE(a_token_whose_last_six_are_its_sum_is_valid, a_grafana_token_ends_in_its_sum,
      an_age_identity_is_bech32, basic_credentials_are_a_name_a_colon_and_a_password,
      words_dates_and_versions_do_not_look_drawn_at_random,
      a_value_is_read_from_behind_its_assignment)
