/* SPDX-License-Identifier: Apache-2.0 */
/* What a number without a word beside it is worth. */
#include "fixture.h"
#include "pii/find.h"
#include "unit/suite.h"

#define LAYOUTS(...)                                                                               \
    .patterns = (const struct pattern_source[]){__VA_ARGS__},                                      \
    .n_patterns =                                                                                  \
        sizeof((const struct pattern_source[]){__VA_ARGS__}) / sizeof(struct pattern_source)

enum { LOW = 600000, HIGH = 900000, BARE = LONE_PPM };

static const struct detector_spec specs[] = {
    {.name = W("pl_pesel"),
     LAYOUTS(PATTERN("\\b[0-9]{11}\\b", 0)),
     .validator = W("pl_pesel"),
     .context = WORDS(W("pesel")),
     .floor_ppm = 1,
     .score_low_ppm = LOW,
     .score_high_ppm = HIGH},
    {.name = W("kr_rrn"),
     LAYOUTS(PATTERN("\\b[0-9]{6}-[1-4][0-9]{6}\\b", 0), PATTERN("\\b[0-9]{13}\\b", 0)),
     .validator = W("kr_rrn"),
     .context = WORDS(W("rrn")),
     .floor_ppm = 1,
     .score_low_ppm = LOW,
     .score_high_ppm = HIGH},
    {.name = W("ch_ahv"),
     LAYOUTS(PATTERN("\\b756[0-9]{10}\\b", 0)),
     .validator = W("ch_ahv"),
     .floor_ppm = 1,
     .score_low_ppm = LOW,
     .score_high_ppm = HIGH},
    {.name = W("credit_card"),
     LAYOUTS(PATTERN(DIGITS, 0)),
     .validator = W("card"),
     .context = WORDS(W("card")),
     .floor_ppm = 1,
     .score_low_ppm = 400000,
     .score_high_ppm = HIGH},
    {.name = W("in_aadhaar"),
     LAYOUTS(PATTERN("\\b[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}\\b", 0)),
     .validator = W("in_aadhaar"),
     .floor_ppm = 1,
     .score_low_ppm = LOW,
     .score_high_ppm = HIGH},
    {.name = W("au_tfn"),
     LAYOUTS(PATTERN("\\b[0-9]{3} [0-9]{3} [0-9]{3}\\b", 0)),
     .validator = W("au_tfn"),
     .context = WORDS(W("tfn")),
     .floor_ppm = 1,
     .score_low_ppm = LOW,
     .score_high_ppm = HIGH},
    {.name = W("hu_taj"),
     LAYOUTS(PATTERN("\\b[0-9]{3} [0-9]{3} [0-9]{3}\\b", 0)),
     .validator = W("hu_taj"),
     .context = WORDS(W("taj")),
     .floor_ppm = 1,
     .score_low_ppm = LOW,
     .score_high_ppm = HIGH - 50000},
    {.name = W("badge"),
     LAYOUTS(PATTERN("\\b[0-9]{7}\\b", 0)),
     .validator = W("luhn"),
     .floor_ppm = 1,
     .score_low_ppm = LOW,
     .score_high_ppm = HIGH},
};

struct row {
    const char *text;
    const char *detector; /* NULL: nothing is found */
    uint32_t ppm;
};

static void check_rows(const struct row *rows, size_t n)
{
    struct fixture fixture = fixture_new_of(specs, sizeof specs / sizeof *specs);
    for (size_t i = 0; i < n; i++) {
        enum dvara_error_kind error;
        struct dvara_spans spans =
            dvara_scan(fixture.scanner, NULL, dvara_str_from_cstr(rows[i].text),
                       (struct dvara_str){0}, &error);
        ck_assert_int_eq(error, DVARA_ERROR_NONE);
        ck_assert_msg(spans.n == (rows[i].detector ? 1 : 0), "%s: %zu spans", rows[i].text,
                      spans.n);
        if (!rows[i].detector)
            continue;
        struct dvara_str name = detectors_name(fixture.detectors, spans.v[0].detector);
        ck_assert_msg(dvara_str_eq(name, dvara_str_from_cstr(rows[i].detector)), "%s: %.*s",
                      rows[i].text, (int)name.n, name.p);
        ck_assert_msg(spans.v[0].score_ppm == rows[i].ppm, "%s: %u", rows[i].text,
                      spans.v[0].score_ppm);
    }
    fixture_clear(&fixture);
}
#define CHECK_ROWS(...)                                                                            \
    check_rows((const struct row[]){__VA_ARGS__},                                                  \
               sizeof((const struct row[]){__VA_ARGS__}) / sizeof(struct row))

