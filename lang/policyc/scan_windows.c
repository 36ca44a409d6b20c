/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_windows.h"

enum {
    WINDOW = 240 << 10,   /* what stays in a core's cache */
    WINDOW_MIN = 4 << 10, /* the least that is tried when there are too many candidates */
};

struct windows {
    struct dvara_scanner *scanner;
    struct dvara_str text, label;
    scan_on_span *on_span;
    void *user;
    size_t claimed; /* the end of the last finding */
};

/* Where a text may be cut: not inside a code point. */
static size_t cut_before(struct dvara_str text, size_t at)
{
    for (int i = 0; i < 3 && at > 0 && at < text.n; i++) {
        if (((unsigned char)text.p[at] & 0xC0) != 0x80)
            break;
        at--;
    }
    return at;
}

/* A finding that the window's end cuts goes on to the next white space, as in the whole text. */
static size_t whole_end(struct dvara_str text, size_t end, size_t cut)
{
    while (end >= cut && end < text.n && !strchr(" \t\r\n", text.p[end]))
        end++;
    return end;
}

/* One call for [from, to) and its margins; false: too many candidates. */
static bool scan_one(struct windows *windows, size_t from, size_t to)
{
    struct dvara_str text = windows->text;
    size_t first = cut_before(text, from > SCAN_MARGIN ? from - SCAN_MARGIN : 0);
    size_t last = text.n - to > SCAN_MARGIN ? cut_before(text, to + SCAN_MARGIN) : text.n;
    enum dvara_error_kind error;
    struct dvara_spans spans = dvara_scan(
        windows->scanner, NULL, dvara_str_slice(text, first, last), windows->label, &error);
    if (error != DVARA_ERROR_NONE)
        return false;
    for (size_t i = 0; i < spans.n; i++) {
        size_t start = first + spans.v[i].start;
        if (start < from || start >= to || start < windows->claimed)
            continue;
        size_t end = whole_end(text, first + spans.v[i].end, last);
        struct scan_seen seen = {
            .text = text, .label = windows->label, .start = start, .end = end, .span = &spans.v[i]};
        windows->on_span(windows->user, &seen);
        windows->claimed = end;
    }
    return true;
}

size_t scan_windows(struct dvara_scanner *scanner, struct dvara_str text, size_t from, size_t to,
                    struct dvara_str label, scan_on_span *on_span, void *user)
{
    struct windows windows = {
        .scanner = scanner, .text = text, .label = label, .on_span = on_span, .user = user};
    size_t step = WINDOW;
    size_t unscanned = 0;
    while (from < to) {
        size_t end = to - from > step ? from + step : to;
        if (!scan_one(&windows, from, end)) {
            if (end - from > WINDOW_MIN) {
                step = (end - from + 1) / 2;
                continue;
            }
            unscanned += end - from;
        }
        from = end;
        step = step < WINDOW / 2 ? step * 2 : WINDOW;
    }
    return unscanned;
}
