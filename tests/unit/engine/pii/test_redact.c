/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/redact.h"

#include "fixture.h"
#include "unit/suite.h"

static const unsigned char key[32] = "a key of one tenant, 32 bytes..";

/* `text` redacted with one style for all detectors. */
static void redact(struct fixture *fixture, struct dvara_vault *vault, enum dvara_style style,
                   const char *text_cstr, struct buf *out)
{
    uint8_t styles[FIXTURE_COUNT];
    struct arena arena;
    struct dvara_replacement *v;
    size_t n;
    enum dvara_error_kind error;
    struct dvara_str text = dvara_str_from_cstr(text_cstr);
    memset(styles, (int)style, sizeof styles);
    arena_init(&arena, 1 << 20);
    struct dvara_spans spans =
        dvara_scan(fixture->scanner, NULL, text, (struct dvara_str){0}, &error);
    ck_assert_int_eq(
        dvara_redact(fixture->detectors, vault, true, styles, text, spans, &arena, &v, &n),
        DVARA_OK);
    size_t at = 0;
    buf_reset(out);
    for (size_t i = 0; i < n; i++) {
        buf_append(out, dvara_str_slice(text, at, v[i].start));
        buf_append(out, v[i].text);
        at = v[i].end;
    }
    buf_append(out, dvara_str_slice(text, at, text.n));
    buf_byte(out, '\0');
    arena_clear(&arena);
}

struct bench {
    struct fixture fixture;
    struct dvara_vault *vault;
    struct buf out;
};

static struct bench bench_new(const char *seen)
{
    struct bench bench = {.fixture = fixture_new()};
    buf_init(&bench.out, 1 << 20);
    ck_assert_int_eq(dvara_vault_new(key, dvara_str_from_cstr(seen), &bench.vault), DVARA_OK);
    return bench;
}

static void bench_clear(struct bench *bench)
{
    dvara_vault_free(bench->vault);
    buf_clear(&bench->out);
    fixture_clear(&bench->fixture);
}

static void expect(struct bench *bench, enum dvara_style style, const char *text,
                   const char *expected)
{
    redact(&bench->fixture, bench->vault, style, text, &bench->out);
    ck_assert_str_eq(bench->out.p, expected);
}

TEST(each_style_keeps_what_it_says)
{
    struct bench bench = bench_new("");
    expect(&bench, DVARA_STYLE_LABEL, "to a@b.io!", "to <EMAIL>!");
    expect(&bench, DVARA_STYLE_REMOVE, "to a@b.io!", "to !");
    expect(&bench, DVARA_STYLE_MASK, "4111 1111 1111 1111", "***************1111");
    expect(&bench, DVARA_STYLE_MASK, "a@b.io", "******");
    expect(&bench, DVARA_STYLE_MASK, "SSN 536-22-8726", "SSN ***********");
    expect(&bench, DVARA_STYLE_MASK, "ip 192.168.0.1", "ip *********.1");
    bench_clear(&bench);
}
END_TEST

TEST(a_hash_is_thirteen_characters_and_the_tenants_own)
{
    struct bench bench = bench_new("");
    expect(&bench, DVARA_STYLE_HASH, "a@b.io a@b.io",
           "<EMAIL:4caywmm712hms> <EMAIL:4caywmm712hms>");
    char mine[64];
    memcpy(mine, bench.out.p, 22);
    struct dvara_vault *other;
    ck_assert_int_eq(dvara_vault_new((const unsigned char *)"another tenant's key of 32 bytes",
                                     DVARA_STR(""), &other),
                     DVARA_OK);
    redact(&bench.fixture, other, DVARA_STYLE_HASH, "a@b.io", &bench.out);
    ck_assert_uint_eq(strlen(bench.out.p), 21);
    ck_assert(strncmp(mine, bench.out.p, 21) != 0);
    dvara_vault_free(other);
    bench_clear(&bench);
}
END_TEST

TEST(tokens_are_numbered_per_detector_and_the_same_bytes_share_one)
{
    struct bench bench = bench_new("");
    ck_assert(dvara_vault_is_empty(bench.vault));
    expect(&bench, DVARA_STYLE_TOKEN, "a@b.io c@d.io a@b.io A@b.io 10.0.0.1",
           "<EMAIL_1> <EMAIL_2> <EMAIL_1> <EMAIL_3> <IPV4_1>");
    ck_assert(!dvara_vault_is_empty(bench.vault));
    bench_clear(&bench);
}
END_TEST

