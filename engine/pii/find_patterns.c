/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/find.h"

#include "dvara/limits.h"
#include "pattern/text.h"
#include "pattern/windows.h"
#include "pii/layers.h"

struct collecting {
    struct dvara_scanner *scanner;
    size_t most;
    size_t from;
    size_t skipped; /* bytes of context that no trigger could span: not scanned */
    uint32_t gap;   /* ends so close are one trigger */
};

/* Ends that touch, or nearly do, are one trigger: a run of digits, or a row of numbers, is one
 * candidate, not one a digit. In large texts only those that touch: there the cap on candidates
 * also bounds the time that rows of numbers can take. */
enum { GAP_NEAR = 4, GAP_TOUCHING = 1, GAP_NEAR_TEXT = 256 << 10 };

static bool note_end(void *user, uint32_t pattern, uint32_t end)
{
    struct collecting *collecting = user;
    struct dvara_scanner *scanner = collecting->scanner;
    end += (uint32_t)collecting->skipped;
    if (end <= collecting->from)
        return true;
    uint32_t newest = scanner->open_trigger[pattern];
    if (newest) {
        struct trigger *trigger = &scanner->triggers[newest - 1];
        if (end >= trigger->first && end <= trigger->last + collecting->gap) {
            if (end > trigger->last)
                trigger->last = end;
            return true;
        }
    }
    if (scanner->n_triggers >= collecting->most)
        return find_fail(scanner, DVARA_ERROR_CANDIDATES);
    void *v = scanner->triggers;
    if (!find_make_room(&v, scanner->n_triggers, &scanner->triggers_room,
                        sizeof *scanner->triggers))
        return find_fail(scanner, DVARA_ERROR_SCAN);
    scanner->triggers = v;
    scanner->triggers[scanner->n_triggers++] =
        (struct trigger){.pattern = pattern, .first = end, .last = end};
    scanner->open_trigger[pattern] = (uint32_t)scanner->n_triggers;
    return true;
}

/* Could a pattern that is searched for only behind a gate match, and is a gate open? What could
 * match is asked first: that is the cheaper question, and in prose the answer is no. */
static bool wants_gated(struct dvara_scanner *scanner, const struct search *search,
                        struct dvara_str text)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    struct window window;
    bool has_run = windows_next(text, 0, &window);
    bool may = false;
    for (size_t i = 0; i < detectors->n_gated && !may; i++) {
        const struct pattern_needs *needs = &detectors->needs[detectors->gated[i]];
        may = needs->run ? has_run : needs_occur(needs, text, 0);
    }
    return may && find_some_gate_is_open(scanner, search);
}

static bool collect(struct dvara_scanner *scanner, const struct search *search)
{
    struct collecting collecting = {
        .scanner = scanner,
        .most = DVARA_CANDIDATES_BASE + search->text.n / 1024 * DVARA_CANDIDATES_PER_KIB,
        .from = search->from,
        .gap = search->text.n <= GAP_NEAR_TEXT ? GAP_NEAR : GAP_TOUCHING};
    size_t reach = scanner->detectors->trigger_reach;
    if (reach < search->from)
        collecting.skipped = layers_align(search->text, search->from - reach);
    struct dvara_str scanned = dvara_str_slice(search->text, collecting.skipped, search->text.n);
    scanner->n_triggers = 0;
    memset(scanner->open_trigger, 0,
           scanner->detectors->n_patterns * sizeof *scanner->open_trigger);
    if (!pattern_scan_ends(scanner->detectors->set, scanner->scratch, scanned,
                           wants_gated(scanner, search, scanned), note_end, &collecting))
        return find_fail(scanner, DVARA_ERROR_SCAN);
    return true;
}

/* One match of a pattern that gives the span itself. False: stop searching. */
static bool keep_match(struct dvara_scanner *scanner, struct search *search,
                       const struct pattern_use *use, size_t start, size_t end, size_t *ret_next)
{
    const struct detector *detector = &scanner->detectors->v[use->detector];
    struct read read = {.start = start, .end = end, .pattern = use->pattern, .chained = true};
    read.overlong = detector->max_span && end - start > detector->max_span;
    if (read.overlong)
        read.end = start + detector->max_span;
    read.verdict = read.overlong ? VERDICT_UNKNOWN : find_judge(detector, search, start, end);
    bool right = find_keep(scanner, search, use->detector, &read);
    *ret_next = read.end;
    return right;
}

