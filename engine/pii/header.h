/* SPDX-License-Identifier: Apache-2.0 */
/* Tables in text: comma, tab, semicolon or pipe separated lines. The word that says what a number
 * is stands in the first of them, in the number's column. */
#ifndef PII_HEADER_H
#define PII_HEADER_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>

#define HEADER_DELIMITERS "\t|;,"
enum { HEADER_KINDS = 4, HEADER_LINE_MAX = 4096, HEADER_CELL_MAX = 64 };

/* First lines of tables that the text only continues (a window of a stream), by delimiter; empty:
 * none. */
struct header_above {
    struct dvara_str v[HEADER_KINDS];
    bool inside; /* the text begins inside a line, of which too much stands before it */
};

/* What is known of the tables that were asked about last, by delimiter. */
struct header {
    struct {
        size_t top;      /* where its first line begins */
        size_t known_to; /* lines that begin before here are of it */
    } tables[HEADER_KINDS];
    size_t asked, line; /* the last place asked about, and where its line begins; text.n: far off */
    size_t clear_line;  /* in the line that begins there none of a kind stands before */
    size_t clear_to[HEADER_KINDS];
};

/* The cell over text[start, end) in the first line of its table. False: it stands in no table, or
 * in the first line. Only what stands before it, and the byte after, is looked at: a stream decides
 * the same. Asked for rising places it reads each line once. `above` may be NULL. */
bool header_cell(struct header *header, const struct header_above *above, struct dvara_str text,
                 size_t start, size_t end, struct dvara_str *ret_cell);

#endif