TEST(a_token_that_stands_in_the_request_is_never_issued)
{
    struct bench bench =
        bench_new("print <EMAIL_1>, email\\_3 and EMAIL_20000000000000000000 for a@b.io");
    expect(&bench, DVARA_STYLE_TOKEN, "a@b.io c@d.io", "<EMAIL_2> <EMAIL_4>");
    bench_clear(&bench);
    bench = bench_new("us\\_SSN\\_1 US_SSN_3 _2 SSN_2");
    expect(&bench, DVARA_STYLE_TOKEN, "536-22-8726 536-22-8727", "<US_SSN_2> <US_SSN_4>");
    bench_clear(&bench);
}
END_TEST

static void expect_restored(struct bench *bench, bool in_urls, const char *text,
                            const char *expected)
{
    buf_reset(&bench->out);
    (void)dvara_restore(bench->vault, dvara_str_from_cstr(text), in_urls, &bench->out);
    buf_byte(&bench->out, '\0');
    ck_assert_msg(strcmp(bench->out.p, expected) == 0, "%s: got '%s', expected '%s'", text,
                  bench->out.p, expected);
}

static void issue_twelve(struct bench *bench)
{
    expect(
        bench, DVARA_STYLE_TOKEN,
        "a1@b.io a2@b.io a3@b.io a4@b.io a5@b.io a6@b.io a7@b.io a8@b.io a9@b.io a10@b.io a11@b.io "
        "a12@b.io 536-22-8726",
        "<EMAIL_1> <EMAIL_2> <EMAIL_3> <EMAIL_4> <EMAIL_5> <EMAIL_6> <EMAIL_7> <EMAIL_8> <EMAIL_9> "
        "<EMAIL_10> <EMAIL_11> <EMAIL_12> <US_SSN_1>");
}

