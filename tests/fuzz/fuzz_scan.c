/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes, in all readings (Unicode, escapes, packed runs, folded numbers): spans lie within the
 * text, in order and apart, each can be explained, and a second scan finds the same. */
#include "unit/engine/pii/fixture.h"

#include <assert.h>

static struct fixture fixture;

enum { SPANS_MAX = 256 };

static struct dvara_spans scan(struct dvara_str text, enum dvara_error_kind *ret_error)
{
    return dvara_scan(fixture.scanner, NULL, text, (struct dvara_str){0}, ret_error);
}

static void check_span(struct dvara_str text, size_t at, const struct dvara_span *span)
{
    assert(span->start >= at && span->end > span->start && span->end <= text.n);
    assert(span->score_ppm > 0 && span->score_ppm <= 1000000);
    struct dvara_explained explained =
        dvara_scan_explain(fixture.scanner, text, (struct dvara_str){0}, span);
    assert(explained.word_start <= explained.word_end && explained.word_end <= text.n);
    assert(explained.against_start <= explained.against_end && explained.against_end <= text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum dvara_error_kind error;
    enum dvara_error_kind again_error;
    struct dvara_span kept[SPANS_MAX];
    struct dvara_str text = dvara_str_from((const char *)data, size);
    if (!fixture.scanner)
        fixture = fixture_new();
    struct dvara_spans spans = scan(text, &error);
    size_t n = spans.n < SPANS_MAX ? spans.n : SPANS_MAX;
    for (size_t i = 0; i < n; i++)
        kept[i] = spans.v[i];
    for (size_t i = 0; i < n; i++)
        check_span(text, i ? kept[i - 1].end : 0, &kept[i]);
    struct dvara_spans again = scan(text, &again_error);
    assert(again_error == error && again.n == spans.n);
    for (size_t i = 0; i < n; i++)
        assert(again.v[i].start == kept[i].start && again.v[i].end == kept[i].end &&
               again.v[i].detector == kept[i].detector &&
               again.v[i].score_ppm == kept[i].score_ppm);
    return 0;
}
