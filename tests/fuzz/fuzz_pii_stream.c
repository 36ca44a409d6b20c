/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes in any pieces: what a stream lets out is what the whole text gives, never ahead of it.
 * The first byte chooses the pieces. */
#include "base/buf.h"
#include "pii/redact.h"
#include "unit/engine/pii/fixture.h"

#include <assert.h>

static struct fixture fixture;
static uint8_t styles[FIXTURE_COUNT];

static bool redact_whole(struct dvara_str text, struct buf *out)
{
    enum dvara_error_kind error;
    struct dvara_spans spans =
        dvara_scan(fixture.scanner, styles, text, (struct dvara_str){0}, &error);
    size_t at = 0;
    for (size_t i = 0; i < spans.n; i++) {
        assert(spans.v[i].start >= at && spans.v[i].end > spans.v[i].start &&
               spans.v[i].end <= text.n);
        buf_append(out, dvara_str_slice(text, at, spans.v[i].start));
        assert(redact_value(fixture.detectors, NULL, false, spans.v[i].detector, DVARA_STYLE_LABEL,
                            dvara_str_slice(text, spans.v[i].start, spans.v[i].end),
                            out) == DVARA_OK);
        at = spans.v[i].end;
    }
    buf_append(out, dvara_str_slice(text, at, text.n));
    return error == DVARA_ERROR_NONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fixture.scanner) {
        /* All but those behind a keyword gate: there the stream knows less than the whole text. */
        struct detector_spec specs[FIXTURE_COUNT];
        size_t n = 0;
        for (size_t i = 0; i < FIXTURE_COUNT; i++) {
            if (fixture_specs[i].keywords.n == 0)
                specs[n++] = fixture_specs[i];
        }
        fixture = fixture_new_of(specs, n);
        memset(styles, DVARA_STYLE_LABEL, sizeof styles);
    }
    if (size < 2 || size > 3000)
        return 0;
    struct dvara_str text = dvara_str_from((const char *)data + 1, size - 1);
    struct dvara_stream_options options = {.styles = styles};
    struct dvara_stream *stream;
    struct buf whole;
    struct buf out;
    unsigned step = data[0];
    buf_init(&whole, 1 << 20);
    buf_init(&out, 1 << 20);
    bool right = redact_whole(text, &whole);
    assert(dvara_stream_new(fixture.scanner, &options, &stream) == DVARA_OK);
    for (size_t at = 0; right && at < text.n;) {
        size_t n = 1 + (step & 15);
        step = step * 13 + 7;
        assert(dvara_stream_feed(stream, dvara_str_slice(text, at, at + n), &out) == DVARA_OK);
        assert(dvara_str_starts_with(buf_str(&whole), buf_str(&out)));
        at += n;
    }
    if (right) {
        assert(dvara_stream_finish(stream, &out) == DVARA_OK);
        assert(dvara_str_eq(buf_str(&out), buf_str(&whole)));
    }
    dvara_stream_free(stream);
    buf_clear(&whole);
    buf_clear(&out);
    return 0;
}
