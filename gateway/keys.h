/* SPDX-License-Identifier: Apache-2.0 */
/* API keys: 256-bit secrets of which the config holds only SHA-256. Looked up by digest in a hash
 * table and compared in constant time, so timing tells nothing about another key. */
#ifndef GATEWAY_KEYS_H
#define GATEWAY_KEYS_H

#include "dvara/status.h"
#include "gateway/config.h"

/* What a key may do; rows of scopes.def. */
enum key_scope {
#define SCOPE(id, name, by_default, what) KEY_SCOPE_##id,
#include "dvara/scopes.def"
    KEY_SCOPE_COUNT
};
struct dvara_str key_scope_name(enum key_scope scope);
bool key_scope_by_default(enum key_scope scope);
/* KEY_SCOPE_COUNT when there is none of that name. */
enum key_scope key_scope_find(struct dvara_str name);
static inline bool key_has_scope(const struct config_key *key, enum key_scope scope)
{
    return (key->scope_bits >> scope) & 1;
}

enum key_verdict { KEY_GOOD, KEY_UNKNOWN, KEY_REVOKED, KEY_EXPIRED };

/* Hashes keys; one a thread. NULL when out of memory. */
struct key_hasher;
struct key_hasher *key_hasher_new(void);
void key_hasher_free(struct key_hasher *hasher);
void key_hash(struct key_hasher *hasher, struct dvara_str secret, unsigned char ret_hash[32]);

/* Whose key is it? *ret_key is set unless the verdict is KEY_UNKNOWN (a revoked or expired key
 * still tells its tenant to the audit record). now_ns: since the epoch. */
enum key_verdict key_check(const struct config *config, struct key_hasher *hasher,
                           struct dvara_str secret, int64_t now_ns,
                           const struct config_key **ret_key);

/* A new key: "dvk_" and 43 characters of base64url (256 random bits), NUL-terminated. */
enum { KEY_TEXT_BYTES = 4 + 43 + 1 };
enum dvara_status key_new(const char *prefix_cstr, char ret_text[KEY_TEXT_BYTES]) DVARA_MUST_CHECK;

/* For config.c: the table over config->keys. INVALID: two keys have one hash. */
enum dvara_status key_table_build(struct config *config) DVARA_MUST_CHECK;

#endif
