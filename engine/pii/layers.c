/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/layers.h"

#include "pattern/text.h"
#include "pii/normalise.h"

/* What a number shows that was read without its grouping, or with letters as digits, must hold: a
 * checksum. What was found in decoded bytes without one is a little less sure. */
static bool is_believed(struct finding *finding, enum dvara_via via, uint32_t floor_ppm)
{
    enum { DECODED_LESS_PPM = 200000 };
    if (finding->span.validation == 1 || finding->overlong)
        return true;
    if (via == DVARA_VIA_FOLDED)
        return false;
    if (via == DVARA_VIA_PACKED) {
        uint32_t score = finding->span.score_ppm;
        finding->span.score_ppm = score > DECODED_LESS_PPM ? score - DECODED_LESS_PPM : 0;
        finding->dropped = finding->dropped || finding->span.score_ppm < floor_ppm;
    }
    return true;
}

/* Brings the findings from n_before on down to the text below; drops what is no news. */
static void claim_below(struct dvara_scanner *scanner, const struct layer *layer, size_t n_before)
{
    size_t kept = n_before;
    for (size_t i = n_before; i < scanner->n_found; i++) {
        struct finding finding = scanner->found[i];
        struct dvara_span *span = &finding.span;
        bool apart = span->end < layer->changed || span->start > layer->changed_end;
        bool before = layer->via == DVARA_VIA_FOLDED && span->start < layer->changed;
        if (apart || before ||
            !is_believed(&finding, layer->via,
                         scanner->detectors->v[span->detector].spec.floor_ppm))
            continue;
        span->end = layer->view->ends[span->end - 1];
        span->start = layer->view->starts[span->start];
        if (layer->via > span->via)
            span->via = (uint8_t)layer->via;
        scanner->found[kept++] = finding;
    }
    scanner->n_found = kept;
}

bool layers_find(struct dvara_scanner *scanner, struct search *search, const struct layer *layer)
{
    struct search inner = *search;
    size_t n_before = scanner->n_found;
    if (layer->view->failed)
        return find_fail(scanner, DVARA_ERROR_SCAN);
    inner.text = view_str(layer->view);
    inner.from = view_find(layer->view, search->from);
    inner.partial = search->partial && layer->below == search->text.n;
    inner.depth = search->depth + 1;
    inner.is_part = search->is_part || layer->via != DVARA_VIA_NORMAL;
    inner.live = inner.text.n;
    bool right = find_text(scanner, &inner);
    claim_below(scanner, layer, n_before);
    if (inner.partial && inner.live < inner.text.n)
        find_open(search, layer->view->starts[inner.live]);
    return right;
}

struct view *layers_room(struct dvara_scanner *scanner, const struct search *search)
{
    struct view *view = &scanner->views[search->depth];
    view_reset(view);
    return view;
}

size_t layers_align(struct dvara_str text, size_t at)
{
    for (size_t back = 0; back < 3 && at > 0 && at < text.n; back++, at--) {
        if (((unsigned char)text.p[at] & 0xC0) != 0x80)
            break;
    }
    return at;
}

static bool find_normal(struct dvara_scanner *scanner, struct search *search)
{
    struct view *view = layers_room(scanner, search);
    struct search normal = *search;
    normal.is_normal = true;
    normalise(search->text, 0, search->text.n, view);
    struct layer layer = {
        .view = view, .changed_end = view->n, .below = search->text.n, .via = DVARA_VIA_NORMAL};
    bool right = layers_find(scanner, &normal, &layer);
    search->live = normal.live;
    return right;
}

static void start_anew(struct dvara_scanner *scanner)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    memset(scanner->resume, 0,
           detectors->first_use[detectors->n_patterns] * sizeof *scanner->resume);
    scanner->words.n = scanner->words.from = scanner->words.to = 0;
    scanner->header = (struct header){.top = 0};
    scanner->part_noted = false;
}

/* The text as it stands, and the readings of its parts. */
static bool find_plain(struct dvara_scanner *scanner, struct search *search)
{
    size_t n_suspects = scanner->n_suspects;
    search->first_suspect = n_suspects;
    search->suspect_end = 0;
    start_anew(scanner);
    bool right = find_places(scanner, search) && find_patterns(scanner, search);
    search->is_normal = false; /* what is decoded from it may be dressed up again */
    if (right && search->depth < SEARCH_DEPTH && !search->is_folded)
        right = layers_fold(scanner, search) && layers_decode(scanner, search) &&
                layers_unpack(scanner, search);
    scanner->n_suspects = n_suspects;
    return right;
}

bool find_text(struct dvara_scanner *scanner, struct search *search)
{
    if (search->depth == SEARCH_DEPTH || search->is_normal || text_is_ascii(search->text))
        return find_plain(scanner, search);
    bool plain = normalise_first(search->text) == search->text.n;
    bool right = plain ? find_plain(scanner, search) : find_normal(scanner, search);
    return right && layers_unmask(scanner, search);
}
