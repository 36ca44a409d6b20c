/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/set.h"

#include "dvara/limits.h"
#include "pattern/compiled.h"
#include "pattern/text.h"
#include "pattern/windows.h"

#include <assert.h>

struct ends {
    pattern_on_end *on_end;
    void *user;
    size_t base; /* of the bytes that are scanned, in the text */
};

static int pass_end(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *context)
{
    (void)from;
    (void)flags;
    const struct ends *ends = context;
    return ends->on_end(ends->user, id, (uint32_t)(ends->base + to)) ? 0 : 1;
}

/* Scans text[start, end) with one database, if there is one. */
static bool scan(const struct pattern_set *set, struct pattern_scratch *scratch,
                 enum pattern_database database, struct dvara_str text, struct window window,
                 struct ends *ends)
{
    ends->base = window.start;
    return !set->databases[database] || hs_scan(set->databases[database], text.p + window.start,
                                                (unsigned)(window.end - window.start), 0,
                                                scratch->hyperscan, pass_end, ends) == HS_SUCCESS;
}

static bool scan_runs(const struct pattern_set *set, struct pattern_scratch *scratch,
                      struct dvara_str text, bool gated, struct ends *ends)
{
    struct window window;
    gated = gated && set->databases[DATABASE_GATED_RUNS];
    if (!set->databases[DATABASE_RUNS] && !gated)
        return true;
    for (size_t at = 0; windows_next(text, at, &window); at = window.end) {
        if (!scan(set, scratch, DATABASE_RUNS, text, window, ends) ||
            (gated && !scan(set, scratch, DATABASE_GATED_RUNS, text, window, ends)))
            return false;
    }
    return true;
}

static bool scan_all(const struct pattern_set *set, struct pattern_scratch *scratch,
                     struct dvara_str text, bool gated, struct ends *ends)
{
    struct window all = {.start = 0, .end = text.n};
    bool code_points = set->databases[DATABASE_UTF8] && text_is_valid(text);
    for (unsigned d = DATABASE_DIGITS; d < DATABASES; d++) {
        if (!scan(set, scratch, d, text, all, ends))
            return false;
    }
    return scan(set, scratch, DATABASE_BYTES, text, all, ends) &&
           (!code_points || scan(set, scratch, DATABASE_UTF8, text, all, ends)) &&
           (!gated || scan(set, scratch, DATABASE_GATED, text, all, ends)) &&
           scan_runs(set, scratch, text, gated, ends);
}

bool pattern_scan_ends(const struct pattern_set *set, struct pattern_scratch *scratch,
                       struct dvara_str text, bool gated, pattern_on_end *on_end, void *user)
{
    if (text.n > DVARA_MAX_SCAN)
        return false;
    struct ends ends = {.on_end = on_end, .user = user};
    const char *p = padded_begin(&scratch->padded, text);
    bool done = p && scan_all(set, scratch, dvara_str_from(p, text.n), gated, &ends);
    padded_end(&scratch->padded, p, text.n);
    return done;
}

static bool note_match(void *user, uint32_t pattern, uint32_t end)
{
    (void)end;
    uint8_t *matched = user;
    matched[pattern] = 1;
    return true;
}

/* \b of PCRE2 is ASCII here: next to other scripts' letters it is refused after the match. */
static bool begins_free(const struct pattern_row *row, struct dvara_str text, size_t start)
{
    return !((row->bits & PATTERN_LEFT_BOUNDARY) && start &&
             (unsigned char)text.p[start - 1] >= 0x80 && text_word_before(text, start) &&
             text_word_at(text, start));
}

static bool ends_free(const struct pattern_row *row, struct dvara_str text, size_t end)
{
    return !((row->bits & PATTERN_RIGHT_BOUNDARY) && end < text.n &&
             (unsigned char)text.p[end] >= 0x80 && text_word_at(text, end) &&
             text_word_before(text, end));
}

/* Where a match may start. */
struct starts {
    size_t from, last;
};

static enum pattern_outcome match(const struct pattern_set *set, struct pattern_scratch *scratch,
                                  size_t pattern, struct dvara_str text,
                                  const struct starts *starts, uint32_t options, size_t *ret_start,
                                  size_t *ret_end)
{
    assert(pattern < set->n && starts->from <= text.n);
    const struct pattern_row *row = &set->rows[pattern];
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.p ? text.p : "");
    bool partial = options & PCRE2_PARTIAL_HARD;
    pcre2_set_offset_limit(scratch->context, starts->last);
    for (size_t from = starts->from; from <= starts->last && from <= text.n;) {
        int rc = pcre2_match(set->codes[pattern], subject, text.n, from, options, scratch->match,
                             scratch->context);
        const PCRE2_SIZE *ovector = pcre2_get_ovector_pointer(scratch->match);
        if (rc == PCRE2_ERROR_NOMATCH)
            return PATTERN_NO_MATCH;
        if (rc != PCRE2_ERROR_PARTIAL && rc < 0)
            return PATTERN_FAILED;
        *ret_start = ovector[0];
        *ret_end = ovector[1];
        bool free = begins_free(row, text, *ret_start);
        if (free && rc == PCRE2_ERROR_PARTIAL)
            return PATTERN_PARTIAL;
        /* At the end of a text that may go on, what follows is not known yet. */
        if (free && partial && *ret_end == text.n && (row->bits & PATTERN_RIGHT_BOUNDARY))
            return PATTERN_PARTIAL;
        if (free && ends_free(row, text, *ret_end))
            return PATTERN_MATCH;
        if (*ret_start >= text.n)
            return PATTERN_NO_MATCH;
        (void)text_next(text, *ret_start, &from);
    }
    return PATTERN_NO_MATCH;
}

bool pattern_scan_any(const struct pattern_set *set, struct pattern_scratch *scratch,
                      struct dvara_str text, uint8_t *ret_matched)
{
    memset(ret_matched, 0, set->n);
    if (!pattern_scan_ends(set, scratch, text, true, note_match, ret_matched))
        return false;
    bool valid = !set->databases[DATABASE_UTF8] || text_is_valid(text);
    for (size_t i = 0; i < set->n; i++) {
        bool searched = pattern_is_searched(set, i, valid);
        if (searched && (!ret_matched[i] || (set->rows[i].bits & PATTERN_DECIDED)))
            continue;
        const struct starts range = {0, text.n};
        size_t start;
        size_t end;
        enum pattern_outcome outcome = match(set, scratch, i, text, &range, 0, &start, &end);
        if (outcome == PATTERN_FAILED)
            return false;
        ret_matched[i] = outcome == PATTERN_MATCH;
    }
    return true;
}

enum pattern_outcome pattern_match(const struct pattern_set *set, struct pattern_scratch *scratch,
                                   size_t pattern, struct dvara_str text, size_t from,
                                   size_t last_start, bool partial, size_t *ret_start,
                                   size_t *ret_end)
{
    const struct starts range = {from, last_start};
    return match(set, scratch, pattern, text, &range,
                 PCRE2_NOTEMPTY | (partial ? PCRE2_PARTIAL_HARD : 0u), ret_start, ret_end);
}
