/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/default_config.h"

#include "base/bytes.h"
#include "gateway/config_tree.h"
#include "gateway/secret_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_BYTES = 64 * 1024, HASH_BYTES = 32 };

static const struct {
    const char *name_cstr, *variable_cstr, *url_cstr;
} providers[] = {
#define DEFAULT_PROVIDER(name, variable, url) {name, variable, url},
#include "gateway/default_providers.def"
};

static void hash_text(struct key_hasher *hasher, const char *secret_cstr,
                      unsigned char ret_hash[HASH_BYTES])
{
    key_hash(hasher, dvara_str_from_cstr(secret_cstr), ret_hash);
}

/* Both hashes from the file, or new secrets whose hashes are kept there. */
static enum dvara_status open_hashes(const char *store_cstr, struct default_secrets *secrets,
                                     unsigned char hashes[2 * HASH_BYTES])
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/default-keys", store_cstr) >= (int)sizeof path)
        return DVARA_IO;
    enum dvara_status status = secret_file_read(path, hashes, 2 * HASH_BYTES);
    if (status != DVARA_NOT_FOUND)
        return status;
    struct key_hasher *hasher = key_hasher_new();
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    status = hasher != NULL ? key_new("dvk_", secrets->key) : DVARA_NO_MEMORY;
    if (status == DVARA_OK)
        status = key_new("dva_", secrets->token);
    if (status == DVARA_OK) {
        hash_text(hasher, secrets->key, hashes);
        hash_text(hasher, secrets->token, hashes + HASH_BYTES);
        bytes_hex(&text, dvara_str_from((const char *)hashes, 2 * HASH_BYTES));
        status = secret_file_make(path, buf_str(&text));
        secrets->are_new = true;
    }
    buf_clear(&text);
    key_hasher_free(hasher);
    return status;
}

static void write_hash(struct buf *out, const unsigned char hash[HASH_BYTES])
{
    BUF_LIT(out, "'sha256:");
    bytes_hex(out, dvara_str_from((const char *)hash, HASH_BYTES));
    BUF_LIT(out, "'");
}

/* The same text that an operator would write, so that there is one way into struct config. */
static void write_text(const char *store_cstr, const unsigned char hashes[2 * HASH_BYTES],
                       struct buf *out)
{
    buf_printf(out, "store: {folder: '%s'}\nproviders:\n  simulator: {kind: simulator}\n",
               store_cstr);
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        const char *value_cstr = getenv(providers[i].variable_cstr);
        if (value_cstr != NULL && value_cstr[0] != '\0')
            buf_printf(out, "  %s: {kind: openai, base_url: '%s', api_key_env: %s}\n",
                       providers[i].name_cstr, providers[i].url_cstr, providers[i].variable_cstr);
    }
    BUF_LIT(out, "default_provider: simulator\ntenants: [{id: default}]\nkeys:\n"
                 "  - {id: default, tenant: default, scopes: [completions:write, embeddings:write, "
                 "models:read, explain], hash: ");
    write_hash(out, hashes);
    BUF_LIT(out, "}\nadmin: {token_hash: ");
    write_hash(out, hashes + HASH_BYTES);
    BUF_LIT(out, "}\n");
}

enum dvara_status default_config_load(const char *store_cstr, struct config_problems *problems,
                                      struct default_secrets *ret_secrets,
                                      struct config **ret_config)
{
    unsigned char hashes[2 * HASH_BYTES];
    struct buf text;
    *ret_secrets = (struct default_secrets){.are_new = false};
    enum dvara_status status = folder_make(store_cstr);
    if (status == DVARA_OK)
        status = open_hashes(store_cstr, ret_secrets, hashes);
    if (status != DVARA_OK || strchr(store_cstr, '\'') != NULL) {
        config_problem(problems, store_cstr, 0, 0, "the store folder cannot be used: %s",
                       dvara_status_sentence(status != DVARA_OK ? status : DVARA_INVALID));
        return status != DVARA_OK ? status : DVARA_INVALID;
    }
    buf_init(&text, TEXT_BYTES);
    write_text(store_cstr, hashes, &text);
    status = buf_failed(&text)
                 ? DVARA_NO_MEMORY
                 : config_load_text(buf_str(&text), "embedded defaults", ".", problems, ret_config);
    buf_clear(&text);
    return status;
}
