/* SPDX-License-Identifier: Apache-2.0 */
/* Memory by lifetime: everything allocated from an arena dies with it (a bundle, a compile, an
 * exchange). Bytes come zeroed. Running over the limit or out of memory sets a sticky flag and
 * returns NULL; callers that allocate often may go on and ask arena_is_exhausted() once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_block;

struct arena {
    struct arena_block *head; /* the block being filled */
    size_t used;              /* bytes handed out and lost to alignment, over all blocks */
    size_t held;              /* bytes of blocks held */
    size_t limit;             /* ceiling on held */
    bool exhausted;           /* sticky until arena_reset */
};

void arena_init(struct arena *arena, size_t limit_bytes);
/* Gives every block back to the system. The arena may be used again. */
void arena_clear(struct arena *arena);
/* Forgets all allocations, keeps the first block for the next round, clears the sticky flag. */
void arena_reset(struct arena *arena);

/* Zeroed and 16-byte aligned; NULL and sticky on failure. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);
/* count * size, checked for overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* A copy of s with a NUL after it (not counted in n). The absent slice stays absent. On failure the
 * absent slice. */
struct dvara_str arena_copy(struct arena *arena, struct dvara_str s);
/* `a`, a byte, `b`; and the decimal form of a number: no printf on hot paths. */
struct dvara_str arena_join(struct arena *arena, struct dvara_str a, char between,
                            struct dvara_str b);
struct dvara_str arena_int(struct arena *arena, int64_t value);
/* printf into the arena. */
struct dvara_str arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline bool arena_is_exhausted(const struct arena *arena)
{
    return arena->exhausted;
}

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array((arena), (count), sizeof(type)))

#endif
