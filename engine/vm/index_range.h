/* SPDX-License-Identifier: Apache-2.0 */
/* Which closed ranges hold a number: a segment tree (Bentley, "Solutions to Klee's rectangle
 * problems", 1977) over the pieces that the ranges' ends cut the numbers into. Its nodes lie bottom
 * up in one array: a range stands in at most two nodes a level, and a number's ranges are those of
 * the nodes between its piece and the root. Memory and building n log n, looking log n and what is
 * found. */
#ifndef VM_INDEX_RANGE_H
#define VM_INDEX_RANGE_H

#include "vm/index_sink.h"

struct arena;

/* One range and its rule. */
struct index_range {
    int64_t low, high;
    uint32_t rule;
};

struct index_ranges {
    int64_t *bounds; /* where pieces begin, ascending */
    uint32_t n_bounds;
    uint32_t *first; /* by node: its rules begin here in `rules`, and end where the next one's do */
    uint32_t *rules;
};

/* False: out of memory. */
bool index_ranges_build(const struct index_range *ranges, uint32_t n, struct arena *arena,
                        struct index_ranges *ret_ranges);
void index_ranges_find(const struct index_ranges *ranges, int64_t number, struct index_sink *sink);

/* A double among the int64: the order is the same, and -0.0 is 0.0. */
int64_t index_order_float(double f);

#endif