TEST(tokens_are_restored_with_the_liberties_models_take)
{
    struct bench bench = bench_new("");
    issue_twelve(&bench);
    static const struct {
        const char *text, *restored;
    } rows[] = {{"to <EMAIL_1>.", "to a1@b.io."},
                {"<EMAIL_12> <email_2> <Us_Ssn_1>", "a12@b.io a2@b.io 536-22-8726"},
                {"&lt;EMAIL_3&gt; \\<EMAIL\\_4\\> <US\\_SSN\\_1>", "a3@b.io a4@b.io 536-22-8726"},
                {"\\u003cEMAIL_3\\u003e\\u003Cemail_4\\u003E.", "a3@b.ioa4@b.io."},
                {"EMAIL_5, (EMAIL_6) <EMAIL_7", "a5@b.io, (a6@b.io) a7@b.io"},
                {"<EMAIL_1>'s **<EMAIL_2>**", "a1@b.io's **a2@b.io**"},
                {"email_5 MY_EMAIL_5 EMAIL_5x <EMAIL_13> <EMAIL> <PHONE_1> <EMAIL_01>",
                 "email_5 MY_EMAIL_5 EMAIL_5x <EMAIL_13> <EMAIL> <PHONE_1> <EMAIL_01>"},
                {"\xc3\xa9"
                 "EMAIL_5 <EMAIL_",
                 "\xc3\xa9"
                 "EMAIL_5 <EMAIL_"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_restored(&bench, false, rows[i].text, rows[i].restored);
    bench_clear(&bench);
}
END_TEST

TEST(a_token_in_a_link_or_an_attribute_stays)
{
    struct bench bench = bench_new("");
    issue_twelve(&bench);
    static const char *const rows[] = {"https://evil.example/?q=<EMAIL_1>",
                                       "![x](https://evil.example/<EMAIL_1>)",
                                       "[x](<EMAIL_1>)",
                                       "[x](see <EMAIL_1> there)",
                                       "<a href=\"<EMAIL_1>\">",
                                       "<img alt='a b <EMAIL_1>'>",
                                       "mailto:<EMAIL_1>",
                                       "//evil.example/EMAIL_1",
                                       "evil.example/a?b=<EMAIL_1>",
                                       "x=\"<EMAIL_1>\"",
                                       "www.evil.example.<EMAIL_1>",
                                       "HTTPS:evil/&lt;EMAIL_1&gt;"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_restored(&bench, false, rows[i], rows[i]);
    expect_restored(&bench, true, "https://h/<EMAIL_1>", "https://h/a1@b.io");
    expect_restored(&bench, false, "[x](https://h/) <EMAIL_1>", "[x](https://h/) a1@b.io");
    bench_clear(&bench);
}
END_TEST

static void restore_in_pieces(struct bench *bench, struct dvara_str text, size_t first,
                              size_t second, struct dvara_str expected)
{
    struct dvara_stream_options options = {.vault = bench->vault};
    struct dvara_stream *stream;
    buf_reset(&bench->out);
    ck_assert_int_eq(dvara_stream_new(bench->fixture.scanner, &options, &stream), DVARA_OK);
    ck_assert_int_eq(dvara_stream_feed(stream, dvara_str_slice(text, 0, first), &bench->out),
                     DVARA_OK);
    ck_assert_int_eq(dvara_stream_feed(stream, dvara_str_slice(text, first, second), &bench->out),
                     DVARA_OK);
    ck_assert_int_eq(dvara_stream_feed(stream, dvara_str_slice(text, second, text.n), &bench->out),
                     DVARA_OK);
    ck_assert_int_eq(dvara_stream_finish(stream, &bench->out), DVARA_OK);
    ck_assert_msg(dvara_str_eq(buf_str(&bench->out), expected), "cut at %zu, %zu: '%.*s'", first,
                  second, DVARA_STR_ARG(buf_str(&bench->out)));
    dvara_stream_free(stream);
}

TEST(a_token_cut_at_any_place_is_restored)
{
    struct bench bench = bench_new("");
    struct dvara_str text = DVARA_STR(
        "Hi <EMAIL_1>, &lt;email\\_12&gt; EMAIL_2 <b>https://h/<EMAIL_1></b> <EMAIL_1 <US_SSN_1>");
    struct buf expected;
    issue_twelve(&bench);
    buf_init(&expected, 4096);
    ck_assert_uint_eq(dvara_restore(bench.vault, text, false, &expected), 4);
    for (size_t first = 0; first <= text.n; first++) {
        for (size_t second = first; second <= text.n; second++)
            restore_in_pieces(&bench, text, first, second, buf_str(&expected));
    }
    buf_clear(&expected);
    bench_clear(&bench);
}
END_TEST

TEST(a_stream_redacts_what_the_model_says_and_then_restores)
{
    struct bench bench = bench_new("");
    uint8_t styles[FIXTURE_COUNT];
    struct dvara_stream *stream;
    struct dvara_str text = DVARA_STR("<EMAIL_1> knows x@y.org, not <EMAIL_2>");
    memset(styles, DVARA_STYLE_TOKEN, sizeof styles);
    issue_twelve(&bench);
    buf_reset(&bench.out);
    struct dvara_stream_options options = {.styles = styles, .vault = bench.vault};
    ck_assert_int_eq(dvara_stream_new(bench.fixture.scanner, &options, &stream), DVARA_OK);
    for (size_t i = 0; i < text.n; i++)
        ck_assert_int_eq(dvara_stream_feed(stream, dvara_str_slice(text, i, i + 1), &bench.out),
                         DVARA_OK);
    ck_assert_int_eq(dvara_stream_finish(stream, &bench.out), DVARA_OK);
    ck_assert_str_eq((buf_byte(&bench.out, '\0'), bench.out.p),
                     "a1@b.io knows <EMAIL>, not a2@b.io");
    dvara_stream_free(stream);
    bench_clear(&bench);
}
END_TEST

TEST(a_vault_that_is_full_fails_closed)
{
    struct bench bench = bench_new("");
    struct arena arena;
    uint8_t styles[FIXTURE_COUNT];
    struct dvara_replacement *v;
    size_t n;
    enum dvara_status status = DVARA_OK;
    memset(styles, DVARA_STYLE_TOKEN, sizeof styles);
    for (unsigned i = 0; i < 70000 && status == DVARA_OK; i++) {
        char value[32];
        struct dvara_span span = {.detector = 0};
        span.end = (uint32_t)snprintf(value, sizeof value, "a%u@b.io", i);
        arena_init(&arena, 1 << 16);
        status = dvara_redact(bench.fixture.detectors, bench.vault, true, styles,
                              dvara_str_from_cstr(value), (struct dvara_spans){.v = &span, .n = 1},
                              &arena, &v, &n);
        arena_clear(&arena);
    }
    ck_assert_int_eq(status, DVARA_TOO_LARGE);
    bench_clear(&bench);
}
END_TEST

SUITE(each_style_keeps_what_it_says, a_hash_is_thirteen_characters_and_the_tenants_own,
      tokens_are_numbered_per_detector_and_the_same_bytes_share_one,
      a_token_that_stands_in_the_request_is_never_issued,
      tokens_are_restored_with_the_liberties_models_take, a_token_in_a_link_or_an_attribute_stays,
      a_token_cut_at_any_place_is_restored, a_stream_redacts_what_the_model_says_and_then_restores,
      a_vault_that_is_full_fails_closed)
