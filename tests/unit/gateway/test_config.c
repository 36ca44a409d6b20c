/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/config.h"
#include "gateway/options.h"

#include "unit/suite.h"

#include <stdio.h>

#define ADMIN                                                                                      \
    "admin: {client_ca_file: /dev/null, certificate_file: /dev/null, key_file: /dev/null}\n"

static char problems_text[4096];

/* The config of a text that must be right. */
static struct config *load(const char *text_cstr)
{
    struct config_problems problems;
    config_problems_init(&problems);
    struct config *config = NULL;
    enum dvara_status status = config_load_text(dvara_str_from_cstr(text_cstr), "dvara.yaml",
                                                "/etc/dvara", &problems, &config);
    ck_assert_msg(status == DVARA_OK, "%.*s", DVARA_STR_ARG(buf_str(&problems.text)));
    config_problems_clear(&problems);
    return config;
}

/* What is said about a text that is wrong. */
static const char *complaint(const char *text_cstr)
{
    struct config_problems problems;
    config_problems_init(&problems);
    struct config *config = NULL;
    enum dvara_status status = config_load_text(dvara_str_from_cstr(text_cstr), "dvara.yaml",
                                                "/etc/dvara", &problems, &config);
    ck_assert_int_ne(status, DVARA_OK);
    ck_assert_uint_gt(problems.count, 0);
    snprintf(problems_text, sizeof problems_text, "%.*s", DVARA_STR_ARG(buf_str(&problems.text)));
    config_problems_clear(&problems);
    return problems_text;
}

#define ASSERT_COMPLAINT(text, part)                                                               \
    do {                                                                                           \
        const char *said = complaint(text);                                                        \
        ck_assert_msg(strstr(said, part) != NULL, "%s", said);                                     \
    } while (0)

TEST(every_option_without_a_value_takes_its_fallback)
{
    struct config *config = load(ADMIN);
    ck_assert_str_eq(config->listen.address.host_cstr, "0.0.0.0");
    ck_assert_uint_eq(config->listen.address.port, 8080);
    ck_assert_uint_eq(config->limits.head_ns, 10000000000u);
    ck_assert_uint_eq(config->audit.rotate_bytes, 256u << 20);
    ck_assert_str_eq(config->store_folder_cstr, "/etc/dvara/dvara-state");
    ck_assert_str_eq(config->audit.folder_cstr, "/etc/dvara/dvara-state/audit");
    config_unref(config);
}

TEST(values_of_every_type_are_read)
{
    setenv("TEST_CREDENTIAL", "sk-test", 1);
    struct config *config =
        load(ADMIN
             "listen: {address: '[::1]:9', workers: 3}\n"
             "trusted_proxies: [10.0.0.0/8, '::1']\n"
             "headers: full\nbundle: {watch: false}\n"
             "limits: {idle: 1m30s, body_size: 1MiB}\n"
             "providers:\n  up: {kind: openai, base_url: 'http://10.0.0.5:8000/v1/', private: true,"
             " api_key_env: TEST_CREDENTIAL, headers: {x-a: '1'}}\n"
             "  sim: {kind: simulator, simulator: {latency: 5ms, error_rate: 2.5%}}\n"
             "tenants: [{id: t1, zones: [eu], attrs: {plan: gold}}]\n"
             "keys: [{id: k1, tenant: t1, expires: '2030-01-01T00:00:00Z', hash: 'sha256:"
             "00000000000000000000000000000000000000000000000000000000000000aa'}]\n");
    ck_assert_str_eq(config->listen.address.host_cstr, "::1");
    ck_assert_uint_eq(config->limits.idle_ns, 90000000000u);
    ck_assert_int_eq(config->headers, CONFIG_HEADERS_FULL);
    const struct config_provider *up = config_provider_find(config, DVARA_STR("up"));
    ck_assert_str_eq(up->target.origin_cstr, "http://10.0.0.5:8000");
    ck_assert(dvara_str_eq(up->path, DVARA_STR("/v1")));
    ck_assert(dvara_str_eq(up->host, DVARA_STR("10.0.0.5:8000")));
    ck_assert(dvara_str_eq(up->api_key, DVARA_STR("sk-test")));
    ck_assert_uint_eq(config_provider_find(config, DVARA_STR("sim"))->simulator.error_rate_ppm,
                      25000);
    ck_assert_ptr_eq(config->keys[0].tenant, &config->tenants[0]);
    ck_assert_uint_eq(config->keys[0].scopes.n, 3);
    ck_assert(config->keys[0].expires_ns > 0);
    unsigned char inside[16] = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 9};
    unsigned char outside[16] = {[10] = 0xff, [11] = 0xff, [12] = 11};
    ck_assert(config_networks_have(&config->trusted_proxies, inside));
    ck_assert(!config_networks_have(&config->trusted_proxies, outside));
    config_unref(config);
}

