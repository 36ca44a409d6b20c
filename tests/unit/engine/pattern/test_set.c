/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/set.h"

#include "base/buf.h"
#include "pattern/build/build.h"
#include "pattern/plain.h"
#include "unit/suite.h"

#include <stdio.h>

#define SOURCE(text, bits)                                                                         \
    {                                                                                              \
        .source = {.p = text, .n = sizeof(text) - 1}, .flags = bits                                \
    }

struct loaded {
    struct buf bytes;
    struct pattern_set *set;
    struct pattern_scratch *scratch;
};

static struct loaded load(const struct pattern_source *sources, size_t n)
{
    struct loaded loaded = {0};
    struct pattern_build_error error;
    buf_init(&loaded.bytes, 64 << 20);
    ck_assert_msg(pattern_build(sources, n, &loaded.bytes, &error) == DVARA_OK, "%s", error.text);
    ck_assert_int_eq(pattern_set_load(buf_str(&loaded.bytes), &loaded.set), DVARA_OK);
    ck_assert_int_eq(pattern_scratch_new(loaded.set, &loaded.scratch), DVARA_OK);
    ck_assert_uint_eq(pattern_set_count(loaded.set), n);
    return loaded;
}

static void unload(struct loaded *loaded)
{
    pattern_scratch_free(loaded->scratch);
    pattern_set_free(loaded->set);
    buf_clear(&loaded->bytes);
}

