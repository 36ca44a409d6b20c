/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/sse.h"

#include "unit/suite.h"

/* What came out, as "[type|id|data]" an event. */
static void drain(struct sse_decoder *decoder, struct buf *out)
{
    struct sse_event event;
    enum dvara_status status;
    while ((status = sse_next(decoder, &event)) == DVARA_OK) {
        buf_byte(out, '[');
        buf_append(out, event.type);
        buf_byte(out, '|');
        buf_append(out, event.id);
        buf_byte(out, '|');
        buf_append(out, event.data);
        buf_byte(out, ']');
    }
    ck_assert_int_eq(status, DVARA_AGAIN);
}

struct sse_case {
    struct dvara_str in;
    const char *out;
    size_t unfinished;
};

#define CASE(text, events, rest)                                                                   \
    {                                                                                              \
        {text, sizeof(text) - 1}, events, rest                                                     \
    }

static const struct sse_case cases[] = {
    CASE("data: a\n\n", "[||a]", 0),
    CASE("data: a\r\n\r\ndata: b\r\n\r\n", "[||a][||b]", 0),
    CASE("data: a\r\rdata:b\r\r", "[||a][||b]", 0),
    CASE("data: a\n\r\ndata: b\r\n\n", "[||a][||b]", 0),
    CASE("\xef\xbb\xbf"
         "data: a\n\n",
         "[||a]", 0),
    CASE("data: \xef\xbb\xbf"
         "a\n\n",
         "[||\xef\xbb\xbf"
         "a]",
         0),
    CASE("event: ping\nid: 7\ndata: {}\n\n", "[ping|7|{}]", 0),
    CASE("data: a\ndata: b\n\n", "[||a\nb]", 0),
    CASE("data: a\r\ndata\r\ndata:  c\r\n\r\n", "[||a\n\n c]", 0),
    CASE("data:\n\n", "[||]", 0),
    CASE(": keep-alive\n\ndata: a\n\n", "[||a]", 0),
    CASE(": one\ndata: a\n: two\n\n", "[||a]", 0),
    CASE("event: x\n\nid: 3\n\n\n\ndata: a\n\n", "[||a]", 0),
    CASE("retry: 5\nunknown: z\ndatax: n\ndata: a\n\n", "[||a]", 0),
    CASE("data: a\n\ndata: b", "[||a]", 7),
    CASE("data: a\n\ndata: b\n", "[||a]", 8),
    CASE("data: [DONE]\n\n", "[||[DONE]]", 0),
    CASE("\n\n\r\n\r\rdata: a\n\n", "[||a]", 0),
    CASE("", "", 0),
};

TEST(every_framing_gives_the_same_events_at_every_cut)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t cut = 0; cut <= cases[i].in.n; cut++) {
            for (size_t second = cut; second <= cases[i].in.n; second++) {
                struct sse_decoder decoder;
                struct buf out;
                sse_decoder_init(&decoder, 1 << 16);
                buf_init(&out, 1 << 16);
                const size_t ends[] = {cut, second, cases[i].in.n};
                size_t from = 0;
                for (size_t k = 0; k < 3; k++) {
                    ck_assert_int_eq(
                        sse_feed(&decoder, dvara_str_slice(cases[i].in, from, ends[k])), DVARA_OK);
                    drain(&decoder, &out);
                    from = ends[k];
                }
                ck_assert_msg(dvara_str_eq(buf_str(&out), dvara_str_from_cstr(cases[i].out)),
                              "case %zu cut %zu %zu: %.*s", i, cut, second,
                              DVARA_STR_ARG(buf_str(&out)));
                ck_assert_uint_eq(sse_unfinished(&decoder), cases[i].unfinished);
                buf_clear(&out);
                sse_decoder_clear(&decoder);
            }
        }
    }
}

TEST(one_byte_at_a_time_gives_the_same_events)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sse_decoder decoder;
        struct buf out;
        sse_decoder_init(&decoder, 1 << 16);
        buf_init(&out, 1 << 16);
        for (size_t at = 0; at < cases[i].in.n; at++) {
            ck_assert_int_eq(sse_feed(&decoder, dvara_str_slice(cases[i].in, at, at + 1)),
                             DVARA_OK);
            drain(&decoder, &out);
        }
        ck_assert_msg(dvara_str_eq(buf_str(&out), dvara_str_from_cstr(cases[i].out)), "case %zu",
                      i);
        buf_clear(&out);
        sse_decoder_clear(&decoder);
    }
}

static enum dvara_status feed_lines(struct dvara_str line, size_t count, size_t max_event)
{
    struct sse_decoder decoder;
    struct sse_event event;
    enum dvara_status status = DVARA_AGAIN;
    sse_decoder_init(&decoder, max_event);
    for (size_t i = 0; i < count && status == DVARA_AGAIN; i++) {
        ck_assert_int_eq(sse_feed(&decoder, line), DVARA_OK);
        status = sse_next(&decoder, &event);
    }
    ck_assert_uint_le(decoder.bytes.n, max_event + line.n);
    sse_decoder_clear(&decoder);
    return status;
}

TEST(an_event_over_its_ceiling_is_refused_before_it_is_whole)
{
    ck_assert_int_eq(feed_lines(DVARA_STR("data: 0123456789\n"), 1000, 4096), DVARA_TOO_LARGE);
    ck_assert_int_eq(feed_lines(DVARA_STR("data without an end "), 1000, 4096), DVARA_TOO_LARGE);
    ck_assert_int_eq(feed_lines(DVARA_STR(": comment\n"), 1000, 4096), DVARA_TOO_LARGE);
    ck_assert_int_eq(feed_lines(DVARA_STR(": comment\n\n"), 1000, 4096), DVARA_AGAIN);
}

TEST(what_is_written_is_read_back)
{
    static const struct dvara_str texts[] = {{"", 0}, {"{}", 2}, {"a\nb", 3}, {"a\n\n b\n", 6}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sse_decoder decoder;
        struct sse_event event;
        struct buf out;
        sse_decoder_init(&decoder, 1 << 16);
        buf_init(&out, 1 << 16);
        sse_write_comment(&out, DVARA_STR("keep-alive"));
        sse_write(&out, i % 2 ? DVARA_STR("delta") : (struct dvara_str){0}, texts[i]);
        ck_assert_int_eq(sse_feed(&decoder, buf_str(&out)), DVARA_OK);
        ck_assert_int_eq(sse_next(&decoder, &event), DVARA_OK);
        ck_assert(dvara_str_eq(event.data, texts[i]));
        ck_assert(dvara_str_eq(event.type, i % 2 ? DVARA_STR("delta") : DVARA_STR("")));
        ck_assert_int_eq(sse_next(&decoder, &event), DVARA_AGAIN);
        buf_clear(&out);
        sse_decoder_clear(&decoder);
    }
}

SUITE(every_framing_gives_the_same_events_at_every_cut, one_byte_at_a_time_gives_the_same_events,
      an_event_over_its_ceiling_is_refused_before_it_is_whole, what_is_written_is_read_back)
