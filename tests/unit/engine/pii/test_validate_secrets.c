/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens here are made up, and written in halves so that scanners of this tree stay quiet. */
#include "pii/validators.h"

#include "base/buf.h"
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

/* Of what is drawn one in ten has a digit or none; hexadecimal has less entropy than base 62. */
TEST(what_is_drawn_looks_so_with_few_digits_and_in_hexadecimal_too)
{
    static const char *const drawn[] = {"qKzTmWpXrLvBnJhGdFsY", "qKzTmWp7rLvBnJhGdFsY",
                                        "951c5a83da3929add2292513d3ed27d0",
                                        "964e55f4-75f1-4806-9272-ef236cc46044"};
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++)
        ck_assert_msg(secret_is_random(dvara_str_from_cstr(drawn[i])), "%s", drawn[i]);
    ck_assert(!secret_is_random(DVARA_STR("getAccountByPhoneNumber2")));
    ck_assert(!secret_is_random(DVARA_STR("createNewAccessRule")));
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

struct value {
    const char *text;
    const char *value; /* or, where there is none, what stands in its place */
};

static void check_values(const struct value *rows, size_t n, bool are_some)
{
    for (size_t i = 0; i < n; i++) {
        size_t length;
        enum verdict verdict = read_value(rows[i].text, rows[i].value, &length);
        ck_assert_msg((verdict != VERDICT_INVALID) == are_some, "%s", rows[i].text);
        if (are_some)
            ck_assert_msg(length == strlen(rows[i].value), "%s: %zu", rows[i].text, length);
    }
}
#define VALUES(...)                                                                                \
    (const struct value[]){__VA_ARGS__},                                                           \
        sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value)
#define CHECK_VALUES(...) check_values(VALUES(__VA_ARGS__), true)
#define CHECK_NONE(...)   check_values(VALUES(__VA_ARGS__), false)

TEST(a_password_needs_no_quotes_where_no_code_stands)
{
    CHECK_VALUES({"DB_PASSWORD=Zq8mNvT3xLwK\n", "Zq8mNvT3xLwK"},
                 {"PGPASSWORD=harbour71", "harbour71"}, {"ROOT_PASSWORD: qK*tmWp7", "qK*tmWp7"},
                 {"DB_PASSWORD=qKzTmWpXrLvB", "qKzTmWpXrLvB"},
                 {"password=Vn3kY8rLs5", "Vn3kY8rLs5"}, {"pwd: S3cure!Gate77,", "S3cure!Gate77"},
                 {"--from-literal=password=Vn3kY8rLs5; x", "Vn3kY8rLs5"});
}
END_TEST

TEST(code_and_prose_about_passwords_hold_none)
{
    CHECK_NONE({"password = get_pw2(", "get_"}, {"DB_PASSWORD=$SECRET1", "$S"},
               {"password: Utf8String", "Utf8"}, {"password: string", "string"},
               {"the password: must be long", "must"}, {"password = user.pw2x1", "user"},
               {"PASSWORD=/run/pw1/file2", "/run"}, {"PASSWORD=%PW_1x2y%", "%PW"},
               {"PASSWORD_ALGORITHM=pbkdf2x9", "pbkdf2x9"}, {"password = readLine2", "readLine2"},
               {"this->password>Vn3kY8rLs5", "Vn3"}, {"token: Vn3kY8rLs5", "Vn3"},
               {"the password is required", "required"});
}
END_TEST

