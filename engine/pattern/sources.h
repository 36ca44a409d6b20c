/* SPDX-License-Identifier: Apache-2.0 */
/* Pattern sources: what a bundle carries of every regex, and what databases are built from. */
#ifndef PATTERN_SOURCES_H
#define PATTERN_SOURCES_H

#include "dvara/status.h"
#include "dvara/str.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;

enum {
    PATTERN_CASELESS = 1,   /* i */
    PATTERN_DOTALL = 2,     /* s */
    PATTERN_EXTENDED = 4,   /* x */
    PATTERN_EXACT_ONLY = 8, /* never searched for, only matched at a place (`except`) */
    PATTERN_SPAN = 16,      /* exact spans will be asked for: worth compiling to machine code */
    PATTERN_PLACED = 32,    /* its places are found without it: compiled, never searched for */
    PATTERN_GATED = 64,     /* in a database of its own, which is searched only when asked for */
    PATTERN_WINDOWED = 128  /* searched only where what it needs stands (needs.h) */
};

/* Perl syntax between the slashes. Matching is by code point; \d \w \s \b are ASCII. */
struct pattern_source {
    struct dvara_str source;
    uint32_t flags;
};

enum {
    PATTERN_MAX = 65536,       /* patterns of one set */
    PATTERN_MAX_SOURCE = 16000 /* Hyperscan's own bound */
};

/* The bytes of a section: length-prefixed rows. */
void pattern_sources_encode(const struct pattern_source *v, size_t n, struct buf *out);

/* The rows of a section, sources borrowed from it, the array in the arena. CORRUPT, NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status pattern_sources_decode(struct dvara_str section,
                                                          struct arena *arena,
                                                          struct pattern_source **ret_v,
                                                          size_t *ret_n);

#endif
