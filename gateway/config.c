/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/config.h"

#include "gateway/config_bind.h"
#include "gateway/config_check.h"
#include "gateway/config_tree.h"
#include "gateway/secret_file.h"

#include <libgen.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONFIG_ARENA_BYTES = 256 * 1024 * 1024 }; /* a tree, and the values of 100 000 keys */

struct counted_config {
    struct config config;
    struct arena arena;
    _Atomic unsigned references;
};

static struct counted_config *counted(struct config *config)
{
    return (struct counted_config *)(void *)config; /* its first member */
}

void config_ref(struct config *config)
{
    atomic_fetch_add_explicit(&counted(config)->references, 1, memory_order_relaxed);
}

/* The arena is the config's own, so what it lends as const may be wiped. */
static void wipe(struct dvara_str secret)
{
    union {
        const char *lent;
        char *owned;
    } text = {.lent = secret.p};
    if (secret.n != 0)
        explicit_bzero(text.owned, secret.n);
}

void config_unref(struct config *config)
{
    if (config == NULL || atomic_fetch_sub(&counted(config)->references, 1) != 1)
        return;
    for (size_t i = 0; i < config->n_providers; i++) {
        wipe(config->providers[i].api_key);
        wipe(config->providers[i].chat_head);
    }
    explicit_bzero(config->master_key, sizeof config->master_key);
    for (size_t i = 0; i < config->n_tenants; i++)
        explicit_bzero(config->tenants[i].hash_key, sizeof config->tenants[i].hash_key);
    arena_clear(config->arena);
    free(counted(config));
}

enum dvara_status config_load_text(struct dvara_str text, const char *name_cstr,
                                   const char *folder_cstr, struct config_problems *problems,
                                   struct config **ret_config)
{
    struct counted_config *made = calloc(1, sizeof *made);
    if (made == NULL)
        return DVARA_NO_MEMORY;
    arena_init(&made->arena, CONFIG_ARENA_BYTES);
    made->config.arena = &made->arena;
    atomic_init(&made->references, 1);
    struct config_node *root;
    enum dvara_status status = config_tree_parse(text, name_cstr, &made->arena, problems, &root);
    bool root_is_bound = status == DVARA_OK;
    if (root_is_bound)
        status = config_bind(root, name_cstr, folder_cstr, &made->config, problems);
    if (status == DVARA_OK)
        status = config_check(&made->config, name_cstr, problems);
    else if (status == DVARA_INVALID && root_is_bound)
        config_check_names(&made->config, name_cstr, problems);
    if (status != DVARA_OK) {
        config_unref(&made->config);
        return status;
    }
    *ret_config = &made->config;
    return DVARA_OK;
}

enum dvara_status config_load(const char *file_cstr, struct config_problems *problems,
                              struct config **ret_config)
{
    struct buf text;
    buf_init(&text, CONFIG_FILE_BYTES + 65536);
    enum dvara_status status = file_read(file_cstr, &text);
    if (status != DVARA_OK) {
        config_problem(problems, file_cstr, 0, 0, "cannot be read: %s", file_sentence(status));
    } else {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s", file_cstr);
        status = config_load_text(buf_str(&text), file_cstr, dirname(path), problems, ret_config);
    }
    if (status == DVARA_OK)
        (*ret_config)->file_cstr =
            arena_copy((*ret_config)->arena, dvara_str_from_cstr(file_cstr)).p;
    buf_clear(&text);
    return status;
}

const struct config_provider *config_provider_find(const struct config *config,
                                                   struct dvara_str name)
{
    for (size_t i = 0; i < config->n_providers; i++)
        if (dvara_str_eq(config->providers[i].name, name))
            return &config->providers[i];
    return NULL;
}

const struct config_tenant *config_tenant_find(const struct config *config, struct dvara_str id)
{
    for (size_t i = 0; i < config->n_tenants; i++)
        if (dvara_str_eq(config->tenants[i].id, id))
            return &config->tenants[i];
    return NULL;
}

enum dvara_status config_open_master_key(struct config *config)
{
    enum dvara_status status = folder_make(config->store_folder_cstr);
    if (status != DVARA_OK)
        return status;
    status = secret_file_open(config->master_key_file_cstr, config->master_key,
                              sizeof config->master_key);
    for (size_t i = 0; i < config->n_tenants && status == DVARA_OK; i++)
        status = config_derive_key(config, DVARA_STR("pii-hash"), config->tenants[i].id,
                                   config->tenants[i].hash_key);
    return status;
}

enum dvara_status config_derive_key(const struct config *config, struct dvara_str label,
                                    struct dvara_str context, unsigned char ret_key[32])
{
    struct buf info; /* "dvara", label and context, each closed by a NUL: none of them holds one */
    buf_init(&info, 4096);
    buf_append(&info, DVARA_STR("dvara\0"));
    buf_append(&info, label);
    buf_byte(&info, '\0');
    buf_append(&info, context);
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *kdf_context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    unsigned char secret[32];
    char digest_cstr[] = "SHA256";
    memcpy(secret, config->master_key, sizeof secret);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_cstr, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret, sizeof secret),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.p, info.n),
        OSSL_PARAM_construct_end(),
    };
    bool ok = kdf_context != NULL && !buf_failed(&info) &&
              EVP_KDF_derive(kdf_context, ret_key, 32, parameters) == 1;
    explicit_bzero(secret, sizeof secret);
    EVP_KDF_CTX_free(kdf_context);
    EVP_KDF_free(kdf);
    buf_clear(&info);
    return ok ? DVARA_OK : DVARA_NO_MEMORY;
}

bool config_networks_have(const struct config_networks *networks, const unsigned char address[16])
{
    for (size_t i = 0; i < networks->n; i++) {
        const struct config_network *network = &networks->v[i];
        size_t whole = network->prefix / 8;
        unsigned rest = network->prefix % 8;
        unsigned char mask = (unsigned char)(0xff00u >> rest);
        if (memcmp(network->address, address, whole) == 0 &&
            (rest == 0 || ((network->address[whole] ^ address[whole]) & mask) == 0))
            return true;
    }
    return false;
}
