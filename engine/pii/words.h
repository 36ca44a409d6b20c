/* SPDX-License-Identifier: Apache-2.0 */
/* The words of all detectors' `context` and `against` in one table: a window of text is looked
 * through once, whoever asks. Read-only after building; the places found are the scanner's. */
#ifndef PII_WORDS_H
#define PII_WORDS_H

#include "base/arena.h"
#include "dvara/str.h"
#include "pii/triples.h"

#include <stdbool.h>
#include <stdint.h>

enum words_list { WORDS_CONTEXT, WORDS_AGAINST };
enum { WORDS_BUCKETS = 4096, WORDS_AT_MOST = 8 /* that begin at one place */ };

struct word {
    struct dvara_str text; /* folded (fold_word) */
    uint32_t next;         /* of the same bucket, by number + 1 */
};

/* A word as places are compared with it: its first bytes of ASCII up to a joint, at most four, with
 * bit 5 set, and which of four they are. */
struct word_head {
    uint32_t head, mask;
    uint32_t word;
};

struct words {
    struct word *v;
    size_t n;
    uint32_t buckets[WORDS_BUCKETS];    /* number + 1, by the first two bytes */
    struct word_head *heads;            /* those of a bucket together, the newest first, */
    uint32_t firsts[WORDS_BUCKETS + 1]; /* from here on; after words_finish */
    struct triples triples;             /* that some word begins with */
    bool has_digits;                    /* some word begins with a digit, */
    bool has_marks;                     /* some word begins with an ASCII mark, */
    bool has_wide;                      /* or with a byte over 0x7F */
    uint32_t *lists[2];                 /* for each detector a row of bits, by word */
    size_t row;                         /* uint32_t a detector */
};

/* A word that stands in a text: whole, but for a plural s. Keys are read as code and data spell
 * them: case begins words (userSsn, SSNNumber), "number", "num", "no" and "nr" may be joined to
 * one, and where a word has a space, or a hyphen or an apostrophe inside of it, a space, `_`, `-`,
 * `.`, `. `, `'`, a line's end or nothing may stand. */
struct word_place {
    uint32_t start, end, word;
};

/* What was found between `from` and `to`, by start. */
struct word_places {
    struct word_place *v;
    size_t n, room;
    size_t from, to;
};

/* Room for the words of n detectors. False: no memory. */
bool words_init(struct words *words, size_t n_detectors, size_t most, struct arena *arena);
/* Adds a word (folded, not empty) to a detector's list. */
void words_add(struct words *words, size_t detector, enum words_list list, struct dvara_str word);
/* After the last word. */
void words_finish(struct words *words);

static inline bool words_has(const struct words *words, size_t detector, enum words_list list,
                             uint32_t word)
{
    return words->lists[list][detector * words->row + word / 32] >> word % 32 & 1;
}

/* Extends the places so that they cover the words that begin in text[from, to). False: no memory.
 */
bool words_cover(const struct words *words, struct word_places *places, struct dvara_str text,
                 size_t from, size_t to);
/* The first place within text[from, to) of a word in a detector's list; NULL: none. Covered. */
const struct word_place *words_within(const struct words *words, const struct word_places *places,
                                      size_t detector, enum words_list list, size_t from,
                                      size_t to);

#endif
