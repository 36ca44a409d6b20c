/* SPDX-License-Identifier: Apache-2.0 */
#include "dvara/pii.h"

#include "pieces.h"

#define ASSIGNMENT                                                                                 \
    "(?:pass(?:word|wd)|api[_-]?-?key)[\\w.-]{0,40}[\"']?\\s{0,3}(?:=>|:=|=|:)\\s{0,3}[\"']{0,2}"  \
    "[^\\s\"']"

/* The second is what Hyperscan cannot do, the third it cannot do on bytes that are not UTF-8: all
 * that they lead to must be found without it. */
static const struct pattern_source assignments[] = {
    PATTERN(ASSIGNMENT, PATTERN_CASELESS), PATTERN("(?<![$?])" ASSIGNMENT, PATTERN_CASELESS),
    PATTERN("\xc3\xa9|" ASSIGNMENT, PATTERN_CASELESS)};

/* Russian, Chinese: words that are no ASCII. */
static const struct pattern_source other_words =
    PATTERN("(?:\xd0\x9f\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c|\xe5\xaf\x86\xe7\xa0\x81)"
            "\\s{0,3}[:=]\\s{0,3}[\"']?[^\\s\"']",
            0);

/* The text is redacted, whole and alike in every cut. */
static void check_specs(const struct detector_spec *specs, size_t n_specs, struct dvara_str text,
                        const char *label_cstr)
{
    uint8_t styles[FIXTURE_COUNT];
    struct fixture fixture = fixture_new_of(specs, n_specs);
    struct buf whole;
    fill_styles(styles);
    buf_init(&whole, 1 << 16);
    redact_whole(&fixture, styles, text, &whole);
    ck_assert_ptr_nonnull(memmem(whole.p, whole.n, label_cstr, strlen(label_cstr)));
    check_two(&fixture, styles, text, buf_str(&whole), label_cstr);
    check_bytes(&fixture, styles, text, buf_str(&whole), label_cstr);
    buf_clear(&whole);
    fixture_clear(&fixture);
}

static void check_claimed(const struct pattern_source *pattern, struct dvara_str text)
{
    const struct detector_spec spec = {.name = W("assigned_secret"),
                                       .patterns = pattern,
                                       .n_patterns = 1,
                                       .validator = W("assigned"),
                                       .score_low_ppm = 550000,
                                       .score_high_ppm = 850000};
    check_specs(&spec, 1, text, "ASSIGNED_SECRET");
}

static void check_assigned(const struct pattern_source *pattern)
{
    static const char *const texts[] = {
        "so the password = 'tr0ub4dor&3x' it was", "api_key_of_mine := q8Zt2LmX9vRb4KsW7dYn.",
        "{\"API-KEY\"   =>   \"q8Zt2LmX9vRb4KsW7dYn\"}", "\xff password: 'tr0ub4dor&3x' \xc3"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_claimed(pattern, dvara_str_from_cstr(texts[i]));
}

/* Its name has been released by then, and is looked for there. */
TEST(a_value_is_claimed_when_the_name_before_it_has_left)
{
    check_assigned(&assignments[0]);
    check_assigned(&assignments[1]);
    check_assigned(&assignments[2]);
    check_claimed(
        &other_words,
        DVARA_STR("so \xd0\x9f\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c: 'tr0ub4dor&3x' it was"));
    check_claimed(&other_words, DVARA_STR("\xe5\xaf\x86\xe7\xa0\x81=q8Zt2LmX9vRb4KsW7dYn."));
}
END_TEST

/* Beginnings that lead nowhere are asked about once; the next that leads somewhere is found. */
TEST(a_value_is_claimed_behind_many_words_that_lead_nowhere)
{
    static const struct pattern_source *const patterns[] = {&assignments[0], &assignments[1]};
    struct buf text;
    buf_init(&text, 1 << 16);
    for (int i = 0; i < 60; i++)
        BUF_LIT(&text, "pass apitoken password, passwd api_key ");
    BUF_LIT(&text, "password: 'tr0ub4dor&3x' passwords ");
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        check_claimed(patterns[i], buf_str(&text));
    buf_clear(&text);
}
END_TEST

/* What a match begins with may be no ASCII: a byte of it alone is no beginning. */
TEST(a_pattern_that_begins_with_other_letters_is_found_in_every_cut)
{
    static const struct pattern_source pattern = PATTERN("[\xc3\xa9\xc3\xa8]bc-[0-9]{6}", 0);
    static const struct pattern_source word = PATTERN("\xc3\xa9z-[0-9]{6}", 0);
    const struct detector_spec specs[] = {{.name = W("of_a_class"),
                                           .patterns = &pattern,
                                           .n_patterns = 1,
                                           .score_low_ppm = 900000,
                                           .score_high_ppm = 900000},
                                          {.name = W("of_a_word"),
                                           .patterns = &word,
                                           .n_patterns = 1,
                                           .score_low_ppm = 900000,
                                           .score_high_ppm = 900000}};
    struct dvara_str text = DVARA_STR("id \xc3\xa8"
                                      "bc-123456 and \xc3\xa9z-654321.");
    check_specs(specs, 2, text, "OF_A_");
}
END_TEST

SUITE(a_value_is_claimed_when_the_name_before_it_has_left,
      a_value_is_claimed_behind_many_words_that_lead_nowhere,
      a_pattern_that_begins_with_other_letters_is_found_in_every_cut)
