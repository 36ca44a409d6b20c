/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/find.h"

#include "dvara/limits.h"
#include "pattern/text.h"
#include "pii/run.h"

#include <math.h>
#include <stdlib.h>

bool find_make_room(void **v, size_t n, size_t *room, size_t size)
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

bool find_fail(struct dvara_scanner *scanner, enum dvara_error_kind error)
{
    if (scanner->error == DVARA_ERROR_NONE)
        scanner->error = error;
    return false;
}

size_t find_root(const struct search *search, size_t at)
{
    for (; search->outer; search = search->outer) {
        const struct view *view = search->view;
        at = at < view->n ? view->starts[at] : view->n ? view->ends[view->n - 1] : 0;
    }
    return at;
}

/* The first byte of a reading that comes from `root` or later. */
static size_t find_from_root(const struct search *search, size_t root)
{
    if (!search->outer)
        return root < search->text.n ? root : search->text.n;
    return view_find(search->view, find_from_root(search->outer, root));
}

size_t find_floor(const struct search *search, size_t at)
{
    size_t root = find_root(search, at);
    size_t reach = search->reach;
    return root > reach ? find_from_root(search, root - reach) : 0;
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

/* Is one of the detector's keywords at `at`? */
static bool keyword_at(const struct detector_spec *spec, struct dvara_str text, size_t at)
{
    for (size_t i = 0; i < spec->keywords.n; i++) {
        struct dvara_str word = spec->keywords.v[i];
        size_t same = 0;
        while (same < word.n && at + same < text.n && text_fold(text.p[at + same]) == word.p[same])
            same++;
        if (same == word.n)
            return true;
    }
    return false;
}

/* Opens the gates whose keywords begin at `at`. */
static void note_keywords_at(const struct dvara_detectors *detectors, struct dvara_str text,
                             size_t at, uint8_t *seen)
{
    const struct leads *keywords = &detectors->keywords;
    uint32_t i = keywords->buckets[leads_bucket(text.p[at], text.p[at + 1])];
    struct lead_place place = lead_place(text, at);
    for (; i; i = keywords->v[i - 1].next) {
        const struct lead *lead = &keywords->v[i - 1];
        uint32_t detector = lead->use;
        if (!seen[detector] && lead_may_stand(lead, &place) &&
            keyword_at(&detectors->v[detector].spec, text, at))
            seen[detector] = 1;
    }
}

/* Opens the gates whose keywords the text holds; of a stream, what earlier windows held is known.
 */
static void note_keywords(const struct dvara_detectors *detectors, struct dvara_str text, size_t at,
                          uint8_t *seen)
{
    const struct leads *keywords = &detectors->keywords;
    for (; keywords->n && at + 4 <= text.n; at++) {
        if (triples_may_begin(&keywords->triples, text, at))
            note_keywords_at(detectors, text, at, seen);
    }
    for (; at + 2 <= text.n; at++)
        note_keywords_at(detectors, text, at, seen);
}

void find_note_keywords(const struct dvara_detectors *detectors, struct dvara_str text, size_t from,
                        uint8_t *seen)
{
    enum { OVERLAP = 64 }; /* a keyword may have begun before */
    note_keywords(detectors, text, from > OVERLAP ? from - OVERLAP : 0, seen);
}

bool find_gate_is_open(struct dvara_scanner *scanner, const struct search *search, size_t index)
{
    const struct detector_spec *spec = &scanner->detectors->v[index].spec;
    if (spec->keywords.n == 0)
        return true;
    if (!scanner->keywords_noted) {
        scanner->keywords_noted = true;
        find_note_keywords(scanner->detectors, search->whole, search->keywords_from,
                           scanner->keyword_seen);
        note_keywords(scanner->detectors, search->label, 0, scanner->keyword_seen);
    }
    uint8_t *seen = &scanner->keyword_seen[index];
    if (!*seen && scanner->detectors->has_short_keyword)
        *seen = words_occur_in(spec->keywords, search->whole);
    if (*seen || !search->is_part)
        return *seen;
    if (!scanner->part_noted) {
        scanner->part_noted = true;
        memset(scanner->part_seen, 0, scanner->detectors->n);
        note_keywords(scanner->detectors, search->text, 0, scanner->part_seen);
    }
    return scanner->part_seen[index];
}

bool find_some_gate_is_open(struct dvara_scanner *scanner, const struct search *search)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    for (size_t i = 0; i < detectors->n; i++) {
        const struct detector *detector = &detectors->v[i];
        if (detector->is_searched && detector->spec.keywords.n && find_wants(search, i) &&
            find_gate_is_open(scanner, search, i))
            return true;
    }
    return false;
}

static bool is_refused(struct dvara_scanner *scanner, const struct detector *detector,
                       struct dvara_str span, enum verdict verdict)
{
    uint32_t entropy = detector->spec.entropy_milli;
    return verdict == VERDICT_INVALID || is_excepted(scanner, detector, span) ||
           (entropy && entropy_milli(span) < entropy);
}

bool is_lone(const struct detector *detector, struct dvara_str span, enum verdict verdict)
{
    if (!detector->run || detector->sure ||
        (verdict != VERDICT_VALID && verdict != VERDICT_RETIRED))
        return false;
    for (size_t i = 0; i < span.n; i++) {
        if (!text_is_digit((unsigned char)span.p[i]))
            return false;
    }
    return true;
}

