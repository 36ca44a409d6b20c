/* SPDX-License-Identifier: Apache-2.0 */
/* A small identity pack and a few custom detectors as specs, built and loaded in the test's
 * process. */
#ifndef TESTS_PII_FIXTURE_H
#define TESTS_PII_FIXTURE_H

#include "base/arena.h"
#include "base/buf.h"
#include "dvara/pii.h"
#include "pattern/build/build.h"
#include "pattern/databases.h"
#include "pii/detectors.h"

#include <stdio.h>
#include <stdlib.h>

#define WORDS(...)                                                                                 \
    {                                                                                              \
        .v = (const struct dvara_str[]){__VA_ARGS__},                                              \
        .n = sizeof((const struct dvara_str[]){__VA_ARGS__}) / sizeof(struct dvara_str)            \
    }
#define W(text)                                                                                    \
    {                                                                                              \
        .p = text, .n = sizeof(text) - 1                                                           \
    }
#define PATTERN(text, bits)                                                                        \
    {                                                                                              \
        .source = {.p = text, .n = sizeof(text) - 1}, .flags = bits                                \
    }

#define DIGITS "[0-9]"

static const struct detector_spec fixture_specs[] = {
    {.name = W("email"),
     .patterns = (const struct pattern_source[]){PATTERN("@", 0)},
     .n_patterns = 1,
     .validator = W("email"),
     .score_low_ppm = 500000,
     .score_high_ppm = 950000},
    {.name = W("credit_card"),
     .patterns = (const struct pattern_source[]){PATTERN(DIGITS, 0)},
     .n_patterns = 1,
     .validator = W("card"),
     .context = WORDS(W("card"), W("credit"), W("debit"), W("visa"), W("mastercard"), W("amex")),
     .against = WORDS(W("order"), W("invoice"), W("tracking"), W("build"), W("sku")),
     .score_low_ppm = 600000,
     .score_high_ppm = 950000},
    {.name = W("us_ssn"),
     .patterns = (const struct pattern_source[]){PATTERN("\\b[0-9]{3}-[0-9]{2}-[0-9]{4}\\b", 0),
                                                 PATTERN("\\b[0-9]{3} [0-9]{2} [0-9]{4}\\b", 0),
                                                 PATTERN("\\b[0-9]{3}\\.[0-9]{2}\\.[0-9]{4}\\b", 0),
                                                 PATTERN("\\b[0-9]{9}\\b", 0)},
     .n_patterns = 4,
     .validator = W("us_ssn"),
     .context = WORDS(W("ssn"), W("social security"), W("social"), W("security number")),
     .score_low_ppm = 200000,
     .score_high_ppm = 950000,
     .mask_none = true},
    {.name = W("iban"),
     .patterns = (const struct pattern_source[]){PATTERN(DIGITS, 0)},
     .n_patterns = 1,
     .validator = W("iban"),
     .score_low_ppm = 600000,
     .score_high_ppm = 950000},
    {.name = W("ipv4"),
     .patterns = (const struct pattern_source[]){PATTERN(DIGITS, 0)},
     .n_patterns = 1,
     .validator = W("ipv4"),
     .against = WORDS(W("version"), W("build"), W("release"), W("section")),
     .score_low_ppm = 600000,
     .score_high_ppm = 750000},
    {.name = W("ipv6"),
     .patterns = (const struct pattern_source[]){PATTERN(":", 0)},
     .n_patterns = 1,
     .validator = W("ipv6"),
     .context = WORDS(W("ip"), W("ipv6"), W("address")),
     .score_low_ppm = 100000,
     .score_high_ppm = 850000},
    {.name = W("phone"),
     .patterns = (const struct pattern_source[]){PATTERN(DIGITS, 0)},
     .n_patterns = 1,
     .validator = W("phone"),
     .context = WORDS(W("phone"), W("mobile"), W("cell"), W("tel"), W("telephone"), W("call"),
                      W("fax"), W("whatsapp"), W("sms"), W("desk"), W("office"), W("reach"),
                      W("answering"), W("messages to")),
     .score_low_ppm = 200000,
     .score_high_ppm = 850000},
    {.name = W("aws_access_key"),
     .patterns =
         (const struct pattern_source[]){PATTERN("A[3BCGINPRSK][A-Z][A-Z0-9][A-Z2-7]{16}", 0)},
     .n_patterns = 1,
     .validator = W("aws_key"),
     .score_low_ppm = 950000,
     .score_high_ppm = 950000},
    {.name = W("jwt"),
     .patterns = (const struct pattern_source[]){PATTERN("eyJ[0-9A-Za-z_-]{7}", 0)},
     .n_patterns = 1,
     .validator = W("jwt"),
     .score_low_ppm = 700000,
     .score_high_ppm = 950000},
    /* Custom ones: the rest of what a declaration can say. */
    {.name = W("employee_id"),
     .patterns = (const struct pattern_source[]){PATTERN("\\bEMP-[0-9]{6}\\b", 0),
                                                 PATTERN("\\bstaff [0-9]{4}\\b", PATTERN_CASELESS)},
     .n_patterns = 2,
     .context = WORDS(W("employee"), W("badge")),
     .against = WORDS(W("order")),
     .except = WORDS(W("EMP-000000")),
     .except_patterns = (const struct pattern_source[]){PATTERN("^EMP-1234", 0)},
     .n_except_patterns = 1,
     .score_low_ppm = 600000,
     .score_high_ppm = 950000},
    {.name = W("customer_number"),
     .patterns = (const struct pattern_source[]){PATTERN("\\bK[0-9]{8}\\b", 0)},
     .n_patterns = 1,
     .validator = W("luhn"),
     .keywords = WORDS(W("customer"))},
    {.name = W("opaque_secret"),
     .patterns = (const struct pattern_source[]){PATTERN("\\bsk_[A-Za-z0-9]+", 0)},
     .n_patterns = 1,
     .entropy_milli = 2000,
     .max_span = 64},
    {.name = W("private_key"),
     .patterns = (const struct pattern_source[]){PATTERN("-----BEGIN ", 0)},
     .n_patterns = 1,
     .validator = W("pem"),
     .mask_none = true},
    {.name = W("quoted_name"),
     .patterns = (const struct pattern_source[]){PATTERN("(?<=name: )\\p{Lu}\\p{L}{1,20}", 0)},
     .n_patterns = 1},
};
enum { FIXTURE_COUNT = sizeof fixture_specs / sizeof *fixture_specs, FIXTURE_SHIPPED = 9 };

