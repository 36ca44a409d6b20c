/* SPDX-License-Identifier: Apache-2.0 */
/* The loaded detector table: specs joined with validators and the numbers of their patterns in the
 * set. Read-only, shared between threads. Not for other folders. */
#ifndef PII_TABLE_H
#define PII_TABLE_H

#include "base/arena.h"
#include "pattern/set.h"
#include "pii/detectors.h"
#include "pii/validators.h"

struct detector {
    struct detector_spec spec;     /* words in lower case */
    const struct locator *locator; /* NULL: the pattern gives the span */
    check_function *check;         /* NULL: no CHECK */
    run_function *run;             /* NULL: no RUN */
    const uint8_t *locator_bytes;  /* LOCATOR_* bits of each byte; NULL without a locator */
    uint16_t *patterns;            /* numbers in the set, spec.n_patterns */
    uint16_t *except_patterns;
    uint32_t max_span;        /* bytes; where a wider match is overlong */
    uint32_t longest_word;    /* of context and against, bytes */
    uint32_t context_letters; /* bit a letter that one of the words begins with */
    uint32_t against_letters;
};

enum { LOCATOR_INSIDE = 1, LOCATOR_START = 2 };

/* The bit of a word's first byte, either case; all bytes that are no letters share some. */
static inline uint32_t letter_bit(char first)
{
    return 1u << ((unsigned char)first & 31u);
}

/* One use of a pattern by a detector. */
struct pattern_use {
    uint16_t detector;
    uint8_t pattern; /* which of the detector's */
};

struct dvara_detectors {
    struct arena arena;
    struct dvara_str section; /* our copy; specs borrow from it */
    struct detector *v;
    size_t n;
    struct pattern_set *set;
    size_t n_patterns; /* of the set */
    uint32_t
        *first_use; /* n_patterns + 1: uses of pattern p are [first_use[p], first_use[p + 1]) */
    struct pattern_use *uses;
    size_t left_context;  /* bytes before a place that can matter to a finding there */
    size_t max_span;      /* the widest of all */
    size_t trigger_reach; /* bytes before a place from which triggers that end there are seen */
    bool has_unsearched;  /* some pattern is PCRE2's alone, or only searched in valid UTF-8 */
};

/* For each pattern of the set the source with flags; what detectors_sources gives. `ret_numbers`
 * holds, detector by detector, the numbers of its patterns and then of its except patterns; may be
 * NULL. */
DVARA_MUST_CHECK enum dvara_status table_number(const struct detector_spec *specs, size_t n,
                                                struct arena *arena, struct pattern_source **ret_v,
                                                size_t *ret_n, uint16_t **ret_numbers);

/* Compares Hyperscan with the naive matcher on every pattern's sample. */
DVARA_MUST_CHECK enum dvara_status table_self_test(const struct dvara_detectors *detectors,
                                                   const struct pattern_source *sources,
                                                   struct detectors_error *ret_error);

#endif
