/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/layers.h"

#include "pattern/text.h"
#include "pii/normalise.h"

/* Is this a number of nine digits or more beside its word, of a kind that the word makes sure of,
 * and that a check of numbers found nothing wrong with? Days have eight; a bank's number can be
 * all. */
static bool is_named(const struct dvara_detectors *detectors, const struct layer *layer,
                     const struct dvara_span *span)
{
    enum { DIGITS_MIN = 9, SURE_PPM = 800000 };
    return span->context && detectors->v[span->detector].spec.score_high_ppm >= SURE_PPM &&
           span->validation == 0 && detectors->v[span->detector].run &&
           span->end - span->start >= DIGITS_MIN && span->start >= layer->changed &&
           span->end <= layer->changed_end;
}

/* What a number shows that was read without its grouping, or with letters as digits, must hold: a
 * checksum; or its word must be near. What was found in decoded bytes without one is a little less
 * sure. */
static bool is_believed(const struct dvara_detectors *detectors, const struct layer *layer,
                        struct finding *finding)
{
    enum { DECODED_LESS_PPM = 200000 };
    uint32_t floor_ppm = detectors->v[finding->span.detector].spec.floor_ppm;
    if (finding->span.validation == 1 || finding->overlong)
        return true;
    if (layer->via == DVARA_VIA_FOLDED)
        return is_named(detectors, layer, &finding->span);
    if (layer->via == DVARA_VIA_PACKED) {
        uint32_t score = finding->span.score_ppm;
        finding->span.score_ppm = score > DECODED_LESS_PPM ? score - DECODED_LESS_PPM : 0;
        finding->dropped = finding->dropped || finding->span.score_ppm < floor_ppm;
    }
    return true;
}

/* Was it found where the layer reads something else than the text below? */
static bool is_news(const struct layer *layer, const struct finding *finding)
{
    const struct dvara_span *span = &finding->span;
    uint32_t end = finding->overlong ? finding->overlong : span->end;
    return end >= layer->changed && span->start <= layer->changed_end + layer->near &&
           !(layer->begins && span->start < layer->changed);
}

