/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_windows.h"

enum {
    WINDOW = 240 << 10,   /* what stays in a core's cache */
    WINDOW_MIN = 4 << 10, /* the least that is tried when there are too many candidates */
};

struct windows {
    const struct scan_request *request;
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

static void explain(const struct scan_request *request, struct dvara_str window,
                    struct scan_seen *seen)
{
    seen->why = dvara_scan_explain(request->scanner, window, request->label, seen->span);
    if (seen->why.word_start < seen->why.word_end)
        seen->word = dvara_str_slice(window, seen->why.word_start, seen->why.word_end);
    else if (seen->why.word_in_label)
        seen->word = request->label;
    if (seen->why.against_start < seen->why.against_end)
        seen->against = dvara_str_slice(window, seen->why.against_start, seen->why.against_end);
}

/* One call for [from, to) and its margins; false: too many candidates. */
static bool scan_one(struct windows *windows, size_t from, size_t to)
{
    const struct scan_request *request = windows->request;
    struct dvara_str text = request->text;
    size_t first = cut_before(text, from > SCAN_MARGIN ? from - SCAN_MARGIN : 0);
    size_t last = text.n - to > SCAN_MARGIN ? cut_before(text, to + SCAN_MARGIN) : text.n;
    enum dvara_error_kind error;
    struct dvara_str window = dvara_str_slice(text, first, last);
    struct dvara_spans spans = dvara_scan(request->scanner, NULL, window, request->label, &error);
    if (error != DVARA_ERROR_NONE)
        return false;
    for (size_t i = 0; i < spans.n; i++) {
        size_t start = first + spans.v[i].start;
        if (start < from || start >= to || start < windows->claimed)
            continue;
        size_t end = whole_end(text, first + spans.v[i].end, last);
        struct scan_seen seen = {
            .text = text, .label = request->label, .start = start, .end = end, .span = &spans.v[i]};
        if (request->explain)
            explain(request, window, &seen);
        request->on_span(request->user, &seen);
        windows->claimed = end;
    }
    return true;
}

size_t scan_windows(const struct scan_request *request)
{
    struct windows windows = {.request = request};
    size_t from = request->from, to = request->to;
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
