/* SPDX-License-Identifier: Apache-2.0 */
/* Which parts stand in a text: against looking for each. */
#include "vm/index_part.h"

#include "base/arena.h"
#include "unit/suite.h"

#include <string.h>

enum { PARTS = 300, TEXTS = 400, TEXT_MAX = 500, LENGTH_MAX = 12 };

static uint32_t roll(uint64_t *dice, uint32_t n)
{
    *dice = *dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*dice >> 33) % n;
}

/* Of few letters, so that much of it is found. */
static struct dvara_str make(struct arena *arena, uint64_t *dice, uint32_t n)
{
    char *p = arena_alloc(arena, n ? n : 1);
    ck_assert_ptr_nonnull(p);
    for (uint32_t i = 0; i < n; i++)
        p[i] = "ab\0\xff"[roll(dice, 4)];
    return dvara_str_from(p, n);
}

static bool stands(struct dvara_str text, struct dvara_str part)
{
    return part.n == 0 || (text.n && memmem(text.p, text.n, part.p, part.n));
}

TEST(a_part_is_found_where_it_stands_and_nowhere_else)
{
    struct arena arena;
    struct dvara_str parts[PARTS];
    struct index_parts index;
    uint64_t dice = 7;
    size_t hits = 0, misses = 0;
    arena_init(&arena, 64 << 20);
    for (uint32_t i = 0; i < PARTS; i++)
        parts[i] = make(&arena, &dice, roll(&dice, LENGTH_MAX));
    ck_assert(index_parts_build(parts, PARTS, &arena, &index));
    for (uint32_t i = 0; i < TEXTS; i++) {
        struct dvara_str text = make(&arena, &dice, roll(&dice, TEXT_MAX));
        uint8_t found[PARTS] = {0};
        index_parts_find(&index, text, found);
        for (uint32_t k = 0; k < PARTS; k++) {
            ck_assert_uint_eq(found[k], stands(text, parts[k]));
            hits += found[k];
            misses += !found[k];
        }
    }
    ck_assert_uint_gt(hits, 0);
    ck_assert_uint_gt(misses, 0);
    arena_clear(&arena);
}

TEST(parts_of_one_beginning_and_equal_parts_are_told_apart_and_together)
{
    struct dvara_str parts[] = {DVARA_STR("word-one"), DVARA_STR("word-two"), DVARA_STR("word-"),
                                DVARA_STR("word-two"), DVARA_STR("wo"),       DVARA_STR("")};
    struct arena arena;
    struct index_parts index;
    uint8_t found[6] = {0}, none[6] = {0};
    arena_init(&arena, 1 << 20);
    ck_assert(index_parts_build(parts, 6, &arena, &index));
    index_parts_find(&index, DVARA_STR("a word-two"), found);
    ck_assert_mem_eq(found, "\0\1\1\1\1\1", 6);
    index_parts_find(&index, DVARA_STR(""), none);
    ck_assert_mem_eq(none, "\0\0\0\0\0\1", 6);
    arena_clear(&arena);
}

SUITE(a_part_is_found_where_it_stands_and_nowhere_else,
      parts_of_one_beginning_and_equal_parts_are_told_apart_and_together)
