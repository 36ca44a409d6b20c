/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/keys.h"

#include "base/bytes.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>

/* Open addressing over the digests; a slot holds the key's index and one, 0 is empty. */
struct key_table {
    size_t mask;
    uint32_t *slots;
};

struct key_hasher {
    EVP_MD *digest;
    EVP_MD_CTX *context;
};

static const struct {
    struct dvara_str name;
    bool by_default;
} scopes[] = {
#define SCOPE(id, name_, by_default_, what) {DVARA_STR_INIT(name_), by_default_},
#include "dvara/scopes.def"
};

struct dvara_str key_scope_name(enum key_scope scope)
{
    return scopes[scope].name;
}

bool key_scope_by_default(enum key_scope scope)
{
    return scopes[scope].by_default;
}

enum key_scope key_scope_find(struct dvara_str name)
{
    for (int i = 0; i < KEY_SCOPE_COUNT; i++)
        if (dvara_str_eq(scopes[i].name, name))
            return (enum key_scope)i;
    return KEY_SCOPE_COUNT;
}

struct key_hasher *key_hasher_new(void)
{
    struct key_hasher *hasher = calloc(1, sizeof *hasher);
    if (hasher == NULL)
        return NULL;
    /* Fetched once: a fetch a call costs more than the digest. */
    hasher->digest = EVP_MD_fetch(NULL, "SHA256", NULL);
    hasher->context = EVP_MD_CTX_new();
    if (hasher->digest == NULL || hasher->context == NULL) {
        key_hasher_free(hasher);
        return NULL;
    }
    return hasher;
}

void key_hasher_free(struct key_hasher *hasher)
{
    if (hasher == NULL)
        return;
    EVP_MD_CTX_free(hasher->context);
    EVP_MD_free(hasher->digest);
    free(hasher);
}

void key_hash(struct key_hasher *hasher, struct dvara_str secret, unsigned char ret_hash[32])
{
    bool ok = EVP_DigestInit_ex2(hasher->context, hasher->digest, NULL) == 1 &&
              EVP_DigestUpdate(hasher->context, secret.p, secret.n) == 1 &&
              EVP_DigestFinal_ex(hasher->context, ret_hash, NULL) == 1;
    if (!ok)
        abort(); /* SHA-256 over memory cannot fail; a wrong answer would open the door */
}

static size_t slot_of(const struct key_table *table, const unsigned char hash[32])
{
    return (size_t)bytes_get64(hash) & table->mask;
}

enum dvara_status key_table_build(struct config *config)
{
    size_t size = 16;
    while (size < config->n_keys * 2)
        size *= 2;
    struct key_table *table = ARENA_NEW(config->arena, struct key_table);
    uint32_t *slots = ARENA_ARRAY(config->arena, size, uint32_t);
    if (table == NULL || slots == NULL)
        return DVARA_NO_MEMORY;
    *table = (struct key_table){.mask = size - 1, .slots = slots};
    for (size_t i = 0; i < config->n_keys; i++) {
        size_t slot = slot_of(table, config->keys[i].hash);
        for (; slots[slot] != 0; slot = (slot + 1) & table->mask)
            if (memcmp(config->keys[slots[slot] - 1].hash, config->keys[i].hash, 32) == 0)
                return DVARA_INVALID;
        slots[slot] = (uint32_t)i + 1;
    }
    config->key_table = table;
    return DVARA_OK;
}

static const struct config_key *find(const struct config *config, const unsigned char hash[32])
{
    const struct key_table *table = config->key_table;
    for (size_t slot = slot_of(table, hash); table->slots[slot] != 0;
         slot = (slot + 1) & table->mask) {
        const struct config_key *key = &config->keys[table->slots[slot] - 1];
        if (CRYPTO_memcmp(key->hash, hash, sizeof key->hash) == 0)
            return key;
    }
    return NULL;
}

enum key_verdict key_check(const struct config *config, struct key_hasher *hasher,
                           struct dvara_str secret, int64_t now_ns,
                           const struct config_key **ret_key)
{
    unsigned char hash[32];
    key_hash(hasher, secret, hash);
    const struct config_key *key = find(config, hash);
    if (key == NULL)
        return KEY_UNKNOWN;
    *ret_key = key;
    if (key->state == CONFIG_KEY_REVOKED)
        return KEY_REVOKED;
    return key->expires_ns != 0 && now_ns >= key->expires_ns ? KEY_EXPIRED : KEY_GOOD;
}

enum dvara_status key_new(const char *prefix_cstr, char ret_text[KEY_TEXT_BYTES])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char random[33] = {0}; /* 256 bits, and two zero bits for the last digit */
    if (strlen(prefix_cstr) != 4 || RAND_bytes(random, 32) != 1)
        return DVARA_IO;
    memcpy(ret_text, prefix_cstr, 4);
    for (size_t i = 0; i < 43; i++) {
        size_t bit = i * 6, byte = bit / 8;
        unsigned pair = (unsigned)random[byte] << 8 | random[byte + 1 < 33 ? byte + 1 : 32];
        ret_text[4 + i] = digits[pair >> (10 - bit % 8) & 63];
    }
    ret_text[KEY_TEXT_BYTES - 1] = '\0';
    explicit_bzero(random, sizeof random);
    return DVARA_OK;
}
