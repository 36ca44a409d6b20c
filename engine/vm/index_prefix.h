/* SPDX-License-Identifier: Apache-2.0 */
/* Which prefixes begin a text, or hold an address. Two prefixes are apart or one begins the other,
 * so in sorted order the last one that is not above the text begins with every prefix of the text:
 * a binary search, and then the way up from prefix to shorter prefix. A network is a prefix in
 * bits. */
#ifndef VM_INDEX_PREFIX_H
#define VM_INDEX_PREFIX_H

#include "dvara/str.h"
#include "vm/index_sink.h"

struct arena;

/* A prefix and a rule that asks for it. Of a network all 16 bytes stand, those after `bits` 0. */
struct index_prefix {
    struct dvara_str bytes;
    uint32_t bits;
    uint32_t rule;
};

struct index_prefix_entry {
    struct dvara_str bytes;
    uint32_t bits;
    uint32_t parent;       /* the longest shorter prefix that begins this one: number + 1, or 0 */
    uint32_t first, count; /* in rules */
};

struct index_prefixes {
    uint64_t *heads; /* by entry: 8 bytes after those that all begin with, for the search */
    uint32_t skip;   /* bytes that all begin with */
    struct index_prefix_entry *entries;
    uint32_t n_entries;
    uint32_t *rules;
    uint32_t n_rules;
};

/* For qsort of prefixes: by bytes, then length, then rule. */
int index_prefix_compare(const void *left, const void *right);

/* The prefixes come sorted. False: out of memory. */
bool index_prefixes_build(const struct index_prefix *prefixes, uint32_t n, struct arena *arena,
                          struct index_prefixes *ret_prefixes);
void index_prefixes_find(const struct index_prefixes *prefixes, struct dvara_str text,
                         struct index_sink *sink);

#endif
