/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/names.h"

#include "base/arena.h"
#include "base/hash.h"

#include <assert.h>

struct names {
    struct decl **slots; /* open addressing; a power of two, at most half full */
    size_t mask;
    struct hash_key key;
    unsigned searches;
};

enum space decl_space(enum decl_kind kind)
{
    static const uint8_t spaces[DECL_COUNT] = {
        [DECL_LET] = SPACE_VALUE,           [DECL_RUNTIME_LIST] = SPACE_VALUE,
        [DECL_DEFAULT] = SPACE_DEFAULT,     [DECL_PROVIDER] = SPACE_PROVIDER,
        [DECL_MODEL] = SPACE_MODEL,         [DECL_DETECTOR] = SPACE_DETECTOR,
        [DECL_GROUP] = SPACE_DETECTOR,      [DECL_RULE] = SPACE_RULE,
        [DECL_ROUTE] = SPACE_ROUTE,         [DECL_TEST] = SPACE_TEST,
        [DECL_LIMIT] = SPACE_LIMIT,         [DECL_BUDGET] = SPACE_BUDGET,
        [DECL_INVARIANT] = SPACE_INVARIANT,
    };
    assert(kind < DECL_COUNT);
    return (enum space)spaces[kind];
}

struct names *names_new(struct arena *arena, size_t count)
{
    struct names *names = ARENA_NEW(arena, struct names);
    size_t size = 16;
    while (size < 2 * count)
        size *= 2;
    if (!names)
        return NULL;
    names->slots = ARENA_ARRAY(arena, size, struct decl *);
    names->mask = size - 1;
    names->key = hash_key_random();
    return names->slots ? names : NULL;
}

/* The slot that holds the name, or the empty one where it belongs. */
static struct decl **slot(const struct names *names, enum space space, struct dvara_str name)
{
    size_t i = (size_t)(hash_bytes(&names->key, name) + (uint64_t)space) & names->mask;
    for (;; i = (i + 1) & names->mask) {
        struct decl *decl = names->slots[i];
        if (!decl || (decl_space(decl->kind) == space && dvara_str_eq(decl->name, name)))
            return &names->slots[i];
    }
}

struct decl *names_add(struct names *names, struct decl *decl)
{
    struct decl **place = slot(names, decl_space(decl->kind), decl->name);
    if (*place)
        return *place;
    *place = decl;
    return NULL;
}

struct decl *names_find(const struct names *names, enum space space, struct dvara_str name)
{
    return *slot(names, space, name);
}

void names_suggest(struct names *names, enum space space, struct suggestion *suggestion)
{
    if (names->searches++ >= NAMES_SEARCHES_MAX)
        return;
    for (size_t i = 0; i <= names->mask; i++) {
        const struct decl *decl = names->slots[i];
        if (decl && decl_space(decl->kind) == space)
            suggest_offer(suggestion, decl->name);
    }
}
