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

/* The header: magic, count of patterns, then rows {bits, max_width}, then length-prefixed blobs:
 * the databases in the order of enum pattern_database, then the PCRE2 codes (one a pattern). */
#define PATTERN_MAGIC 0x33535044u /* "DPS3" */

/* A text is searched with several small databases: a pattern slows down its own alone, and those
 * that need a gate or a long run are searched only where there is one. */
enum pattern_database {
    DATABASE_BYTES,
    DATABASE_UTF8, /* over code points: only for valid UTF-8 */
    DATABASE_GATED,
    DATABASE_RUNS, /* in windows (windows.h) */
    DATABASE_GATED_RUNS,
    DATABASE_DIGITS, /* of patterns without a literal those that need a digit, */
    DATABASE_WEAK,   /* and the rest, one by one: together they are slower */
    DATABASES = DATABASE_WEAK + 4
};

enum pattern_bits {
    PATTERN_DECIDED = 4, /* Hyperscan's yes is final; else it is a superset and PCRE2 confirms */
    PATTERN_LEFT_BOUNDARY = 8,   /* begins with \b */
    PATTERN_RIGHT_BOUNDARY = 16, /* ends with \b */
    PATTERN_MACHINE_CODE = 32,   /* PCRE2's code is run often: JIT-compile it at load */
    PATTERN_SUPERSET = 64,       /* Hyperscan also reports ends of what is no match */
    PATTERN_IN_SHIFT = 8         /* bit 8 + d: in database d, one at most */
};

/* The bit of a database. */
#define PATTERN_IN(database) (1u << (PATTERN_IN_SHIFT + (database)))
#define PATTERN_IN_ANY       (((1u << DATABASES) - 1) << PATTERN_IN_SHIFT)

struct pattern_row {
    uint32_t bits;
    uint32_t max_width;
};

struct pattern_set {
    hs_database_t *databases[DATABASES]; /* NULL: no pattern is in it */
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
