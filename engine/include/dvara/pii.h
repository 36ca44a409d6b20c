/* SPDX-License-Identifier: Apache-2.0 */
/* Finding, replacing and restoring personal data. Detectors are rows of a bundle; a scanner is one
 * thread's scratch; a vault is one exchange's map from tokens to values (bounded, zeroed when
 * freed, never logged). */
#ifndef DVARA_PII_H
#define DVARA_PII_H

#include "dvara/bundle.h"
#include "dvara/request.h"
#include "dvara/status.h"
#include "dvara/words.h"

struct arena;
struct buf;
struct dvara_detectors; /* the bundle's detector table and pattern databases */
struct dvara_scanner;
struct dvara_vault;

const struct dvara_detectors *dvara_bundle_detectors(const struct dvara_bundle *bundle);
size_t dvara_detectors_count(const struct dvara_detectors *detectors);

DVARA_MUST_CHECK enum dvara_status dvara_scanner_new(const struct dvara_detectors *detectors,
                                                     struct dvara_scanner **ret_scanner);
void dvara_scanner_free(struct dvara_scanner *scanner);

/* How a text was read when something was found in it. */
enum dvara_via {
    DVARA_VIA_PLAIN,
    DVARA_VIA_NORMAL,  /* with Unicode's ways of writing made one */
    DVARA_VIA_DECODED, /* with percent signs, entities or backslash escapes decoded */
    DVARA_VIA_PACKED,  /* in a run of base64 or hexadecimal digits */
    DVARA_VIA_FOLDED   /* without its odd grouping, or with look-alikes as what they look like */
};

/* One resolved finding: bytes [start, end) of a text. */
struct dvara_span {
    uint32_t start, end;
    uint16_t detector;
    uint32_t score_ppm; /* 950000 is 95% */
    uint8_t pattern;    /* which of the detector's patterns */
    int8_t validation;  /* 1 valid or weak, 0 unknown, -1 retired checksum failed */
    bool context;       /* a context word raised the score */
    uint8_t via;        /* enum dvara_via */
};

struct dvara_spans {
    const struct dvara_span *v;
    size_t n;
};

/* Finds and resolves in one text. `wanted`: one byte a detector, nonzero = look for it (NULL =
 * all). `label` is the key the text stands under, or absent. Spans are sorted, do not overlap, and
 * are valid until the scanner's next call. ret_error is DVARA_ERROR_NONE, SCAN or CANDIDATES; on an
 * error there are no spans and the caller fails closed. Overlaps are resolved among the wanted
 * detectors: to redact, want those that are redacted, or one that is not may shield one that is.
 * What scores less than the lowest threshold that any group gives its detector is dropped. */
struct dvara_spans dvara_scan(struct dvara_scanner *scanner, const uint8_t *wanted,
                              struct dvara_str text, struct dvara_str label,
                              enum dvara_error_kind *ret_error);

/* Why a span that dvara_scan gave for the same text and label has its score. */
enum dvara_validation {
    DVARA_VALIDATION_NONE, /* the detector names no check */
    DVARA_VALIDATION_VALID,
    DVARA_VALIDATION_WEAK,    /* the checksum holds, as it does for many a number by chance */
    DVARA_VALIDATION_UNKNOWN, /* the form alone proves nothing */
    DVARA_VALIDATION_RETIRED  /* fails a checksum that newer numbers no longer hold */
};
struct dvara_explained {
    struct dvara_str pattern;   /* the source of the pattern that proposed the place */
    struct dvara_str validator; /* absent: none */
    enum dvara_validation validation;
    uint32_t word_start, word_end; /* the context word, bytes of the text; equal: none there */
    bool word_in_label;            /* it stands in the label */
    uint32_t against_start, against_end; /* the word that took 30% off; equal: none */
};
struct dvara_explained dvara_scan_explain(struct dvara_scanner *scanner, struct dvara_str text,
                                          struct dvara_str label, const struct dvara_span *span);

/* `tenant_key` keys `hash` and must be 32 bytes; `seen` is the request's whole body: a token text
 * that occurs in it, in any case and with or without brackets, is never issued. It is borrowed as
 * long as tokens are issued; detectors' labels as long as the vault lives. */
DVARA_MUST_CHECK enum dvara_status dvara_vault_new(const unsigned char tenant_key[32],
                                                   struct dvara_str seen,
                                                   struct dvara_vault **ret_vault);
void dvara_vault_free(struct dvara_vault *vault); /* zeroes first */
bool dvara_vault_is_empty(const struct dvara_vault *vault);

/* One replacement in a text: bytes [start, end) become `text` (in the arena). */
struct dvara_replacement {
    uint32_t start, end;
    struct dvara_str text;
};

/* The replacements for `spans` of `text`, by style per detector (index: detector; NONE skips).
 * Tokens are issued only while `may_issue` (the prompt); elsewhere `token` means `label`. */
DVARA_MUST_CHECK enum dvara_status dvara_redact(const struct dvara_detectors *detectors,
                                                struct dvara_vault *vault, bool may_issue,
                                                const uint8_t *styles, struct dvara_str text,
                                                struct dvara_spans spans, struct arena *arena,
                                                struct dvara_replacement **ret_v, size_t *ret_n);

/* Puts tokens back into a whole text (language.md section 5, G24). Appends the result to out;
 * returns how many were restored. */
size_t dvara_restore(struct dvara_vault *vault, struct dvara_str text, bool in_urls,
                     struct buf *out);

/* One live text: a choice's channel (content, reasoning, refusal, a tool call's arguments). Feeds
 * go in, safe text comes out; a byte waits only while a detector (or a token's text) could still
 * claim it. Redacts, then restores. */
struct dvara_stream;
struct dvara_stream_options {
    const uint8_t *styles;      /* per detector; NULL: no redaction */
    const uint32_t *thresholds; /* ppm per detector: what scores less is not replaced; NULL: none */
    struct dvara_vault *vault;  /* NULL: no restoring */
    bool restore_urls;
    bool watch_only; /* spans are reported (on_span) but the text is not changed */
    /* Called for each resolved span once, in order; offsets are of the stream. May be NULL. */
    void (*on_span)(void *user, const struct dvara_span *span);
    /* Called at every feed and at the end, after on_span and before bytes are released. True stops
     * the stream: nothing more is released. *ret_hold, 0 on entry: bytes at the end of what was fed
     * that wait for what follows. May be NULL. */
    bool (*on_feed)(void *user, size_t *ret_hold);
    void *user;
};
/* scanner may be NULL (a bundle without detectors): on_feed and tokens still work. */
DVARA_MUST_CHECK enum dvara_status dvara_stream_new(struct dvara_scanner *scanner,
                                                    const struct dvara_stream_options *options,
                                                    struct dvara_stream **ret_stream);
void dvara_stream_free(struct dvara_stream *stream);
/* Appends what may be released now to `out`. SCAN and CANDIDATES errors come as INVALID: the caller
 * ends the stream and drops what is held. STALE: on_feed stopped it. */
DVARA_MUST_CHECK enum dvara_status dvara_stream_feed(struct dvara_stream *stream,
                                                     struct dvara_str text, struct buf *out);
/* The end of the text: everything is decided and released. */
DVARA_MUST_CHECK enum dvara_status dvara_stream_finish(struct dvara_stream *stream,
                                                       struct buf *out);
/* Bytes held back now. */
size_t dvara_stream_held(const struct dvara_stream *stream);

#endif
