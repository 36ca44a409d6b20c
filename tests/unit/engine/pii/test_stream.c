/* SPDX-License-Identifier: Apache-2.0 */
#include "dvara/pii.h"

#include "pieces.h"

/* Texts with what each detector claims, in prose. {…} marks what may never leave raw. */
static const char *const samples[] = {
    "Dear Jane, write to {jane.doe@mail.example.com} or call.",
    "My card is {4111 1111 1111 1111}, thanks.",
    "Amex {371449635398431} 12/27",
    "SSN {536-22-8726}. Next",
    "ssn: {536228726} was it; 536228726",
    "Her number 5362287261 is no SSN, nor is 4111111111111112.",
    "IBAN {GB82 WEST 1234 5698 7654 32} and more",
    "Pay to {DE89370400440532013000}",
    "At {192.168.0.1} and {10.0.0.0/8}; but then again in version 1.2.3.4 there is none.",
    "Ping {2001:db8::8a2e:370:7334} at 10:30:45.",
    "Call {+44 20 7946 0958} or {(415) 555-0132}.",
    "The number {4155550132} is my phone",
    "key={AKIAIOSFODNN7EXAMPLE};",
    "Bearer {eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln}\nnext",
    "badge {EMP-654321}, order EMP-654321, staff EMP-000000 {staff 4321}",
    "customer {K12345674} ok",
    "token {sk_a8Fj3kLq09Zx} and sk_aaaaaaaaaaaa",
    "name: {Zo\xc3\xab} \xf0\x9f\x98\x80 d\xc3\xa9j\xc3\xa0 vu",
    "two {a.b@example.com},{c.d@example.com} mails",
    "{4111 1111 1111 1111} 123 and 2024 2025 2026",
    "a bad byte \xff{bob@example.com}\xfe and \xe2\x82 cut",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static void strip_marks(const char *sample, struct buf *raw)
{
    for (; *sample; sample++) {
        if (*sample != '{' && *sample != '}')
            buf_byte(raw, *sample);
    }
}

static void each_sample(void (*check)(struct fixture *, const uint8_t *, struct dvara_str,
                                      struct dvara_str, const char *))
{
    struct fixture fixture = fixture_new();
    uint8_t styles[FIXTURE_COUNT];
    fill_styles(styles);
    for (size_t i = 0; i < SAMPLES; i++) {
        struct buf raw;
        struct buf expected;
        buf_init(&raw, 4096);
        buf_init(&expected, 4096);
        strip_marks(samples[i], &raw);
        redact_whole(&fixture, styles, buf_str(&raw), &expected);
        check(&fixture, styles, buf_str(&raw), buf_str(&expected), samples[i]);
        buf_clear(&raw);
        buf_clear(&expected);
    }
    fixture_clear(&fixture);
}

static void check_marks(struct fixture *fixture, const uint8_t *styles, struct dvara_str raw,
                        struct dvara_str expected, const char *sample)
{
    (void)fixture;
    (void)styles;
    (void)raw;
    for (const char *open = strchr(sample, '{'); open; open = strchr(open + 1, '{')) {
        size_t n = (size_t)(strchr(open, '}') - open) - 1;
        ck_assert_msg(!memmem(expected.p, expected.n, open + 1, n) ||
                          strstr(sample, "; 536228726") || strstr(sample, "order EMP-654321"),
                      "%s: not redacted: %.*s", sample, (int)n, open + 1);
    }
}

TEST(a_whole_text_loses_all_that_is_marked)
{
    each_sample(check_marks);
}
END_TEST

TEST(any_cut_into_two_gives_what_the_whole_text_gives)
{
    each_sample(check_two);
}
END_TEST

static void check_three(struct fixture *fixture, const uint8_t *styles, struct dvara_str raw,
                        struct dvara_str expected, const char *sample)
{
    /* Every place for the first cut; for the second all near it, where one token could be in three.
     */
    for (size_t first = 0; first <= raw.n; first++) {
        for (size_t second = first; second <= raw.n && second <= first + 24; second++) {
            size_t cuts[] = {first, second};
            redact_pieces(fixture, styles, raw, cuts, 2, expected, sample);
        }
    }
}

TEST(any_cut_into_three_gives_what_the_whole_text_gives)
{
    each_sample(check_three);
}
END_TEST

TEST(one_byte_at_a_time_gives_what_the_whole_text_gives)
{
    each_sample(check_bytes);
}
END_TEST

TEST(a_long_stream_of_all_samples_in_random_pieces_gives_what_the_whole_text_gives)
{
    struct fixture fixture = fixture_new();
    uint8_t styles[FIXTURE_COUNT];
    struct buf raw;
    struct buf expected;
    unsigned seed = 1;
    fill_styles(styles);
    for (size_t round = 0; round < 60; round++) {
        size_t cuts[4096];
        size_t n_cuts = 0;
        buf_init(&raw, 1 << 20);
        buf_init(&expected, 1 << 20);
        for (size_t i = 0; i < 60; i++) {
            seed = seed * 1664525 + 1013904223;
            strip_marks(samples[(seed >> 16) % SAMPLES], &raw);
            buf_append(&raw, seed >> 30 ? DVARA_STR(" ") : DVARA_STR(""));
        }
        redact_whole(&fixture, styles, buf_str(&raw), &expected);
        for (size_t at = 0; n_cuts < 4096; cuts[n_cuts++] = at) {
            seed = seed * 1664525 + 1013904223;
            at += (seed >> 16) % (round % 2 ? 7 : 90);
            if (at >= raw.n)
                break;
        }
        redact_pieces(&fixture, styles, buf_str(&raw), cuts, n_cuts, buf_str(&expected), "random");
        buf_clear(&raw);
        buf_clear(&expected);
    }
    fixture_clear(&fixture);
}
END_TEST

static size_t held_after(struct fixture *fixture, const uint8_t *styles, const char *text)
{
    struct dvara_stream_options options = {.styles = styles};
    struct dvara_stream *stream;
    struct buf out;
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(dvara_stream_new(fixture->scanner, &options, &stream), DVARA_OK);
    ck_assert_int_eq(dvara_stream_feed(stream, dvara_str_from_cstr(text), &out), DVARA_OK);
    size_t held = dvara_stream_held(stream);
    dvara_stream_free(stream);
    buf_clear(&out);
    return held;
}

TEST(no_cut_hides_what_is_read_otherwise)
{
    static const char *const texts[] = {
        "call +44 2* 7946 0958, or",
        "iban DE89 3704 %30044 0532 0130 00 ok",
        "iban D\xd0\x95"
        "89 3704 0044 0532 0130 00 ok",
        "pay 4l11 1111 1111 1111 now",
        "pay **4111**1111 **1111** 1111 now",
        "q=john%2540example.com&x",
        "x Y2FyZCA0MTExMTExMTExMTExMTExLg== y",
        "pay \xef\xbc\x94"
        "111 1111 1111 1111 now",
        "4111\xe2\x80\x8b 1111 1111 1111, \\u0034111 1111 1111 1111",
        "x &#106;ane@example.c&#111;m, and",
        "no 4111<br>1111</br>1111<i>1111 x",
        "z 4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1|5 a, 4*111 1111 1111 1111",
        "it is %2534111 1111 1111 1111 or",
        "j\xd0\xb0ne-1@example.com and more",
        "\xef\xbc\x94%EF%BC%91"
        "11 1111 1111 1111.",
        "\xf3\xa0\x81\xa1 "
        "\xf3\xa0\x81\x80\xf3\xa0\x81\xa2\xf3\xa0\x80\xae\xf3\xa0\x81\xa9\xf3\xa0\x81\xaf x",
        "&#52;111 1111 1111 1111 \\n4111 1111 1111 1111",
        "2  41111111`1111 1111 fe8::%et 1zd/8",
        "54 32 4111 1111`1111 1111 fe80::1%eth0 1 or"};
    struct fixture fixture = fixture_new();
    uint8_t styles[FIXTURE_COUNT];
    fill_styles(styles);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct dvara_str text = dvara_str_from_cstr(texts[i]);
        struct buf whole;
        buf_init(&whole, 4096);
        redact_whole(&fixture, styles, text, &whole);
        ck_assert_msg(!dvara_str_eq(buf_str(&whole), text), "%s", texts[i]);
        for (size_t first = 0; first <= text.n; first++) {
            for (size_t second = first; second <= text.n; second++)
                redact_pieces(&fixture, styles, text, (const size_t[]){first, second}, 2,
                              buf_str(&whole), texts[i]);
        }
        buf_clear(&whole);
    }
    fixture_clear(&fixture);
}
END_TEST