/* A partial match at `start`: open, or already wider than may be held; then *ret_next is where to
 * go on. */
static bool keep_partial(struct dvara_scanner *scanner, struct search *search,
                         const struct pattern_use *use, size_t start, size_t *ret_next)
{
    const struct detector *detector = &scanner->detectors->v[use->detector];
    *ret_next = search->text.n;
    if (!detector->max_span || search->text.n - start <= detector->max_span) {
        find_open(search, start);
        return true;
    }
    struct read read = {.start = start,
                        .end = start + detector->max_span,
                        .verdict = VERDICT_UNKNOWN,
                        .pattern = use->pattern,
                        .overlong = true,
                        .chained = true};
    bool right = find_keep(scanner, search, use->detector, &read);
    *ret_next = read.end;
    return right;
}

bool find_matches(struct dvara_scanner *scanner, struct search *search, size_t use_index,
                  size_t from, size_t last_start)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    const struct pattern_use *use = &detectors->uses[use_index];
    size_t pattern = detectors->v[use->detector].patterns[use->pattern];
    if (from < scanner->resume[use_index])
        from = scanner->resume[use_index];
    while (from <= last_start && from < search->text.n) {
        size_t start;
        size_t end;
        switch (pattern_match(detectors->set, scanner->scratch, pattern, search->text, from,
                              last_start, search->partial, &start, &end)) {
        case PATTERN_NO_MATCH:
            /* No match starts so far, whatever its end: no later trigger looks there again. */
            find_resume(scanner, use_index, last_start + 1);
            return true;
        case PATTERN_FAILED:
            return find_fail(scanner, DVARA_ERROR_SCAN);
        case PATTERN_PARTIAL:
            if (!keep_partial(scanner, search, use, start, &from))
                return false;
            break;
        case PATTERN_MATCH:
            if (!keep_match(scanner, search, use, start, end, &from))
                return false;
            break;
        }
        find_resume(scanner, use_index, from);
    }
    return true;
}

/* Where the bytes begin, none before `floor`, that one match with the byte before `at` can hold. */
static size_t held_start(struct dvara_str text, const struct byte_set *holds, size_t at,
                         size_t floor)
{
    while (at > floor && byte_set_has(holds, (unsigned char)text.p[at - 1]))
        at--;
    return at;
}

static bool use_trigger(struct dvara_scanner *scanner, struct search *search, size_t use_index,
                        const struct trigger *trigger)
{
    const struct pattern_use *use = &scanner->detectors->uses[use_index];
    const struct detector *detector = &scanner->detectors->v[use->detector];
    if (!find_gate_is_open(scanner, search, use->detector))
        return true;
    if (detector->locator)
        return find_locate(scanner, search, use_index, trigger->first, trigger->last);
    if (search->partial)
        return true; /* run_directly has found it */
    uint32_t width = pattern_set_max_width(scanner->detectors->set, trigger->pattern);
    size_t floor = width < trigger->first ? trigger->first - width : 0;
    floor = floor > search->from ? floor : search->from;
    floor = floor > scanner->resume[use_index] ? floor : scanner->resume[use_index];
    const struct byte_set *holds = &scanner->detectors->needs[trigger->pattern].holds;
    return find_matches(scanner, search, use_index,
                        held_start(search->text, holds, trigger->first, floor), trigger->last);
}

/* Is the use wanted, and not found at places? */
static bool is_ours(const struct dvara_detectors *detectors, const struct search *search,
                    uint32_t use)
{
    return detectors->uses[use].found_by == FOUND_BY_PATTERN &&
           find_wants(search, detectors->uses[use].detector);
}

static bool run_uses(struct dvara_scanner *scanner, struct search *search)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    for (size_t i = 0; i < scanner->n_triggers; i++) {
        uint32_t pattern = scanner->triggers[i].pattern;
        for (uint32_t u = detectors->first_use[pattern]; u < detectors->first_use[pattern + 1];
             u++) {
            if (is_ours(detectors, search, u) &&
                !use_trigger(scanner, search, u, &scanner->triggers[i]))
                return false;
        }
    }
    return true;
}

