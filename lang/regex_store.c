/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/regex_store.h"

#include "base/arena.h"
#include "lang/regex.h"

#include <stdlib.h>

enum { ENTRIES_MAX = 8192, MEMORY_MAX = 64 << 20 };

struct entry {
    struct dvara_str text;
    unsigned flags;
    struct regex_facts *facts;
};

struct regex_store {
    struct arena arena;
    struct entry entries[ENTRIES_MAX];
    size_t n;
};

struct regex_store *regex_store_new(void)
{
    struct regex_store *store = calloc(1, sizeof *store);
    if (store)
        arena_init(&store->arena, MEMORY_MAX);
    return store;
}

void regex_store_free(struct regex_store *store)
{
    if (!store)
        return;
    arena_clear(&store->arena);
    free(store);
}

struct regex_facts *regex_store_facts(struct regex_store *store, struct dvara_str text,
                                      unsigned flags)
{
    for (size_t i = 0; i < store->n; i++) {
        const struct entry *entry = &store->entries[i];
        if (entry->flags == flags && dvara_str_eq(entry->text, text))
            return entry->facts;
    }
    if (store->n == ENTRIES_MAX)
        return NULL;
    struct entry entry = {.text = arena_copy(&store->arena, text),
                          .flags = flags,
                          .facts = ARENA_NEW(&store->arena, struct regex_facts)};
    if (!entry.text.p || !entry.facts)
        return NULL;
    store->entries[store->n++] = entry;
    return entry.facts;
}
