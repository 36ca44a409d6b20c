/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: what a text is read as has an origin for every byte, origins rise and lie within the
 * text, and reading it so twice changes nothing more; every span of a scan lies within the text, in
 * order. */
#include "pii/normalise.h"
#include "unit/engine/pii/fixture.h"

#include <assert.h>

static struct fixture fixture;

static void check_view(const struct view *view, size_t n)
{
    for (size_t i = 0; i < view->n; i++) {
        assert(view->starts[i] < view->ends[i] && view->ends[i] <= n);
        assert(i == 0 || view->starts[i] >= view->starts[i - 1]);
    }
}

static void check_normal(struct dvara_str text)
{
    struct view once = {.n = 0};
    struct view twice = {.n = 0};
    normalise(text, 0, text.n, &once);
    check_view(&once, text.n);
    assert(normalise_first(text) < text.n || once.n == text.n);
    normalise(view_str(&once), 0, once.n, &twice);
    assert(twice.n <= once.n);
    view_clear(&once);
    view_clear(&twice);
}

static void check_spans(struct dvara_str text)
{
    enum dvara_error_kind error;
    struct dvara_spans spans =
        dvara_scan(fixture.scanner, NULL, text, (struct dvara_str){0}, &error);
    size_t at = 0;
    for (size_t i = 0; i < spans.n; i++) {
        assert(spans.v[i].start >= at && spans.v[i].end > spans.v[i].start &&
               spans.v[i].end <= text.n);
        at = spans.v[i].end;
        (void)dvara_scan_explain(fixture.scanner, text, (struct dvara_str){0}, &spans.v[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fixture.scanner)
        fixture = fixture_new();
    struct dvara_str text = dvara_str_from((const char *)data, size);
    check_normal(text);
    check_spans(text);
    return 0;
}