TEST(a_checksum_over_bare_digits_is_believed_beside_a_word)
{
    CHECK_ROWS(
        {"seq 44051401359 done", "pl_pesel", BARE}, {"pesel 44051401359 done", "pl_pesel", HIGH},
        {"44051401359 is the pesel", "pl_pesel", HIGH},
        {"{\"pesel\":\"44051401359\"}", "pl_pesel", HIGH},
        {"name,pesel\nRoe,44051401359\n", "pl_pesel", HIGH}, {"seq 44051401358 done", NULL, 0});
}
END_TEST

TEST(the_separators_of_the_published_form_are_as_good_as_a_word)
{
    CHECK_ROWS({"no 960121-1021413.", "kr_rrn", HIGH}, {"no 960121-1234567.", "kr_rrn", LOW},
               {"no 9601211021413.", "kr_rrn", BARE}, {"no 9601211234567.", "kr_rrn", BARE});
}
END_TEST

TEST(a_check_that_chance_seldom_meets_needs_no_word)
{
    CHECK_ROWS({"no 7569217076985.", "ch_ahv", HIGH}, {"no 7569217076984.", NULL, 0});
}
END_TEST

TEST(a_policys_own_check_is_taken_at_its_word)
{
    CHECK_ROWS({"no 1234566.", "badge", HIGH});
}
END_TEST

TEST(a_card_in_one_group_is_believed_where_the_issuers_range_is_narrow)
{
    CHECK_ROWS(
        {"no 4111111111111111.", "credit_card", HIGH}, {"no 4222222222222.", "credit_card", 400000},
        {"card 4222222222222.", "credit_card", HIGH}, {"no 6759649826438453.", "credit_card", HIGH},
        {"no 676767000018.", "credit_card", 400000},
        {"no 4111.1111.1111.1111.", "credit_card", HIGH},
        {"took 411111.1111111111 ms", "credit_card", 400000});
}
END_TEST

TEST(versions_and_object_identifiers_are_folded_into_no_number)
{
    CHECK_ROWS({"oid 4.1.1.1.1.1.111.111.1111", "credit_card", 400000},
               {"took 41111\n1111111.1111 s", "credit_card", 400000},
               {"card 41111\n1111111.1111", "credit_card", HIGH},
               {"no 4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", "credit_card", HIGH},
               {"no 4111\n1111\n1111\n1111", "credit_card", HIGH});
}
END_TEST

TEST(the_groups_of_a_uuid_are_no_number)
{
    CHECK_ROWS({"019e19bb-2030-6830-0267-c90415da2cd6", NULL, 0},
               {"019e19bb-2030-6830-0267-c90415da2cd", "in_aadhaar", HIGH},
               {"x-2030-6830-0267", "in_aadhaar", HIGH}, {"2030-6830-0267-x", "in_aadhaar", HIGH});
}
END_TEST

TEST(of_two_kinds_that_a_number_may_be_the_word_before_it_tells)
{
    CHECK_ROWS({"no 123 456 829.", "au_tfn", HIGH}, {"tfn 123 456 829.", "au_tfn", HIGH},
               {"TAJ 123 456 829.", "hu_taj", HIGH - 50000},
               {"{\"tajNumber\": \"123 456 829\"}", "hu_taj", HIGH - 50000},
               {"taj and tfn 123 456 829.", "au_tfn", HIGH});
}
END_TEST

SUITE(of_two_kinds_that_a_number_may_be_the_word_before_it_tells,
      a_checksum_over_bare_digits_is_believed_beside_a_word,
      the_separators_of_the_published_form_are_as_good_as_a_word,
      a_check_that_chance_seldom_meets_needs_no_word, a_policys_own_check_is_taken_at_its_word,
      a_card_in_one_group_is_believed_where_the_issuers_range_is_narrow,
      versions_and_object_identifiers_are_folded_into_no_number, the_groups_of_a_uuid_are_no_number)
