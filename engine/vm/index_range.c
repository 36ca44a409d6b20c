/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/index_range.h"

#include "base/arena.h"

#include <stdlib.h>

int64_t index_order_float(double f)
{
    int64_t bits;
    f += 0.0;
    memcpy(&bits, &f, sizeof bits);
    return bits < 0 ? bits ^ INT64_MAX : bits;
}

static int compare_numbers(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static bool cut(const struct index_range *ranges, uint32_t n, struct arena *arena,
                struct index_ranges *ret)
{
    int64_t *v = ARENA_ARRAY(arena, (size_t)n * 2, int64_t);
    size_t count = 0, kept = 0;
    if (!v)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        v[count++] = ranges[i].low;
        if (ranges[i].high != INT64_MAX)
            v[count++] = ranges[i].high + 1;
    }
    qsort(v, count, sizeof *v, compare_numbers);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || v[i] != v[kept - 1])
            v[kept++] = v[i];
    }
    ret->bounds = v;
    ret->n_bounds = (uint32_t)kept;
    return true;
}

/* How many pieces begin at or below the number. */
static uint32_t pieces_to(const struct index_ranges *ranges, int64_t number)
{
    const int64_t *at = ranges->bounds;
    uint32_t n = ranges->n_bounds;
    while (n > 1) { /* without a branch to guess: the numbers are a stranger's */
        uint32_t half = n / 2;
        at = at[half] <= number ? at + half : at;
        n -= half;
    }
    return (uint32_t)(at - ranges->bounds) + (ranges->n_bounds > 0 && *at <= number);
}

/* Visits the nodes that make up a range; with `put`, writes its rule there. */
static void spread(struct index_ranges *ranges, const struct index_range *range, uint32_t *fill)
{
    uint32_t left = pieces_to(ranges, range->low) - 1 + ranges->n_bounds;
    uint32_t right = pieces_to(ranges, range->high) + ranges->n_bounds;
    for (; left < right; left /= 2, right /= 2) {
        uint32_t nodes[2], n = 0;
        if (left & 1)
            nodes[n++] = left++;
        if (right & 1)
            nodes[n++] = --right;
        for (uint32_t i = 0; i < n; i++) {
            if (fill)
                ranges->rules[fill[nodes[i]]++] = range->rule;
            else
                ranges->first[nodes[i] + 1]++;
        }
    }
}

bool index_ranges_build(const struct index_range *ranges, uint32_t n, struct arena *arena,
                        struct index_ranges *ret_ranges)
{
    *ret_ranges = (struct index_ranges){.n_bounds = 0};
    if (n == 0)
        return true;
    if (!cut(ranges, n, arena, ret_ranges))
        return false;
    uint32_t nodes = 2 * ret_ranges->n_bounds;
    ret_ranges->first = ARENA_ARRAY(arena, nodes + 1, uint32_t);
    uint32_t *fill = malloc((nodes + 1) * sizeof *fill);
    bool good = ret_ranges->first && fill;
    for (uint32_t i = 0; good && i < n; i++)
        spread(ret_ranges, &ranges[i], NULL);
    for (uint32_t i = 0; good && i < nodes; i++)
        ret_ranges->first[i + 1] += ret_ranges->first[i];
    if (good)
        ret_ranges->rules = ARENA_ARRAY(arena, ret_ranges->first[nodes], uint32_t);
    good = good && ret_ranges->rules;
    if (good)
        memcpy(fill, ret_ranges->first, (nodes + 1) * sizeof *fill);
    for (uint32_t i = 0; good && i < n; i++)
        spread(ret_ranges, &ranges[i], fill);
    free(fill);
    return good;
}

void index_ranges_find(const struct index_ranges *ranges, int64_t number, struct index_sink *sink)
{
    uint32_t pieces = pieces_to(ranges, number);
    if (pieces == 0)
        return;
    for (uint32_t node = pieces - 1 + ranges->n_bounds; node > 0; node /= 2)
        index_sink_add(sink, ranges->rules + ranges->first[node],
                       ranges->first[node + 1] - ranges->first[node]);
}
