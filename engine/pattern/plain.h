/* SPDX-License-Identifier: Apache-2.0 */
/* A naive matcher: walks a pattern's source over sets of places in a text, without compiling,
 * without cleverness. It says where matches end, as Hyperscan must. Self-tests and differential
 * tests use it; it is slow (places times source), and never sees a client's text. */
#ifndef PATTERN_PLAIN_H
#define PATTERN_PLAIN_H

#include "dvara/str.h"
#include "pattern/sources.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;

enum { PLAIN_MAX_TEXT = 4096, PLAIN_MAX_DEPTH = 64 };

/* ret_ends[e], 0 <= e <= text.n: 1 when some non-empty match ends at e. False: the source uses
 * look-around, back-references or other syntax that this matcher does not know, or the text is too
 * long. `code_points`: `.` and classes take a whole UTF-8 sequence; else a byte. */
bool plain_ends(const struct pattern_source *source, struct dvara_str text, bool code_points,
                uint8_t *ret_ends);

/* Appends a short text that the pattern matches (the first of alternatives, the fewest repeats but
 * one). False as above; then what was appended is to be dropped. Boundaries are the caller's. */
bool plain_sample(const struct pattern_source *source, struct buf *out);

#endif