/* Patterns of every shape that a policy writes, and what the naive matcher knows. */
static const struct pattern_source shapes[] = {
    SOURCE("@", 0),
    SOURCE("[0-9](?:[ .()\\/-]{0,2}[0-9]){6}", 0),
    SOURCE("\\bEMP-[0-9]{6}\\b", 0),
    SOURCE("a|bc|(?:de)+f?", PATTERN_CASELESS),
    SOURCE("ab{2,4}c*d", 0),
    SOURCE("^x.y$", 0),
    SOURCE("x.y", PATTERN_DOTALL),
    SOURCE("[^a-c\\d]z", 0),
    SOURCE("\\w+\\s?=\\s?\\S", 0),
    SOURCE("a b # spaced\n c", PATTERN_EXTENDED),
    SOURCE("gr\xc3\xbc\xc3\x9f", 0),
    SOURCE("\\x41\\t[\\]-]", 0),
    SOURCE("(?i)Key: (?-s:.)", 0),
    SOURCE("\\Bq\\B", 0),
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

struct seen {
    uint8_t (*ends)[PLAIN_MAX_TEXT + 1];
};

static bool note_end(void *user, uint32_t pattern, uint32_t end)
{
    struct seen *seen = user;
    seen->ends[pattern][end] = 1;
    return true;
}

/* Texts made of the pieces the patterns are about, so that most match somewhere. */
static void write_text(unsigned *seed, struct buf *text)
{
    static const char *const pieces[] = {"@",
                                         "12",
                                         "3-4",
                                         " ",
                                         "EMP-123456",
                                         "a",
                                         "bc",
                                         "dede",
                                         "f",
                                         "abbb",
                                         "cd",
                                         "x",
                                         "y",
                                         "\n",
                                         "z",
                                         "=",
                                         "k",
                                         "ab",
                                         "c",
                                         "gr",
                                         "\xc3\xbc",
                                         "\xc3\x9f",
                                         "A\t]",
                                         "key: ",
                                         "q",
                                         "E",
                                         "D",
                                         "é",
                                         "\xf0\x9f\x98\x80",
                                         "_",
                                         "7",
                                         "."};
    unsigned n = (*seed >> 16) % 24 + 1;
    for (unsigned i = 0; i < n; i++) {
        *seed = *seed * 1664525 + 1013904223;
        buf_append(text,
                   dvara_str_from_cstr(pieces[(*seed >> 16) % (sizeof pieces / sizeof *pieces)]));
    }
}

static void compare(struct loaded *loaded, struct dvara_str text)
{
    static uint8_t found[SHAPES][PLAIN_MAX_TEXT + 1];
    uint8_t expected[PLAIN_MAX_TEXT + 1];
    struct seen seen = {.ends = found};
    memset(found, 0, sizeof found);
    ck_assert(pattern_scan_ends(loaded->set, loaded->scratch, text, true, note_end, &seen));
    for (size_t p = 0; p < SHAPES; p++) {
        memset(expected, 0, sizeof expected);
        if (!plain_ends(&shapes[p], text, true, expected))
            continue;
        for (size_t end = 1; end <= text.n; end++)
            ck_assert_msg(expected[end] == found[p][end],
                          "/%.*s/ at %zu of '%.*s': naive %d, engine %d",
                          DVARA_STR_ARG(shapes[p].source), end, DVARA_STR_ARG(text), expected[end],
                          found[p][end]);
    }
}

TEST(the_engine_and_the_naive_matcher_agree_on_every_end)
{
    struct loaded loaded = load(shapes, SHAPES);
    unsigned seed = 42;
    for (size_t i = 0; i < 400; i++) {
        struct buf text;
        buf_init(&text, PLAIN_MAX_TEXT);
        write_text(&seed, &text);
        compare(&loaded, buf_str(&text));
        buf_clear(&text);
    }
    unload(&loaded);
}
END_TEST

TEST(the_naive_matcher_knows_all_shapes_but_inline_negation)
{
    uint8_t ends[16];
    for (size_t p = 0; p < SHAPES; p++)
        ck_assert_msg(plain_ends(&shapes[p], DVARA_STR("text"), true, ends) == (p != 12), "/%.*s/",
                      DVARA_STR_ARG(shapes[p].source));
}
END_TEST

TEST(a_sample_of_a_pattern_matches_it)
{
    struct loaded loaded = load(shapes, SHAPES);
    for (size_t p = 0; p < SHAPES; p++) {
        struct buf sample;
        size_t start;
        size_t end;
        buf_init(&sample, 1024);
        if (p != 12 && p != 10 && p != 13) {
            ck_assert(plain_sample(&shapes[p], &sample));
            ck_assert_msg(pattern_match(loaded.set, loaded.scratch, p, buf_str(&sample), 0,
                                        sample.n, false, &start, &end) == PATTERN_MATCH,
                          "/%.*s/: '%.*s'", DVARA_STR_ARG(shapes[p].source),
                          DVARA_STR_ARG(buf_str(&sample)));
        }
        buf_clear(&sample);
    }
    unload(&loaded);
}
END_TEST

static void expect_any(const struct pattern_source *source, const char *text, bool expected)
{
    struct loaded loaded = load(source, 1);
    uint8_t matched = 9;
    ck_assert(pattern_scan_any(loaded.set, loaded.scratch, dvara_str_from_cstr(text), &matched));
    ck_assert_msg(matched == expected, "/%.*s/ on '%s'", DVARA_STR_ARG(source->source), text);
    unload(&loaded);
}

TEST(what_hyperscan_cannot_do_is_decided_by_pcre2)
{
    expect_any(&(struct pattern_source)SOURCE("(?<!un)safe", 0), "safe", true);
    expect_any(&(struct pattern_source)SOURCE("(?<!un)safe", 0), "unsafe", false);
    expect_any(&(struct pattern_source)SOURCE("(a+)-\\1", 0), "xaa-aax", true);
    expect_any(&(struct pattern_source)SOURCE("(a+)-\\1$", 0), "xaa-ax", false);
    expect_any(&(struct pattern_source)SOURCE("\\p{Greek}{3}", 0), "\xce\xb1\xce\xb2\xce\xb3",
               true);
    expect_any(&(struct pattern_source)SOURCE("\xc3\xa4.c", PATTERN_CASELESS),
               "\xc3\x84\xc3\xb6"
               "C",
               true);
}
END_TEST

TEST(invalid_utf8_matches_nothing_and_aborts_nothing)
{
    expect_any(&(struct pattern_source)SOURCE("a.b", 0),
               "a\xff"
               "b a\xc3\xa9"
               "b",
               true);
    expect_any(&(struct pattern_source)SOURCE("a.b", 0),
               "a\xff"
               "b",
               false);
    expect_any(&(struct pattern_source)SOURCE("ab", 0),
               "\xff"
               "ab\xc3",
               true);
    expect_any(&(struct pattern_source)SOURCE("\\bab\\b", 0),
               "\xc3\xa9"
               "ab",
               false);
}
END_TEST

TEST(a_pattern_that_does_not_compile_is_named_with_its_place)
{
    static const struct {
        const char *source;
        size_t offset;
    } rows[] = {{"a(b", 3},    {"x\\Ky", 1}, {"(*ACCEPT)", 0},
                {"a(?C1)", 1}, {"[z-a]", 3}, {"\\Qa", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pattern_source sources[] = {SOURCE("fine", 0), SOURCE("", 0)};
        struct pattern_build_error error;
        struct buf out;
        sources[1].source = dvara_str_from_cstr(rows[i].source);
        buf_init(&out, 1 << 20);
        ck_assert_int_eq(pattern_build(sources, 2, &out, &error), DVARA_INVALID);
        ck_assert_uint_eq(error.pattern, 1);
        ck_assert_msg(error.offset == rows[i].offset && error.text[0], "%s: at %zu: %s",
                      rows[i].source, error.offset, error.text);
        buf_clear(&out);
    }
}
END_TEST

TEST(facts_tell_width_emptiness_and_the_slow_path)
{
    struct pattern_facts facts;
    struct pattern_build_error error;
    ck_assert_int_eq(
        pattern_check(&(struct pattern_source)SOURCE("EMP-[0-9]{6}", 0), &facts, &error), DVARA_OK);
    ck_assert_uint_eq(facts.max_width, 10);
    ck_assert(!facts.matches_empty && !facts.slow_path);
    ck_assert_int_eq(pattern_check(&(struct pattern_source)SOURCE("a*", 0), &facts, &error),
                     DVARA_OK);
    ck_assert(facts.matches_empty && facts.max_width == UINT32_MAX);
    ck_assert_int_eq(pattern_check(&(struct pattern_source)SOURCE("(?=a)b", 0), &facts, &error),
                     DVARA_OK);
    ck_assert(facts.slow_path);
}
END_TEST

TEST(a_catastrophic_pattern_fails_closed)
{
    struct pattern_source source = SOURCE("(\\p{Ll}+)+[0-9\\p{Lu}]", 0);
    struct loaded loaded = load(&source, 1);
    struct buf text;
    uint8_t matched;
    buf_init(&text, 1 << 16);
    for (size_t i = 0; i < 4000; i++)
        buf_byte(&text, 'a');
    BUF_LIT(&text, " !");
    ck_assert(!pattern_scan_any(loaded.set, loaded.scratch, buf_str(&text), &matched));
    buf_clear(&text);
    unload(&loaded);
}
END_TEST

TEST(cut_or_altered_bytes_are_refused)
{
    struct loaded loaded = load(shapes, SHAPES);
    struct dvara_str bytes = buf_str(&loaded.bytes);
    struct pattern_set *set;
    for (size_t n = 0; n < bytes.n; n += n < 200 ? 1 : bytes.n / 50)
        ck_assert_int_ne(pattern_set_load(dvara_str_slice(bytes, 0, n), &set), DVARA_OK);
    loaded.bytes.p[0] ^= 1;
    ck_assert_int_eq(pattern_set_load(bytes, &set), DVARA_CORRUPT);
    unload(&loaded);
}
END_TEST

TEST(an_empty_set_loads_and_matches_nothing)
{
    struct loaded loaded = load(NULL, 0);
    uint8_t matched = 7;
    ck_assert(pattern_scan_any(loaded.set, loaded.scratch, DVARA_STR("text"), &matched));
    ck_assert_uint_eq(matched, 7);
    unload(&loaded);
}
END_TEST

SUITE(the_engine_and_the_naive_matcher_agree_on_every_end,
      the_naive_matcher_knows_all_shapes_but_inline_negation, a_sample_of_a_pattern_matches_it,
      what_hyperscan_cannot_do_is_decided_by_pcre2, invalid_utf8_matches_nothing_and_aborts_nothing,
      a_pattern_that_does_not_compile_is_named_with_its_place,
      facts_tell_width_emptiness_and_the_slow_path, a_catastrophic_pattern_fails_closed,
      cut_or_altered_bytes_are_refused, an_empty_set_loads_and_matches_nothing)
