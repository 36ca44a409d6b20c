/* SPDX-License-Identifier: Apache-2.0 */
/* A text as detectors read it: bytes made from another text, each with the place it was made from.
 * What is found in a view is claimed in the text below it; a view is never sent anywhere. */
#ifndef PII_VIEW_H
#define PII_VIEW_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct view {
    char *p;
    uint32_t *starts, *ends; /* byte i stands for [starts[i], ends[i]) of the text below */
    size_t n, room;
    bool failed; /* sticky until view_reset: no memory */
};

void view_clear(struct view *view);
void view_reset(struct view *view);
/* Gives back what one huge text took. */
void view_trim(struct view *view);
/* Makes room for more bytes. False, and failed: no memory. */
bool view_reserve(struct view *view, size_t more);

static inline void view_put(struct view *view, char c, size_t start, size_t end)
{
    if (view->n == view->room && !view_reserve(view, 1))
        return;
    view->p[view->n] = c;
    view->starts[view->n] = (uint32_t)start;
    view->ends[view->n++] = (uint32_t)end;
}
/* Bytes [from, to) of the text below as they stand. */
void view_copy(struct view *view, struct dvara_str text, size_t from, size_t to);
/* The UTF-8 of a code point. */
void view_put_code_point(struct view *view, uint32_t code_point, size_t start, size_t end);

static inline struct dvara_str view_str(const struct view *view)
{
    return (struct dvara_str){.p = view->p ? view->p : "", .n = view->n};
}
/* Where the byte at `at` comes from; past the last byte, where the text below ends that was read.
 */
static inline size_t view_origin(const struct view *view, size_t at, size_t below)
{
    return at < view->n ? view->starts[at] : below;
}
/* The first byte that was made from `below` or later. */
size_t view_find(const struct view *view, size_t below);

#endif
