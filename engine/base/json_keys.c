/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_keys.h"

#include "base/json_text.h"

#include <stdlib.h>

enum { PAIRWISE_MAX = 12 }; /* 66 comparisons that nearly all end at the length */

void json_keys_clear(struct json_keys *keys)
{
    free(keys->slots);
    *keys = (struct json_keys){0};
}

static struct dvara_str body_of(const char *text, const struct json_node *key)
{
    return dvara_str_from(text + key->start + 1, key->end - key->start - 2);
}

static bool same_key(const char *text, const struct json_node *a, const struct json_node *b)
{
    if (!a->escapes && !b->escapes) /* the last letters settle nearly all without a call */
        return a->end - a->start == b->end - b->start && text[a->end - 2] == text[b->end - 2] &&
               dvara_str_eq(body_of(text, a), body_of(text, b));
    return json_text_eq(body_of(text, a), body_of(text, b));
}

/* Which of 256 a name is, told by its length and two letters. Equal names are the same one; an
 * escape may spell any of them. */
static bool seem_different(const char *text, const struct json_node *nodes, uint32_t object)
{
    uint64_t seen[4] = {0};
    const uint32_t end = nodes[object].next;
    for (uint32_t i = object + 1; i < end; i = nodes[i].next) {
        const struct json_node *key = &nodes[i];
        uint32_t first = (unsigned char)text[key->start + 1];
        uint32_t last = (unsigned char)text[key->end - 2];
        uint32_t which = first * 7 + last * 31 + (key->end - key->start) * 5;
        uint64_t bit = UINT64_C(1) << (which & 63);
        uint64_t *word = &seen[which >> 6 & 3];
        if ((*word & bit) || key->escapes)
            return false;
        *word |= bit;
    }
    return true;
}

static uint32_t check_pairs(const char *text, const struct json_node *nodes,
                            const uint32_t *members, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (same_key(text, &nodes[members[i]], &nodes[members[j]]))
                return members[i];
    return JSON_NONE;
}

static enum dvara_status make_table(struct json_keys *keys, size_t members)
{
    size_t size = 64;
    while (size < members * 2)
        size *= 2;
    if (size > keys->size) {
        free(keys->slots);
        keys->slots = malloc(size * sizeof *keys->slots);
        keys->size = keys->slots ? size : 0;
        if (!keys->slots)
            return DVARA_NO_MEMORY;
    }
    if (!keys->has_secret)
        keys->secret = hash_key_random();
    keys->has_secret = true;
    return DVARA_OK;
}

static uint64_t hash_of(const struct json_keys *keys, const char *text, const struct json_node *key)
{
    struct hash_state state;
    hash_init(&state, &keys->secret);
    json_text_hash(&state, body_of(text, key));
    return hash_end(&state);
}

static uint32_t check_table(struct json_keys *keys, const char *text, const struct json_node *nodes,
                            uint32_t object, size_t count)
{
    size_t size = 64; /* as small as the object allows: clearing stays linear in it */
    while (size < count * 2)
        size *= 2;
    memset(keys->slots, 0, size * sizeof *keys->slots);
    for (uint32_t i = object + 1; i < nodes[object].next; i = nodes[i].next) {
        uint64_t hash = hash_of(keys, text, &nodes[i]);
        size_t at = (size_t)hash & (size - 1);
        uint64_t tag = hash & ~UINT64_C(0xffffffff);
        for (; keys->slots[at]; at = (at + 1) & (size - 1)) {
            uint64_t slot = keys->slots[at];
            uint32_t other = (uint32_t)slot - 1;
            if ((slot & ~UINT64_C(0xffffffff)) == tag && same_key(text, &nodes[i], &nodes[other]))
                return i;
        }
        keys->slots[at] = tag | (i + 1);
    }
    return JSON_NONE;
}

enum dvara_status json_keys_check(struct json_keys *keys, const char *text,
                                  const struct json_node *nodes, uint32_t object,
                                  uint32_t *ret_duplicate)
{
    uint32_t members[PAIRWISE_MAX];
    size_t count = 0;
    if (seem_different(text, nodes, object)) {
        *ret_duplicate = JSON_NONE;
        return DVARA_OK;
    }
    for (uint32_t i = object + 1; i < nodes[object].next; i = nodes[i].next) {
        if (count < PAIRWISE_MAX)
            members[count] = i;
        count++;
    }
    if (count <= PAIRWISE_MAX) {
        *ret_duplicate = check_pairs(text, nodes, members, count);
        return DVARA_OK;
    }
    enum dvara_status status = make_table(keys, count);
    if (status == DVARA_OK)
        *ret_duplicate = check_table(keys, text, nodes, object, count);
    return status;
}
