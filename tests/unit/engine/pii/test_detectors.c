/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/detectors.h"

#include "fixture.h"
#include "pii/validators.h"
#include "unit/suite.h"

TEST(a_table_is_decoded_as_it_was_encoded)
{
    struct buf section;
    struct arena arena;
    struct detector_spec *specs;
    size_t n;
    buf_init(&section, 1 << 20);
    arena_init(&arena, 1 << 20);
    detectors_encode(fixture_specs, FIXTURE_COUNT, &section);
    ck_assert(!buf_failed(&section));
    ck_assert_int_eq(detectors_decode(buf_str(&section), &arena, &specs, &n), DVARA_OK);
    ck_assert_uint_eq(n, FIXTURE_COUNT);
    ck_assert(dvara_str_eq(specs[2].name, DVARA_STR("us_ssn")));
    ck_assert(dvara_str_eq(specs[2].label, DVARA_STR("US_SSN")));
    ck_assert(specs[2].mask_none);
    ck_assert_uint_eq(specs[2].context.n, 4);
    ck_assert_uint_eq(specs[2].within, DETECTOR_DEFAULT_WITHIN);
    ck_assert_uint_eq(specs[2].floor_ppm, DETECTOR_DEFAULT_FLOOR_PPM);
    ck_assert_uint_eq(specs[9].n_patterns, 2);
    ck_assert_uint_eq(specs[10].score_low_ppm, DETECTOR_DEFAULT_SCORE_PPM);
    arena_clear(&arena);
    buf_clear(&section);
}
END_TEST

TEST(a_table_cut_at_any_byte_or_with_any_byte_changed_is_never_read_astray)
{
    struct buf section;
    struct arena arena;
    struct detector_spec *specs;
    size_t n;
    buf_init(&section, 1 << 20);
    arena_init(&arena, 1 << 20);
    detectors_encode(fixture_specs, FIXTURE_COUNT, &section);
    for (size_t cut = 1; cut < section.n; cut++) {
        char *exact = malloc(cut);
        memcpy(exact, section.p, cut);
        arena_reset(&arena);
        ck_assert_int_eq(detectors_decode(dvara_str_from(exact, cut), &arena, &specs, &n),
                         DVARA_CORRUPT);
        free(exact);
    }
    for (size_t i = 0; i < section.n; i++) {
        section.p[i] = (char)(section.p[i] ^ 0xFF);
        arena_reset(&arena);
        (void)!detectors_decode(buf_str(&section), &arena, &specs, &n);
        section.p[i] = (char)(section.p[i] ^ 0xFF);
    }
    arena_clear(&arena);
    buf_clear(&section);
}
END_TEST

TEST(a_validator_that_is_not_known_is_unsupported)
{
    struct detector_spec spec = fixture_specs[0];
    struct buf section;
    struct fixture fixture = fixture_new_of(fixture_specs, 1);
    struct detectors_error error;
    struct dvara_detectors *detectors;
    spec.validator = DVARA_STR("no_such");
    buf_init(&section, 1 << 16);
    detectors_encode(&spec, 1, &section);
    ck_assert_int_eq(
        detectors_load(buf_str(&section), buf_str(&fixture.database), &error, &detectors),
        DVARA_UNSUPPORTED);
    ck_assert(error.text[0]);
    buf_clear(&section);
    fixture_clear(&fixture);
}
END_TEST

TEST(a_database_of_other_patterns_fails_the_self_test)
{
    struct detector_spec spec = fixture_specs[9];
    struct pattern_source other = PATTERN("\\bEMP-[0-9]{7}\\b", 0);
    struct fixture fixture = fixture_new_of(&spec, 1);
    struct detectors_error error;
    struct dvara_detectors *detectors;
    struct buf section;
    struct pattern_source patterns[] = {other, spec.patterns[1]};
    spec.patterns = patterns;
    buf_init(&section, 1 << 16);
    detectors_encode(&spec, 1, &section);
    ck_assert_int_eq(
        detectors_load(buf_str(&section), buf_str(&fixture.database), &error, &detectors),
        DVARA_CORRUPT);
    ck_assert(strstr(error.text, "self-test") != NULL);
    buf_clear(&section);
    fixture_clear(&fixture);
}
END_TEST

