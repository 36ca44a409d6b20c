/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/config_check.h"

#include "gateway/config_tree.h"
#include "gateway/keys.h"
#include "gateway/secret_file.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

enum { ADMIN_TOKEN_BYTES_MIN = 32, ADMIN_TOKEN_BYTES_MAX = 4096, VARIABLE_NAME_BYTES = 128 };

struct checker {
    struct config *config;
    const char *name_cstr;
    struct config_problems *problems;
};

#define PROBLEM(checker, ...)                                                                      \
    config_problem((checker)->problems, (checker)->name_cstr, 0, 0, __VA_ARGS__)

static void check_tenants(struct checker *checker)
{
    /* The loader alone writes; everyone else sees const. */
    struct config *config = checker->config;
    for (size_t i = 0; i < config->n_tenants; i++) {
        struct config_tenant *tenant = &config->tenants[i];
        if (config_tenant_find(config, tenant->id) != tenant)
            PROBLEM(checker, "two tenants have the id `%.*s`", DVARA_STR_ARG(tenant->id));
        if (dvara_str_is_absent(tenant->name))
            tenant->name = tenant->id;
        tenant->status_name = tenant->status == CONFIG_STATUS_SUSPENDED ? DVARA_STR("suspended")
                                                                        : DVARA_STR("active");
    }
}

static void check_scopes(struct checker *checker, struct config_key *key)
{
    key->has_usual_scopes = key->scopes.n == 0;
    if (key->has_usual_scopes) {
        struct dvara_str *names =
            ARENA_ARRAY(checker->config->arena, KEY_SCOPE_COUNT, struct dvara_str);
        if (names == NULL)
            return;
        key->scopes.v = names;
        for (int scope = 0; scope < KEY_SCOPE_COUNT; scope++)
            if (key_scope_by_default((enum key_scope)scope)) {
                names[key->scopes.n++] = key_scope_name((enum key_scope)scope);
                key->scope_bits |= 1u << scope;
            }
        return;
    }
    for (size_t i = 0; i < key->scopes.n; i++) {
        enum key_scope scope = key_scope_find(key->scopes.v[i]);
        if (scope == KEY_SCOPE_COUNT)
            PROBLEM(checker, "key `%.*s`: there is no scope `%.*s`", DVARA_STR_ARG(key->id),
                    DVARA_STR_ARG(key->scopes.v[i]));
        else
            key->scope_bits |= 1u << scope;
    }
}

static int compare_keys(const void *a, const void *b)
{
    const struct config_key *const *left = a, *const *right = b;
    return dvara_str_cmp((*left)->id, (*right)->id);
}

/* Sorted, since there may be ten thousand. */
static void check_key_ids(struct checker *checker)
{
    const struct config *config = checker->config;
    const struct config_key **sorted =
        ARENA_ARRAY(config->arena, config->n_keys, const struct config_key *);
    if (sorted == NULL)
        return;
    for (size_t i = 0; i < config->n_keys; i++)
        sorted[i] = &config->keys[i];
    qsort(sorted, config->n_keys, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < config->n_keys; i++)
        if (dvara_str_eq(sorted[i - 1]->id, sorted[i]->id))
            PROBLEM(checker, "two keys have the id `%.*s`", DVARA_STR_ARG(sorted[i]->id));
}

static void refuse_tenant(const struct config_key *key, const char *name_cstr,
                          struct config_problems *problems)
{
    config_problem(problems, name_cstr, 0, 0, "key `%.*s`: there is no tenant `%.*s`",
                   DVARA_STR_ARG(key->id), DVARA_STR_ARG(key->tenant_id));
}

static void check_keys(struct checker *checker)
{
    struct config *config = checker->config;
    for (size_t i = 0; i < config->n_keys; i++) {
        struct config_key *key = &config->keys[i];
        key->tenant = config_tenant_find(config, key->tenant_id);
        if (key->tenant == NULL)
            refuse_tenant(key, checker->name_cstr, checker->problems);
        if (dvara_str_is_absent(key->name))
            key->name = key->id;
        check_scopes(checker, key);
    }
    check_key_ids(checker);
    if (key_table_build(config) == DVARA_INVALID)
        PROBLEM(checker, "two keys have the same hash");
}

