/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/scanner.h"

#include "dvara/limits.h"
#include "pattern/text.h"
#include "pii/run.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* Doubles an array when it is full. */
static bool make_room(void **v, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return true;
    size_t more = *room ? *room * 2 : 64;
    void *grown = realloc(*v, more * size);
    if (!grown)
        return false;
    *v = grown;
    *room = more;
    return true;
}

struct collecting {
    struct dvara_scanner *scanner;
    size_t most;
    size_t from;
    size_t skipped; /* bytes of context that no trigger could span: not scanned */
    uint32_t gap;   /* ends so close are one trigger */
};

static bool fail(struct dvara_scanner *scanner, enum dvara_error_kind error)
{
    if (scanner->error == DVARA_ERROR_NONE)
        scanner->error = error;
    return false;
}

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
        return fail(scanner, DVARA_ERROR_CANDIDATES);
    void *v = scanner->triggers;
    if (!make_room(&v, scanner->n_triggers, &scanner->triggers_room, sizeof *scanner->triggers))
        return fail(scanner, DVARA_ERROR_SCAN);
    scanner->triggers = v;
    scanner->triggers[scanner->n_triggers++] =
        (struct trigger){.pattern = pattern, .first = end, .last = end};
    scanner->open_trigger[pattern] = (uint32_t)scanner->n_triggers;
    return true;
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
        collecting.skipped = search->from - reach;
    struct dvara_str scanned = dvara_str_slice(search->text, collecting.skipped, search->text.n);
    scanner->n_triggers = 0;
    memset(scanner->open_trigger, 0,
           scanner->detectors->n_patterns * sizeof *scanner->open_trigger);
    if (!pattern_scan_ends(scanner->detectors->set, scanner->scratch, scanned, note_end,
                           &collecting))
        return fail(scanner, DVARA_ERROR_SCAN);
    return true;
}

/* Shannon's entropy of the span's bytes, thousandths of bits a byte. */
static uint32_t entropy_milli(struct dvara_str span)
{
    uint32_t counts[256] = {0};
    double bits = 0;
    for (size_t i = 0; i < span.n; i++)
        counts[(unsigned char)span.p[i]]++;
    for (size_t c = 0; c < 256; c++) {
        if (counts[c]) {
            double share = (double)counts[c] / (double)span.n;
            bits -= share * log2(share);
        }
    }
    return (uint32_t)(bits * 1000);
}

static bool is_excepted(struct dvara_scanner *scanner, const struct detector *detector,
                        struct dvara_str span)
{
    for (size_t i = 0; i < detector->spec.except.n; i++) {
        if (dvara_str_eq(detector->spec.except.v[i], span))
            return true;
    }
    for (size_t i = 0; i < detector->spec.n_except_patterns; i++) {
        size_t start;
        size_t end;
        if (pattern_match(scanner->detectors->set, scanner->scratch, detector->except_patterns[i],
                          span, 0, span.n, false, &start, &end) == PATTERN_MATCH)
            return true;
    }
    return false;
}

static bool gate_is_open(struct dvara_scanner *scanner, const struct search *search, size_t index)
{
    const struct detector_spec *spec = &scanner->detectors->v[index].spec;
    if (spec->keywords.n == 0)
        return true;
    uint8_t *seen = &scanner->keyword_seen[index]; /* 0 not looked, 1 open, 2 closed */
    if (*seen == 0 || (*seen == 2 && search->keep_keywords))
        *seen = words_occur_in(spec->keywords, search->text) ? 1 : 2;
    return *seen == 1;
}

/* What was read at a place, to be judged and kept. */
struct read {
    size_t start, end;
    enum verdict verdict;
    uint8_t pattern;
    bool overlong;
};

static bool is_refused(struct dvara_scanner *scanner, const struct detector *detector,
                       struct dvara_str span, enum verdict verdict)
{
    uint32_t entropy = detector->spec.entropy_milli;
    return verdict == VERDICT_INVALID || is_excepted(scanner, detector, span) ||
           (entropy && entropy_milli(span) < entropy);
}