/* `n` times the filler between two texts. */
static void write_stretch(struct buf *text, const char *before, const char *filler, size_t n,
                          const char *after)
{
    buf_append(text, dvara_str_from_cstr(before));
    for (size_t i = 0; i < n; i++)
        buf_append(text, dvara_str_from_cstr(filler));
    buf_append(text, dvara_str_from_cstr(after));
}

static void check_steps(struct fixture *fixture, const uint8_t *styles, struct dvara_str text)
{
    enum { CUTS = 16384 };
    static size_t cuts[CUTS];
    struct buf whole;
    buf_init(&whole, 1 << 20);
    redact_whole(fixture, styles, text, &whole);
    for (size_t step = text.n < 1500 ? 7 : 77; step < 90; step *= 11) {
        size_t n = 0;
        for (size_t at = step; at < text.n && n < CUTS; at += step)
            cuts[n++] = at;
        redact_pieces(fixture, styles, text, cuts, n, buf_str(&whole), "stretched");
    }
    buf_clear(&whole);
}

TEST(a_disguise_that_is_stretched_over_windows_is_read_as_in_the_whole_text)
{
    static const struct {
        const char *before, *filler, *after;
    } rows[] = {{"card ", "\xe2\x80\x8b", "4111 1111 1111 1111, or"},
                {"4111 1111 ", "\xe2\x80\x8b", "1111 1111, or"},
                {"a", "\xcc\xb6", "4111 1111 1111 1111, or"},
                {"x ", "\\", "\\u0034111 1111 1111 1111, or"},
                {"%63ard ", "%20", "4111%201111 1111 1111, or"},
                {"phone%20", "&#32;", "4155550132 and order 4155550132, or"},
                {"1 2 3 ", "4 5 6 ", "and 4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1, or"},
                {"OO", " OO", " 4*111 1111 1111 1111, or"},
                {"D\xd0\x95", "\xd0\xb0 ",
                 "89 370400440532013000 x D\xd0\x95"
                 "89370400440532013000, or"},
                {"\xf3\xa0\x81\xa1", " and", "\xf3\xa0\x81\x80\xf3\xa0\x81\xa2\xf3\xa0\x80\xae"},
                {"a,ssn\n1,", "x", "\n2,536228726\n3,536228727\n"},
                {"a,ssn\n", "1,536228726\n", "x\n2,536228727\n"},
                {"\xef\xbd\x93\xef\xbd\x93\xef\xbd\x8e,id\n", "536228726,1\n", "x,536228727\n"},
                {"badge ", "sk_aaaaaaaa", "a8Fj3kLq09Zx and sk_a8Fj3kLq09Zx, or"},
                {"-----BEGIN RSA PRIVATE KEY-----", "MIIEpAIBAAKC", "\xf0\x9f\x98\x80 and, or"},
                {"x ", "QUFBQUFB", "NDExMTExMTExMTExMTExMQ==, or"}};
    struct fixture fixture = fixture_new();
    uint8_t styles[FIXTURE_COUNT];
    fill_styles(styles);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t n = 3; n < 1000; n = n * 16 + 5) {
            struct buf text;
            buf_init(&text, 1 << 20);
            write_stretch(&text, rows[i].before, rows[i].filler, n, rows[i].after);
            check_steps(&fixture, styles, buf_str(&text));
            buf_clear(&text);
        }
    }
    fixture_clear(&fixture);
}
END_TEST

