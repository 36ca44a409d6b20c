/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes in any pieces: what a stream lets out is what the whole text gives, never ahead of it.
 * The first byte chooses the pieces; its top bit says that the others are no text, but spell one
 * out of values, disguises and fillers, long enough for many windows. */
#include "base/buf.h"
#include "pii/redact.h"
#include "unit/engine/pii/fixture.h"

#include <assert.h>

static struct fixture fixture;
/* Besides the fixture's: patterns without a literal to begin from. */
static const struct detector_spec unled_specs[] = {
    {.name = W("day_first"),
     .patterns = (const struct pattern_source[]){PATTERN(
         "\\b[0-9]{1,2}(?:st|th)? (?:jan(?:uary)?|m.rz|ao\xc3\xbbt)\\.?,? [0-9]{4}\\b",
         PATTERN_CASELESS)},
     .n_patterns = 1},
    {.name = W("host"),
     .patterns = (const struct pattern_source[]){PATTERN(
         "(?<![@\\w./-])(?:[a-z0-9-]{1,20}\\.){1,3}(?:com|de|uk)\\b(?![@\\w-]|\\.[a-z0-9])",
         PATTERN_CASELESS)},
     .n_patterns = 1,
     .max_span = 320},
    {.name = W("spaced_code"),
     .patterns = (const struct pattern_source[]){PATTERN(
         "\\b[A-Z]{3} [A-Z]{3} [0-9LM]{2}[A-M][0-9LM]{2}\\b", PATTERN_CASELESS)},
     .n_patterns = 1},
    {.name = W("long_key"),
     .patterns = (const struct pattern_source[]){PATTERN("\\b[0-9A-Za-z]{20,24}\\b", 0),
                                                 PATTERN("[0-9a-z_~.-]{3}[0-9]q~[a-z]{12,}", 0)},
     .n_patterns = 2,
     .max_span = 48},
    {.name = W("place"),
     .patterns = (const struct pattern_source[]){PATTERN(
         "[+-]?\\b[0-9]{1,2}\\.[0-9]{2,5}(?:\xc2\xb0)? ?[NS],? ?[0-9]{1,3}\\.[0-9]{2,5}\xc2\xb0? ?"
         "[EW]\\b",
         0)},
     .n_patterns = 1},
};
enum { UNLED_COUNT = sizeof unled_specs / sizeof *unled_specs };
static uint8_t styles[FIXTURE_COUNT + UNLED_COUNT];