/* Scores a finding, and notes in search->live when more text could change whether it stands. */
static void score(struct search *search, const struct detector *detector, const struct read *read,
                  struct finding *finding)
{
    static const int8_t validations[] = {
        [VERDICT_RETIRED] = -1, [VERDICT_UNKNOWN] = 0, [VERDICT_WEAK] = 1, [VERDICT_VALID] = 1};
    struct scored scored =
        score_span(detector, search->text, search->label, read->start, read->end,
                   read->verdict == VERDICT_VALID, search->partial && !read->overlong);
    finding->span.score_ppm = scored.ppm;
    finding->span.context = scored.context;
    finding->span.validation = validations[read->verdict];
    finding->dropped = scored.ppm < detector->spec.floor_ppm && !read->overlong;
    if (scored.undecided && read->start < search->live)
        search->live = read->start;
}

static bool keep(struct dvara_scanner *scanner, struct search *search, size_t index,
                 const struct read *read)
{
    const struct detector *detector = &scanner->detectors->v[index];
    struct finding finding = {.span = {.start = (uint32_t)read->start,
                                       .end = (uint32_t)read->end,
                                       .detector = (uint16_t)index,
                                       .pattern = read->pattern},
                              .overlong = read->overlong,
                              .chained = !detector->locator};
    struct dvara_str span = dvara_str_slice(search->text, read->start, read->end);
    finding.dropped = is_refused(scanner, detector, span, read->verdict);
    if (!finding.dropped)
        score(search, detector, read, &finding);
    if (finding.dropped && !(search->partial && finding.chained))
        return true;
    void *v = scanner->found;
    if (!make_room(&v, scanner->n_found, &scanner->found_room, sizeof *scanner->found))
        return fail(scanner, DVARA_ERROR_SCAN);
    scanner->found = v;
    scanner->found[scanner->n_found++] = finding;
    return true;
}

/* Past the widest that may be held, everything to the next white space is claimed. */
static size_t run_end(struct dvara_str text, size_t at)
{
    while (at < text.n && !strchr(" \t\r\n", text.p[at]))
        at++;
    return at;
}

/* No locator's span begins inside a run of ASCII letters and digits: most places end here. */
static inline bool may_start(const struct detector *detector, struct dvara_str text, size_t start)
{
    return (detector->locator_bytes[(unsigned char)text.p[start]] & LOCATOR_START) &&
           (start == 0 || !text_is_alnum((unsigned char)text.p[start - 1]));
}

/* Reads a locator's span at `start`, if one begins there. */
static bool read_at(struct dvara_scanner *scanner, struct search *search,
                    const struct pattern_use *use, size_t start)
{
    const struct detector *detector = &scanner->detectors->v[use->detector];
    struct reading reading = {.text = search->text};
    enum verdict verdict = detector->locator->read(&reading, start);
    if (search->partial && reading.touched && !reading.overlong) {
        if (start < search->live)
            search->live = start;
        return true;
    }
    if (verdict == VERDICT_INVALID)
        return true;
    struct read read = {.start = start,
                        .end = reading.overlong ? run_end(search->text, reading.end) : reading.end,
                        .verdict = verdict,
                        .pattern = use->pattern,
                        .overlong = reading.overlong};
    return keep(scanner, search, use->detector, &read);
}

/* The first place before `at` that can be in the same span as the byte before `at`. */
static size_t walk_back(const struct detector *detector, const struct search *search, size_t at)
{
    size_t floor = at > detector->max_span ? at - detector->max_span : 0;
    if (floor < search->from)
        floor = search->from;
    while (at > floor && detector->locator_bytes[(unsigned char)search->text.p[at - 1]])
        at--;
    return at;
}

