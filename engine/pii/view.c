/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/view.h"

#include <stdlib.h>

enum { ROOM_MIN = 512, ROOM_KEPT = 1 << 18 };

void view_clear(struct view *view)
{
    free(view->p);
    free(view->starts);
    free(view->ends);
    *view = (struct view){.n = 0};
}

void view_reset(struct view *view)
{
    view->n = 0;
    view->failed = false;
}

void view_trim(struct view *view)
{
    if (view->room > ROOM_KEPT)
        view_clear(view);
}

/* On failure the old block stays, so that clearing still frees it. */
static bool grow(void **block, size_t count, size_t size)
{
    void *grown = realloc(*block, count * size);
    if (grown)
        *block = grown;
    return grown != NULL;
}

bool view_reserve(struct view *view, size_t more)
{
    if (more <= view->room - view->n)
        return true;
    size_t room = view->room * 2 > ROOM_MIN ? view->room * 2 : ROOM_MIN;
    if (room < view->n + more)
        room = view->n + more;
    void *p = view->p;
    void *starts = view->starts;
    void *ends = view->ends;
    bool right = grow(&p, room, 1) && grow(&starts, room, sizeof *view->starts) &&
                 grow(&ends, room, sizeof *view->ends);
    view->p = p;
    view->starts = starts;
    view->ends = ends;
    if (right)
        view->room = room;
    view->failed = view->failed || !right;
    return right;
}

void view_copy(struct view *view, struct dvara_str text, size_t from, size_t to)
{
    if (to <= from || !view_reserve(view, to - from))
        return;
    memcpy(view->p + view->n, text.p + from, to - from);
    for (size_t at = from; at < to; at++, view->n++) {
        view->starts[view->n] = (uint32_t)at;
        view->ends[view->n] = (uint32_t)at + 1;
    }
}

void view_put_code_point(struct view *view, uint32_t c, size_t start, size_t end)
{
    if (c < 0x80) {
        view_put(view, (char)c, start, end);
        return;
    }
    unsigned shift = c < 0x800 ? 6 : c < 0x10000 ? 12 : 18;
    static const uint8_t leads[] = {[6] = 0xC0, [12] = 0xE0, [18] = 0xF0};
    view_put(view, (char)(leads[shift] | c >> shift), start, end);
    while (shift) {
        shift -= 6;
        view_put(view, (char)(0x80 | (c >> shift & 0x3F)), start, end);
    }
}

size_t view_find(const struct view *view, size_t below)
{
    size_t low = 0;
    size_t high = view->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (view->starts[middle] < below)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
