/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/intern.h"

#include "base/arena.h"
#include "base/hash.h"

struct entry {
    struct dvara_str key;
    uint32_t kind, number;
    struct entry *next;
};

struct intern {
    struct arena *arena;
    struct entry **slots;
    uint32_t size, n;
};

enum { SLOTS_FIRST = 1024 };

struct intern *intern_new(struct arena *arena)
{
    struct intern *intern = ARENA_NEW(arena, struct intern);
    if (!intern)
        return NULL;
    *intern = (struct intern){.arena = arena, .size = SLOTS_FIRST};
    intern->slots = ARENA_ARRAY(arena, SLOTS_FIRST, struct entry *);
    return intern->slots ? intern : NULL;
}

static struct entry **slot_of(const struct intern *intern, uint32_t kind, struct dvara_str key)
{
    uint64_t h = hash_fixed(key) ^ kind * UINT64_C(0x9e3779b97f4a7c15);
    return &intern->slots[(uint32_t)(h ^ h >> 32) & (intern->size - 1)];
}

static void grow(struct intern *intern)
{
    struct intern bigger = *intern;
    bigger.size *= 2;
    bigger.slots = ARENA_ARRAY(intern->arena, bigger.size, struct entry *);
    if (!bigger.slots)
        return;
    for (uint32_t i = 0; i < intern->size; i++) {
        for (struct entry *e = intern->slots[i], *next; e; e = next) {
            struct entry **slot = slot_of(&bigger, e->kind, e->key);
            next = e->next;
            e->next = *slot;
            *slot = e;
        }
    }
    *intern = bigger;
}

uint32_t *intern_at(struct intern *intern, uint32_t kind, struct dvara_str key)
{
    struct entry **slot = slot_of(intern, kind, key);
    for (struct entry *e = *slot; e; e = e->next) {
        if (e->kind == kind && dvara_str_eq(e->key, key))
            return &e->number;
    }
    struct entry *e = ARENA_NEW(intern->arena, struct entry);
    if (!e)
        return NULL;
    *e = (struct entry){arena_copy(intern->arena, key), kind, UINT32_MAX, *slot};
    *slot = e;
    if (++intern->n > intern->size)
        grow(intern);
    return &e->number;
}