/* Brings the findings from n_before on down to the text below; drops what is no news. */
static void claim_below(struct dvara_scanner *scanner, const struct layer *layer,
                        struct dvara_str below, size_t n_before)
{
    size_t kept = n_before;
    for (size_t i = n_before; i < scanner->n_found; i++) {
        struct finding finding = scanner->found[i];
        struct dvara_span *span = &finding.span;
        if (!is_news(layer, &finding) || !is_believed(scanner->detectors, layer, &finding))
            continue;
        span->end = layer->view->ends[span->end - 1];
        span->start = layer->view->starts[span->start];
        finding.first = layer->view->starts[layer->begins ? layer->changed : finding.first];
        if (finding.overlong) {
            finding.overlong = layer->view->ends[finding.overlong - 1];
            span->end = (uint32_t)find_run_end(below, finding.overlong, finding.until);
        }
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
    inner.outer = search;
    inner.view = layer->view;
    inner.is_part = search->is_part || layer->via != DVARA_VIA_NORMAL;
    inner.live = inner.text.n;
    inner.waits = NULL;
    inner.sleeps = 0;
    bool right = find_text(scanner, &inner);
    claim_below(scanner, layer, search->text, n_before);
    if (inner.partial && inner.live < layer->view->n)
        find_open(search, layer->view->starts[inner.live]);
    return right;
}

size_t layers_begin(const struct search *search)
{
    size_t floor = find_floor(search, search->from);
    return layers_align(search->text, floor > LAYER_MARGIN ? floor - LAYER_MARGIN : 0);
}

size_t layers_look(const struct search *search)
{
    size_t begin = layers_begin(search);
    return !search->outer && search->plain_to > begin ? search->plain_to : begin;
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

/* The text up to `open`, from where on it is not told how it is read: what may go on there? */
static bool wait_for_odd(struct dvara_scanner *scanner, struct search *search, size_t open,
                         enum dvara_via via)
{
    struct view *view = layers_room(scanner, search);
    size_t begin = open > LAYER_BEFORE ? open - LAYER_BEFORE : 0;
    view_copy(view, search->text, layers_align(search->text, begin), open);
    struct layer layer = {.view = view,
                          .changed = view->n + 1, /* nothing is news here */
                          .changed_end = view->n + 1,
                          .below = search->text.n,
                          .via = via};
    return layers_find(scanner, search, &layer);
}

static void put_odd(struct view *view, const struct odd *odd)
{
    if (odd->is_byte)
        view_put(view, (char)odd->value, odd->start, odd->end);
    else
        view_put_code_point(view, odd->value, odd->start, odd->end);
}

/* The part that begins with `odd` and goes on as long as the next is near. *at: where to go on. */
static bool read_part(struct dvara_scanner *scanner, struct search *search, odd_function *next,
                      struct odd odd, enum dvara_via via, size_t *at, size_t *ret_open)
{
    struct dvara_str text = search->text;
    struct view *view = layers_room(scanner, search);
    size_t from = layers_align(text, odd.start > LAYER_BEFORE ? odd.start - LAYER_BEFORE : 0);
    struct layer layer = {
        .view = view, .changed = odd.start - from, .near = LAYER_BEFORE, .via = via};
    bool more;
    do {
        view_copy(view, text, from, odd.start);
        put_odd(view, &odd);
        layer.changed_end = view->n;
        from = odd.end;
        more = next(search, from, &odd, ret_open);
    } while (more && odd.start - from <= LAYER_BEFORE);
    size_t end = layers_align(text, text.n - from > LAYER_AFTER ? from + LAYER_AFTER : text.n);
    layer.below = end;
    if (search->partial && !more && *ret_open < end) {
        end = *ret_open;
        layer.below = text.n;
    }
    if (more && odd.start < end)
        layer.below = end = odd.start; /* is read with what stands around it */
    view_copy(view, text, from, end);
    *at = from;
    return layers_find(scanner, search, &layer);
}

bool layers_read_odd(struct dvara_scanner *scanner, struct search *search, odd_function *next,
                     enum dvara_via via)
{
    struct odd odd;
    size_t open = search->text.n;
    size_t at = layers_look(search);
    size_t last = 0;
    while (next(search, at, &odd, &open)) {
        if (!read_part(scanner, search, next, odd, via, &at, &open))
            return false;
        last = at;
    }
    if (!search->partial || open == search->text.n)
        return true;
    find_open(search, open);
    return (last && open - last <= LAYER_AFTER) || wait_for_odd(scanner, search, open, via);
}

static bool find_normal(struct dvara_scanner *scanner, struct search *search)
{
    struct view *view = layers_room(scanner, search);
    struct search normal = *search;
    normal.is_normal = true;
    normalise(search->text, layers_begin(search), search->text.n, view);
    struct layer layer = {
        .view = view, .changed_end = view->n, .below = search->text.n, .via = DVARA_VIA_NORMAL};
    bool right = layers_find(scanner, &normal, &layer);
    search->live = normal.live;
    search->waits = NULL;
    search->sleeps = 0;
    return right;
}

static void start_anew(struct dvara_scanner *scanner)
{
    while (scanner->n_resumed)
        scanner->resume[scanner->resumed[--scanner->n_resumed]] = 0;
    scanner->words.n = scanner->words.from = scanner->words.to = 0;
    scanner->header = (struct header){.asked = 0};
    scanner->part_noted = false;
}

/* Does all that is new wait anyway, and is too short to be claimed for its width? */
static bool all_waits(const struct dvara_scanner *scanner, const struct search *search)
{
    return search->partial && !search->outer && search->live <= search->from &&
           search->text.n - search->from <= scanner->detectors->narrowest;
}

/* The text as it stands, and the readings of its parts. */
static bool find_plain(struct dvara_scanner *scanner, struct search *search)
{
    size_t n_suspects = scanner->n_suspects;
    search->first_suspect = n_suspects;
    start_anew(scanner);
    bool right = find_places(scanner, search);
    if (right && all_waits(scanner, search))
        return true;
    right = right && find_patterns(scanner, search);
    search->is_normal = false; /* what is decoded from it may be dressed up again */
    if (right && search->depth < SEARCH_DEPTH && !search->is_folded)
        right = layers_fold(scanner, search) &&
                (layers_is_plain(search) ||
                 (layers_unmask(scanner, search) && layers_decode(scanner, search))) &&
                layers_unpack(scanner, search);
    scanner->n_suspects = n_suspects;
    return right;
}

/* A sequence that the text's end cuts is told by what follows. */
static void cut_off(struct search *search)
{
    size_t whole = text_cut(search->text);
    if (!search->partial || whole == search->text.n)
        return;
    find_open(search, whole);
    search->text.n = whole;
}

/* As deep as a reading in which something is made one, so that it reads what that would. */
static bool find_as_normal(struct dvara_scanner *scanner, struct search *search)
{
    search->depth++;
    bool right = find_plain(scanner, search);
    search->depth--;
    return right;
}

bool find_text(struct dvara_scanner *scanner, struct search *search)
{
    if (search->depth == SEARCH_DEPTH || search->is_normal)
        return find_plain(scanner, search);
    if (layers_is_plain(search))
        return find_as_normal(scanner, search);
    cut_off(search);
    size_t begin = layers_look(search);
    struct dvara_str near = dvara_str_slice(search->text, begin, search->text.n);
    if (text_is_ascii(near))
        return find_as_normal(scanner, search);
    bool plain = normalise_first(near) == near.n;
    bool right = plain ? find_as_normal(scanner, search) : find_normal(scanner, search);
    return right && layers_tags(scanner, search);
}
