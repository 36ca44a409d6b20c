/* SPDX-License-Identifier: Apache-2.0 */
/* A set of compiled patterns, loaded from the bytes that pattern/build made: one or two Hyperscan
 * databases that find where a match may end, and PCRE2 code for each pattern that says exactly what
 * matches. Read-only after loading and shared between threads; each thread has a scratch.
 *
 * The bytes are native code in effect: load only what a trusted signature or our own child vouches
 * for. This library cannot compile a pattern. */
#ifndef PATTERN_SET_H
#define PATTERN_SET_H

#include "dvara/status.h"
#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pattern_set;

/* The bytes are copied. NOT_FOUND: made by another library version or for another CPU, so build
 * them anew from the sources. CORRUPT, UNSUPPORTED, NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status pattern_set_load(struct dvara_str database,
                                                    struct pattern_set **ret_set);
void pattern_set_free(struct pattern_set *set);

size_t pattern_set_count(const struct pattern_set *set);
/* Bytes that a match of the pattern can be wide at most; UINT32_MAX: unbounded. */
uint32_t pattern_set_max_width(const struct pattern_set *set, size_t pattern);

/* One thread's room for scanning a set. */
struct pattern_scratch;
DVARA_MUST_CHECK enum dvara_status pattern_scratch_new(const struct pattern_set *set,
                                                       struct pattern_scratch **ret_scratch);
void pattern_scratch_free(struct pattern_scratch *scratch);

/* Steps of PCRE2 for one match, about 2 ms: then it fails closed. */
enum { PATTERN_MATCH_LIMIT = 200000 };

/* Which patterns match somewhere in text (for `matches`): sets ret_matched[i] to 1 or 0 for every
 * pattern; an empty match counts. All are found in one pass; what Hyperscan cannot decide alone
 * PCRE2 confirms. Never aborts on invalid UTF-8: a bad byte matches nothing. False: the text is
 * over DVARA_MAX_SCAN, or a match limit was spent: an evaluation error `scan`. */
bool pattern_scan_any(const struct pattern_set *set, struct pattern_scratch *scratch,
                      struct dvara_str text, uint8_t *ret_matched);

/* Calls on_end for every end offset of a possible match, ascending for one pattern. on_end returns
 * false to stop. `gated`: of the gated patterns too. Patterns that Hyperscan does not hold are not
 * reported: pattern_is_searched. False: stopped or failed. */
typedef bool pattern_on_end(void *user, uint32_t pattern, uint32_t end);
bool pattern_scan_ends(const struct pattern_set *set, struct pattern_scratch *scratch,
                       struct dvara_str text, bool gated, pattern_on_end *on_end, void *user);
/* Whether pattern_scan_ends reports the pattern on this kind of text. */
bool pattern_is_searched(const struct pattern_set *set, size_t pattern, bool valid_utf8);
/* Whether it is one of the gated patterns. */
bool pattern_is_gated(const struct pattern_set *set, size_t pattern);
/* Whether it may also report ends of what is no match. */
bool pattern_is_superset(const struct pattern_set *set, size_t pattern);

enum pattern_outcome {
    PATTERN_NO_MATCH,
    PATTERN_MATCH,
    PATTERN_PARTIAL, /* text ended while a match was still possible; start is its earliest start */
    PATTERN_FAILED   /* match limit */
};

/* The leftmost match that starts in [from, last_start]. Bytes before `from` are visible to \b and
 * look-behind. partial: what more text could change is PATTERN_PARTIAL. A source that begins (ends)
 * with \b is also refused next to a letter or digit that is not ASCII. Empty matches do not count.
 */
enum pattern_outcome pattern_match(const struct pattern_set *set, struct pattern_scratch *scratch,
                                   size_t pattern, struct dvara_str text, size_t from,
                                   size_t last_start, bool partial, size_t *ret_start,
                                   size_t *ret_end);

#endif
