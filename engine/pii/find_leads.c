/* SPDX-License-Identifier: Apache-2.0 */
/* Leads: in a live text a pattern is tried only where what its matches begin with stands. */
#include "pii/find.h"

#include "pattern/text.h"
#include "pii/leads.h"

/* Whether the pattern of a LOCATE matches at `at`; then its place is read. */
static bool locate_lead(struct dvara_scanner *scanner, struct search *search, uint32_t use_index,
                        size_t at, enum pattern_outcome *ret_outcome)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    const struct pattern_use *use = &detectors->uses[use_index];
    size_t pattern = detectors->v[use->detector].patterns[use->pattern];
    size_t start;
    size_t end;
    *ret_outcome = pattern_match(detectors->set, scanner->scratch, pattern, search->text, at, at,
                                 search->partial, &start, &end);
    if (*ret_outcome == PATTERN_FAILED)
        return find_fail(scanner, DVARA_ERROR_SCAN);
    return *ret_outcome != PATTERN_MATCH || !find_gate_is_open(scanner, search, use->detector) ||
           find_locate(scanner, search, use_index, end, end);
}

static bool try_lead(struct dvara_scanner *scanner, struct search *search, const struct lead *lead,
                     size_t at)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    const struct pattern_use *use = &detectors->uses[lead->use];
    enum pattern_outcome outcome = PATTERN_PARTIAL;
    bool cut = false;
    if (!find_wants(search, use->detector) || !lead_stands(lead, search->text, at, &cut))
        return true;
    if (!cut && !detectors->v[use->detector].locator)
        return !find_gate_is_open(scanner, search, use->detector) ||
               find_matches(scanner, search, lead->use, at, at);
    if (!cut && !locate_lead(scanner, search, lead->use, at, &outcome))
        return false;
    if (outcome == PATTERN_PARTIAL)
        find_open(search, at);
    return true;
}

/* The first place from `at` on where a lead may begin, before `end`; the text's last three are not
 * told. */
static inline size_t next_lead(const struct leads *leads, struct dvara_str text, size_t at,
                               size_t end)
{
    size_t told = text.n > 3 ? text.n - 3 : 0;
    size_t stop = end < told ? end : told;
    while (at < stop && !triples_may_begin(&leads->triples, text, at))
        at++;
    return at;
}

/* The patterns whose beginnings stand somewhere in what is new. */
static bool run_leads(struct dvara_scanner *scanner, struct search *search)
{
    const struct leads *leads = &scanner->detectors->leads;
    struct dvara_str text = search->text;
    size_t at = search->from;
    if (leads->n == 0 || at >= text.n)
        return true;
    /* What begins where all waits anyway is looked at when more text has come. */
    for (; (at = next_lead(leads, text, at, search->live)) + 1 < text.n && at < search->live;
         at++) {
        struct lead_place place = lead_place(text, at);
        uint32_t i = leads->buckets[leads_bucket(text.p[at], text.p[at + 1])];
        for (; i; i = leads->v[i - 1].next) {
            if (lead_may_stand(&leads->v[i - 1], &place) &&
                !try_lead(scanner, search, &leads->v[i - 1], at))
                return false;
        }
    }
    if (at + 1 < text.n || at >= search->live)
        return true;
    /* Behind the last byte any second may follow. */
    struct lead_place place = lead_place(text, at);
    uint32_t i = leads->firsts[(unsigned char)text_fold(text.p[at])];
    for (; i; i = leads->v[i - 1].next_first) {
        if (lead_may_stand(&leads->v[i - 1], &place) &&
            !try_lead(scanner, search, &leads->v[i - 1], at))
            return false;
    }
    return true;
}

/* One whose span begins behind it. That waits for nothing: the tail's reading says what does.
 * *dead turns false where it leads somewhere, or may do so when more text has come. */
