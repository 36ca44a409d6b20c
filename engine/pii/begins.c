/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/begins.h"

#include <string.h>

bool begins_init(struct begins *begins, size_t n, struct arena *arena)
{
    begins->groups = ARENA_ARRAY(arena, BEGINS_GROUPS, struct begins_group);
    begins->v = ARENA_ARRAY(arena, n, struct begins_use);
    return begins->groups && begins->v;
}

static void widen(struct byte_set *set, const struct byte_set *more)
{
    for (size_t i = 0; i < 4; i++)
        set->v[i] |= more->v[i];
}

/* The group then takes what it took and these. */
static void join(struct begins_group *group, const struct needs_begin *begin,
                 const struct pattern_needs *needs)
{
    for (size_t i = 0; i < NEEDS_BEGIN; i++)
        widen(&group->begin.at[i], &begin->at[i]);
    for (size_t i = 0; i < 4; i++)
        group->begin.not_before.v[i] &= begin->not_before.v[i];
    widen(&group->needs.holds, &needs->holds);
    widen(&group->needs.must, &needs->must);
    group->needs.run = group->needs.run && needs->run;
    if (needs->least < group->needs.least)
        group->needs.least = needs->least;
}

static struct begins_group *group_of(struct begins *begins, const struct needs_begin *begin,
                                     const struct pattern_needs *needs)
{
    for (size_t i = 0; i < begins->n_groups; i++) {
        struct begins_group *group = &begins->groups[i];
        if (memcmp(&group->begin, begin, sizeof *begin) == 0) {
            join(group, begin, needs);
            return group;
        }
    }
    if (begins->n_groups == BEGINS_GROUPS) {
        struct begins_group *last = &begins->groups[BEGINS_GROUPS - 1];
        join(last, begin, needs);
        return last;
    }
    struct begins_group *group = &begins->groups[begins->n_groups++];
    *group = (struct begins_group){.begin = *begin, .needs = *needs};
    return group;
}

void begins_add(struct begins *begins, const struct needs_begin *begin,
                const struct pattern_needs *needs, uint32_t use, uint32_t pattern)
{
    struct begins_group *group = group_of(begins, begin, needs);
    begins->v[begins->n++] =
        (struct begins_use){.use = use, .pattern = pattern, .next = group->first};
    group->first = (uint32_t)begins->n;
}

/* Does the group take the byte at a place? Of other bytes than ASCII only the first is known. */
static bool takes(const struct begins_group *group, size_t place, unsigned c)
{
    bool has = byte_set_has(&group->begin.at[place], (unsigned char)c);
    if (c < 0x80)
        return has;
    if (place > 0)
        return has || group->needs.holds.v[2] || group->needs.holds.v[3];
    return has && c >= 0xC0;
}

void begins_finish(struct begins *begins)
{
    for (size_t g = 0; g < begins->n_groups; g++) {
        const struct begins_group *group = &begins->groups[g];
        uint64_t bit = UINT64_C(1) << g;
        begins->runs |= group->needs.run ? bit : 0;
        for (unsigned c = 0; c < 256; c++) {
            begins->behind[c] |= byte_set_has(&group->begin.not_before, (unsigned char)c) ? 0 : bit;
            for (size_t i = 0; i < NEEDS_BEGIN; i++)
                begins->at[i][c] |= takes(group, i, c) ? bit : 0;
        }
    }
}