static void check_default_provider(const struct config *config, const char *name_cstr,
                                   struct config_problems *problems)
{
    if (!dvara_str_is_absent(config->default_provider) &&
        config_provider_find(config, config->default_provider) == NULL)
        config_problem(problems, name_cstr, 0, 0, "default_provider: there is no provider `%.*s`",
                       DVARA_STR_ARG(config->default_provider));
}

static void check_providers(struct checker *checker)
{
    struct config *config = checker->config;
    for (size_t i = 0; i < config->n_providers; i++) {
        struct config_provider *provider = &config->providers[i];
        config_check_provider(config, provider, checker->name_cstr, checker->problems);
        for (size_t j = 0; j < i; j++) {
            const struct config_provider *other = &config->providers[j];
            if (provider->target.origin_cstr != NULL && other->target.origin_cstr != NULL &&
                provider->target.id == other->target.id &&
                strcmp(provider->target.origin_cstr, other->target.origin_cstr) != 0)
                PROBLEM(checker,
                        "providers `%.*s` and `%.*s` collide: write one base_url "
                        "differently",
                        DVARA_STR_ARG(other->name), DVARA_STR_ARG(provider->name));
        }
    }
    check_default_provider(config, checker->name_cstr, checker->problems);
}

static void check_pair(struct checker *checker, const char *section_cstr,
                       const char *certificate_cstr, const char *key_cstr,
                       const char *client_ca_cstr)
{
    const char *const files[] = {certificate_cstr, key_cstr, client_ca_cstr};
    if ((certificate_cstr == NULL) != (key_cstr == NULL))
        PROBLEM(checker, "%s: certificate_file and key_file need each other", section_cstr);
    if (client_ca_cstr != NULL && certificate_cstr == NULL)
        PROBLEM(checker, "%s: client_ca_file needs certificate_file and key_file", section_cstr);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] != NULL && access(files[i], R_OK) != 0)
            PROBLEM(checker, "%s: the file %s cannot be read", section_cstr, files[i]);
}

static void hash_token(struct checker *checker, struct dvara_str token)
{
    while (token.n != 0 && (token.p[token.n - 1] == '\n' || token.p[token.n - 1] == '\r'))
        token.n--;
    if (token.n < ADMIN_TOKEN_BYTES_MIN)
        PROBLEM(checker, "admin: the token has under %d characters; make one with `dvara keys new`",
                ADMIN_TOKEN_BYTES_MIN);
    else if (EVP_Digest(token.p, token.n, checker->config->admin.token_hash, NULL, EVP_sha256(),
                        NULL) == 1)
        checker->config->admin.has_token = true;
}

static void read_token(struct checker *checker)
{
    const struct config *config = checker->config;
    if (!dvara_str_is_absent(config->admin.token_env)) {
        char name_cstr[VARIABLE_NAME_BYTES];
        size_t n = config->admin.token_env.n;
        if (n >= sizeof name_cstr)
            n = sizeof name_cstr - 1;
        memcpy(name_cstr, config->admin.token_env.p, n);
        name_cstr[n] = '\0';
        const char *token_cstr = getenv(name_cstr);
        if (token_cstr == NULL)
            PROBLEM(checker, "admin: the environment variable %s is not set", name_cstr);
        else
            hash_token(checker, dvara_str_from_cstr(token_cstr));
        return;
    }
    struct buf text;
    buf_init(&text, ADMIN_TOKEN_BYTES_MAX * 32);
    if (file_read(config->admin.token_file_cstr, &text) != DVARA_OK)
        PROBLEM(checker, "admin: token_file %s cannot be read", config->admin.token_file_cstr);
    else
        hash_token(checker, buf_str(&text));
    if (text.p != NULL)
        explicit_bzero(text.p, text.size);
    buf_clear(&text);
}