TEST(an_unknown_key_is_refused_with_its_place_and_the_near_one)
{
    ASSERT_COMPLAINT(ADMIN "lisen: {address: 1}\n",
                     "dvara.yaml:2:1: unknown key `lisen`: did you mean `listen`?");
    ASSERT_COMPLAINT(ADMIN "listen:\n  adress: 1\n",
                     "dvara.yaml:3:3: unknown key `listen.adress`: did you mean `address`?");
    ASSERT_COMPLAINT(ADMIN "providers: {a: {kind: simulator, bse_url: x}}",
                     "`providers.*.bse_url`: did you mean `base_url`?");
}

TEST(a_key_of_the_design_that_is_not_built_is_refused_by_name)
{
    ASSERT_COMPLAINT(ADMIN "telemetry: {}\n", "`telemetry` is not taken: traces are not built yet");
    ASSERT_COMPLAINT(ADMIN "lenient: true\n", "`lenient` is not taken: a parameter");
    ASSERT_COMPLAINT(ADMIN "stream: {on_disconnect: drain}\n",
                     "`stream.on_disconnect` is not taken: a client");
    ASSERT_COMPLAINT(ADMIN "keys: [{id: a, tenant: t, key: x}]\n",
                     "a key does not belong in the file");
}

TEST(a_duplicate_key_is_refused_with_the_first_place)
{
    ASSERT_COMPLAINT("lenient: true\nheaders: full\nlenient: false\n",
                     "dvara.yaml:3:1: duplicate key `lenient`: the first is on line 1");
}

TEST(anchors_aliases_tags_and_second_documents_are_refused)
{
    ASSERT_COMPLAINT("a: &x 1\n", "anchors and tags are not used here");
    ASSERT_COMPLAINT("a: {b: &y {c: 1}}\n", "anchors and tags are not used here");
    ASSERT_COMPLAINT("a: !!str 1\n", "anchors and tags are not used here");
    ASSERT_COMPLAINT("a: *x\n", "aliases are not used here");
    ASSERT_COMPLAINT("lenient: true\n---\nlenient: true\n", "only one document");
}

TEST(variables_are_expanded_in_values_and_cannot_change_the_structure)
{
    setenv("TEST_TEXT", "x\nlenient: true", 1);
    struct config *config =
        load(ADMIN "tenants: [{id: t, name: 'a ${TEST_TEXT} ${TEST_NONE:-b} $${c}'}]");
    ck_assert(dvara_str_eq(config->tenants[0].name, DVARA_STR("a x\nlenient: true b ${c}")));
    ck_assert_uint_eq(config->n_tenants, 1);
    config_unref(config);
    ASSERT_COMPLAINT(ADMIN "default_provider: '${TEST_NONE}'", "variable TEST_NONE is not set");
    ASSERT_COMPLAINT(ADMIN "default_provider: '${TEST_NONE'", "`${` is not followed by");
}

TEST(a_message_never_shows_an_expanded_variable)
{
    setenv("TEST_SECRET", "canary-93x", 1);
    const char *said = complaint(ADMIN "bundle: {watch: '${TEST_SECRET}'}\n");
    ck_assert_ptr_null(strstr(said, "canary-93x"));
    ck_assert_ptr_nonnull(strstr(said, "must be true or false"));
}

