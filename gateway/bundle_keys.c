/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/bundle_keys.h"

#include "gateway/audit/checkpoint.h"

#include <openssl/evp.h>
#include <stdlib.h>

static enum dvara_status read_one(const char *path_cstr, char *id,
                                  struct dvara_trusted_key *ret_key)
{
    EVP_PKEY *key = NULL;
    size_t length = sizeof ret_key->public_key;
    enum dvara_status status = checkpoint_key_read(path_cstr, &key);
    if (status == DVARA_OK)
        status = checkpoint_key_kid(key, id);
    if (status == DVARA_OK && EVP_PKEY_get_raw_public_key(key, ret_key->public_key, &length) != 1)
        status = DVARA_INVALID;
    ret_key->id = dvara_str_from(id, AUDIT_KID_BYTES);
    EVP_PKEY_free(key);
    return status;
}

enum dvara_status bundle_keys_read(const struct dvara_strs *files, struct bundle_keys *ret_keys)
{
    struct bundle_keys keys = {
        .v = calloc(files->n + 1, sizeof *keys.v),
        .n = files->n,
        .ids = calloc(files->n + 1, AUDIT_KID_BYTES),
    };
    enum dvara_status status = keys.v && keys.ids ? DVARA_OK : DVARA_NO_MEMORY;
    for (size_t i = 0; i < files->n && status == DVARA_OK; i++)
        status = read_one(files->v[i].p, keys.ids + i * AUDIT_KID_BYTES, &keys.v[i]);
    if (status != DVARA_OK) {
        bundle_keys_clear(&keys);
        return status;
    }
    *ret_keys = keys;
    return DVARA_OK;
}

void bundle_keys_clear(struct bundle_keys *keys)
{
    free(keys->v);
    free(keys->ids);
    *keys = (struct bundle_keys){0};
}