static bool is_claimed_within(struct fixture *fixture, const char *before, const char *filler,
                              size_t n, const char *after)
{
    enum dvara_error_kind error;
    struct buf text;
    buf_init(&text, 1 << 20);
    write_stretch(&text, before, filler, n, after);
    struct dvara_spans spans =
        dvara_scan(fixture->scanner, NULL, buf_str(&text), (struct dvara_str){0}, &error);
    buf_clear(&text);
    return spans.n > 0;
}

TEST(a_disguise_is_as_long_as_the_page_says)
{
    struct fixture fixture = fixture_new();
    ck_assert(is_claimed_within(&fixture, "a", "\xe2\x80\x8b", 32, "@b.io"));
    ck_assert(!is_claimed_within(&fixture, "a", "\xe2\x80\x8b", 33, "@b.io"));
    ck_assert(is_claimed_within(&fixture, "4111 1111<", "b", 22, ">1111 1111"));
    ck_assert(!is_claimed_within(&fixture, "4111 1111<", "b", 23, ">1111 1111"));
    fixture_clear(&fixture);
}
END_TEST

TEST(words_about_keys_are_no_keys)
{
    struct fixture fixture = fixture_new();
    uint8_t styles[FIXTURE_COUNT];
    struct buf whole;
    struct dvara_str text =
        DVARA_STR("A key begins with -----BEGIN PRIVATE KEY----- and then come "
                  "lines; -----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----");
    fill_styles(styles);
    buf_init(&whole, 4096);
    redact_whole(&fixture, styles, text, &whole);
    ck_assert(dvara_str_eq(buf_str(&whole), text));
    buf_clear(&whole);
    fixture_clear(&fixture);
}
END_TEST

