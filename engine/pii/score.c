/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/find.h"

#include "pattern/text.h"
#include "pii/header.h"
#include "pii/normalise.h"

static bool occurs_at(struct dvara_str word, struct dvara_str text, size_t at)
{
    for (size_t i = 0; i < word.n; i++) {
        if (text_fold(text.p[at + i]) != word.p[i])
            return false;
    }
    return true;
}

bool words_occur_in(struct dvara_strs words, struct dvara_str text)
{
    for (size_t i = 0; i < words.n; i++) {
        struct dvara_str word = words.v[i];
        for (size_t at = 0; word.n && word.n <= text.n && at <= text.n - word.n; at++) {
            if (text_fold(text.p[at]) == word.p[0] && occurs_at(word, text, at))
                return true;
        }
    }
    return false;
}

/* The windows before and after a span. */
struct window {
    size_t before, start, end, after;
};

static struct window window_of(const struct detector *detector, struct dvara_str text, size_t start,
                               size_t end)
{
    return (struct window){.before = text_back(text, start, detector->spec.within),
                           .start = start,
                           .end = end,
                           .after = text_forward(text, end, DETECTOR_AFTER)};
}

/* A word of the list near the span; NULL: none. */
static const struct word_place *word_near(struct dvara_scanner *scanner, struct dvara_str text,
                                          size_t index, enum words_list list,
                                          const struct window *window)
{
    const struct words *words = &scanner->detectors->words;
    struct word_places *places = &scanner->words;
    if (!words_cover(words, places, text, window->before, window->after))
        return NULL;
    const struct word_place *place =
        words_within(words, places, index, list, window->before, window->start);
    return place ? place : words_within(words, places, index, list, window->end, window->after);
}

/* The cell over a span, in the text itself; of a part that is read otherwise, in what is near. */
static bool cell_above(struct dvara_scanner *scanner, const struct search *search, size_t start,
                       size_t end, struct dvara_str *ret_cell)
{
    if (!search->is_part) {
        const struct search *root = search;
        while (root->outer)
            root = root->outer;
        return header_cell(&scanner->header, search->above, root->text, find_root(search, start),
                           root == search ? end : search->view->ends[end - 1], ret_cell);
    }
    struct header header = {.asked = 0};
    size_t floor = find_floor(search, start);
    const char *line = floor ? memchr(search->text.p + floor, '\n', start - floor) : NULL;
    if (floor && !line)
        return false;
    floor = floor ? (size_t)(line - search->text.p) + 1 : 0;
    return header_cell(&header, NULL, dvara_str_slice(search->text, floor, search->text.n),
                       start - floor, end - floor, ret_cell);
}

/* A context word in the cell over the span. */
static struct dvara_str word_above(struct dvara_scanner *scanner, const struct search *search,
                                   size_t index, size_t start, size_t end)
{
    const struct words *words = &scanner->detectors->words;
    struct word_places *places = &scanner->header_words;
    struct dvara_str cell;
    struct dvara_str none = {NULL, 0};
    if (!cell_above(scanner, search, start, end, &cell))
        return none;
    struct view *normal = &scanner->cell;
    struct dvara_str read = cell;
    if (!text_is_ascii(cell)) {
        view_reset(normal);
        normalise(cell, 0, cell.n, normal);
        read = view_str(normal);
    }
    places->from = places->to = places->n = 0;
    if (!words_cover(words, places, read, 0, read.n))
        return none;
    const struct word_place *place = words_within(words, places, index, WORDS_CONTEXT, 0, read.n);
    if (!place)
        return none;
    return read.p == cell.p ? dvara_str_slice(cell, place->start, place->end) : cell;
}

/* A context word in the key that the text stands under. */
static bool word_in_label(struct dvara_scanner *scanner, struct dvara_str label, size_t index)
{
    const struct words *words = &scanner->detectors->words;
    struct word_places *places = &scanner->label_words;
    return label.n && words_cover(words, places, label, 0, label.n) &&
           words_within(words, places, index, WORDS_CONTEXT, 0, label.n);
}

/* Does a context word stand before what is valid anyway? It tells the name among others as valid;
 * what stands after is not asked, so that a stream need not wait. */
static bool is_beside(struct dvara_scanner *scanner, const struct search *search, size_t index,
                      const struct window *window)
{
    const struct words *words = &scanner->detectors->words;
    struct word_places *places = &scanner->words;
    if (!words_cover(words, places, search->text, window->before, window->start))
        return false;
    return words_within(words, places, index, WORDS_CONTEXT, window->before, window->start) ||
           word_in_label(scanner, search->label, index);
}

