/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling patterns: sources to the bytes that pattern_set_load takes. A library of its own that
 * only dvara-policyc links; the gateway runs that as a confined child with bounded time and memory.
 */
#ifndef PATTERN_BUILD_BUILD_H
#define PATTERN_BUILD_BUILD_H

#include "dvara/status.h"
#include "dvara/str.h"
#include "pattern/sources.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct pattern_build_error {
    size_t pattern; /* index of the source at fault */
    size_t offset;  /* byte in it, as far as known */
    char text[200]; /* what is wrong with it */
};

/* Appends one set's database to `out`. INVALID: a source does not compile (ret_error says which).
 * TOO_LARGE, NO_MEMORY, UNSUPPORTED (no Hyperscan on this CPU). */
DVARA_MUST_CHECK enum dvara_status pattern_build(const struct pattern_source *sources, size_t n,
                                                 struct buf *out,
                                                 struct pattern_build_error *ret_error);

/* What the compiler says of one source: for diagnostics and lints, nothing is kept. */
struct pattern_facts {
    uint32_t max_width; /* bytes; UINT32_MAX: unbounded */
    bool matches_empty;
    bool slow_path;  /* Hyperscan cannot decide it alone: PCRE2 confirms */
    bool prefilter;  /* Hyperscan knows only a wider pattern (lookaround, back references) */
    bool unsearched; /* nor that: PCRE2 searches the text */
    bool led;        /* every match has one of a few literals that are known at its beginning, */
    bool begins;     /* or bytes at its first places that are known */
};
DVARA_MUST_CHECK enum dvara_status pattern_check(const struct pattern_source *source,
                                                 struct pattern_facts *ret_facts,
                                                 struct pattern_build_error *ret_error);

/* The whole PATTERN_DATABASES section of a bundle: the set of the rules' regexes (`rule_sources`,
 * made by pattern_sources_encode) and the set of the detectors (`detectors`, made by
 * detectors_encode). Either may be empty. pattern_databases_split takes it apart. */
DVARA_MUST_CHECK enum dvara_status pattern_databases_build(struct dvara_str rule_sources,
                                                           struct dvara_str detectors,
                                                           struct buf *out,
                                                           struct pattern_build_error *ret_error);

#endif
