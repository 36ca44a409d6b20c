/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: what a text is read as has an origin for every byte; origins rise and lie within the
 * text, so whatever is found in the reading is claimed in a part of the text that is no shorter
 * than nothing; plain text is read as it stands, and reading twice changes nothing more. Escapes
 * lie within the text, one after another. */
#include "pii/decode.h"
#include "pii/normalise.h"

#include <assert.h>

static void check_origins(const struct view *view, size_t n)
{
    for (size_t i = 0; i < view->n; i++) {
        assert(view->starts[i] < view->ends[i] && view->ends[i] <= n);
        assert(i == 0 || view->starts[i] >= view->starts[i - 1]);
        assert(i == 0 || view->ends[i] >= view->ends[i - 1]);
    }
}

/* The first byte that was made from a place or later. */
static void check_find(const struct view *view, size_t below)
{
    size_t at = view_find(view, below);
    assert(at == view->n || view->starts[at] >= below);
    assert(at == 0 || view->starts[at - 1] < below);
}

/* A byte of ASCII stands for itself, unless it was made from something else. */
static void check_plain(const struct view *view, struct dvara_str text)
{
    for (size_t i = 0; i < view->n; i++) {
        unsigned char below = (unsigned char)text.p[view->starts[i]];
        assert(below >= 0x80 || view->p[i] == (char)below);
    }
}

static void check_escapes(struct dvara_str text)
{
    struct escape escape;
    size_t open = 0;
    size_t at = 0;
    while (decode_next(text, at, &escape, &open)) {
        assert(escape.start >= at && escape.end > escape.start && escape.end <= text.n);
        assert(escape.value <= (escape.is_byte ? 0xFF : 0x10FFFF));
        at = escape.end;
    }
    assert(open <= text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dvara_str text = dvara_str_from((const char *)data, size);
    struct view once = {.n = 0};
    struct view twice = {.n = 0};
    size_t first = normalise_first(text);
    normalise(text, 0, text.n, &once);
    check_origins(&once, text.n);
    check_plain(&once, text);
    check_find(&once, size ? data[0] : 0);
    check_find(&once, text.n);
    assert(first < text.n ||
           (once.n == text.n && memcmp(once.p ? once.p : "", text.p, text.n) == 0));
    normalise(view_str(&once), 0, once.n, &twice);
    check_origins(&twice, once.n);
    assert(twice.n <= once.n);
    check_escapes(text);
    view_clear(&once);
    view_clear(&twice);
    return 0;
}
