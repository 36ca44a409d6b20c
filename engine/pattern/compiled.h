/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a pattern set: its bytes as build writes them and set.c reads them, and the loaded
 * form that scratch.c and scan.c share. Not for other folders. */
#ifndef PATTERN_COMPILED_H
#define PATTERN_COMPILED_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <hs/hs_runtime.h>
#include <pcre2.h>

#include "pattern/padded.h"
#include "pattern/set.h"

#include <stdint.h>

/* The header: magic, count of patterns, then rows {bits, max_width}, then four length-prefixed
 * blobs: the database over bytes, the database over code points, the gated database, the PCRE2 codes
 * (one a pattern). */
#define PATTERN_MAGIC 0x32535044u /* "DPS2" */

enum pattern_bits {
    PATTERN_IN_BYTES = 1, /* in the first database: its width in bytes is its width in text */
    PATTERN_IN_UTF8 = 2,  /* in the second: only for valid UTF-8 */
    PATTERN_DECIDED = 4,  /* Hyperscan's yes is final; else it is a superset and PCRE2 confirms */
    PATTERN_LEFT_BOUNDARY = 8,   /* begins with \b */
    PATTERN_RIGHT_BOUNDARY = 16, /* ends with \b */
    PATTERN_MACHINE_CODE = 32,   /* PCRE2's code is run often: JIT-compile it at load */
    PATTERN_SUPERSET = 64,       /* Hyperscan also reports ends of what is no match */
    PATTERN_IN_GATED = 128       /* in the third database, over bytes */
};

struct pattern_row {
    uint32_t bits;
    uint32_t max_width;
};

struct pattern_set {
    hs_database_t *bytes, *utf8, *gated; /* NULL: no pattern is in it */
    pcre2_code **codes;
    struct pattern_row *rows;
    size_t n;
};

enum {
    PATTERN_JIT_STACK_MIN = 32 << 10,
    PATTERN_JIT_STACK_MAX = 256 << 10, /* a thread's own; a pattern that needs more fails closed */
    PATTERN_HEAP_LIMIT_KIB = 4096
};

struct pattern_scratch {
    hs_scratch_t *hyperscan;
    struct padded padded;
    pcre2_match_data *match;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

#endif