TEST(what_scores_less_than_a_rule_asks_for_is_not_replaced)
{
    struct fixture fixture = fixture_new();
    uint8_t styles[FIXTURE_COUNT];
    uint32_t thresholds[FIXTURE_COUNT] = {0};
    struct dvara_stream_options options = {.styles = styles, .thresholds = thresholds};
    struct dvara_stream *stream;
    struct buf out;
    fill_styles(styles);
    thresholds[4] = 700000; /* ipv4: 75%, and 45% next to `version` */
    thresholds[0] = 990000; /* email: 95% */
    buf_init(&out, 4096);
    ck_assert_int_eq(dvara_stream_new(fixture.scanner, &options, &stream), DVARA_OK);
    ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR("10.0.0.1 and a@b.io"), &out), DVARA_OK);
    ck_assert_int_eq(dvara_stream_finish(stream, &out), DVARA_OK);
    ck_assert(dvara_str_eq(buf_str(&out), DVARA_STR("<IPV4> and a@b.io")));
    dvara_stream_free(stream);
    buf_clear(&out);
    fixture_clear(&fixture);
}
END_TEST

TEST(only_what_a_detector_could_still_claim_waits)
{
    struct fixture fixture = fixture_new();
    uint8_t styles[FIXTURE_COUNT];
    fill_styles(styles);
    static const struct {
        const char *text;
        size_t held;
    } rows[] = {{"Plain words, ", 0},
                {"Plain words", 5},
                {"a word. ", 0},
                {"jane@example.com", 16},
                {"jane@example.com ", 0},
                {"It cost 12", 2},
                {"It cost 12 euro ", 0},
                {"4111 1111 1111 1111", 19},
                {"4111 1111 1111 1111 x ", 0},
                {"99999999999999999999999999 ", 0},
                {"EMP-", 4},
                {"EMP-65432x ", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t held = held_after(&fixture, styles, rows[i].text);
        ck_assert_msg(held == rows[i].held, "%s: held %zu, expected %zu", rows[i].text, held,
                      rows[i].held);
    }
    fixture_clear(&fixture);
}
END_TEST

/* What waits after a text in pieces of n bytes, and the most that waited. */
static size_t held_in_pieces(struct fixture *fixture, const uint8_t *styles, struct dvara_str text,
                             size_t n, size_t *ret_most)
{
    struct dvara_stream_options options = {.styles = styles};
    struct dvara_stream *stream;
    struct buf out;
    size_t held = 0;
    buf_init(&out, 1 << 20);
    *ret_most = 0;
    ck_assert_int_eq(dvara_stream_new(fixture->scanner, &options, &stream), DVARA_OK);
    for (size_t at = 0; at < text.n; at += n) {
        ck_assert_int_eq(dvara_stream_feed(stream, dvara_str_slice(text, at, at + n), &out),
                         DVARA_OK);
        held = dvara_stream_held(stream);
        *ret_most = held > *ret_most ? held : *ret_most;
    }
    dvara_stream_free(stream);
    buf_clear(&out);
    return held;
}

TEST(a_word_that_goes_on_waits_no_longer_than_it_would_in_one_piece)
{
    struct fixture fixture = fixture_new();
    uint8_t styles[FIXTURE_COUNT];
    size_t most;
    struct buf word;
    fill_styles(styles);
    static const char *const texts[] = {"Plain words", "Plain words ", "It cost 12",
                                        "It cost 125 euro, no more than that"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t whole = held_after(&fixture, styles, texts[i]);
        for (size_t n = 1; n < 9; n++)
            ck_assert_uint_eq(
                held_in_pieces(&fixture, styles, dvara_str_from_cstr(texts[i]), n, &most), whole);
    }
    /* One that no detector can claim any more. */
    buf_init(&word, 4096);
    write_stretch(&word, "", "word", 200, "");
    (void)held_in_pieces(&fixture, styles, buf_str(&word), 4, &most);
    ck_assert_uint_le(most, 72);
    buf_clear(&word);
    fixture_clear(&fixture);
}
END_TEST

TEST(a_gate_stays_open_however_long_ago_its_word_was)
{
    struct fixture fixture = fixture_new();
    uint8_t styles[FIXTURE_COUNT];
    struct buf text;
    fill_styles(styles);
    for (size_t n = 0; n < 800; n = n * 3 + 1) {
        buf_init(&text, 1 << 20);
        write_stretch(&text, "Dear customer, ", "words mean nothing, ", n, "K12345674 is it");
        check_steps(&fixture, styles, buf_str(&text));
        buf_clear(&text);
    }
    fixture_clear(&fixture);
}
END_TEST

TEST(a_run_over_the_cap_is_claimed_to_its_end_and_never_released)
{
    struct fixture fixture = fixture_new();
    uint8_t styles[FIXTURE_COUNT];
    struct dvara_stream *stream;
    struct buf out;
    fill_styles(styles);
    struct dvara_stream_options options = {.styles = styles};
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(dvara_stream_new(fixture.scanner, &options, &stream), DVARA_OK);
    ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR("run sk_"), &out), DVARA_OK);
    for (size_t i = 0; i < 1000; i++)
        ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR("a1B2c3D4"), &out), DVARA_OK);
    ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR(" on"), &out), DVARA_OK);
    ck_assert_int_eq(dvara_stream_finish(stream, &out), DVARA_OK);
    ck_assert_str_eq((buf_byte(&out, '\0'), out.p), "run <OPAQUE_SECRET> on");
    dvara_stream_free(stream);
    buf_clear(&out);
    fixture_clear(&fixture);
}
END_TEST

