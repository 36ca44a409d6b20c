/* SPDX-License-Identifier: Apache-2.0 */
/* The search for duplicate keys. Most objects have none that even look alike, which one pass tells.
 * Of the others small ones compare all pairs; larger ones fill a table hashed with a key of the
 * process's random source, so that no body makes it quadratic. */
#ifndef BASE_JSON_KEYS_H
#define BASE_JSON_KEYS_H

#include "base/hash.h"
#include "base/json.h"

/* Shared by the objects of one document; zero-initialise, then clear. */
struct json_keys {
    struct hash_key secret;
    bool has_secret;
    uint64_t *slots; /* hash tag << 32 | node + 1; 0 is free */
    size_t size;     /* a power of two */
};

void json_keys_clear(struct json_keys *keys);

/* The first KEY node of a finished object that repeats an earlier one, or JSON_NONE. NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status json_keys_check(struct json_keys *keys, const char *text,
                                                   const struct json_node *nodes, uint32_t object,
                                                   uint32_t *ret_duplicate);

#endif