TEST(a_password_has_its_name_in_many_tongues_and_forms)
{
    CHECK_VALUES({"Passwort: Winter2031!x", "Winter2031!x"},
                 {"mot de passe : Nuit2031!x", "Nuit2031!x"},
                 {"contrase\xc3\xb1"
                  "a: Noche2031!x",
                  "Noche2031!x"},
                 {"\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c: Noch2031!x", "Noch2031!x"},
                 {"\xe5\xaf\x86\xe7\xa0\x81:Ye2031!xyz", "Ye2031!xyz"},
                 {"my password is hW4#kQ9!vZ ok", "hW4#kQ9!vZ"},
                 {"DB_PASS=Vn3kY8rLs5", "Vn3kY8rLs5"}, {"pw: hW4#kQ9!vZ", "hW4#kQ9!vZ"},
                 {"pass: 'hunter2!x'", "hunter2!x"}, {"passcode: hW4#kQ9!vZ", "hW4#kQ9!vZ"},
                 {"heslo: Zima2031!x", "Zima2031!x"}, {"jelsz\xc3\xb3: Tel2031!xy", "Tel2031!xy"},
                 {"m\xe1\xba\xadt kh\xe1\xba\xa9u: Dong2031!x", "Dong2031!x"},
                 {"client_secret = \"0cyXOeNHKCMWgyetxjydlQGQ\"", "0cyXOeNHKCMWgyetxjydlQGQ"},
                 {"<password>Vn3kY8rLs5</password>", "Vn3kY8rLs5"},
                 {"<add key=\"ApiKey\" value=\"q8Zt2LmX9vRb4KsW7dYn\" />", "q8Zt2LmX9vRb4KsW7dYn"},
                 {"machine h login u password Vn3kY8rLs5\n", "Vn3kY8rLs5"},
                 {"curl -u admin:Vn3kY8rLs5 http", "Vn3kY8rLs5"},
                 {"curl --user 'admin:Vn3kY8rLs5' http", "Vn3kY8rLs5"},
                 {"sshpass -p Vn3kY8rLs5 ssh", "Vn3kY8rLs5"},
                 {"{\"auth\":\"YWNtZTpUcjB1YjRkb3ImM3g=\"}", "YWNtZTpUcjB1YjRkb3ImM3g="},
                 {"SECRET_KEY = \"Ju#C8=*Gg)Z=ekAwi=MN61x@UQ\"", "Ju#C8=*Gg)Z=ekAwi=MN61x@UQ"});
    CHECK_NONE({"passenger: hW4#kQ9!vZ", "hW4"}, {"bypass: hW4#kQ9!vZ", "hW4"},
               {"secret = \"getAccessTokenForService2\"", "getA"}, {"a -u name:path/to", "path"},
               {"\"auth\":\"bearer-tokens\"", "bearer"},
               {"key=\"Colour\" value=\"q8Zt2LmX9vRb4KsW7dYn\"", "q8"});
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void check_pem(const char *begin_cstr, const char *body_cstr, const char *end_cstr,
                      enum verdict expected)
{
    struct buf text;
    buf_init(&text, 4096);
    buf_append(&text, dvara_str_from_cstr(begin_cstr));
    buf_append(&text, dvara_str_from_cstr(body_cstr));
    buf_append(&text, dvara_str_from_cstr(end_cstr));
    struct reading reading = {.text = buf_str(&text)};
    enum verdict verdict = locate_pem.read(&reading, 0);
    ck_assert_msg(verdict == expected, "%s", body_cstr);
    if (verdict == VERDICT_VALID)
        ck_assert_uint_eq(reading.end, text.n);
    buf_clear(&text);
}

#define LINE "MIICdgIBADANBgkqhkiG9w0BAQEFAASC"

TEST(a_private_key_may_have_spaces_or_escapes_for_line_ends_and_must_have_a_body)
{
    static const char *const bodies[] = {"\n" LINE "\nab=\n", " " LINE " " LINE " ",
                                         " " LINE " ab== ",   "\\n" LINE "\\nab=\\n",
                                         "\r\n" LINE "\r\n",  " " LINE "\n" LINE "\n"};
    static const char *const none[] = {"\n...\n",
                                       "\n<your key>\n",
                                       "\nYOURKEYHERE\n",
                                       "\n",
                                       " ",
                                       " and then come the lines of it, as in a book about keys "};
    for (size_t i = 0; i < COUNT(bodies); i++)
        check_pem("-----BEGIN PRIVATE "
                  "KEY-----",
                  bodies[i],
                  "-----END PRIVATE "
                  "KEY-----",
                  VERDICT_VALID);
    for (size_t i = 0; i < COUNT(none); i++)
        check_pem("-----BEGIN PRIVATE "
                  "KEY-----",
                  none[i],
                  "-----END PRIVATE "
                  "KEY-----",
                  VERDICT_INVALID);
}
END_TEST

SUITE(a_token_whose_last_six_are_its_sum_is_valid, a_grafana_token_ends_in_its_sum,
      an_age_identity_is_bech32, basic_credentials_are_a_name_a_colon_and_a_password,
      words_dates_and_versions_do_not_look_drawn_at_random,
      what_is_drawn_looks_so_with_few_digits_and_in_hexadecimal_too,
      a_value_is_read_from_behind_its_assignment, a_password_needs_no_quotes_where_no_code_stands,
      code_and_prose_about_passwords_hold_none, a_password_has_its_name_in_many_tongues_and_forms,
      a_private_key_may_have_spaces_or_escapes_for_line_ends_and_must_have_a_body)