struct feeds {
    size_t seen, stop_at; /* feeds */
    size_t hold;          /* bytes */
};

static bool stop_or_hold(void *user, size_t *ret_hold)
{
    struct feeds *feeds = user;
    *ret_hold = feeds->hold;
    return ++feeds->seen == feeds->stop_at;
}

TEST(what_is_fed_when_the_stream_is_stopped_is_not_released)
{
    struct fixture fixture = fixture_new();
    struct feeds feeds = {.stop_at = 2};
    struct dvara_stream_options options = {.on_feed = stop_or_hold, .user = &feeds};
    struct dvara_stream *stream;
    struct buf out;
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(dvara_stream_new(fixture.scanner, &options, &stream), DVARA_OK);
    ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR("some forb"), &out), DVARA_OK);
    ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR("idden word"), &out), DVARA_STALE);
    ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR("more"), &out), DVARA_STALE);
    ck_assert_str_eq((buf_byte(&out, '\0'), out.p), "some forb");
    dvara_stream_free(stream);
    buf_clear(&out);
    fixture_clear(&fixture);
}
END_TEST

TEST(what_the_listener_holds_waits_until_it_lets_go_or_the_text_ends)
{
    struct fixture fixture = fixture_new();
    struct feeds feeds = {.hold = 4};
    struct dvara_stream_options options = {.on_feed = stop_or_hold, .user = &feeds};
    struct dvara_stream *stream;
    struct buf out;
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(dvara_stream_new(fixture.scanner, &options, &stream), DVARA_OK);
    ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR("some words"), &out), DVARA_OK);
    ck_assert_uint_eq(out.n, 6);
    ck_assert_uint_eq(dvara_stream_held(stream), 4);
    feeds.hold = 0;
    ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR(" go"), &out), DVARA_OK);
    ck_assert_uint_eq(out.n, 13);
    feeds.hold = 99;
    ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR("."), &out), DVARA_OK);
    ck_assert_uint_eq(out.n, 13);
    ck_assert_int_eq(dvara_stream_finish(stream, &out), DVARA_OK);
    ck_assert_str_eq((buf_byte(&out, '\0'), out.p), "some words go.");
    dvara_stream_free(stream);
    buf_clear(&out);
    fixture_clear(&fixture);
}
END_TEST

