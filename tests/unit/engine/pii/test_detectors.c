/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/detectors.h"

#include "fixture.h"
#include "pii/run.h"
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
    struct detector_spec spec = fixture_specs[11];
    struct pattern_source other = PATTERN("\\bsk_[A-Za-z0-9]{9}", 0);
    struct fixture fixture = fixture_new_of(&spec, 1);
    struct detectors_error error;
    struct dvara_detectors *detectors;
    struct buf section;
    struct pattern_source patterns[] = {other};
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
        ck_assert_int_eq(!!all[i].locator + !!all[i].check + !!all[i].run, 1);
        ck_assert(all[i].doc[0]);
    }
}
END_TEST

/* Bytes that may stand third begin no search elsewhere: with any other there, nothing is read. */
static void expect_third(const struct locator *locator, const char *span)
{
    char text[64];
    struct reading whole = {.text = dvara_str_from_cstr(span)};
    ck_assert(strlen(span) < sizeof text);
    ck_assert_int_eq(locator->read(&whole, 0), VERDICT_VALID);
    for (unsigned c = 1; c < 256; c++) {
        memcpy(text, span, strlen(span) + 1);
        text[2] = (char)c;
        struct reading reading = {.text = dvara_str_from_cstr(text)};
        bool told = locator->read(&reading, 0) != VERDICT_INVALID || reading.touched;
        ck_assert_msg(!told || (c >= '0' && c <= '9'), "%s with %u", span, c);
    }
}

TEST(an_iban_has_a_digit_third)
{
    expect_third(validator_find(DVARA_STR("iban"))->locator, "GB82 WEST 1234 5698 7654 32");
    expect_third(validator_find(DVARA_STR("iban"))->locator, "de89370400440532013000");
    ck_assert_str_eq(validator_find(DVARA_STR("iban"))->locator->third, "0-9");
}
END_TEST

static void expect_run(const char *name, const char *span, enum verdict expected)
{
    const struct validator *validator = validator_find(dvara_str_from_cstr(name));
    char room[RUN_MAX];
    struct run run;
    ck_assert(validator && validator->run);
    ck_assert(run_of(dvara_str_from_cstr(span), room, &run));
    ck_assert_msg(validator->run(&run) == expected, "%s of %s", name, span);
}

TEST(a_us_ssn_is_judged_by_its_area_group_and_serial)
{
    expect_run("us_ssn", "536-22-8726", VERDICT_VALID);
    expect_run("us_ssn", "536228726", VERDICT_UNKNOWN);
    expect_run("us_ssn", "666-22-8726", VERDICT_INVALID);
    expect_run("us_ssn", "536-00-8726", VERDICT_INVALID);
    expect_run("us_ssn", "078-05-1120", VERDICT_INVALID);
    expect_run("us_ssn", "53622872", VERDICT_INVALID);
    expect_run("us_ssn", "A36228726", VERDICT_INVALID);
}
END_TEST

TEST(a_run_holds_letters_and_digits_only)
{
    char room[RUN_MAX];
    struct run run;
    ck_assert(run_of(DVARA_STR("de 89-3704"), room, &run));
    ck_assert(run.n == 8 && run.grouped && memcmp(run.c, "DE893704", 8) == 0);
    ck_assert(run_of(DVARA_STR("(12)"), room, &run));
    ck_assert(run.n == 2 && !run.grouped);
    ck_assert(!run_of(DVARA_STR("--"), room, &run));
    ck_assert(
        !run_of(DVARA_STR("12345678901234567890123456789012345678901234567890123456789012345"),
                room, &run));
}
END_TEST

TEST(sums_over_runs_hold_for_published_numbers)
{
    struct run luhn = {.c = "79927398713", .n = 11};
    struct run lei = {.c = "5493000IBP32UQZ0KL24", .n = 20};
    struct run tax = {.c = "86095742719", .n = 11};
    ck_assert(run_luhn(&luhn, 0, 11) && !run_luhn(&luhn, 0, 10));
    ck_assert_uint_eq(run_mod97(&lei, 0, 20), 1);
    ck_assert(run_mod11_10(&tax, 0, 11) && !run_mod11_10(&tax, 1, 10));
    ck_assert_uint_eq(run_number(&tax, 0, 5), 86095);
    ck_assert_uint_eq(run_mod(&tax, 0, 11, 97), 86095742719 % 97);
    ck_assert_uint_eq(run_weighted(&tax, 0, 3, (const uint8_t[]){3, 2, 1}), 36);
    ck_assert(run_is_date(2024, 2, 29) && !run_is_date(2023, 2, 29) && run_is_date(0, 2, 29));
    ck_assert(!run_is_date(2024, 13, 1) && !run_is_date(2024, 4, 31) && !run_is_date(2024, 1, 0));
}
END_TEST

SUITE(a_us_ssn_is_judged_by_its_area_group_and_serial, a_run_holds_letters_and_digits_only,
      sums_over_runs_hold_for_published_numbers, a_table_is_decoded_as_it_was_encoded,
      a_table_cut_at_any_byte_or_with_any_byte_changed_is_never_read_astray,
      a_validator_that_is_not_known_is_unsupported,
      a_database_of_other_patterns_fails_the_self_test, checksums_hold_for_published_numbers,
      every_validator_is_found_by_its_name, an_iban_has_a_digit_third)