static void expect_check(const char *name, const char *span, enum verdict expected)
{
    const struct validator *validator = validator_find(dvara_str_from_cstr(name));
    ck_assert(validator && validator->check);
    ck_assert_msg(validator->check(dvara_str_from_cstr(span)) == expected, "%s of %s", name, span);
}

TEST(checksums_hold_for_published_numbers)
{
    expect_check("luhn", "7992-7398-713", VERDICT_VALID);
    expect_check("luhn", "7992-7398-710", VERDICT_INVALID);
    expect_check("luhn", "none", VERDICT_INVALID);
    expect_check("verhoeff", "2363", VERDICT_VALID);
    expect_check("verhoeff", "758722", VERDICT_VALID);
    expect_check("verhoeff", "3263", VERDICT_INVALID);
    expect_check("mod97", "794400WHKYH0M94GBR91", VERDICT_INVALID);
    expect_check("mod97", "5493-000I BP32-UQZ0 KL24", VERDICT_VALID);
    expect_check("mod11_10", "86095742719", VERDICT_VALID);
    expect_check("mod11_10", "86095742718", VERDICT_INVALID);
}
END_TEST

TEST(every_validator_is_found_by_its_name)
{
    size_t n;
    const struct validator *all = validators_all(&n);
    ck_assert_uint_ge(n, 13);
    for (size_t i = 0; i < n; i++) {
        ck_assert_ptr_eq(validator_find(dvara_str_from_cstr(all[i].name)), &all[i]);
        ck_assert(!all[i].locator != !all[i].check);
        ck_assert(all[i].doc[0]);
    }
}
END_TEST

static void read_policies(struct buf *out)
{
    static const char *const files[] = {"pii/contact", "pii/financial", "pii/government_us",
                                        "pii/network", "secrets/keys"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[512];
        char piece[4096];
        size_t n;
        (void)snprintf(path, sizeof path, "%s/policies/%s.dvp", SOURCE_DIR, files[i]);
        FILE *file = fopen(path, "r");
        ck_assert_msg(file != NULL, "%s", path);
        while ((n = fread(piece, 1, sizeof piece, file)) > 0)
            buf_append(out, dvara_str_from(piece, n));
        (void)fclose(file);
    }
    buf_byte(out, '\0');
}

static bool declares(const char *block, const char *format, struct dvara_str text)
{
    char line[512];
    const char *end = strstr(block, "\n}");
    (void)snprintf(line, sizeof line, format, DVARA_STR_ARG(text));
    return end && memmem(block, (size_t)(end - block), line, strlen(line));
}

TEST(the_tests_rows_are_those_of_the_shipped_policies)
{
    struct buf policies;
    buf_init(&policies, 1 << 20);
    read_policies(&policies);
    for (size_t i = 0; i < FIXTURE_SHIPPED; i++) {
        const struct detector_spec *spec = &fixture_specs[i];
        char head[128];
        (void)snprintf(head, sizeof head, "detector %.*s {", DVARA_STR_ARG(spec->name));
        const char *block = strstr(policies.p, head);
        ck_assert_msg(block != NULL, "%s", head);
        ck_assert_msg(declares(block, "  pattern  /%.*s/", spec->patterns[0].source), "%s", head);
        ck_assert_msg(declares(block, "  validate %.*s\n", spec->validator), "%s", head);
        for (size_t k = 0; k < spec->context.n; k++)
            ck_assert_msg(declares(block, "\"%.*s\"", spec->context.v[k]), "%s context", head);
        for (size_t k = 0; k < spec->against.n; k++)
            ck_assert_msg(declares(block, "\"%.*s\"", spec->against.v[k]), "%s against", head);
        (void)snprintf(head, sizeof head, "%u%% to %u%%", spec->score_low_ppm / 10000,
                       spec->score_high_ppm / 10000);
        ck_assert_msg(declares(block, "%.*s", dvara_str_from_cstr(head)), "%.*s: %s",
                      DVARA_STR_ARG(spec->name), head);
    }
    buf_clear(&policies);
}
END_TEST

SUITE(the_tests_rows_are_those_of_the_shipped_policies, a_table_is_decoded_as_it_was_encoded,
      a_table_cut_at_any_byte_or_with_any_byte_changed_is_never_read_astray,
      a_validator_that_is_not_known_is_unsupported,
      a_database_of_other_patterns_fails_the_self_test, checksums_hold_for_published_numbers,
      every_validator_is_found_by_its_name)
