/* SPDX-License-Identifier: Apache-2.0 */
/* Findings in one block of a file, as text or as JSON Lines, with the lines they stand in. */
#ifndef LANG_POLICYC_SCAN_BLOCK_H
#define LANG_POLICYC_SCAN_BLOCK_H

#include "base/arena.h"
#include "base/buf.h"
#include "dvara/pii.h"

/* Lines of the block before a place, and code points of its line before it (of the block's first
 * line: of those in the block). */
struct scan_point {
    uint64_t line, column;
};

struct scan_finding {
    uint64_t start, end; /* text: in the block; JSON Lines: in the finding's line */
    struct scan_point from, to;
    struct dvara_span span;
    struct dvara_str value; /* its bytes, when they are kept */
    /* When it was asked for: why. Texts are the detectors' or the result's. */
    struct dvara_explained why;
    struct dvara_str word, against;
};

/* What one block gave. */
struct scan_result {
    struct arena arena; /* findings and values */
    struct scan_finding *v;
    size_t n;
    uint64_t bytes, lines; /* of the block; lines: its line feeds */
    uint64_t tail;         /* code points behind the last line feed */
    uint64_t unscanned;    /* bytes that no scan got through */
    uint64_t plain_lines;  /* of JSON Lines: lines that are no JSON, read as text */
    bool failed;           /* out of memory */
};

/* text[from, to) is the block; what is before and after is context only. */
struct scan_block {
    struct dvara_str text;
    size_t from, to;
};

/* One thread's means. */
struct scan_means {
    struct dvara_scanner *scanner;
    struct arena arena; /* one line's nodes */
    struct buf decoded; /* one string */
    bool keep_values, explain;
};

DVARA_MUST_CHECK enum dvara_status scan_means_init(struct scan_means *means,
                                                   const struct dvara_detectors *detectors);
void scan_means_clear(struct scan_means *means);

void scan_result_clear(struct scan_result *result);
/* The findings that begin in the block. */
void scan_block_text(struct scan_means *means, const struct scan_block *block,
                     struct scan_result *ret_result);
/* The same for lines that are a JSON value each; the block begins and ends with a line. Strings and
 * keys are decoded, numbers are read as they stand; a key is the label of its value. */
void scan_block_lines(struct scan_means *means, const struct scan_block *block,
                      struct scan_result *ret_result);

#endif