TEST(a_value_of_the_wrong_type_or_range_is_refused)
{
    ASSERT_COMPLAINT(ADMIN "limits: {idle: 5 minutes}", "must be a duration such as");
    ASSERT_COMPLAINT(ADMIN "limits: {idle: 1s1m}", "must be a duration such as");
    ASSERT_COMPLAINT(ADMIN "limits: {body_size: 1GiB}", "must lie within 1KiB..32MiB");
    ASSERT_COMPLAINT(ADMIN "listen: {address: 'localhost:80'}", "a numeric address and a port");
    ASSERT_COMPLAINT(ADMIN "headers: some", "must be normal|full, not `some`");
    ASSERT_COMPLAINT(ADMIN "bundle: {watch: }", "must be true or false");
    ASSERT_COMPLAINT(ADMIN "listen: 3", "`listen` is a section");
    ASSERT_COMPLAINT(ADMIN "providers: []", "`providers` must be a map of names");
}

TEST(references_and_pairs_are_checked)
{
    ASSERT_COMPLAINT(ADMIN "default_provider: x", "there is no provider `x`");
    ASSERT_COMPLAINT(ADMIN "tls: {key_file: /dev/null}", "need each other");
    ASSERT_COMPLAINT("", "admin: give token_hash, token_env or token_file");
    ASSERT_COMPLAINT(ADMIN "bundle: {require_signatures: true}", "needs trusted_keys");
    ASSERT_COMPLAINT(ADMIN
                     "providers: {a: {kind: openai, auth: none, base_url: 'http://a.example'}}",
                     "in clear");
    ASSERT_COMPLAINT(ADMIN "providers: {a: {kind: openai}}", "give one of api_key_env");
    ASSERT_COMPLAINT(ADMIN "providers: {a: {kind: openai, auth: none, headers: {Host: x}}}",
                     "cannot be added");
    ASSERT_COMPLAINT(ADMIN "tenants: [{id: a}, {id: a}]", "two tenants have the id `a`");
}

TEST(deep_nesting_is_refused)
{
    char text[200] = "a: ";
    memset(text + 3, '[', 100);
    ASSERT_COMPLAINT(text, "nested too deep");
}

TEST(derived_keys_differ_by_label_and_context)
{
    struct config *config = load(ADMIN);
    memset(config->master_key, 7, sizeof config->master_key);
    unsigned char a[32], b[32], c[32];
    ck_assert_int_eq(config_derive_key(config, DVARA_STR("x"), DVARA_STR("yz"), a), DVARA_OK);
    ck_assert_int_eq(config_derive_key(config, DVARA_STR("xy"), DVARA_STR("z"), b), DVARA_OK);
    ck_assert_int_eq(config_derive_key(config, DVARA_STR("x"), DVARA_STR("yz"), c), DVARA_OK);
    ck_assert_mem_eq(a, c, 32);
    ck_assert_mem_ne(a, b, 32);
    config_unref(config);
}

TEST(the_help_names_every_option)
{
    struct buf help;
    buf_init(&help, 1 << 20);
    option_write_help(&help);
    buf_byte(&help, '\0');
    for (size_t i = 0; i < option_count(); i++)
        ck_assert_ptr_nonnull(strstr(help.p, option_at(i)->path.p));
    buf_clear(&help);
}

SUITE(every_option_without_a_value_takes_its_fallback, values_of_every_type_are_read,
      an_unknown_key_is_refused_with_its_place_and_the_near_one,
      a_key_of_the_design_that_is_not_built_is_refused_by_name,
      a_duplicate_key_is_refused_with_the_first_place,
      anchors_aliases_tags_and_second_documents_are_refused,
      variables_are_expanded_in_values_and_cannot_change_the_structure,
      a_message_never_shows_an_expanded_variable, a_value_of_the_wrong_type_or_range_is_refused,
      references_and_pairs_are_checked, deep_nesting_is_refused,
      derived_keys_differ_by_label_and_context, the_help_names_every_option)
