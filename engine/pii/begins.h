/* SPDX-License-Identifier: Apache-2.0 */
/* Uses of patterns without a literal to begin from, by what may stand at the first places of a
 * match: in a live text one look at a place says which of all of them could begin there. Each group
 * of uses that begin alike is a bit, each place a table of those that take a byte there, as in
 * Shift-And (Baeza-Yates and Gonnet, 1992). Read-only. */
#ifndef PII_BEGINS_H
#define PII_BEGINS_H

#include "base/arena.h"
#include "pattern/needs.h"

#include <stdbool.h>
#include <stdint.h>

enum { BEGINS_GROUPS = 64 };

/* Of all uses of a group together. */
struct begins_group {
    struct needs_begin begin;
    struct pattern_needs needs; /* the least that any needs */
    uint32_t first;             /* use, by number + 1; 0: none */
};

struct begins_use {
    uint32_t use, pattern;
    uint32_t next; /* of the group, by number + 1 */
};

struct begins {
    uint64_t behind[256];          /* groups that may begin behind a byte */
    uint64_t at[NEEDS_BEGIN][256]; /* and take a byte at a place */
    uint64_t runs;                 /* groups of which all need a run (pattern/needs.h) */
    struct begins_group *groups;
    size_t n_groups;
    struct begins_use *v;
    size_t n;
};

/* Room for n uses. False: no memory. */
bool begins_init(struct begins *begins, size_t n, struct arena *arena);
/* Adds a use; past BEGINS_GROUPS the last group takes what the others do not. */
void begins_add(struct begins *begins, const struct needs_begin *begin,
                const struct pattern_needs *needs, uint32_t use, uint32_t pattern);
/* After the last use. */
void begins_finish(struct begins *begins);

/* The groups of which one may begin at `at`, as bits. at < text.n */
static inline uint64_t begins_at(const struct begins *begins, struct dvara_str text, size_t at)
{
    const unsigned char *p = (const unsigned char *)text.p + at;
    const unsigned char *end = p + (text.n - at < NEEDS_BEGIN ? text.n - at : NEEDS_BEGIN);
    const uint64_t *takes = begins->at[0];
    uint64_t groups = takes[*p] & (at ? begins->behind[p[-1]] : UINT64_MAX);
    while (groups && *p < 0x80 && ++p < end) {
        takes += 256;
        groups &= takes[*p];
    }
    return groups;
}

#endif
