/* SPDX-License-Identifier: Apache-2.0 */
/* Where a context word stands: in prose, in keys of code and data, in other scripts' capitals. */
#include "fixture.h"
#include "pii/fold.h"
#include "unit/suite.h"

enum { LOW = 100000, HIGH = 900000 };

static const struct detector_spec specs[] = {
    {.name = W("member"),
     .patterns = (const struct pattern_source[]){PATTERN("\\b[0-9]{7}\\b", 0)},
     .n_patterns = 1,
     .context = WORDS(W("on"), W("ssn"), W("tax id"), W("date of birth"), W("phone"), W("egn"),
                      W("ЕГН"), W("αφμ"), W("τηλέφωνο"), W("ičo"), W("Téléphone"), W("kimlik no"),
                      W("a b"), W("zip("), W("#id"), W("sv-nr"), W("e-card"), W("driver's permit"),
                      W("numéro fiscal"), W("führerschein"), W("né")),
     .floor_ppm = 1,
     .score_low_ppm = LOW,
     .score_high_ppm = HIGH},
};

static uint32_t score(const struct fixture *fixture, const char *text, const char *label)
{
    enum dvara_error_kind error;
    struct dvara_str under = label ? dvara_str_from_cstr(label) : (struct dvara_str){0};
    struct dvara_spans spans =
        dvara_scan(fixture->scanner, NULL, dvara_str_from_cstr(text), under, &error);
    ck_assert_int_eq(error, DVARA_ERROR_NONE);
    ck_assert_msg(spans.n == 1, "%s: %zu spans", text, spans.n);
    return spans.v[0].score_ppm;
}

static void check(bool labels, const char *const *texts, size_t n, uint32_t ppm)
{
    struct fixture fixture = fixture_new_of(specs, sizeof specs / sizeof *specs);
    for (size_t i = 0; i < n; i++) {
        uint32_t got =
            labels ? score(&fixture, "1234567", texts[i]) : score(&fixture, texts[i], NULL);
        ck_assert_msg(got == ppm, "%s: %u", texts[i], got);
    }
    fixture_clear(&fixture);
}
#define CHECK(labels, ppm, ...)                                                                    \
    check(labels, (const char *const[]){__VA_ARGS__},                                              \
          sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), ppm)

TEST(a_key_is_context_by_whole_words)
{
    CHECK(true, HIGH, "ssn", "SSN", "user_ssn", "user-ssn", "user.ssn", "user ssn", "userSsn",
          "userSSN", "SSNNumber", "ssnNumber", "ssnnumber", "ssn_no", "ssns", "taxId", "TaxID",
          "tax_id", "tax-id", "taxid", "dateOfBirth", "date_of_birth", "phoneNumber", "on", "ЕГН");
    CHECK(true, LOW, "content", "ssnet", "assn", "microphone", "phoneme", "phonetic", "taxidermy",
          "isOn", "onClick", "lesson", "PHONEtic", "mySsnet");
}
END_TEST

TEST(case_and_underscores_begin_words_inside_a_text)
{
    CHECK(false, HIGH, "{\"userSsn\": 1234567}", "patientSSN=1234567", "SSNNumber: 1234567",
          "phoneNumber: 1234567", "  mobilePhone: 1234567", "tax_id: 1234567", "taxId: 1234567",
          "dateOfBirth 1234567", "date-of-birth 1234567", "a filler of bytes, then userSSN 1234567",
          "a_b 1234567");
    CHECK(false, LOW, "microphone 1234567", "iPhonetic 1234567", "classNet 1234567",
          "contentOn 1234567", "aSSNb 1234567");
}
END_TEST

TEST(a_hyphen_or_an_apostrophe_of_a_word_is_written_otherwise_or_not_at_all)
{
    CHECK(true, HIGH, "sv-nr", "sv_nr", "SV Nr.", "svNr", "SVNR", "e-card", "ecard", "eCard",
          "e_card", "driver's permit", "driver_s_permit", "driversPermit");
    CHECK(false, HIGH, "SV Nr. 1234567", "sv_nr=1234567", "Drivers permit: 1234567",
          "drivers_permit: 1234567", "an E Card 1234567", "SV-Nr. 1234567", "Kimlik. No 1234567",
          "a. b 1234567");
    CHECK(true, LOW, "svnrx", "asvnr", "recard", "driver permitted");
}
END_TEST

TEST(a_word_with_accents_is_found_without_them)
{
    CHECK(true, HIGH, "numero_fiscal", "NUMERO FISCAL", "numéroFiscal", "fuehrerschein",
          "Fuhrerschein", "FÜHRERSCHEIN", "né");
    CHECK(false, HIGH, "numero fiscal 1234567", "Fuehrerschein 1234567");
    CHECK(true, LOW, "ne", "numera fiscal", "fuerschein");
}
END_TEST

TEST(beside_a_mark_of_a_word_anything_may_stand)
{
    CHECK(false, HIGH, "zip(1234567", "Zip(a, 1234567)", "list(zip(1234567))", "a#id 1234567");
    CHECK(false, LOW, "zip 1234567", "unzip(1234567", "#idle 1234567", "# id 1234567");
}
END_TEST

TEST(capitals_of_other_scripts_are_the_same_words)
{
    CHECK(false, HIGH, "ЕГН 1234567", "егн 1234567", "Егн 1234567", "ΑΦΜ 1234567",
          "ΤΗΛΕΦΩΝΟ 1234567", "Τηλέφωνο: 1234567", "IČO: 1234567", "ičo 1234567",
          "TÉLÉPHONE 1234567", "téléphone 1234567", "KİMLİK NO 1234567", "Kimlik No 1234567");
    CHECK(false, LOW, "ЕГНА 1234567", "τηλ 1234567", "IČOM 1234567", "ИЕГН 1234567");
}
END_TEST

TEST(every_form_of_a_letter_folds_into_it)
{
    for (uint32_t c = 0; c < 0x500; c++) {
        uint32_t forms[FOLD_FORMS];
        size_t n = fold_forms(fold_code(c), forms);
        bool seen = false;
        for (size_t i = 0; i < n; i++)
            seen = seen || forms[i] == c;
        ck_assert_msg(seen, "%x", c);
        ck_assert_uint_eq(fold_code(fold_code(c)), fold_code(c));
    }
}
END_TEST

SUITE(a_key_is_context_by_whole_words, case_and_underscores_begin_words_inside_a_text,
      a_hyphen_or_an_apostrophe_of_a_word_is_written_otherwise_or_not_at_all,
      a_word_with_accents_is_found_without_them, beside_a_mark_of_a_word_anything_may_stand,
      capitals_of_other_scripts_are_the_same_words, every_form_of_a_letter_folds_into_it)
