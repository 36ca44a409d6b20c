/* SPDX-License-Identifier: Apache-2.0 */
/* What the two ways of finding share: places (hand-written search, layouts, LOCATEs) and patterns
 * (Hyperscan and PCRE2). Not for other folders. */
#ifndef PII_FIND_H
#define PII_FIND_H

#include "pattern/text.h"
#include "pii/scanner.h"

/* What was read at a place, to be judged and kept. */
struct read {
    size_t start, end; /* of what is overlong, where that was known */
    enum verdict verdict;
    uint8_t pattern;
    bool overlong;
    bool chained;
    const char *until; /* of what is overlong; NULL: white space */
};

enum {
    LONE_PPM = 450000, /* at most, of a checksum over bare digits and no word near */
    AFTER_MORE = 4     /* bytes behind the words after a span that say where the last ends */
};

/* Always false, so that callers can return it. */
bool find_fail(struct dvara_scanner *scanner, enum dvara_error_kind error);
/* More text could change what is found from `at` on. */
static inline void find_open(struct search *search, size_t at)
{
    if (at < search->live) {
        search->live = at;
        search->waits = NULL;
        search->sleeps = 0;
    }
}
/* The same, and nothing more is told before the text is `until` bytes long. */
static inline void find_open_until(struct search *search, size_t at, size_t until)
{
    if (at < search->live) {
        search->live = at;
        search->waits = NULL;
        search->sleeps = search->outer ? 0 : until;
    }
}
/* The same; while the locator's reading of what begins at `at` runs to the text's end, the text
 * need not be searched again. */
static inline void find_open_reading(struct search *search, size_t at,
                                     const struct locator *locator)
{
    if (at < search->live) {
        search->live = at;
        search->waits = locator;
        search->sleeps = 0;
    }
}
static inline bool find_wants(const struct search *search, size_t detector)
{
    return !search->wanted || search->wanted[detector];
}
/* Where the byte at `at` of a reading comes from in the text itself. */
size_t find_root(const struct search *search, size_t at);
/* Nothing before this is looked at for what begins at `at`, in whatever reading: so many bytes of
 * the text itself that a window of a stream always holds them (dvara_detectors.reach). */
size_t find_floor(const struct search *search, size_t at);
/* Opens the gates (`seen`, per detector) whose keywords end behind `from`. */
void find_note_keywords(const struct dvara_detectors *detectors, struct dvara_str text, size_t from,
                        uint8_t *seen);
/* Is one of the detector's keywords in the text (or has it none)? */
bool find_gate_is_open(struct dvara_scanner *scanner, const struct search *search, size_t detector);
/* Is one of all gates open that have keywords? */
bool find_some_gate_is_open(struct dvara_scanner *scanner, const struct search *search);
/* The verdict of the detector's RUN or CHECK on text[start, end). */
enum verdict find_judge(const struct detector *detector, struct search *search, size_t start,
                        size_t end);
/* Scores what was read and keeps it as a finding, unless it is dropped; what is overlong is judged
 * by what was read of it, and read->end becomes the end of what it claims. False: an error. */
bool find_keep(struct dvara_scanner *scanner, struct search *search, size_t detector,
               struct read *read);
/* Past the widest that may be held, everything to the next white space is claimed, or to the end of
 * a line that begins with `until`. text.n: that is not in sight. */
size_t find_run_end(struct dvara_str text, size_t at, const char *until);
/* Makes room for one more. False: no memory. */
bool find_make_room(void **v, size_t n, size_t *room, size_t size);

/* Notes the number that begins at `start` if it is one that hides. False: no memory. */
bool find_suspect(struct dvara_scanner *scanner, struct search *search, size_t start);
/* All that is found in one reading of a text, and in readings of it. */
bool find_text(struct dvara_scanner *scanner, struct search *search);
/* What stands at digits, at @ and at colons. */
bool find_places(struct dvara_scanner *scanner, struct search *search);
/* What Hyperscan's ends, or PCRE2 alone, give. */
bool find_patterns(struct dvara_scanner *scanner, struct search *search);
/* In a live text: the patterns that are tried only where their beginnings stand. */
bool find_leads(struct dvara_scanner *scanner, struct search *search);
/* And those without a literal, where the bytes stand that they may begin with. */
bool find_begins(struct dvara_scanner *scanner, struct search *search);
/* All matches of a use one after another that start in [from, last_start]. */
bool find_matches(struct dvara_scanner *scanner, struct search *search, size_t use, size_t from,
                  size_t last_start);

/* Reads LOCATE spans that begin before `last` and may hold the byte before `first`. */
bool find_locate(struct dvara_scanner *scanner, struct search *search, size_t use, size_t first,
                 size_t last);
/* Reads a LOCATE's span at `start`, if one begins there. */
bool find_read_at(struct dvara_scanner *scanner, struct search *search,
                  const struct pattern_use *use, size_t start);
/* The first place before `at` that can be in the same LOCATE's span as the byte before `at`. */
size_t find_walk_back(const struct detector *detector, const struct search *search, size_t at);
/* No LOCATE's span begins inside a run of ASCII letters and digits: most places end here. */
static inline bool find_is_boundary(struct dvara_str text, size_t at)
{
    return at == 0 || !text_is_alnum((unsigned char)text.p[at - 1]);
}
/* In a text that may go on: the places from which a LOCATE's span could reach past its end. */
bool find_tails(struct dvara_scanner *scanner, struct search *search);
/* The use's next search starts at `at`, in this text. */
static inline void find_resume(struct dvara_scanner *scanner, size_t use, size_t at)
{
    if (scanner->resume[use] == 0 && at > 0)
        scanner->resumed[scanner->n_resumed++] = (uint32_t)use;
    scanner->resume[use] = at;
}

#endif