struct fixture {
    struct buf section, database;
    struct dvara_detectors *detectors;
    struct dvara_scanner *scanner;
};

static inline struct fixture fixture_new_of(const struct detector_spec *specs, size_t n)
{
    struct fixture fixture = {0};
    struct pattern_build_error error;
    struct detectors_error load_error = {0};
    struct buf joined;
    buf_init(&fixture.section, 1 << 20);
    buf_init(&fixture.database, 64 << 20);
    buf_init(&joined, 64 << 20);
    detectors_encode(specs, n, &fixture.section);
    if (pattern_databases_build(DVARA_STR(""), buf_str(&fixture.section), &joined, &error) !=
        DVARA_OK) {
        fprintf(stderr, "build: pattern %zu: %s\n", error.pattern, error.text);
        abort();
    }
    struct pattern_databases databases;
    if (pattern_databases_split(buf_str(&joined), &databases) != DVARA_OK)
        abort();
    buf_append(&fixture.database, databases.detectors);
    buf_clear(&joined);
    if (detectors_load(buf_str(&fixture.section), buf_str(&fixture.database), &load_error,
                       &fixture.detectors) != DVARA_OK ||
        dvara_scanner_new(fixture.detectors, &fixture.scanner) != DVARA_OK) {
        fprintf(stderr, "load: %s\n", load_error.text);
        abort();
    }
    return fixture;
}

static inline struct fixture fixture_new(void)
{
    return fixture_new_of(fixture_specs, FIXTURE_COUNT);
}

static inline void fixture_clear(struct fixture *fixture)
{
    dvara_scanner_free(fixture->scanner);
    detectors_free(fixture->detectors);
    buf_clear(&fixture->section);
    buf_clear(&fixture->database);
}

/* "email[3,17] us_ssn[20,31]": what was found. */
static inline void fixture_describe(const struct fixture *fixture, struct dvara_spans spans,
                                    struct buf *out)
{
    for (size_t i = 0; i < spans.n; i++) {
        buf_append(out, i ? DVARA_STR(" ") : DVARA_STR(""));
        buf_append(out, detectors_name(fixture->detectors, spans.v[i].detector));
        buf_printf(out, "[%u,%u]", spans.v[i].start, spans.v[i].end);
    }
    buf_byte(out, '\0');
}

#endif
