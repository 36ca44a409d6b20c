/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/set.h"

#include "dvara/limits.h"
#include "pattern/compiled.h"
#include "pattern/text.h"

#include <assert.h>

struct ends {
    pattern_on_end *on_end;
    void *user;
};

static int pass_end(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *context)
{
    (void)from;
    (void)flags;
    const struct ends *ends = context;
    return ends->on_end(ends->user, id, (uint32_t)to) ? 0 : 1;
}

static bool scan_one(const hs_database_t *database, struct pattern_scratch *scratch, const char *p,
                     size_t n, struct ends *ends)
{
    return !database ||
           hs_scan(database, p, (unsigned)n, 0, scratch->hyperscan, pass_end, ends) == HS_SUCCESS;
}

bool pattern_scan_ends(const struct pattern_set *set, struct pattern_scratch *scratch,
                       struct dvara_str text, bool gated, pattern_on_end *on_end, void *user)
{
    if (text.n > DVARA_MAX_SCAN)
        return false;
    struct ends ends = {.on_end = on_end, .user = user};
    const char *p = padded_begin(&scratch->padded, text);
    bool done =
        p && scan_one(set->bytes, scratch, p, text.n, &ends) &&
        (!set->utf8 || !text_is_valid(text) || scan_one(set->utf8, scratch, p, text.n, &ends)) &&
        (!gated || scan_one(set->gated, scratch, p, text.n, &ends));
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

bool pattern_scan_any(const struct pattern_set *set, struct pattern_scratch *scratch,
                      struct dvara_str text, uint8_t *ret_matched)
{
    memset(ret_matched, 0, set->n);
    if (!pattern_scan_ends(set, scratch, text, true, note_match, ret_matched))
        return false;
    bool valid = !set->utf8 || text_is_valid(text);
    for (size_t i = 0; i < set->n; i++) {
        bool searched = pattern_is_searched(set, i, valid);
        if (searched && (!ret_matched[i] || (set->rows[i].bits & PATTERN_DECIDED)))
            continue;
        size_t start;
        size_t end;
        enum pattern_outcome outcome =
            pattern_match(set, scratch, i, text, 0, text.n, false, &start, &end);
        if (outcome == PATTERN_FAILED)
            return false;
        ret_matched[i] = outcome == PATTERN_MATCH;
    }
    return true;
}

/* \b of PCRE2 is ASCII here: next to other scripts' letters it is refused after the match. */
static bool stands_free(const struct pattern_row *row, struct dvara_str text, size_t start,
                        size_t end)
{
    if ((row->bits & PATTERN_LEFT_BOUNDARY) && start && (unsigned char)text.p[start - 1] >= 0x80 &&
        text_word_before(text, start) && text_word_at(text, start))
        return false;
    return !((row->bits & PATTERN_RIGHT_BOUNDARY) && end < text.n &&
             (unsigned char)text.p[end] >= 0x80 && text_word_at(text, end) &&
             text_word_before(text, end));
}

enum pattern_outcome pattern_match(const struct pattern_set *set, struct pattern_scratch *scratch,
                                   size_t pattern, struct dvara_str text, size_t from,
                                   size_t last_start, bool partial, size_t *ret_start,
                                   size_t *ret_end)
{
    assert(pattern < set->n && from <= text.n);
    const struct pattern_row *row = &set->rows[pattern];
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.p ? text.p : "");
    pcre2_set_offset_limit(scratch->context, last_start);
    while (from <= last_start && from <= text.n) {
        int rc = pcre2_match(set->codes[pattern], subject, text.n, from,
                             PCRE2_NOTEMPTY | (partial ? PCRE2_PARTIAL_HARD : 0u), scratch->match,
                             scratch->context);
        const PCRE2_SIZE *ovector = pcre2_get_ovector_pointer(scratch->match);
        if (rc == PCRE2_ERROR_NOMATCH)
            return PATTERN_NO_MATCH;
        if (rc != PCRE2_ERROR_PARTIAL && rc < 0)
            return PATTERN_FAILED;
        *ret_start = ovector[0];
        *ret_end = ovector[1];
        if (rc == PCRE2_ERROR_PARTIAL)
            return PATTERN_PARTIAL;
        /* At the end of a text that may go on, what follows is not known yet. */
        if (partial && *ret_end == text.n && (row->bits & PATTERN_RIGHT_BOUNDARY))
            return PATTERN_PARTIAL;
        if (stands_free(row, text, *ret_start, *ret_end))
            return PATTERN_MATCH;
        (void)text_next(text, *ret_start, &from);
    }
    return PATTERN_NO_MATCH;
}
