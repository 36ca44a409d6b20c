/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/scan.h"

#include "dvara/limits.h"
#include "pattern/set.h"

static enum dvara_where where_of(enum dvara_phase phase)
{
    if (phase == DVARA_PHASE_TOOL)
        return DVARA_WHERE_TOOLS;
    return phase == DVARA_PHASE_RESPONSE ? DVARA_WHERE_RESPONSE : DVARA_WHERE_PROMPT;
}

struct dvara_leaves scan_leaves(const struct dvara_run *run, enum dvara_where where)
{
    if (where == DVARA_WHERE_TOOLS)
        return run->facts->tool.leaves;
    return where == DVARA_WHERE_RESPONSE ? run->facts->response.leaves : run->facts->request.leaves;
}

/* Spans outlive the scanner's next call: copied. */
static bool keep(struct dvara_run *run, struct dvara_spans spans, struct dvara_spans *ret_kept)
{
    struct dvara_span *v = ARENA_ARRAY(run->arena, spans.n, struct dvara_span);
    if (!v)
        return false;
    if (spans.n)
        memcpy(v, spans.v, spans.n * sizeof *v);
    *ret_kept = (struct dvara_spans){v, spans.n};
    return true;
}

static enum dvara_error_kind scan_all(struct dvara_run *run, struct dvara_leaves leaves,
                                      struct run_scan *scan)
{
    uint64_t total = 0;
    if (run_has_fault(run, DVARA_ERROR_SCAN))
        return DVARA_ERROR_SCAN;
    if (run_has_fault(run, DVARA_ERROR_CANDIDATES))
        return DVARA_ERROR_CANDIDATES;
    scan->spans = ARENA_ARRAY(run->arena, leaves.n, struct dvara_spans);
    if (!scan->spans)
        return DVARA_ERROR_SCAN;
    scan->n = leaves.n;
    for (size_t i = 0; i < leaves.n && run->vm->scanner; i++) {
        enum dvara_error_kind error = DVARA_ERROR_NONE;
        total += leaves.v[i].text.n;
        if (total > DVARA_MAX_SCAN)
            return DVARA_ERROR_SCAN;
        struct dvara_spans found =
            dvara_scan(run->vm->scanner, NULL, leaves.v[i].text, leaves.v[i].label, &error);
        run->decision.scanned_bytes += leaves.v[i].text.n;
        if (error != DVARA_ERROR_NONE)
            return error;
        if (!keep(run, found, &scan->spans[i]))
            return DVARA_ERROR_SCAN;
    }
    return DVARA_ERROR_NONE;
}

const struct run_scan *scan_texts(struct dvara_run *run, enum dvara_where where)
{
    struct run_scan *scan = &run->scans[where];
    if (!scan->done) {
        scan->done = true;
        scan->error = (uint8_t)scan_all(run, scan_leaves(run, where), scan);
    }
    return scan;
}

void scan_forget(struct dvara_run *run, enum dvara_where where)
{
    run->scans[where] = (struct run_scan){.done = false};
}

/* The group's threshold for the detector of a span, or UINT32_MAX when it is not a member. */
static uint32_t threshold(const struct bundle_tables *t, const struct bundle_group *group,
                          uint16_t detector)
{
    for (uint32_t i = group->first; i < group->first + group->count; i++) {
        if (t->members[i].detector == detector)
            return t->members[i].threshold;
    }
    return UINT32_MAX;
}

void dvara_run_response_span(struct dvara_run *run, const struct dvara_span *span)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    for (uint32_t group = 0; run->live && group < t->n_groups; group++) {
        if (span->score_ppm >= threshold(t, &t->groups[group], span->detector))
            run->live->counts[group]++;
    }
}

/* The compiler takes no pii.score for a question that a part of the text can answer. */
static struct value live_attribute(const struct dvara_run *run, enum dvara_attribute id,
                                   uint32_t group)
{
    if (run_has_fault(run, DVARA_ERROR_SCAN))
        return value_error(DVARA_ERROR_SCAN);
    if (run_has_fault(run, DVARA_ERROR_CANDIDATES))
        return value_error(DVARA_ERROR_CANDIDATES);
    if (id == DVARA_ATTR_PII_FOUND)
        return value_bool(run->live->counts[group] > 0);
    return id == DVARA_ATTR_PII_COUNT ? value_int(run->live->counts[group])
                                      : value_error(DVARA_ERROR_SCAN);
}

