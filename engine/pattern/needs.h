/* SPDX-License-Identifier: Apache-2.0 */
/* What every match of a pattern needs, read off its source: a pattern without a literal is slow to
 * search for everywhere, and need not be where no long run or no digit stands. */
#ifndef PATTERN_NEEDS_H
#define PATTERN_NEEDS_H

#include "pattern/sources.h"

#include <stdbool.h>
#include <stdint.h>

enum { NEEDS_RUN_MIN = 14 /* bytes of a run, '+' to '~' */ };

/* A set of bytes. */
struct byte_set {
    uint64_t v[4];
};

static inline bool byte_set_has(const struct byte_set *set, unsigned char c)
{
    return set->v[c / 64] >> c % 64 & 1;
}

struct pattern_needs {
    bool known;            /* false: of the others only `holds` says something: all bytes */
    bool run;              /* a match is a part of a run of NEEDS_RUN_MIN bytes or more */
    bool digit;            /* it holds an ASCII digit */
    bool literal;          /* it holds a literal of three bytes: fast to search for as it is */
    uint32_t least;        /* bytes of the narrowest */
    struct byte_set holds; /* every byte of a match is one of these */
};

/* By recursive descent over the source. */
struct pattern_needs pattern_needs(const struct pattern_source *source);

/* Are there so many bytes in a row, in text[from, n), as the narrowest match has, all of them such
 * as a match can hold? Looks at one byte in so many as a rule. */
bool needs_occur(const struct pattern_needs *needs, struct dvara_str text, size_t from);

/* Is it a byte of a run? '+' and what is over it, but for bytes over 0x7E. */
static inline bool needs_is_dense(unsigned char c)
{
    return c > '*' && c < 0x7F;
}

#endif
