/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/number.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* One block serves an ordinary exchange whole: fewer calls to malloc than requests. */
enum { BLOCK_MIN = 16 * 1024, ALIGNMENT = 16 };

struct arena_block {
    struct arena_block *next;
    size_t size; /* bytes after this header */
    size_t fill;
    size_t pad; /* keeps the payload 16-byte aligned */
};

static_assert(sizeof(struct arena_block) % ALIGNMENT == 0, "the payload must stay aligned");

static char *payload(struct arena_block *block)
{
    return (char *)(block + 1);
}

void arena_init(struct arena *arena, size_t limit_bytes)
{
    *arena = (struct arena){.limit = limit_bytes};
}

static void free_chain(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_clear(struct arena *arena)
{
    free_chain(arena->head);
    arena_init(arena, arena->limit);
}

void arena_reset(struct arena *arena)
{
    struct arena_block *first = arena->head;
    if (first && first->size == BLOCK_MIN) {
        free_chain(first->next);
        first->next = NULL;
        first->fill = 0;
        arena->held = first->size;
    } else {
        free_chain(first);
        arena->head = NULL;
        arena->held = 0;
    }
    arena->used = 0;
    arena->exhausted = false;
}

static bool add_block(struct arena *arena, size_t need)
{
    size_t size = need > BLOCK_MIN ? need : BLOCK_MIN;
    if (size > arena->limit - arena->held)
        size = need;
    if (size > arena->limit - arena->held)
        return false;
    struct arena_block *block = malloc(sizeof *block + size);
    if (!block)
        return false;
    *block = (struct arena_block){.size = size, .next = arena->head};
    arena->head = block;
    arena->held += size;
    return true;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (arena->exhausted || size > SIZE_MAX / 2)
        goto fail;
    size_t need = (size + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
    struct arena_block *block = arena->head;
    if (!block || need > block->size - block->fill) {
        if (!add_block(arena, need))
            goto fail;
        block = arena->head;
    }
    char *p = payload(block) + block->fill;
    block->fill += need;
    arena->used += need;
    return memset(p, 0, need);
fail:
    arena->exhausted = true;
    return NULL;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        arena->exhausted = true;
        return NULL;
    }
    return arena_alloc(arena, total);
}

struct dvara_str arena_copy(struct arena *arena, struct dvara_str s)
{
    if (dvara_str_is_absent(s))
        return s;
    char *p = arena_alloc(arena, s.n + 1);
    if (!p)
        return (struct dvara_str){0};
    memcpy(p, s.p, s.n);
    return dvara_str_from(p, s.n);
}

struct dvara_str arena_join(struct arena *arena, struct dvara_str a, char between,
                            struct dvara_str b)
{
    char *p = arena_alloc(arena, a.n + b.n + 1);
    if (!p)
        return (struct dvara_str){0};
    if (a.n > 0)
        memcpy(p, a.p, a.n);
    p[a.n] = between;
    if (b.n > 0)
        memcpy(p + a.n + 1, b.p, b.n);
    return dvara_str_from(p, a.n + b.n + 1);
}

struct dvara_str arena_int(struct arena *arena, int64_t value)
{
    char text[NUMBER_INT_BYTES];
    return arena_copy(arena, number_int_text(value, text));
}

struct dvara_str arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(n >= 0);
    char *p = arena_alloc(arena, (size_t)n + 1);
    if (p)
        (void)vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return p ? dvara_str_from(p, (size_t)n) : (struct dvara_str){0};
}
