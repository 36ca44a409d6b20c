/* SPDX-License-Identifier: Apache-2.0 */
/* The loaded detector table: specs joined with validators and the numbers of their patterns in the
 * set. Read-only, shared between threads. Not for other folders. */
#ifndef PII_TABLE_H
#define PII_TABLE_H

#include "base/arena.h"
#include "pattern/needs.h"
#include "pattern/set.h"
#include "pii/begins.h"
#include "pii/detectors.h"
#include "pii/leads.h"
#include "pii/shapes.h"
#include "pii/validators.h"
#include "pii/words.h"

/* How the places of a pattern are found. A LOCATE whose pattern is exactly `[0-9]`, `@` or `:` is
 * read wherever one stands; a pattern that is a list of layouts is found by the table of shapes;
 * the rest is searched for. */
enum found_by { FOUND_BY_PATTERN, FOUND_BY_LAYOUT, FOUND_BY_DIGITS, FOUND_BY_AT, FOUND_BY_COLON };
enum { FOUND_BY_COUNT = FOUND_BY_COLON + 1 };

struct detector {
    struct detector_spec spec;     /* words in lower case */
    const struct locator *locator; /* NULL: the pattern gives the span */
    check_function *check;         /* NULL: no CHECK */
    run_function *run;             /* NULL: no RUN */
    const uint8_t *locator_bytes;  /* LOCATOR_* bits of each byte; NULL without a locator */
    uint16_t *patterns;            /* numbers in the set, spec.n_patterns */
    uint16_t *except_patterns;
    uint32_t max_span;     /* bytes; where a wider match is overlong */
    uint32_t longest_word; /* of context and against, bytes */
    bool sure;             /* the RUN is believed in bare digits */
    bool is_searched;      /* some pattern is searched for */
    bool is_triggered;     /* and it is a LOCATE's */
    bool checks, folds;    /* a check says what is one; of what may begin with a digit */
};

enum { LOCATOR_INSIDE = 1, LOCATOR_START = 2, LOCATOR_THIRD = 4 };

/* One use of a pattern by a detector. */
struct pattern_use {
    uint16_t detector;
    uint8_t pattern; /* which of the detector's */
    uint8_t found_by;
    bool led;       /* in the leads */
    uint16_t reach; /* bytes before a span that begins behind its lead in which that may begin */
};

/* A LOCATE's use where its places are read: what is asked at each of them, side by side. */
struct anchor {
    uint32_t use;
    uint16_t detector;
    uint8_t min_digits;
    char stop;            /* the locator's */
    const uint8_t *bytes; /* the detector's locator_bytes */
};

/* LOCATEs, each detector once: of the first TAILS_BITS the bytes that a span can begin with and
 * hold are one table, with a bit for each. */
enum { TAILS_BITS = 64, TAILS_NEAR = 64 };
struct tails {
    uint32_t *uses;
    size_t n;
    uint64_t start[256], inside[256];
    uint64_t third[256];       /* those whose third byte can be this */
    uint64_t wide[TAILS_NEAR]; /* those whose spans can be wider than so many bytes */
};

struct dvara_detectors {
    struct arena arena;
    struct dvara_str section; /* our copy; specs borrow from it */
    struct detector *v;
    size_t n;
    struct pattern_set *set;
    size_t n_patterns;           /* of the set */
    struct pattern_needs *needs; /* of each */
    uint32_t *gated;             /* numbers of those that are searched only when a gate is open */
    size_t n_gated;
    uint32_t
        *first_use; /* n_patterns + 1: uses of pattern p are [first_use[p], first_use[p + 1]) */
    struct pattern_use *uses;
    struct shapes shapes;
    struct words words;
    struct leads keywords;  /* of gates; `use` is the detector */
    bool has_short_keyword; /* of one byte: looked for by hand */
    struct leads leads;     /* of uses found by pattern that a stream need not try everywhere */
    struct leads behind;    /* and of those whose spans begin behind the lead */
    struct anchor *anchored[FOUND_BY_COUNT]; /* uses found at digits, at @, at colons */
    size_t n_anchored[FOUND_BY_COUNT];
    struct tails tails;
    size_t n_by_pattern;       /* uses */
    struct begins begins;      /* those of them without a lead, by the bytes they begin with */
    size_t narrowest;          /* the least max_span of those */
    uint32_t *direct;          /* those that a stream tries everywhere; */
    uint32_t *direct_patterns; /* the pattern of each */
    size_t n_direct;
    size_t lead_reach;    /* the longest of the uses' */
    bool has_triggered;   /* some detector is */
    size_t left_context;  /* bytes before a place that can matter to a finding there */
    size_t reach;         /* the same, where the text is a disguise: bytes of the text itself */
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

/* How a pattern of this detector is found. `scratch` is used and reset. */
enum found_by table_found_by(const struct detector_spec *spec, const struct pattern_source *source,
                             struct arena *scratch);

bool table_is_located(const struct detector_spec *spec);
/* Notes for every use how it is found, and builds the table of shapes. False: no memory. */
bool table_place_uses(struct dvara_detectors *detectors);

/* Compares Hyperscan with the naive matcher on every pattern's sample. */
DVARA_MUST_CHECK enum dvara_status table_self_test(const struct dvara_detectors *detectors,
                                                   const struct pattern_source *sources,
                                                   struct detectors_error *ret_error);

#endif