static bool try_behind(struct dvara_scanner *scanner, struct search *search,
                       const struct lead *lead, size_t at, bool *dead)
{
    const struct pattern_use *use = &scanner->detectors->uses[lead->use];
    enum pattern_outcome outcome = PATTERN_PARTIAL;
    bool cut = false;
    if (at + use->reach < search->from || !find_wants(search, use->detector) ||
        !lead_stands(lead, search->text, at, &cut))
        return true;
    if (!cut && !locate_lead(scanner, search, lead->use, at, &outcome))
        return false;
    *dead = *dead && outcome == PATTERN_NO_MATCH;
    return true;
}

static void note_dead(struct search *search, size_t to)
{
    to = to < search->live ? to : search->live;
    search->dead_to = to > search->dead_to ? to : search->dead_to;
}

/* From as far before what is new as a lead may begin; a stream asks once about those that are dead.
 */
static bool run_behind(struct dvara_scanner *scanner, struct search *search)
{
    const struct leads *leads = &scanner->detectors->behind;
    struct dvara_str text = search->text;
    size_t reach = scanner->detectors->lead_reach;
    size_t at = search->from > reach ? search->from - reach : 0;
    size_t told = text.n > PREFIX_BYTES ? text.n - PREFIX_BYTES + 1 : 0;
    bool dead = true;
    if (leads->n == 0)
        return true;
    if (!search->outer && at < search->dead_to)
        at = search->dead_to;
    for (; (at = next_lead(leads, text, at, search->live)) + 1 < text.n && at < search->live;
         at++) {
        struct lead_place place = lead_place(text, at);
        uint32_t i = leads->buckets[leads_bucket(text.p[at], text.p[at + 1])];
        bool was_dead = dead;
        for (; i; i = leads->v[i - 1].next) {
            if (lead_may_stand(&leads->v[i - 1], &place) &&
                !try_behind(scanner, search, &leads->v[i - 1], at, &dead))
                return false;
        }
        if (was_dead && !dead)
            note_dead(search, at < told ? at : told);
    }
    if (dead)
        note_dead(search, at < told ? at : told);
    return true;
}

bool find_leads(struct dvara_scanner *scanner, struct search *search)
{
    return run_leads(scanner, search) && run_behind(scanner, search);
}

/* What begins where all waits anyway is tried when more text has come, but for what is too wide to
 * wait. */
static bool is_tried(const struct search *search, const struct detector *detector, size_t at)
{
    return at < search->live || (detector->max_span && search->text.n - at > detector->max_span);
}

static bool try_group(struct dvara_scanner *scanner, struct search *search,
                      const struct begins_group *group, size_t at)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    if (!needs_may_begin(&group->needs, search->text, at))
        return true;
    const struct begins_use *v = detectors->begins.v;
    for (uint32_t i = group->first; i; i = v[i - 1].next) {
        uint32_t use = v[i - 1].use;
        size_t detector = detectors->uses[use].detector;
        if (find_wants(search, detector) && is_tried(search, &detectors->v[detector], at) &&
            needs_may_begin(&detectors->needs[v[i - 1].pattern], search->text, at) &&
            find_gate_is_open(scanner, search, detector) &&
            !find_matches(scanner, search, use, at, at))
            return false;
    }
    return true;
}

/* Is it a run that begins at `at`, or one that the text's end cuts? */
static bool may_be_run(struct dvara_str text, size_t at)
{
    size_t end = at;
    while (end < text.n && end - at < NEEDS_RUN_MIN && needs_is_dense((unsigned char)text.p[end]))
        end++;
    return end == text.n || end - at == NEEDS_RUN_MIN;
}

bool find_begins(struct dvara_scanner *scanner, struct search *search)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    const struct begins *begins = &detectors->begins;
    struct dvara_str text = search->text;
    size_t wide = text.n > detectors->narrowest ? text.n - detectors->narrowest : 0;
    if (begins->n == 0)
        return true;
    for (size_t at = search->from; at < text.n && (at < search->live || at < wide); at++) {
        uint64_t groups = begins_at(begins, text, at);
        if ((groups & begins->runs) && !may_be_run(text, at))
            groups &= ~begins->runs;
        for (; groups; groups &= groups - 1) {
            if (!try_group(scanner, search, &begins->groups[__builtin_ctzll(groups)], at))
                return false;
        }
    }
    return true;
}
