/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts: the ways of writing that a simple pattern stands for. A pattern that begins and ends
 * with \b and is made of nothing but sets and literals of ASCII letters and digits, single
 * separators between groups of them, {n}, {n,m}, ?, groups and alternatives is a finite list of
 * layouts: group lengths, separators, and what may stand at each place. Those are found by a table,
 * without a regular expression engine (pii/shapes.h). */
#ifndef PATTERN_LAYOUT_H
#define PATTERN_LAYOUT_H

#include "pattern/sources.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum {
    LAYOUT_MAX = 1024, /* of one pattern: past it the pattern is left to the engines */
    LAYOUT_CHARACTERS = 40,
    LAYOUT_GROUPS = 12,
    LAYOUT_LEAD = 2 /* groups that may come before the first one that must hold a digit */
};

/* Bits of a set: 0-9, then A-Z, then a-z. */
#define LAYOUT_DIGITS ((UINT64_C(1) << 10) - 1)
#define LAYOUT_UPPER  (((UINT64_C(1) << 26) - 1) << 10)
#define LAYOUT_LOWER  (((UINT64_C(1) << 26) - 1) << 36)

/* The bit of an ASCII letter or digit; 0 of anything else. */
uint64_t layout_bit(unsigned char c);
/* What may stand between two groups. */
bool layout_is_separator(unsigned char c);

struct layout {
    uint8_t n_groups;
    uint8_t n; /* letters and digits in all */
    uint8_t lengths[LAYOUT_GROUPS];
    char separators[LAYOUT_GROUPS]; /* before each group; 0 before the first */
    uint64_t sets[LAYOUT_CHARACTERS];
};

/* The layouts of a pattern, in the arena. 0: it is none (not of this kind, too many, one without a
 * digit's place), or memory ran out. */
size_t layout_parse(const struct pattern_source *source, struct arena *arena,
                    struct layout **ret_v);

#endif
