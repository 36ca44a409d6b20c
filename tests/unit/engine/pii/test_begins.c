/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/begins.h"

#include "unit/suite.h"

static void add(struct begins *begins, const char *source, uint32_t flags, uint32_t use)
{
    struct pattern_source pattern = {.source = dvara_str_from_cstr(source), .flags = flags};
    struct pattern_needs needs = pattern_needs(&pattern);
    struct needs_begin begin;
    ck_assert(needs_begin(&pattern, &begin));
    begins_add(begins, &begin, &needs, use, use);
}

/* The uses that may begin at `at`, as bits. */
static uint64_t uses_at(const struct begins *begins, struct dvara_str text, size_t at)
{
    uint64_t uses = 0;
    for (uint64_t groups = begins_at(begins, text, at); groups; groups &= groups - 1) {
        uint32_t i = begins->groups[__builtin_ctzll(groups)].first;
        for (; i; i = begins->v[i - 1].next)
            uses |= UINT64_C(1) << begins->v[i - 1].use;
    }
    return uses;
}

TEST(uses_are_given_where_the_bytes_stand_that_they_begin_with)
{
    struct arena arena;
    struct begins begins = {.n = 0};
    arena_init(&arena, 1 << 20);
    ck_assert(begins_init(&begins, 4, &arena));
    add(&begins, "\\b[0-9]{1,2} (?:may|june)", 0, 0);
    add(&begins, "\\b[a-f]{32}\\b", 0, 1);
    add(&begins, "\\b[a-f]{32}", 0, 2);
    add(&begins, "\\b[a-z]\xc3\xa4[0-9]", 0, 3);
    begins_finish(&begins);
    ck_assert_uint_eq(begins.n_groups, 3);
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("on 12 may"), 3), 1);
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("on 12 jay"), 3), 1); /* each place by itself */
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("on 12 p"), 3), 0);
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("on 12"), 3), 1);
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("on12 may"), 2), 0);
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("abcdefab-"), 0), 2 | 4);
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("abcdefg"), 0), 0);
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("z\xc3\xa4"), 0), 8);
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("\xc3\xa4"), 0), 0);
    arena_clear(&arena);
}
END_TEST

TEST(more_ways_to_begin_than_there_are_groups_share_the_last)
{
    struct arena arena;
    struct begins begins = {.n = 0};
    enum { WAYS = BEGINS_GROUPS + 8 };
    char source[8] = "xx";
    arena_init(&arena, 1 << 20);
    ck_assert(begins_init(&begins, WAYS, &arena));
    for (uint32_t i = 0; i < WAYS; i++) {
        source[0] = (char)('A' + i / 10);
        source[1] = (char)('0' + i % 10);
        add(&begins, source, 0, i % 64);
    }
    begins_finish(&begins);
    ck_assert_uint_eq(begins.n_groups, BEGINS_GROUPS);
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("A5"), 0), 1 << 5);
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("H1"), 0) >> 7 & 1, 1); /* the last of all */
    ck_assert_uint_eq(uses_at(&begins, DVARA_STR("Z1"), 0), 0);
    arena_clear(&arena);
}
END_TEST

SUITE(uses_are_given_where_the_bytes_stand_that_they_begin_with,
      more_ways_to_begin_than_there_are_groups_share_the_last)