static void check_admin(struct checker *checker)
{
    struct config *config = checker->config;
    static const unsigned char none[32];
    bool has_hash = memcmp(config->admin.token_hash, none, sizeof none) != 0;
    int given = has_hash + !dvara_str_is_absent(config->admin.token_env) +
                (config->admin.token_file_cstr != NULL);
    check_pair(checker, "admin", config->admin.certificate_file_cstr, config->admin.key_file_cstr,
               config->admin.client_ca_file_cstr);
    config->admin.has_token = has_hash;
    if (given > 1)
        PROBLEM(checker, "admin: give one of token_hash, token_env and token_file");
    else if (given == 1 && !has_hash)
        read_token(checker);
    else if (given == 0 && config->admin.client_ca_file_cstr == NULL)
        PROBLEM(checker, "admin: give token_hash, token_env or token_file (`dvara keys new` makes "
                         "a token), or client_ca_file for client certificates");
}

static const char *below(const struct config *config, const char *given_cstr, const char *name_cstr)
{
    if (given_cstr != NULL)
        return given_cstr;
    return arena_printf(config->arena, "%s/%s", config->store_folder_cstr, name_cstr).p;
}

static void fill_paths(struct config *config)
{
    config->audit.folder_cstr = below(config, config->audit.folder_cstr, "audit");
    config->audit.key_file_cstr = below(config, config->audit.key_file_cstr, "audit.key");
    config->audit.checkpoint_key_file_cstr =
        below(config, config->audit.checkpoint_key_file_cstr, "checkpoint.pem");
    config->master_key_file_cstr = below(config, config->master_key_file_cstr, "master.key");
}

/* What asks for more of the records than is asked of none. */
static void check_audit(struct checker *checker)
{
    const struct config *config = checker->config;
    if (config->audit.enabled)
        return;
    if (config->audit.durability == CONFIG_DURABILITY_STRICT)
        PROBLEM(checker, "audit: `durability: strict` needs records, and `enabled: false` keeps "
                         "none: give one of the two");
    if (config->audit.copy_file_cstr != NULL)
        PROBLEM(checker, "audit: checkpoint_copy needs records, and `enabled: false` keeps none: "
                         "give one of the two");
}

enum dvara_status config_check(struct config *config, const char *name_cstr,
                               struct config_problems *problems)
{
    struct checker checker = {config, name_cstr, problems};
    fill_paths(config);
    check_tenants(&checker);
    check_keys(&checker);
    check_providers(&checker);
    check_pair(&checker, "tls", config->tls.certificate_file_cstr, config->tls.key_file_cstr,
               config->tls.client_ca_file_cstr);
    check_admin(&checker);
    check_audit(&checker);
    if (config->bundle.require_signatures && config->bundle.trusted_keys.n == 0)
        PROBLEM(&checker, "bundle: require_signatures needs trusted_keys");
    for (size_t i = 0; i < config->bundle.trusted_keys.n; i++)
        if (access(config->bundle.trusted_keys.v[i].p, R_OK) != 0)
            PROBLEM(&checker, "bundle: the key %s cannot be read",
                    config->bundle.trusted_keys.v[i].p);
    if (arena_is_exhausted(config->arena))
        return DVARA_NO_MEMORY;
    return problems->count == 0 ? DVARA_OK : DVARA_INVALID;
}

void config_check_names(const struct config *config, const char *name_cstr,
                        struct config_problems *problems)
{
    bool has_tenants = config->n_tenants != 0;
    for (size_t i = 0; i < config->n_tenants; i++)
        has_tenants = has_tenants && config->tenants[i].id.n != 0;
    for (size_t i = 0; has_tenants && i < config->n_keys; i++)
        if (config->keys[i].id.n != 0 && config->keys[i].tenant_id.n != 0 &&
            config_tenant_find(config, config->keys[i].tenant_id) == NULL)
            refuse_tenant(&config->keys[i], name_cstr, problems);
    if (config->n_providers != 0)
        check_default_provider(config, name_cstr, problems);
}
