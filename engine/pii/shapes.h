/* SPDX-License-Identifier: Apache-2.0 */
/* The table by shape: all layouts of all detectors in one tree. An edge is a separator and the
 * length of the group after it; a leaf names one use of a pattern and what may stand at each place.
 * One walk from a place in the text gives every detector that could want what begins there.
 * Read-only. */
#ifndef PII_SHAPES_H
#define PII_SHAPES_H

#include "base/arena.h"
#include "pattern/layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a byte is, as bits. */
enum { SHAPE_DIGIT = 1, SHAPE_UPPER = 2, SHAPE_LOWER = 4, SHAPE_SEPARATOR = 8 };
enum { SHAPE_ALNUM = SHAPE_DIGIT | SHAPE_UPPER | SHAPE_LOWER };

/* Places as bits, the first place lowest. */
struct shape_kinds {
    uint64_t digits, lower;
};

struct shape_leaf {
    uint32_t use; /* of dvara_detectors.uses */
    uint32_t first_set, n_sets;
    uint64_t places; /* one bit each */
    uint64_t only_digits, no_digits, no_lower, no_upper;
};

/* What all leaves of a node ask for. */
struct shape_node {
    uint64_t places;
    uint64_t only_digits, no_digits, no_lower, no_upper;
};

/* At one place of a leaf only some letters or digits may stand. */
struct shape_set {
    uint64_t set;
    uint32_t place;
};

/* A group of some length after some separator, and the same of all lengths (`length` 0), where a
 * group that is not read to its end can only be one of those. */
struct shape_edge {
    uint64_t key;
    uint32_t node;
    uint32_t first_set; /* in group_sets: what some layout takes at each place of the group */
    uint64_t may_digit, may_upper, may_lower;
};

struct shapes {
    uint8_t kinds[256];
    uint8_t bits[256]; /* which bit of a set a letter or digit is (pattern/layout.h) */
    struct shape_edge *edges;
    size_t n_edges;
    uint32_t *slots; /* edges by their keys, number + 1; 0: a free slot; n_slots a power of two */
    size_t n_slots;
    uint32_t heads[LAYOUT_CHARACTERS + 1]; /* the edges of first groups by length, likewise */
    uint64_t *group_sets;
    size_t n_group_sets;
    uint32_t *first_leaf; /* n_nodes + 1 */
    struct shape_node *nodes;
    struct shape_leaf *leaves;
    struct shape_set *sets;
    size_t n_nodes;  /* 0: there is no layout */
    uint64_t firsts; /* bit n: some layout begins with a group of n */
    size_t lead;     /* groups without a digit that some layout begins with */
    size_t width;    /* bytes of the widest */
};

/* One layout of one use. */
struct shape_row {
    struct layout layout;
    uint32_t use;
};

/* Builds the tree of n rows. False: no memory. */
bool shapes_build(struct shapes *shapes, const struct shape_row *rows, size_t n,
                  struct arena *arena);

static inline uint64_t shape_key(uint32_t node, unsigned char separator, size_t length)
{
    return (uint64_t)node << 16 | (uint64_t)separator << 8 | (uint64_t)length | UINT64_C(1) << 62;
}

static inline size_t shape_slot_of(const struct shapes *shapes, uint64_t key)
{
    return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (shapes->n_slots - 1);
}

/* The edge for a group of `length`, of any length when it is 0. NULL: no layout goes on so. */
static inline const struct shape_edge *shape_edge_find(const struct shapes *shapes, uint32_t node,
                                                       unsigned char separator, size_t length)
{
    if (node == 0 && separator == 0) {
        uint32_t head = length <= LAYOUT_CHARACTERS ? shapes->heads[length] : 0;
        return head ? &shapes->edges[head - 1] : NULL;
    }
    uint64_t key = shape_key(node, separator, length);
    for (size_t slot = shape_slot_of(shapes, key); shapes->slots[slot];
         slot = (slot + 1) & (shapes->n_slots - 1)) {
        const struct shape_edge *edge = &shapes->edges[shapes->slots[slot] - 1];
        if (edge->key == key)
            return edge;
    }
    return NULL;
}

/* Can the group's characters be of these kinds? `kinds` begins at the group's first place and holds
 * `length` of them. */
static inline bool shape_edge_takes(const struct shape_edge *edge, size_t length,
                                    struct shape_kinds kinds)
{
    uint64_t places = (UINT64_C(1) << length) - 1;
    uint64_t upper = places & ~kinds.digits & ~kinds.lower;
    return !((kinds.digits & ~edge->may_digit) | (kinds.lower & ~edge->may_lower) |
             (upper & ~edge->may_upper));
}

static inline bool shape_set_has(const struct shapes *shapes, uint64_t set, char c)
{
    return set >> shapes->bits[(unsigned char)c] & 1;
}

/* Exactly: does some layout take these letters and digits in the group? */
static inline bool shape_edge_spells(const struct shapes *shapes, const struct shape_edge *edge,
                                     const char *c, size_t length)
{
    const uint64_t *sets = shapes->group_sets + edge->first_set;
    size_t i = 0;
    while (i < length && shape_set_has(shapes, sets[i], c[i]))
        i++;
    return i == length;
}

/* Could characters of these kinds fit some leaf of the node? */
static inline bool shape_node_takes(const struct shape_node *node, struct shape_kinds kinds)
{
    uint64_t upper = node->places & ~kinds.digits & ~kinds.lower;
    return !((kinds.digits & node->no_digits) | (~kinds.digits & node->only_digits) |
             (kinds.lower & node->no_lower) | (upper & node->no_upper));
}

/* Do n characters of these kinds (c: as they stand) fit the leaf? */
static inline bool shape_fits(const struct shapes *shapes, const struct shape_leaf *leaf,
                              const char *c, struct shape_kinds kinds)
{
    uint64_t upper = leaf->places & ~kinds.digits & ~kinds.lower;
    if ((kinds.digits & leaf->no_digits) | (~kinds.digits & leaf->only_digits) |
        (kinds.lower & leaf->no_lower) | (upper & leaf->no_upper))
        return false;
    for (uint32_t i = leaf->first_set; i < leaf->first_set + leaf->n_sets; i++) {
        if (!shape_set_has(shapes, shapes->sets[i].set, c[shapes->sets[i].place]))
            return false;
    }
    return true;
}

#endif
