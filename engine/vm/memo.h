/* SPDX-License-Identifier: Apache-2.0 */
/* A byte for each of many numbers, 0 until it is put, in an arena: pages of 256, made when the
 * first of theirs is put. An exchange uses few of a bundle's many predicates, and pays for those.
 */
#ifndef VM_MEMO_H
#define VM_MEMO_H

#include "base/arena.h"

enum { MEMO_PAGE = 256 };

struct memo {
    uint8_t **pages;
};

/* For numbers below n. False: out of memory. */
static inline bool memo_init(struct memo *memo, uint32_t n, struct arena *arena)
{
    memo->pages = ARENA_ARRAY(arena, (size_t)n / MEMO_PAGE + 1, uint8_t *);
    return memo->pages != NULL;
}

static inline uint8_t memo_get(const struct memo *memo, uint32_t number)
{
    const uint8_t *page = memo->pages[number / MEMO_PAGE];
    return page ? page[number % MEMO_PAGE] : 0;
}

/* False: out of memory, nothing is kept. */
static inline bool memo_put(struct memo *memo, struct arena *arena, uint32_t number, uint8_t byte)
{
    uint8_t **page = &memo->pages[number / MEMO_PAGE];
    if (!*page)
        *page = ARENA_ARRAY(arena, MEMO_PAGE, uint8_t);
    if (*page)
        (*page)[number % MEMO_PAGE] = byte;
    return *page != NULL;
}

#endif
