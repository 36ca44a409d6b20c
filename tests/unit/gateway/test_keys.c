/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "gateway/keys.h"

#include "unit/suite.h"

static const char secret_cstr[] = "dvk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static struct config *config_with(const char *extra_cstr)
{
    struct key_hasher *hasher = key_hasher_new();
    unsigned char hash[32];
    key_hash(hasher, dvara_str_from_cstr(secret_cstr), hash);
    key_hasher_free(hasher);
    struct buf text;
    buf_init(&text, 4096);
    BUF_LIT(&text, "admin: {client_ca_file: /dev/null, certificate_file: /dev/null, key_file: "
                   "/dev/null}\ntenants: [{id: t}]\nkeys: [{id: k, tenant: t, hash: 'sha256:");
    bytes_hex(&text, dvara_str_from((const char *)hash, sizeof hash));
    buf_printf(&text, "' %s}]\n", extra_cstr);
    struct config_problems problems;
    config_problems_init(&problems);
    struct config *config;
    ck_assert_int_eq(config_load_text(buf_str(&text), "x", "/", &problems, &config), DVARA_OK);
    config_problems_clear(&problems);
    buf_clear(&text);
    return config;
}

static enum key_verdict verdict_of(const char *extra_cstr, const char *given_cstr)
{
    struct config *config = config_with(extra_cstr);
    struct key_hasher *hasher = key_hasher_new();
    const struct config_key *key = NULL;
    enum key_verdict verdict =
        key_check(config, hasher, dvara_str_from_cstr(given_cstr), 1800000000000000000, &key);
    ck_assert((key != NULL) == (verdict != KEY_UNKNOWN));
    key_hasher_free(hasher);
    config_unref(config);
    return verdict;
}

TEST(a_key_is_found_by_its_hash_and_no_other_is)
{
    ck_assert_int_eq(verdict_of("", secret_cstr), KEY_GOOD);
    ck_assert_int_eq(verdict_of("", "dvk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"),
                     KEY_UNKNOWN);
    ck_assert_int_eq(verdict_of("", ""), KEY_UNKNOWN);
}

TEST(revoked_and_expired_keys_are_told_apart)
{
    ck_assert_int_eq(verdict_of(", state: revoked", secret_cstr), KEY_REVOKED);
    ck_assert_int_eq(verdict_of(", expires: '2020-01-01T00:00:00Z'", secret_cstr), KEY_EXPIRED);
    ck_assert_int_eq(verdict_of(", expires: '2099-01-01T00:00:00Z'", secret_cstr), KEY_GOOD);
}

TEST(a_key_without_scopes_has_all_but_explain)
{
    struct config *config = config_with("");
    ck_assert(key_has_scope(&config->keys[0], KEY_SCOPE_COMPLETIONS_WRITE));
    ck_assert(key_has_scope(&config->keys[0], KEY_SCOPE_MODELS_READ));
    ck_assert(!key_has_scope(&config->keys[0], KEY_SCOPE_EXPLAIN));
    config_unref(config);
    config = config_with(", scopes: [explain]");
    ck_assert(key_has_scope(&config->keys[0], KEY_SCOPE_EXPLAIN));
    ck_assert(!key_has_scope(&config->keys[0], KEY_SCOPE_COMPLETIONS_WRITE));
    config_unref(config);
}

TEST(new_keys_differ_and_keep_their_prefix)
{
    char a[KEY_TEXT_BYTES], b[KEY_TEXT_BYTES];
    ck_assert_int_eq(key_new("dvk_", a), DVARA_OK);
    ck_assert_int_eq(key_new("dvk_", b), DVARA_OK);
    ck_assert_uint_eq(strlen(a), 47);
    ck_assert_int_eq(strncmp(a, "dvk_", 4), 0);
    ck_assert_str_ne(a, b);
}

SUITE(a_key_is_found_by_its_hash_and_no_other_is, revoked_and_expired_keys_are_told_apart,
      a_key_without_scopes_has_all_but_explain, new_keys_differ_and_keep_their_prefix)