static bool locate(struct dvara_scanner *scanner, struct search *search, size_t use_index,
                   const struct trigger *trigger)
{
    const struct pattern_use *use = &scanner->detectors->uses[use_index];
    const struct detector *detector = &scanner->detectors->v[use->detector];
    size_t start = walk_back(detector, search, trigger->first);
    if (start < scanner->resume[use_index])
        start = scanner->resume[use_index];
    for (; start < trigger->last; start++) {
        if (may_start(detector, search->text, start) && !read_at(scanner, search, use, start))
            return false;
    }
    scanner->resume[use_index] = start;
    return true;
}

/* In a text that may go on: the places from which a span could reach past its end, whether a
 * trigger was seen yet or not. */
static bool locate_tail(struct dvara_scanner *scanner, struct search *search, size_t use_index)
{
    const struct pattern_use *use = &scanner->detectors->uses[use_index];
    const struct detector *detector = &scanner->detectors->v[use->detector];
    size_t n_found = scanner->n_found;
    size_t start = walk_back(detector, search, search->text.n);
    for (; start < search->text.n && start < search->live; start++) {
        if (may_start(detector, search->text, start) && !read_at(scanner, search, use, start))
            return false;
        scanner->n_found = n_found; /* only what is open matters here; triggers give the rest */
    }
    return true;
}

/* A RUN is no part of a longer number or word: not joined to more digits by a hyphen or a dot. */
static bool stands_alone(struct search *search, size_t start, size_t end)
{
    struct reading reading = {.text = search->text};
    bool alone = number_may_start(search->text, start) && number_may_end(&reading, end);
    if (search->partial && reading.touched && start < search->live)
        search->live = start;
    return alone;
}

static enum verdict judge(const struct detector *detector, struct search *search, size_t start,
                          size_t end)
{
    struct dvara_str span = dvara_str_slice(search->text, start, end);
    if (detector->check)
        return detector->check(span);
    if (!detector->run)
        return VERDICT_UNKNOWN;
    char room[RUN_MAX];
    struct run run;
    if (!stands_alone(search, start, end) || !run_of(span, room, &run))
        return VERDICT_INVALID;
    return detector->run(&run);
}

/* One match of a pattern that gives the span itself. False: stop searching. */
static bool keep_match(struct dvara_scanner *scanner, struct search *search,
                       const struct pattern_use *use, size_t start, size_t end, size_t *ret_next)
{
    const struct detector *detector = &scanner->detectors->v[use->detector];
    struct read read = {.start = start, .end = end, .pattern = use->pattern};
    read.overlong = detector->max_span && end - start > detector->max_span;
    if (read.overlong)
        read.end = run_end(search->text, end);
    read.verdict = read.overlong ? VERDICT_UNKNOWN : judge(detector, search, start, end);
    *ret_next = read.end;
    return keep(scanner, search, use->detector, &read);
}

/* A partial match at `start`: open, or already wider than may be held. */
static bool keep_partial(struct dvara_scanner *scanner, struct search *search,
                         const struct pattern_use *use, size_t start)
{
    const struct detector *detector = &scanner->detectors->v[use->detector];
    if (!detector->max_span || search->text.n - start <= detector->max_span) {
        if (start < search->live)
            search->live = start;
        return true;
    }
    size_t end = run_end(search->text, start + detector->max_span);
    struct read read = {.start = start,
                        .end = end,
                        .verdict = VERDICT_UNKNOWN,
                        .pattern = use->pattern,
                        .overlong = true};
    return keep(scanner, search, use->detector, &read);
}

/* All matches one after another that start in [from, last_start]. */
static bool match_all(struct dvara_scanner *scanner, struct search *search, size_t use_index,
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
            scanner->resume[use_index] = last_start + 1;
            return true;
        case PATTERN_FAILED:
            return fail(scanner, DVARA_ERROR_SCAN);
        case PATTERN_PARTIAL:
            return keep_partial(scanner, search, use, start);
        case PATTERN_MATCH:
            if (!keep_match(scanner, search, use, start, end, &from))
                return false;
            scanner->resume[use_index] = from;
        }
    }
    return true;
}