struct value scan_attribute(struct dvara_run *run, enum dvara_attribute id, uint32_t group)
{
    bool prompt = id == DVARA_ATTR_PROMPT_PII_FOUND || id == DVARA_ATTR_PROMPT_PII_COUNT ||
                  id == DVARA_ATTR_PROMPT_PII_SCORE;
    enum dvara_where where = prompt ? DVARA_WHERE_PROMPT : where_of((enum dvara_phase)run->phase);
    if (run->partial && where != DVARA_WHERE_PROMPT)
        return value_error(DVARA_ERROR_SCAN);
    if (run->windowed && where == DVARA_WHERE_RESPONSE)
        return live_attribute(run, id, group);
    const struct bundle_tables *t = &run->bundle->program.tables;
    const struct run_scan *scan = scan_texts(run, where);
    int64_t count = 0, score = 0;
    if (scan->error)
        return value_error((enum dvara_error_kind)scan->error);
    for (size_t i = 0; i < scan->n; i++) {
        for (size_t s = 0; s < scan->spans[i].n; s++) {
            const struct dvara_span *span = &scan->spans[i].v[s];
            if (span->score_ppm < threshold(t, &t->groups[group], span->detector))
                continue;
            count++;
            score = span->score_ppm > score ? span->score_ppm : score;
        }
    }
    if (id == DVARA_ATTR_PII_FOUND || id == DVARA_ATTR_PROMPT_PII_FOUND)
        return value_bool(count > 0);
    if (id == DVARA_ATTR_PII_COUNT || id == DVARA_ATTR_PROMPT_PII_COUNT)
        return value_int(count);
    return value_int(score);
}

const uint8_t *scan_patterns(struct dvara_run *run, struct dvara_str text)
{
    if (run_has_fault(run, DVARA_ERROR_SCAN) || !run->bundle->patterns)
        return NULL;
    for (const struct run_matches *m = run->matches; m; m = m->next) {
        if (m->text.p == text.p && m->text.n == text.n)
            return m->matched;
    }
    struct run_matches *m = ARENA_NEW(run->arena, struct run_matches);
    uint8_t *matched = ARENA_ARRAY(run->arena, run->bundle->n_patterns, uint8_t);
    if (!m || !matched)
        return NULL;
    run->decision.scanned_bytes += text.n;
    *m = (struct run_matches){text, matched, run->matches};
    if (!pattern_scan_any(run->bundle->patterns, run->vm->patterns, text, matched))
        m->matched = NULL;
    run->matches = m;
    return m->matched;
}

/* Windows are many: their results share one place. */
static const uint8_t *match_window(struct dvara_run *run, struct dvara_str text)
{
    struct run_live *live = run->live;
    if (live->text.p && live->text.p == text.p && live->text.n == text.n)
        return live->matched;
    live->text = (struct dvara_str){0};
    memset(live->matched, 0, run->bundle->n_patterns);
    run->decision.scanned_bytes += text.n;
    if (!pattern_scan_any(run->bundle->patterns, run->vm->patterns, text, live->matched))
        return NULL;
    live->text = text;
    return live->matched;
}

/* A text of a live answer whose end is the end of what is known: what follows may complete it. */
static bool is_growing(const struct dvara_run *run, struct dvara_str text)
{
    struct dvara_str said = run->facts->response.text;
    return run->windowed && text.n > 0 && text.p >= said.p && text.p + text.n == said.p + said.n;
}

static void hold(struct dvara_run *run, size_t n)
{
    if (n > run->live->hold)
        run->live->hold = n;
}

/* The longest end of `text` that is a beginning of `sought`, and not all of it. */
static size_t begun(struct dvara_str text, struct dvara_str sought)
{
    size_t n = sought.n ? sought.n - 1 : 0;
    for (n = n < text.n ? n : text.n; n > 0; n--) {
        if (memcmp(text.p + text.n - n, sought.p, n) == 0)
            return n;
    }
    return 0;
}

static void hold_match(struct dvara_run *run, uint32_t regex, struct dvara_str text)
{
    size_t start, end;
    size_t widest = pattern_set_max_width(run->bundle->patterns, regex);
    size_t most = widest < DVARA_MAX_SPAN ? widest : DVARA_MAX_SPAN;
    size_t from = text.n > most ? text.n - most : 0;
    while (from > 0 && ((unsigned char)text.p[from] & 0xC0) == 0x80)
        from--; /* not amid a character */
    enum pattern_outcome outcome = pattern_match(run->bundle->patterns, run->vm->patterns, regex,
                                                 text, from, text.n, true, &start, &end);
    if (outcome != PATTERN_NO_MATCH)
        hold(run, text.n - (outcome == PATTERN_PARTIAL ? start : from));
}

struct value scan_matches(struct dvara_run *run, uint32_t regex, struct dvara_str text)
{
    if (run_has_fault(run, DVARA_ERROR_SCAN) || !run->bundle->patterns)
        return value_error(DVARA_ERROR_SCAN);
    const uint8_t *matched = run->windowed ? match_window(run, text) : scan_patterns(run, text);
    if (!matched)
        return value_error(DVARA_ERROR_SCAN);
    if (!matched[regex] && is_growing(run, text))
        hold_match(run, regex, text);
    return value_bool(matched[regex]);
}

struct value scan_contains(struct dvara_run *run, struct dvara_str text, struct dvara_str sought)
{
    bool found = sought.n == 0 || (text.n && memmem(text.p, text.n, sought.p, sought.n));
    if (!found && is_growing(run, text))
        hold(run, begun(text, sought));
    return value_bool(found);
}
