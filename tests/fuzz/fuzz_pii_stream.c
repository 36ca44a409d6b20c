/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes in any pieces: a value that stands in the text as it is, and that the whole text hides,
 * no stream lets out. Of disguises a window knows less than the whole text
 * (docs/gateway/streams.md), and may hide more. The first byte chooses the pieces. */
#include "base/buf.h"
#include "pii/redact.h"
#include "unit/engine/pii/fixture.h"

#include <assert.h>

static struct fixture fixture;
static uint8_t styles[FIXTURE_COUNT];

enum { HIDDEN_MAX = 64, HIDDEN_BYTES_MIN = 6 };

/* Values of the whole text that must not come out of the stream. */
static struct dvara_str hidden[HIDDEN_MAX];
static size_t n_hidden;

static bool redact_whole(struct dvara_str text, struct buf *out)
{
    enum dvara_error_kind error;
    struct dvara_spans spans =
        dvara_scan(fixture.scanner, styles, text, (struct dvara_str){0}, &error);
    size_t at = 0;
    n_hidden = 0;
    for (size_t i = 0; i < spans.n && n_hidden < HIDDEN_MAX; i++) {
        if (spans.v[i].via == DVARA_VIA_PLAIN &&
            spans.v[i].end - spans.v[i].start >= HIDDEN_BYTES_MIN)
            hidden[n_hidden++] = dvara_str_slice(text, spans.v[i].start, spans.v[i].end);
    }
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

static bool holds(const struct buf *buf, struct dvara_str value)
{
    return buf->n >= value.n && memmem(buf->p, buf->n, value.p, value.n);
}

static bool leaks(const struct buf *out, const struct buf *whole)
{
    for (size_t i = 0; i < n_hidden; i++) {
        if (holds(out, hidden[i]) && !holds(whole, hidden[i]))
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fixture.scanner) {
        /* Without a keyword gate and a span cap: there the stream knows less than the whole text.
         */
        fixture = fixture_new_of(fixture_specs, FIXTURE_SHIPPED + 1);
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
        at += n;
    }
    if (right) {
        assert(dvara_stream_finish(stream, &out) == DVARA_OK);
        assert(!leaks(&out, &whole));
    }
    dvara_stream_free(stream);
    buf_clear(&whole);
    buf_clear(&out);
    return 0;
}
