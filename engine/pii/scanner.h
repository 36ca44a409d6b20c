/* SPDX-License-Identifier: Apache-2.0 */
/* One thread's room for finding: grows to the largest text seen, then allocates no more. Not for
 * other folders. */
#ifndef PII_SCANNER_H
#define PII_SCANNER_H

#include "pattern/set.h"
#include "pii/header.h"
#include "pii/table.h"
#include "pii/view.h"

/* Places where one pattern may end: every byte offset in [first, last]. */
struct trigger {
    uint32_t pattern;
    uint32_t first, last;
};

/* A span that some detector reads, before overlaps are resolved. */
struct finding {
    struct dvara_span span;
    uint32_t first; /* byte of the text that was read to find it: of a number in an odd grouping
                       its first digit */
    bool dropped;   /* scored too low, excepted …: kept only so that a stream does not cut it */
    bool unsure;    /* the text may go on, and what comes could still change the score */
    bool beside;    /* a word of its context stands before it, or in its label: its name is right */
    bool chained;   /* where the next match may start depends on it (patterns without a locator) */
    uint32_t overlong; /* where it was known to be wider than may be held, or 0: it claims all from
                          there to the next white space, */
    const char *until; /* or to the end of a line that begins so */
};

/* A number in an odd grouping, or with letters for digits: text[start, end). */
struct suspect {
    uint32_t start, end;
    bool marked; /* markup and separators stand in it */
    bool loose;  /* groups of all lengths, as in versions, object identifiers and addresses */
};

enum { SEARCH_DEPTH = 8 /* a text, normalised, decoded three times, and its parts */ };

struct dvara_scanner {
    const struct dvara_detectors *detectors;
    struct pattern_scratch *scratch;
    struct trigger *triggers;
    size_t n_triggers, triggers_room;
    uint32_t *open_trigger; /* a pattern's newest trigger in this scan, by number + 1; 0: none */
    struct finding *found;
    size_t n_found, found_room;
    struct dvara_span *spans;
    size_t n_spans, spans_room;
    size_t *resume;    /* per use of a pattern: where its next search starts */
    uint32_t *resumed; /* the uses for which that is not zero */
    size_t n_resumed;
    uint8_t *keyword_seen; /* per detector: the gate is open */
    uint8_t *part_seen;    /* the same of a part that is read otherwise */
    bool part_noted;
    bool keywords_noted;             /* of the text at hand */
    struct view views[SEARCH_DEPTH]; /* readings of readings, by depth */
    struct suspect *suspects;        /* a stack: each depth has its own on top */
    size_t n_suspects, suspects_room;
    struct word_places words, header_words; /* of the reading that is searched */
    struct word_places label_words;         /* of the scan's label */
    struct header header;
    struct view cell; /* over a span, as it is read */
    enum dvara_error_kind error;
};

/* One call of the finder. */
struct search {
    const uint8_t *wanted;      /* per detector; NULL: all */
    const uint32_t *thresholds; /* ppm per detector that decide more than the floors; NULL: none */
    struct dvara_str text;
    struct dvara_str label;
    const struct header_above *above; /* NULL: the text is no window of a stream */
    size_t from;                      /* spans begin here or later; what is before is context */
    size_t plain_to;                  /* text[layers_begin(), plain_to) is ASCII without escapes */
    size_t dead_to;                   /* before it no lead of a span behind it leads anywhere; in
                                         and out */
    bool partial;                     /* the text may go on */
    bool keep_keywords;               /* gates opened by earlier calls stay open (streams), */
    size_t keywords_from;             /* which looked at the text up to here */
    struct dvara_str whole;           /* the text at depth 0, for keywords */
    size_t first_suspect;
    unsigned depth;
    const struct search
        *outer;              /* the reading that this one was made from, NULL: the text itself, */
    const struct view *view; /* and how it was made */
    size_t reach;            /* dvara_detectors.reach */
    bool checks, folds;      /* some wanted detector has a check; one that a number may hold */
    bool is_part;            /* a part of the text, read otherwise */
    bool is_normal;          /* Unicode's ways of writing are made one already */
    bool is_folded;
    bool is_loose;               /* folded from what may well be no number */
    const struct locator *waits; /* out: the reading that is open at `live`; NULL: something else */
    size_t sleeps; /* out: how long the text must be for more to be told; 0: unknown */
    size_t live;   /* out: from here on more text could change what is found */
};

/* Fills scanner->found (unsorted). False: scanner->error says why. */
bool find_all(struct dvara_scanner *scanner, struct search *search);

/* Sorts scanner->found by start, drops what is dropped, and leaves in scanner->spans the spans that
 * win their overlaps: by length, then score, then name. */
bool resolve(struct dvara_scanner *scanner);
/* The same of those findings only that `styles` replaces. */
bool resolve_styled(struct dvara_scanner *scanner, const uint8_t *styles);

/* The score of a span. `undecided`: the text may go on (open_end), and what comes could still lift
 * the score over the detector's floor or the search's threshold, or push it under. */
struct scored {
    uint32_t ppm;
    bool context;
    bool beside; /* context; of what is valid anyway: a word before it, or in the label */
    bool undecided;
    bool unsure; /* or change it at all */
};
/* What a check makes of a span. LONE: it holds, but of bare digits or of a loose folding, where
 * that happens by chance: the lower score, LONE_PPM at most, unless a word is near. */
enum proof { PROOF_NONE, PROOF_LONE, PROOF_VALID };
struct scored score_span(struct dvara_scanner *scanner, const struct search *search, size_t index,
                         size_t start, size_t end, enum proof proof, bool open_end);
/* Is a verdict on the span one on bare digits alone? */
bool is_lone(const struct detector *detector, struct dvara_str span, enum verdict verdict);

/* The words that made the score of a span. */
void explain_words(struct dvara_scanner *scanner, struct dvara_str text, struct dvara_str label,
                   struct dvara_explained *explained, const struct dvara_span *span);
/* Is one of the words in the text, as part of words too? */
bool words_occur_in(struct dvara_strs words, struct dvara_str text);

#endif
