/* SPDX-License-Identifier: Apache-2.0 */
/* What every match of a pattern needs, read off its source: a pattern without a literal is slow to
 * search for everywhere, and need not be where no long run or no digit stands. */
#ifndef PATTERN_NEEDS_H
#define PATTERN_NEEDS_H

#include "pattern/sources.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    NEEDS_RUN_MIN = 14, /* bytes of a run, '+' to '~' */
    NEEDS_BEGIN = 8     /* places at a match's beginning that are looked at */
};

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
    struct byte_set holds; /* every byte of a match is one of these, */
    struct byte_set must;  /* and one of them at least is one of these */
};

/* What may stand at the first places of a match, and before it. */
struct needs_begin {
    struct byte_set at[NEEDS_BEGIN]; /* behind a byte over 0x7F nothing is said, nor of such a byte
                                        behind the first; past a match's end any byte may stand */
    struct byte_set not_before;      /* ASCII: no match begins behind one of these */
};

/* By recursive descent over the source. */
struct pattern_needs pattern_needs(const struct pattern_source *source);
/* The same of a match's beginning. False: not known. */
bool needs_begin(const struct pattern_source *source, struct needs_begin *ret_begin);

/* Are there so many bytes in a row, in text[from, n), as the narrowest match has, all of them such
 * as a match can hold? Looks at one byte in so many as a rule. */
bool needs_occur(const struct pattern_needs *needs, struct dvara_str text, size_t from);

/* Could a match begin at `from`: do as many bytes follow as the narrowest match has, all of them
 * such as it can hold, one that it must hold among those that follow? What the text's end cuts
 * could. */
bool needs_may_begin(const struct pattern_needs *needs, struct dvara_str text, size_t from);

/* Is it a byte of a run? '+' and what is over it, but for bytes over 0x7E. */
static inline bool needs_is_dense(unsigned char c)
{
    return c > '*' && c < 0x7F;
}

#endif