static enum proof proof_of(const struct detector *detector, const struct search *search,
                           const struct read *read)
{
    struct dvara_str span = dvara_str_slice(search->text, read->start, read->end);
    bool valid = read->verdict == VERDICT_VALID;
    if ((valid && search->is_loose) || is_lone(detector, span, read->verdict))
        return PROOF_LONE;
    return valid ? PROOF_VALID : PROOF_NONE;
}

/* Scores a finding, and notes in search->live when more text could change whether it stands. */
static void score(struct dvara_scanner *scanner, struct search *search, const struct read *read,
                  struct finding *finding)
{
    static const int8_t validations[] = {
        [VERDICT_RETIRED] = -1, [VERDICT_UNKNOWN] = 0, [VERDICT_WEAK] = 1, [VERDICT_VALID] = 1};
    size_t index = finding->span.detector;
    enum proof proof = proof_of(&scanner->detectors->v[index], search, read);
    struct dvara_str text = search->text;
    if (read->overlong)
        search->text.n = read->end; /* what is behind says nothing of it */
    struct scored scored = score_span(scanner, search, index, read->start, read->end, proof,
                                      search->partial && !read->overlong);
    search->text = text;
    finding->span.score_ppm = scored.ppm;
    finding->span.context = scored.context;
    finding->beside = scored.beside;
    finding->unsure = scored.unsure;
    finding->span.validation = validations[read->verdict];
    finding->dropped = scored.ppm < scanner->detectors->v[index].spec.floor_ppm && !read->overlong;
    if (scored.undecided)
        find_open_until(search, read->start, read->end + DETECTOR_AFTER + AFTER_MORE);
}

bool find_keep(struct dvara_scanner *scanner, struct search *search, size_t index,
               struct read *read)
{
    const struct detector *detector = &scanner->detectors->v[index];
    struct finding finding = {.span = {.start = (uint32_t)read->start,
                                       .end = (uint32_t)read->end,
                                       .detector = (uint16_t)index,
                                       .pattern = read->pattern},
                              .first = (uint32_t)read->start,
                              .until = read->until,
                              .chained = read->chained};
    struct dvara_str span = dvara_str_slice(search->text, read->start, read->end);
    finding.dropped = is_refused(scanner, detector, span, read->verdict);
    if (!finding.dropped)
        score(scanner, search, read, &finding);
    if (finding.dropped && !(search->partial && finding.chained))
        return true;
    if (!finding.dropped && read->overlong) {
        finding.overlong = (uint32_t)read->end;
        read->end = find_run_end(search->text, read->end, read->until);
        finding.span.end = (uint32_t)read->end;
    }
    void *v = scanner->found;
    if (!find_make_room(&v, scanner->n_found, &scanner->found_room, sizeof *scanner->found))
        return find_fail(scanner, DVARA_ERROR_SCAN);
    scanner->found = v;
    scanner->found[scanner->n_found++] = finding;
    return true;
}

/* A RUN is no part of a longer number or word: not joined to more digits by a hyphen or a dot. */
static bool stands_alone(struct search *search, size_t start, size_t end)
{
    struct reading reading = {.text = search->text};
    bool alone = number_may_start(search->text, start) && number_may_end(&reading, end) &&
                 !in_uuid(&reading, start, end);
    if (search->partial && reading.touched)
        find_open(search, start);
    return alone;
}

enum verdict find_judge(const struct detector *detector, struct search *search, size_t start,
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

/* After the marker: its label and five hyphens. */
static size_t marker_end(struct dvara_str text, size_t at)
{
    enum { LABEL_MAX = 64 };
    size_t end = at + LABEL_MAX < text.n ? at + LABEL_MAX : text.n;
    const char *hyphens = memmem(text.p + at, end - at, "-----", 5);
    return hyphens ? (size_t)(hyphens - text.p) + 5 : end;
}

size_t find_run_end(struct dvara_str text, size_t at, const char *until)
{
    if (until) {
        size_t n = strlen(until);
        at = at > n - 1 ? at - (n - 1) : 0;
        const char *marker = memmem(text.p + at, text.n - at, until, n);
        return marker ? marker_end(text, (size_t)(marker - text.p) + n) : text.n;
    }
    while (at < text.n && !strchr(" \t\r\n", text.p[at]))
        at++;
    return at;
}

/* What one huge text took is given back at the next. */
static void trim(struct dvara_scanner *scanner)
{
    for (size_t i = 0; i < SEARCH_DEPTH; i++)
        view_trim(&scanner->views[i]);
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

/* What is disguised is believed for its check alone: is there a wanted detector that has one? */
static void note_checks(const struct dvara_detectors *detectors, struct search *search)
{
    for (size_t i = 0; i < detectors->n && !search->folds; i++) {
        if (detectors->v[i].checks && find_wants(search, i)) {
            search->checks = true;
            search->folds = detectors->v[i].folds;
        }
    }
}

bool find_all(struct dvara_scanner *scanner, struct search *search)
{
    if (search->from == 0) /* a stream's first pieces, or a whole text */
        trim(scanner);
    scanner->error = DVARA_ERROR_NONE;
    scanner->n_found = 0;
    scanner->n_suspects = 0;
    search->live = search->text.n;
    search->waits = NULL;
    search->sleeps = 0;
    search->whole = search->text;
    search->reach = scanner->detectors->reach;
    note_checks(scanner->detectors, search);
    scanner->keywords_noted = false;
    scanner->label_words.n = scanner->label_words.from = scanner->label_words.to = 0;
    if (search->text.n > DVARA_MAX_SCAN)
        return find_fail(scanner, DVARA_ERROR_SCAN);
    if (!search->keep_keywords)
        memset(scanner->keyword_seen, 0, scanner->detectors->n);
    return find_text(scanner, search);
}
