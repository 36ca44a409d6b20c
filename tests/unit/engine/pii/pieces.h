/* SPDX-License-Identifier: Apache-2.0 */
/* A text redacted whole, and in pieces on a stream, for the tests of streams. */
#ifndef TESTS_UNIT_ENGINE_PII_PIECES_H
#define TESTS_UNIT_ENGINE_PII_PIECES_H

#include "fixture.h"
#include "pii/redact.h"
#include "unit/suite.h"

static inline void redact_whole(struct fixture *fixture, const uint8_t *styles,
                                struct dvara_str text, struct buf *out)
{
    enum dvara_error_kind error;
    struct dvara_spans spans =
        dvara_scan(fixture->scanner, styles, text, (struct dvara_str){0}, &error);
    size_t at = 0;
    ck_assert_int_eq(error, DVARA_ERROR_NONE);
    for (size_t i = 0; i < spans.n; i++) {
        buf_append(out, dvara_str_slice(text, at, spans.v[i].start));
        ck_assert_int_eq(redact_value(fixture->detectors, NULL, false, spans.v[i].detector,
                                      styles[spans.v[i].detector],
                                      dvara_str_slice(text, spans.v[i].start, spans.v[i].end), out),
                         DVARA_OK);
        at = spans.v[i].end;
    }
    buf_append(out, dvara_str_slice(text, at, text.n));
}

/* Feeds text cut at the places given; also checks that what left so far is the head of what must.
 */
static inline void redact_pieces(struct fixture *fixture, const uint8_t *styles,
                                 struct dvara_str text, const size_t *cuts, size_t n_cuts,
                                 struct dvara_str expected, const char *what)
{
    struct dvara_stream_options options = {.styles = styles};
    struct dvara_stream *stream;
    struct buf out;
    size_t at = 0;
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(dvara_stream_new(fixture->scanner, &options, &stream), DVARA_OK);
    for (size_t i = 0; i <= n_cuts; i++) {
        size_t to = i < n_cuts ? cuts[i] : text.n;
        ck_assert_int_eq(dvara_stream_feed(stream, dvara_str_slice(text, at, to), &out), DVARA_OK);
        at = to;
        size_t same = 0;
        while (same < out.n && same < expected.n && out.p[same] == expected.p[same])
            same++;
        ck_assert_msg(
            same == out.n, "%s: released '%.*s', expected '%.*s'", what,
            DVARA_STR_ARG(dvara_str_slice(buf_str(&out), same > 60 ? same - 60 : 0, out.n)),
            DVARA_STR_ARG(dvara_str_slice(expected, same > 60 ? same - 60 : 0, same + 60)));
    }
    ck_assert_int_eq(dvara_stream_finish(stream, &out), DVARA_OK);
    ck_assert_uint_eq(dvara_stream_held(stream), 0);
    ck_assert_msg(dvara_str_eq(expected, buf_str(&out)), "%s: got '%.*s', expected '%.*s'", what,
                  DVARA_STR_ARG(buf_str(&out)), DVARA_STR_ARG(expected));
    dvara_stream_free(stream);
    buf_clear(&out);
}

/* In every cut into two. */
static inline void check_two(struct fixture *fixture, const uint8_t *styles, struct dvara_str raw,
                             struct dvara_str expected, const char *sample)
{
    for (size_t cut = 0; cut <= raw.n; cut++)
        redact_pieces(fixture, styles, raw, &cut, 1, expected, sample);
}

/* One byte at a time. */
static inline void check_bytes(struct fixture *fixture, const uint8_t *styles, struct dvara_str raw,
                               struct dvara_str expected, const char *sample)
{
    size_t cuts[4096];
    ck_assert_uint_le(raw.n, sizeof cuts / sizeof *cuts);
    for (size_t i = 0; i < raw.n; i++)
        cuts[i] = i + 1;
    redact_pieces(fixture, styles, raw, cuts, raw.n, expected, sample);
}

static inline void fill_styles(uint8_t styles[FIXTURE_COUNT])
{
    memset(styles, DVARA_STYLE_LABEL, FIXTURE_COUNT);
}

#endif