static uint32_t total(const struct detector_spec *spec, enum proof proof, bool context,
                      bool lowered)
{
    bool raised = proof == PROOF_VALID || context;
    uint32_t ppm = raised ? spec->score_high_ppm : spec->score_low_ppm;
    if (!raised && proof == PROOF_LONE && ppm > LONE_PPM)
        ppm = LONE_PPM;
    if (!lowered)
        return ppm;
    return ppm > DETECTOR_AGAINST_PPM ? ppm - DETECTOR_AGAINST_PPM : 0;
}

/* Where the word begins that the text's end may cut. */
static size_t last_word(struct dvara_str text, size_t floor)
{
    size_t at = text.n;
    while (at > floor && text_word_before(text, at))
        (void)text_before(text, at, &at);
    return at;
}

/* Does some bar lie between the two scores? Then which it is decides something. */
static bool is_decisive(const struct search *search, const struct detector *detector, size_t index,
                        uint32_t least, uint32_t most)
{
    uint32_t floor = detector->spec.floor_ppm;
    uint32_t bar = search->thresholds ? search->thresholds[index] : floor;
    return (least < floor && most >= floor) || (least < bar && most >= bar);
}

struct scored score_span(struct dvara_scanner *scanner, const struct search *search, size_t index,
                         size_t start, size_t end, enum proof proof, bool open_end)
{
    const struct detector *detector = &scanner->detectors->v[index];
    const struct detector_spec *spec = &detector->spec;
    struct dvara_str text = search->text;
    bool valid = proof == PROOF_VALID;
    bool named = valid && detector->run && spec->context.n; /* one of many such numbers */
    if (spec->against.n == 0 && !named && (valid || spec->context.n == 0))
        return (struct scored){.ppm = total(spec, proof, false, false)};
    struct window window = window_of(detector, text, start, end);
    if (search->outer) {
        size_t floor = find_floor(search, start);
        window.before = floor > window.before ? floor : window.before;
    }
    /* One more byte than the window: it says where a last word ends. */
    bool open = open_end && window.after + AFTER_MORE >= text.n;
    if (open) {
        size_t last = last_word(text, end);
        window.after = last < window.after ? last : window.after;
    }
    /* What is valid anyway is not looked at for what else might raise it, only named by it. */
    bool context = !valid && spec->context.n &&
                   (word_near(scanner, text, index, WORDS_CONTEXT, &window) ||
                    word_in_label(scanner, search->label, index) ||
                    word_above(scanner, search, index, start, end).n);
    bool against =
        spec->against.n && word_near(scanner, text, index, WORDS_AGAINST, &window) != NULL;
    bool beside = context || (named && is_beside(scanner, search, index, &window));
    struct scored scored = {
        .ppm = total(spec, proof, context, against), .context = context, .beside = beside};
    if (open) {
        uint32_t most = total(spec, proof, context || spec->context.n, against);
        uint32_t least = total(spec, proof, context, against || spec->against.n);
        scored.undecided = is_decisive(search, detector, index, least, most);
        scored.unsure = least != most;
    }
    return scored;
}

void explain_words(struct dvara_scanner *scanner, struct dvara_str text, struct dvara_str label,
                   struct dvara_explained *explained, const struct dvara_span *span)
{
    const struct detector *detector = &scanner->detectors->v[span->detector];
    struct window window = window_of(detector, text, span->start, span->end);
    scanner->words.n = scanner->words.from = scanner->words.to = 0;
    scanner->label_words.n = scanner->label_words.from = scanner->label_words.to = 0;
    scanner->header = (struct header){.asked = 0};
    const struct word_place *place =
        word_near(scanner, text, span->detector, WORDS_CONTEXT, &window);
    if (place) {
        explained->word_start = place->start;
        explained->word_end = place->end;
    } else {
        struct search search = {.text = text};
        struct dvara_str word =
            word_above(scanner, &search, span->detector, span->start, span->end);
        explained->word_start = word.n ? (uint32_t)(word.p - text.p) : 0;
        explained->word_end = explained->word_start + (uint32_t)word.n;
    }
    explained->word_in_label = word_in_label(scanner, label, span->detector);
    place = word_near(scanner, text, span->detector, WORDS_AGAINST, &window);
    if (place) {
        explained->against_start = place->start;
        explained->against_end = place->end;
    }
}
