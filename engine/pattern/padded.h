/* SPDX-License-Identifier: Apache-2.0 */
/* A text with readable bytes behind it. Hyperscan's Fat Teddy for AVX-512 loads 32 bytes and moves
 * by 30, so it reads two bytes behind a text; where those are not mapped the process would die. A
 * text that ends within PADDED_BYTES of the end of a page, one in 64, is therefore scanned in a
 * copy. */
#ifndef PATTERN_PADDED_H
#define PATTERN_PADDED_H

#include "dvara/str.h"

enum { PADDED_BYTES = 64 };

/* Room for the copies of one thread; zeroed is empty. */
struct padded {
    char *p;
    size_t size;
};

/* The text itself, or a copy that is valid until padded_end. NULL: no memory. */
const char *padded_begin(struct padded *padded, struct dvara_str text);
/* Wipes the copy, if p is one, and keeps its room unless that is large. */
void padded_end(struct padded *padded, const char *p, size_t n);
void padded_clear(struct padded *padded);

#endif