/* Each byte under 0x80 names one of these, each over it says how often the last is repeated. */
static const char *const parts[] = {" ",
                                    "\n",
                                    ",",
                                    "|",
                                    ";",
                                    "\t",
                                    ".",
                                    "-",
                                    "/",
                                    "*",
                                    "_",
                                    "<",
                                    ">",
                                    "<b>",
                                    "</td><td>",
                                    "(",
                                    "+",
                                    "0",
                                    "1",
                                    "4",
                                    "5",
                                    "12",
                                    "2024",
                                    "a",
                                    "l",
                                    "O",
                                    "x",
                                    "card ",
                                    "ssn ",
                                    "phone ",
                                    "order ",
                                    "employee ",
                                    "words that mean nothing, ",
                                    "id,ssn\n",
                                    "| name | ssn |\n",
                                    "4111 1111 1111 1111",
                                    "4111111111111111",
                                    "4l11 1111 1111 1111",
                                    "4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1",
                                    "4111*1111",
                                    "536-22-8726",
                                    "536228726",
                                    "536",
                                    "22",
                                    "8726",
                                    "4155550132",
                                    "(415) 555-0132",
                                    "+44 20 7946 0958",
                                    "DE89 3704 0044 0532 0130 00",
                                    "GB82 WEST 1234 5698 7654 32",
                                    "10.0.0.1",
                                    "2001:db8::8a2e:370:7334",
                                    "jane.doe@example.com",
                                    "jane",
                                    "@",
                                    "example.com",
                                    "EMP-100002",
                                    "staff 4321",
                                    "name: Zo\xc3\xab",
                                    "AKIAIOSFODNN7EXAMPLE",
                                    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
                                    "sk_a8Fj3kLq09Zx",
                                    "sk_",
                                    "a8Fj3kLq",
                                    "aaaaaaaa",
                                    "-----BEGIN RSA PRIVATE KEY-----",
                                    "MIIEpAIBAAKCAQEA7bq6hT4cN0lQ",
                                    "-----END RSA PRIVATE KEY-----",
                                    "%",
                                    "%34",
                                    "%40",
                                    "%25",
                                    "%2540",
                                    "%20",
                                    "%EF%BC",
                                    "%94",
                                    "\\",
                                    "\\n",
                                    "\\u0034",
                                    "\\ud83d",
                                    "\\ude00",
                                    "\\x40",
                                    "&",
                                    "&#",
                                    "&#52;",
                                    "&#52",
                                    "&commat;",
                                    "&amp;",
                                    "&am",
                                    "\xe2\x80\x8b",
                                    "\xe2\x80",
                                    "\xcc\xb6",
                                    "\xef\xbc\x94",
                                    "\xef\xbc",
                                    "\xd0\x95",
                                    "\xd0\xb0",
                                    "\xd0\xb4",
                                    "\xc2\xad",
                                    "\xf3\xa0\x80\xb4",
                                    "\xf3\xa0\x81\x80",
                                    "\xf3\xa0\x80\xae",
                                    "\xf0\x9f\x98\x80",
                                    "\xff",
                                    "\xc3\xa9",
                                    "Y2FyZCA0MTExMTExMTExMTExMTExLg==",
                                    "NDExMTExMTEx",
                                    "MTExMTExMQ==",
                                    "34313131",
                                    "31313131",
                                    "D\xd0\x95",
                                    "card%20",
                                    "\\\"ssn\\\":",
                                    "31st january 2024",
                                    "3 ao\xc3\xbb",
                                    "rss",
                                    "mra 85M01",
                                    "M01",
                                    "de",
                                    "example.",
                                    "co.uk",
                                    "abc4q~",
                                    "abcdefghijkl",
                                    "41.40",
                                    "\xc2\xb0",
                                    "N",
                                    "2.17 E",
                                    "\xc5\xbf",
                                    "\xe2\x84\xaa"};
enum { PARTS = sizeof parts / sizeof *parts, SPELT_MAX = 6 << 10 };
_Static_assert(PARTS <= 0x80, "a byte names a part");

static struct dvara_str spell(const uint8_t *data, size_t size, struct buf *out)
{
    const char *last = "";
    for (size_t i = 0; i < size && out->n < SPELT_MAX; i++) {
        size_t times = data[i] < 0x80 ? 1 : (size_t)(data[i] & 0x7F) * (data[i] & 0x1F) / 4;
        if (data[i] < 0x80)
            last = parts[data[i] % PARTS];
        for (; times && out->n < SPELT_MAX; times--)
            buf_append(out, dvara_str_from_cstr(last));
    }
    return buf_str(out);
}

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
        struct detector_spec specs[FIXTURE_COUNT + UNLED_COUNT];
        size_t n = UNLED_COUNT;
        memcpy(specs, unled_specs, sizeof unled_specs);
        for (size_t i = 0; i < FIXTURE_COUNT; i++) {
            if (fixture_specs[i].keywords.n == 0)
                specs[n++] = fixture_specs[i];
        }
        fixture = fixture_new_of(specs, n);
        memset(styles, DVARA_STYLE_LABEL, sizeof styles);
    }
    if (size < 2 || size > 3000)
        return 0;
    struct dvara_stream_options options = {.styles = styles};
    struct dvara_stream *stream;
    struct buf spelt;
    struct buf whole;
    struct buf out;
    unsigned step = data[0];
    buf_init(&spelt, 1 << 20);
    buf_init(&whole, 1 << 20);
    buf_init(&out, 1 << 20);
    struct dvara_str text = data[0] & 0x80 ? spell(data + 1, size - 1, &spelt)
                                           : dvara_str_from((const char *)data + 1, size - 1);
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
    buf_clear(&spelt);
    buf_clear(&whole);
    buf_clear(&out);
    return 0;
}