/* The places that a LOCATE's pattern leads to, where Hyperscan does not report its ends. A span can
 * begin behind what leads to it, so that this may have begun before the part that is read. */
static bool locate_all(struct dvara_scanner *scanner, struct search *search, size_t use_index)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    const struct pattern_use *use = &detectors->uses[use_index];
    size_t pattern = detectors->v[use->detector].patterns[use->pattern];
    size_t width = pattern_set_max_width(detectors->set, pattern);
    size_t from = width < search->from ? search->from - width : 0;
    while (from < search->text.n) {
        size_t start;
        size_t end;
        switch (pattern_match(detectors->set, scanner->scratch, pattern, search->text, from,
                              search->text.n, false, &start, &end)) {
        case PATTERN_NO_MATCH:
        case PATTERN_PARTIAL:
            return true;
        case PATTERN_FAILED:
            return find_fail(scanner, DVARA_ERROR_SCAN);
        case PATTERN_MATCH:
            if (!find_locate(scanner, search, use_index, end, end))
                return false;
            (void)text_next(search->text, start, &from);
            break;
        }
    }
    return true;
}

/* In a whole text: patterns that Hyperscan does not hold. */
static bool run_unsearched(struct dvara_scanner *scanner, struct search *search)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    if (!detectors->has_unsearched)
        return true;
    bool valid = text_is_valid(search->text);
    for (size_t p = 0; p < detectors->n_patterns; p++) {
        if (pattern_is_searched(detectors->set, p, valid))
            continue;
        for (uint32_t u = detectors->first_use[p]; u < detectors->first_use[p + 1]; u++) {
            size_t detector = detectors->uses[u].detector;
            if (!is_ours(detectors, search, u) || !find_gate_is_open(scanner, search, detector))
                continue;
            bool right = detectors->v[detector].locator
                             ? locate_all(scanner, search, u)
                             : find_matches(scanner, search, u, search->from, search->text.n);
            if (!right)
                return false;
        }
    }
    return true;
}

/* A use in a live text of which it is not known what it begins with. */
static bool run_live(struct dvara_scanner *scanner, struct search *search, uint32_t use_index)
{
    const struct pattern_use *use = &scanner->detectors->uses[use_index];
    return !find_gate_is_open(scanner, search, use->detector) ||
           find_matches(scanner, search, use_index, search->from, search->text.n);
}

/* A LOCATE in a live text to which nothing else leads: all of its places. */
static bool locate_live(struct dvara_scanner *scanner, struct search *search, uint32_t use_index,
                        uint32_t pattern)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    if (!find_gate_is_open(scanner, search, detectors->uses[use_index].detector))
        return true;
    bool valid = !detectors->has_unsearched || text_is_valid(search->text);
    return pattern_is_searched(detectors->set, pattern, valid) ||
           locate_all(scanner, search, use_index);
}

static bool run_directly(struct dvara_scanner *scanner, struct search *search)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    if (!search->partial)
        return run_unsearched(scanner, search);
    for (size_t i = 0; i < detectors->n_direct; i++) {
        uint32_t use = detectors->direct[i];
        size_t detector = detectors->uses[use].detector;
        if (!find_wants(search, detector))
            continue;
        if (!(detectors->v[detector].locator
                  ? locate_live(scanner, search, use, detectors->direct_patterns[i])
                  : run_live(scanner, search, use)))
            return false;
    }
    return find_begins(scanner, search);
}

/* Is some detector wanted whose places Hyperscan gives? */
static bool needs_search(const struct dvara_detectors *detectors, const struct search *search)
{
    if (search->partial && !detectors->has_triggered)
        return false;
    for (size_t i = 0; i < detectors->n; i++) {
        const struct detector *detector = &detectors->v[i];
        bool triggers = search->partial ? detector->is_triggered : detector->is_searched;
        if (triggers && find_wants(search, i))
            return true;
    }
    return false;
}

bool find_patterns(struct dvara_scanner *scanner, struct search *search)
{
    scanner->n_triggers = 0;
    if (scanner->detectors->n_by_pattern == 0)
        return true;
    if (needs_search(scanner->detectors, search) && !collect(scanner, search))
        return false;
    if (search->partial && !find_leads(scanner, search))
        return false;
    return run_directly(scanner, search) && run_uses(scanner, search);
}
