/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "unit/suite.h"

#include <stdint.h>

TEST(an_allocation_is_zeroed_and_aligned)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t size = 0; size < 100; size++) {
        char *p = arena_alloc(&arena, size);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_int_eq(p[i], 0);
        memset(p, 0xff, size);
    }
    arena_clear(&arena);
}

TEST(going_over_the_limit_is_sticky)
{
    struct arena arena;
    arena_init(&arena, 64 * 1024);
    ck_assert_ptr_null(arena_alloc(&arena, 65 * 1024));
    ck_assert(arena_is_exhausted(&arena));
    ck_assert_ptr_null(arena_alloc(&arena, 1));
    arena_reset(&arena);
    ck_assert_ptr_nonnull(arena_alloc(&arena, 1));
    arena_clear(&arena);
}

TEST(a_product_that_overflows_fails)
{
    struct arena arena;
    arena_init(&arena, SIZE_MAX);
    ck_assert_ptr_null(arena_array(&arena, SIZE_MAX / 2, 4));
    arena_clear(&arena);
}

TEST(a_reset_arena_reuses_its_first_block)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    void *first = arena_alloc(&arena, 100);
    arena_reset(&arena);
    ck_assert_ptr_eq(arena_alloc(&arena, 100), first);
    arena_clear(&arena);
}

TEST(a_copy_keeps_absence)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    ck_assert(dvara_str_is_absent(arena_copy(&arena, (struct dvara_str){0})));
    struct dvara_str copy = arena_copy(&arena, DVARA_STR("abc"));
    ck_assert(dvara_str_eq(copy, DVARA_STR("abc")));
    ck_assert_int_eq(copy.p[3], 0);
    arena_clear(&arena);
}

SUITE(an_allocation_is_zeroed_and_aligned, going_over_the_limit_is_sticky,
      a_product_that_overflows_fails, a_reset_arena_reuses_its_first_block, a_copy_keeps_absence)