static void sum_lengths(void *user, const struct dvara_span *span)
{
    size_t *sum = user;
    *sum = *sum * 1000 + span->start;
}

TEST(spans_are_reported_once_with_offsets_of_the_whole_stream)
{
    struct fixture fixture = fixture_new();
    size_t sum = 0;
    struct dvara_stream_options options = {.on_span = sum_lengths, .user = &sum};
    struct dvara_stream *stream;
    struct buf out;
    struct dvara_str text = DVARA_STR("ab a@b.io cd 10.0.0.1 ef");
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(dvara_stream_new(fixture.scanner, &options, &stream), DVARA_OK);
    for (size_t i = 0; i < text.n; i++)
        ck_assert_int_eq(dvara_stream_feed(stream, dvara_str_slice(text, i, i + 1), &out),
                         DVARA_OK);
    ck_assert_int_eq(dvara_stream_finish(stream, &out), DVARA_OK);
    ck_assert_uint_eq(sum, 3013);
    ck_assert(dvara_str_eq(buf_str(&out), text));
    dvara_stream_free(stream);
    buf_clear(&out);
    fixture_clear(&fixture);
}
END_TEST

struct told {
    struct feeds feeds;
    size_t spans;
};

static void count_span(void *user, const struct dvara_span *span)
{
    struct told *told = user;
    (void)span;
    told->spans++;
}

TEST(a_span_that_waits_is_told_once_and_never_parted)
{
    struct fixture fixture = fixture_new();
    struct told told = {.feeds.hold = 5};
    uint8_t styles[FIXTURE_COUNT];
    memset(styles, DVARA_STYLE_LABEL, sizeof styles);
    struct dvara_stream_options options = {
        .on_span = count_span, .on_feed = stop_or_hold, .styles = styles, .user = &told};
    struct dvara_stream *stream;
    struct buf out;
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(dvara_stream_new(fixture.scanner, &options, &stream), DVARA_OK);
    ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR("at a@b.io ok "), &out), DVARA_OK);
    ck_assert_uint_eq(told.spans, 1);
    ck_assert_uint_eq(out.n, 3);
    ck_assert_int_eq(dvara_stream_feed(stream, DVARA_STR("!"), &out), DVARA_OK);
    ck_assert_int_eq(dvara_stream_finish(stream, &out), DVARA_OK);
    ck_assert_uint_eq(told.spans, 1);
    ck_assert_ptr_null(memmem(out.p, out.n, "b.io", 4));
    dvara_stream_free(stream);
    buf_clear(&out);
    fixture_clear(&fixture);
}
END_TEST

SUITE(a_disguise_that_is_stretched_over_windows_is_read_as_in_the_whole_text,
      a_disguise_is_as_long_as_the_page_says, words_about_keys_are_no_keys,
      no_cut_hides_what_is_read_otherwise, what_scores_less_than_a_rule_asks_for_is_not_replaced,
      a_whole_text_loses_all_that_is_marked, any_cut_into_two_gives_what_the_whole_text_gives,
      any_cut_into_three_gives_what_the_whole_text_gives,
      one_byte_at_a_time_gives_what_the_whole_text_gives,
      a_long_stream_of_all_samples_in_random_pieces_gives_what_the_whole_text_gives,
      only_what_a_detector_could_still_claim_waits,
      a_word_that_goes_on_waits_no_longer_than_it_would_in_one_piece,
      a_gate_stays_open_however_long_ago_its_word_was,
      a_run_over_the_cap_is_claimed_to_its_end_and_never_released,
      what_is_fed_when_the_stream_is_stopped_is_not_released,
      what_the_listener_holds_waits_until_it_lets_go_or_the_text_ends,
      a_span_that_waits_is_told_once_and_never_parted,
      spans_are_reported_once_with_offsets_of_the_whole_stream)