static bool use_trigger(struct dvara_scanner *scanner, struct search *search, size_t use_index,
                        const struct trigger *trigger)
{
    const struct pattern_use *use = &scanner->detectors->uses[use_index];
    const struct detector *detector = &scanner->detectors->v[use->detector];
    if (!gate_is_open(scanner, search, use->detector))
        return true;
    if (detector->locator)
        return locate(scanner, search, use_index, trigger);
    if (search->partial)
        return true; /* use_directly has found it */
    uint32_t width = pattern_set_max_width(scanner->detectors->set, trigger->pattern);
    size_t from = width < trigger->first ? trigger->first - width : 0;
    return match_all(scanner, search, use_index, from > search->from ? from : search->from,
                     trigger->last);
}

/* What triggers do not give: tails of streams, and patterns that Hyperscan does not hold. */
static bool use_directly(struct dvara_scanner *scanner, struct search *search, size_t use_index,
                         bool searched)
{
    const struct pattern_use *use = &scanner->detectors->uses[use_index];
    const struct detector *detector = &scanner->detectors->v[use->detector];
    if (detector->locator)
        return !search->partial || locate_tail(scanner, search, use_index);
    if (!search->partial && searched)
        return true;
    if (!search->partial && !gate_is_open(scanner, search, use->detector))
        return true;
    return match_all(scanner, search, use_index, search->from, search->text.n);
}

static bool is_wanted(const struct search *search, const struct pattern_use *use)
{
    return !search->wanted || search->wanted[use->detector];
}

static bool run_uses(struct dvara_scanner *scanner, struct search *search)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    for (size_t i = 0; i < scanner->n_triggers; i++) {
        uint32_t pattern = scanner->triggers[i].pattern;
        for (uint32_t u = detectors->first_use[pattern]; u < detectors->first_use[pattern + 1];
             u++) {
            if (is_wanted(search, &detectors->uses[u]) &&
                !use_trigger(scanner, search, u, &scanner->triggers[i]))
                return false;
        }
    }
    return true;
}

static bool run_directly(struct dvara_scanner *scanner, struct search *search)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    bool valid = search->partial || !detectors->has_unsearched || text_is_valid(search->text);
    if (!search->partial && valid && !detectors->has_unsearched)
        return true;
    for (uint32_t pattern = 0; pattern < detectors->n_patterns; pattern++) {
        bool searched = pattern_is_searched(detectors->set, pattern, valid);
        for (uint32_t u = detectors->first_use[pattern]; u < detectors->first_use[pattern + 1];
             u++) {
            if (is_wanted(search, &detectors->uses[u]) &&
                !use_directly(scanner, search, u, searched))
                return false;
        }
    }
    return true;
}

/* What one huge text took is given back at the next. */
static void trim(struct dvara_scanner *scanner)
{
    enum { ROOM_KEPT = 1 << 16 };
    if (scanner->triggers_room > ROOM_KEPT) {
        free(scanner->triggers);
        scanner->triggers = NULL;
        scanner->triggers_room = 0;
    }
    if (scanner->found_room > ROOM_KEPT) {
        free(scanner->found);
        scanner->found = NULL;
        scanner->found_room = 0;
    }
    if (scanner->spans_room > ROOM_KEPT) {
        free(scanner->spans);
        scanner->spans = NULL;
        scanner->spans_room = 0;
    }
}

bool find_all(struct dvara_scanner *scanner, struct search *search)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    trim(scanner);
    scanner->error = DVARA_ERROR_NONE;
    scanner->n_found = 0;
    search->live = search->text.n;
    if (search->text.n > DVARA_MAX_SCAN)
        return fail(scanner, DVARA_ERROR_SCAN);
    memset(scanner->resume, 0,
           detectors->first_use[detectors->n_patterns] * sizeof *scanner->resume);
    if (!search->keep_keywords)
        memset(scanner->keyword_seen, 0, detectors->n);
    return collect(scanner, search) && run_directly(scanner, search) && run_uses(scanner, search);
}
