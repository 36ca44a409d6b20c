/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes that stand close together are decoded with the text around them, and what touches one is
 * news. What is decoded may hold escapes again: three levels are read. */
#include "pii/layers.h"

#include "pattern/text.h"
#include "pii/decode.h"

/* \n between words of code and prose changes nothing; before a number it hides where that begins.
 */
static bool matters(struct dvara_str text, const struct escape *escape)
{
    if (!escape->is_layout)
        return true;
    return escape->end >= text.n || text_is_alnum((unsigned char)text.p[escape->end]) ||
           strchr("+(@", text.p[escape->end]);
}

/* The next escape that matters, from `at` on. */
static bool next_that_matters(struct dvara_str text, size_t at, struct escape *ret_escape,
                              size_t *ret_open)
{
    while (decode_next(text, at, ret_escape, ret_open)) {
        if (matters(text, ret_escape))
            return true;
        at = ret_escape->end;
    }
    return false;
}

static void put(struct view *view, const struct escape *escape)
{
    if (escape->is_byte)
        view_put(view, (char)escape->value, escape->start, escape->end);
    else
        view_put_code_point(view, escape->value, escape->start, escape->end);
}

/* Decodes from the escape on, as long as the next is near. Where it went on from. */
static size_t decode_cluster(struct dvara_str text, struct escape first, struct view *view,
                             struct layer *layer)
{
    size_t begin = first.start > LAYER_BEFORE ? first.start - LAYER_BEFORE : 0;
    size_t at = layers_align(text, begin);
    size_t open;
    struct escape escape = first;
    layer->changed = first.start - at;
    do {
        view_copy(view, text, at, escape.start);
        put(view, &escape);
        layer->changed_end = view->n;
        at = escape.end;
    } while (decode_next(text, at, &escape, &open) && escape.start - at <= LAYER_BEFORE);
    size_t end = text.n - at > LAYER_AFTER ? at + LAYER_AFTER : text.n;
    end = layers_align(text, end);
    view_copy(view, text, at, end);
    layer->below = end;
    return at;
}

/* An escape is cut by the text's end: what stands before it may go on in it. */
static bool wait_for_escape(struct dvara_scanner *scanner, struct search *search, size_t open)
{
    struct view *view = layers_room(scanner, search);
    size_t begin = open > LAYER_BEFORE ? open - LAYER_BEFORE : 0;
    view_copy(view, search->text, layers_align(search->text, begin), open);
    struct layer layer = {.view = view,
                          .changed = view->n + 1, /* nothing is news here */
                          .changed_end = view->n + 1,
                          .below = search->text.n,
                          .via = DVARA_VIA_DECODED};
    find_open(search, open);
    return layers_find(scanner, search, &layer);
}

bool layers_decode(struct dvara_scanner *scanner, struct search *search)
{
    struct dvara_str text = search->text;
    struct escape escape;
    size_t open;
    size_t at = search->from > LAYER_BEFORE ? search->from - LAYER_BEFORE : 0;
    while (next_that_matters(text, at, &escape, &open)) {
        struct view *view = layers_room(scanner, search);
        struct layer layer = {.view = view, .via = DVARA_VIA_DECODED};
        at = decode_cluster(text, escape, view, &layer);
        if (!layers_find(scanner, search, &layer))
            return false;
    }
    return !search->partial || open == text.n || wait_for_escape(scanner, search, open);
}
