/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/redact.h"

#include "vm/judge.h"
#include "vm/replay.h"
#include "vm/scan.h"

static enum dvara_where texts_of(enum dvara_phase phase)
{
    if (phase == DVARA_PHASE_TOOL)
        return DVARA_WHERE_TOOLS;
    return phase == DVARA_PHASE_RESPONSE ? DVARA_WHERE_RESPONSE : DVARA_WHERE_PROMPT;
}

static bool is_wanted(const struct dvara_run *run, int where, const struct dvara_span *span)
{
    return run->styles[where][span->detector] != DVARA_STYLE_NONE &&
           span->score_ppm >= run->thresholds[where][span->detector];
}

/* Of a leaf of the request, `where` says whose styles hold; elsewhere the phase does. */
static int where_of(enum dvara_phase phase, const struct dvara_leaf *leaf)
{
    return phase == DVARA_PHASE_REQUEST ? leaf->where : (int)texts_of(phase);
}

/* The spans of a leaf that are replaced, in the arena. A span that is not replaced has no say here:
 * where one won its overlap, the leaf is scanned again for what is replaced alone, or it would
 * shield what it covers. */
static struct dvara_spans wanted_spans(struct dvara_run *run, int where,
                                       const struct dvara_leaf *leaf, struct dvara_spans spans,
                                       enum dvara_error_kind *ret_error)
{
    struct dvara_spans none = {NULL, 0};
    bool others = false;
    *ret_error = DVARA_ERROR_NONE;
    for (size_t i = 0; i < spans.n; i++)
        others = others || !is_wanted(run, where, &spans.v[i]);
    if (others)
        spans =
            dvara_scan(run->vm->scanner, run->styles[where], leaf->text, leaf->label, ret_error);
    if (*ret_error != DVARA_ERROR_NONE)
        return none;
    struct dvara_span *v = ARENA_ARRAY(run->arena, spans.n, struct dvara_span);
    size_t n = 0;
    if (!v) {
        *ret_error = DVARA_ERROR_SCAN;
        return none;
    }
    for (size_t i = 0; i < spans.n; i++) {
        if (is_wanted(run, where, &spans.v[i]))
            v[n++] = spans.v[i];
    }
    return (struct dvara_spans){v, n};
}

static enum dvara_error_kind count_leaf(struct dvara_run *run, int where,
                                        const struct dvara_leaf *leaf, struct dvara_spans spans)
{
    enum dvara_error_kind error;
    if (!run->styles[where])
        return DVARA_ERROR_NONE;
    spans = wanted_spans(run, where, leaf, spans, &error);
    for (size_t i = 0; i < spans.n; i++)
        run->counts[where][spans.v[i].detector]++;
    return error;
}

/* The places of the phase's texts at which something is redacted, 1 << enum dvara_where. */
static uint32_t places_of(const struct dvara_run *run, enum dvara_phase phase)
{
    uint32_t places = 1u << texts_of(phase), styled = 0;
    if (phase == DVARA_PHASE_REQUEST)
        places |= 1u << DVARA_WHERE_TOOLS;
    for (int where = 0; where < DVARA_WHERE_COUNT; where++)
        styled |= run->styles[where] ? 1u << where : 0;
    return places & styled;
}

void redact_summarise(struct dvara_run *run, enum dvara_phase phase)
{
    uint32_t places = places_of(run, phase);
    if (!places)
        return;
    if (run->replay) {
        replay_redact(run, places);
        return;
    }
    const struct run_scan *scan = scan_texts(run, texts_of(phase));
    struct dvara_leaves leaves = scan_leaves(run, texts_of(phase));
    enum dvara_error_kind error = (enum dvara_error_kind)scan->error;
    for (size_t i = 0; error == DVARA_ERROR_NONE && i < scan->n; i++)
        error = count_leaf(run, where_of(phase, &leaves.v[i]), &leaves.v[i], scan->spans[i]);
    if (phase == DVARA_PHASE_REQUEST)
        run->unscanned = (uint8_t)error;
    if (error != DVARA_ERROR_NONE)
        judge_unredacted(run, phase, places, error);
}

const uint8_t *dvara_run_styles(const struct dvara_run *run, enum dvara_where where)
{
    return run->styles[where];
}

const uint32_t *dvara_run_thresholds(const struct dvara_run *run, enum dvara_where where)
{
    return run->thresholds[where];
}

bool dvara_run_restores_tools(const struct dvara_run *run)
{
    return run->restore_tools;
}
bool dvara_run_restores_urls(const struct dvara_run *run)
{
    return run->restore_urls;
}

struct dvara_spans dvara_run_spans(struct dvara_run *run, enum dvara_phase phase, size_t leaf,
                                   enum dvara_error_kind *ret_error)
{
    struct dvara_leaves leaves = scan_leaves(run, texts_of(phase));
    struct dvara_spans none = {NULL, 0};
    *ret_error = DVARA_ERROR_NONE;
    if (leaf >= leaves.n)
        return none;
    int where = where_of(phase, &leaves.v[leaf]);
    if (!run->styles[where])
        return none;
    const struct run_scan *scan = scan_texts(run, texts_of(phase));
    *ret_error = (enum dvara_error_kind)scan->error;
    if (scan->error || leaf >= scan->n)
        return none;
    return wanted_spans(run, where, &leaves.v[leaf], scan->spans[leaf], ret_error);
}
