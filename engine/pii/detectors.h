/* SPDX-License-Identifier: Apache-2.0 */
/* The detector table of a bundle: what `detector` declarations become. Encoded by the compiler,
 * decoded with full bounds checks by the loader, and joined there with the patterns' database. */
#ifndef PII_DETECTORS_H
#define PII_DETECTORS_H

#include "dvara/pii.h"
#include "dvara/request.h"
#include "dvara/status.h"
#include "dvara/str.h"
#include "pattern/sources.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;

enum {
    DETECTORS_MAX = 4096,
    DETECTOR_MAX_PATTERNS = 64,
    DETECTOR_MAX_WORDS = 256, /* of each list */
    DETECTOR_DEFAULT_WITHIN = 50,
    DETECTOR_AFTER = 20, /* code points after a span in which context counts */
    DETECTOR_DEFAULT_SCORE_PPM = 900000,
    DETECTOR_DEFAULT_FLOOR_PPM = 500000,
    DETECTOR_AGAINST_PPM = 300000 /* taken off by a word of `against` */
};

/* One declaration, in plain values; all borrowed. */
struct detector_spec {
    struct dvara_str name;                 /* email */
    struct dvara_str label;                /* EMAIL; absent: the name in upper case */
    const struct pattern_source *patterns; /* one or more */
    size_t n_patterns;
    struct dvara_strs context;  /* words; ASCII case does not matter */
    uint32_t within;            /* code points before the span; 0: the default */
    struct dvara_strs against;  /* negative context, same window */
    struct dvara_strs keywords; /* none of them in the text: the detector is not run */
    struct dvara_str validator; /* a name of validators.def; absent: none */
    uint32_t entropy_milli;     /* thousandths of bits a character, at least; 0: any */
    struct dvara_strs except;   /* values that are never claimed */
    const struct pattern_source *except_patterns;
    size_t n_except_patterns;
    uint32_t score_low_ppm, score_high_ppm; /* both 0: the default */
    uint32_t floor_ppm; /* the lowest threshold any group of the bundle gives it; 0: the default.
                           What scores less is dropped before overlaps are resolved */
    uint32_t max_span;  /* bytes; 0: as wide as the patterns or the validator can be */
    bool mask_none;
};

/* Appends the section's bytes, self-test texts included. The compiler has checked the specs; what
 * is over a ceiling above fails the buffer. */
void detectors_encode(const struct detector_spec *specs, size_t n, struct buf *out);

/* Decodes a section into specs (arrays in the arena, texts borrowed from the section). CORRUPT,
 * TOO_LARGE, UNSUPPORTED (a validator this build does not know), NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status detectors_decode(struct dvara_str section, struct arena *arena,
                                                    struct detector_spec **ret_specs,
                                                    size_t *ret_n);

/* The distinct pattern sources of a section, in the order of its database's patterns: what
 * pattern_build is given. */
DVARA_MUST_CHECK enum dvara_status detectors_sources(struct dvara_str section, struct arena *arena,
                                                     struct pattern_source **ret_v, size_t *ret_n);

struct detectors_error {
    char text[200]; /* which detector failed its self-test, and how */
};

/* Joins a section with its database (pattern/build) and runs every self-test against the naive
 * matcher: a difference is CORRUPT. NOT_FOUND: the database cannot be used on this machine. Both
 * are copied. */
DVARA_MUST_CHECK enum dvara_status detectors_load(struct dvara_str section,
                                                  struct dvara_str database,
                                                  struct detectors_error *ret_error,
                                                  struct dvara_detectors **ret_detectors);
void detectors_free(struct dvara_detectors *detectors);

/* What they were loaded from, as long as they live. */
struct dvara_str detectors_section(const struct dvara_detectors *detectors);
/* index < dvara_detectors_count() */
struct dvara_str detectors_name(const struct dvara_detectors *detectors, size_t index);
struct dvara_str detectors_label(const struct dvara_detectors *detectors, size_t index);

#endif
