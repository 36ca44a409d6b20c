/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/scanner.h"

#include "rows.h"

#include <sys/mman.h>

TEST(an_email_is_found_from_its_first_letter_to_its_top_level_domain)
{
    CHECK_ROWS({"write to jane.doe+x@mail.example.com.", "email[9,36]"},
               {"<o'brien@example.ie>", "email[1,19]"}, {"**bold@example.org**", "email[2,18]"},
               {"j\xc3\xb6rg@m\xc3\xbcller.de", "email[0,16]"}, {"my email is info@presidio.", ""},
               {"user@xn--80ak6aa92e.com", "email[0,23]"}, {"icon@2x.png", ""}, {"a@b", ""},
               {"no@domain..com", ""},
               {"x\xff"
                "bob@example.com\xff",
                "email[2,17]"});
}
END_TEST

TEST(a_card_needs_an_issuer_a_length_and_luhn)
{
    CHECK_ROWS(
        {"pay 4111 1111 1111 1111 now", "credit_card[4,23]"},
        {"pay 4111-1111-1111-1111.", "credit_card[4,23]"}, {"4111111111111112", ""},
        {"371449635398431", "credit_card[0,15]"}, {"3714 496353 98431", "credit_card[0,17]"},
        {"30569309025904", "credit_card[0,14]"}, {"2221 0000 0000 0009", "credit_card[0,19]"},
        {"4111 1111 1111 1111 123", "credit_card[0,19]"}, {"x4111111111111111", ""},
        {"41111111111111111111111", ""}, {"3.4111111111111111", ""}, {"0000000000000000", ""});
}
END_TEST

enum { PAGE = 4096 };

/* Two pages with nothing readable before and after them. */
static char *guarded_pages(void)
{
    char *pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(pages, MAP_FAILED);
    ck_assert_int_eq(mprotect(pages, PAGE, PROT_NONE), 0);
    ck_assert_int_eq(mprotect(pages + (size_t)3 * PAGE, PAGE, PROT_NONE), 0);
    return pages + PAGE;
}

TEST(a_text_at_the_edge_of_readable_memory_is_scanned)
{
    /* The vector code of the pattern engine reads past a text of some lengths: found by fuzzing. */
    static const char text[] =
        "\001GB82 WES9 1159 5698 4111 1111 1111 1111 12t5:11 fe80::1%ete80::1%"
        "eth0110.0.0\011 jane.doe@example.com 536-22-8726 AKIAIOSFODNN7EXAMPLE";
    struct fixture fixture = fixture_new();
    char *pages = guarded_pages();
    for (size_t n = 1; n <= (size_t)2 * PAGE; n += n < 600 ? 1 : 61) {
        char *at_end = pages + (size_t)2 * PAGE - n;
        for (size_t i = 0; i < n; i++)
            at_end[i] = text[(i + n) % (sizeof text - 1)];
        enum dvara_error_kind error;
        dvara_scan(fixture.scanner, NULL, dvara_str_from(at_end, n), (struct dvara_str){0}, &error);
        ck_assert_int_eq(error, DVARA_ERROR_NONE);
        memmove(pages, at_end, n);
        dvara_scan(fixture.scanner, NULL, dvara_str_from(pages, n), (struct dvara_str){0}, &error);
        ck_assert_int_eq(error, DVARA_ERROR_NONE);
    }
    ck_assert_int_eq(munmap(pages - PAGE, (size_t)4 * PAGE), 0);
    fixture_clear(&fixture);
}
END_TEST

TEST(a_span_is_explained_by_pattern_check_and_words)
{
    struct fixture fixture = fixture_new();
    struct dvara_str text = DVARA_STR("his ssn for the order is 536228726, thanks");
    struct dvara_str label = DVARA_STR("employee");
    enum dvara_error_kind error;
    struct dvara_spans spans = dvara_scan(fixture.scanner, NULL, text, label, &error);
    ck_assert_uint_eq(spans.n, 1);
    struct dvara_explained why = dvara_scan_explain(fixture.scanner, text, label, &spans.v[0]);
    ck_assert(dvara_str_eq(why.pattern, DVARA_STR("\\b[0-9]{9}\\b")));
    ck_assert(dvara_str_eq(why.validator, DVARA_STR("us_ssn")));
    ck_assert_int_eq(why.validation, DVARA_VALIDATION_UNKNOWN);
    ck_assert(dvara_str_eq(dvara_str_slice(text, why.word_start, why.word_end), DVARA_STR("ssn")));
    ck_assert_uint_eq(why.against_start, why.against_end);
    ck_assert(!why.word_in_label);
    text = DVARA_STR("EMP-555555");
    spans = dvara_scan(fixture.scanner, NULL, text, label, &error);
    ck_assert_uint_eq(spans.n, 1);
    why = dvara_scan_explain(fixture.scanner, text, label, &spans.v[0]);
    ck_assert(why.word_in_label && why.word_start == why.word_end);
    ck_assert_int_eq(why.validation, DVARA_VALIDATION_NONE);
    fixture_clear(&fixture);
}
END_TEST

TEST(a_social_security_number_is_found_by_shape_or_by_context)
{
    CHECK_ROWS({"SSN 536-22-8726 ok", "us_ssn[4,15]"}, {"536 22 8726", "us_ssn[0,11]"},
               {"536228726", ""}, {"ssn: 536228726", "us_ssn[5,14]"}, {"666-22-8726", ""},
               {"900-22-8726", ""}, {"536-00-8726", ""}, {"536-22-0000", ""}, {"078-05-1120", ""},
               {"536-22.8726", ""},
               {"\xc3\xa9"
                "536-22-8726",
                ""},
               {"536-22-8726-1", ""},
               {"\xe6\x98\xaf"
                "536-22-8726\xe3\x80\x82",
                "us_ssn[3,14]"});
}
END_TEST

TEST(an_iban_is_found_in_any_spacing_and_case)
{
    CHECK_ROWS({"IBAN GB82 WEST 1234 5698 7654 32.", "iban[5,32]"},
               {"gb82west12345698765432", "iban[0,22]"}, {"GB82WEST12345698765433", ""},
               {"to DE89 3704 0044 0532 0130 00 and", "iban[3,30]"},
               {"NO9386011117947", "iban[0,15]"},
               {"MT84MALT011000012345MTLCAST001S", "iban[0,31]"});
}
END_TEST

TEST(addresses_of_both_families_are_found_whole)
{
    CHECK_ROWS({"from 192.168.0.1:8080", "ipv4[5,16]"}, {"10.0.0.0/8 net", "ipv4[0,10]"},
               {"1.2.3.4.5", ""}, {"256.1.1.1", ""}, {"version 1.2.3.4", ""},
               {"host fe80::1%eth0, up", "ipv6[5,17]"},
               {"2001:db8::8a2e:370:7334/64", "ipv6[0,26]"}, {"::ffff:10.1.2.3", "ipv6[0,15]"},
               {"at 10:30:45 today", ""}, {"std::vector", ""}, {"fe::ed", ""}, {"a::b", ""},
               {"fe80::ab", "ipv6[0,8]"}, {"1:2:3:4:5:6:7:8", "ipv6[0,15]"}, {"1:2:3:4:5:6:7", ""});
}
END_TEST

TEST(a_phone_number_is_international_north_american_or_named_by_context)
{
    CHECK_ROWS({"+44 20 7946 0958 is it", "phone[0,16]"}, {"(415) 555-0132", "phone[0,14]"},
               {"+1-604-696-5272x565", "phone[0,19]"}, {"415.555.0132 ext. 12", "phone[0,20]"},
               {"4155550132", ""}, {"call 4155550132", "phone[5,15]"},
               {"+46 (0)8 928 571 38", "phone[0,19]"}, {"2024-05-31", ""},
               {"call me on 2024-05-31", ""}, {"+999 12345678", ""});
}
END_TEST

TEST(credentials_are_found_by_their_shape)
{
    CHECK_ROWS({"key AKIAIOSFODNN7EXAMPLE;", "aws_access_key[4,24]"}, {"AKIAIOSFODNN7EXAMPLEX", ""},
               {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln end", "jwt[0,41]"},
               {"eyJhbGciOiJIUzI1NiJ9", ""});
}
END_TEST

TEST(a_custom_pattern_honours_boundaries_exceptions_words_and_checks)
{
    CHECK_ROWS({"badge EMP-654321.", "employee_id[6,16]"}, {"EMP-6543210", ""}, {"EMP-000000", ""},
               {"EMP-123456", ""},
               {"\xc3\xa9"
                "EMP-654321",
                ""},
               {"Staff 1234", "employee_id[0,10]"}, {"order EMP-654321", ""},
               {"customer K79927398713", ""}, {"customer K12345674 ", "customer_number[9,18]"},
               {"K12345674", ""}, {"sk_aaaaaaaaaaaa", ""},
               {"sk_a8Fj3kLq09Zx", "opaque_secret[0,15]"},
               {"name: Zo\xc3\xab!", "quoted_name[6,10]"});
}
END_TEST

TEST(a_label_is_context)
{
    struct fixture fixture = fixture_new();
    enum dvara_error_kind error;
    struct dvara_spans spans =
        dvara_scan(fixture.scanner, NULL, DVARA_STR("536228726"), DVARA_STR("customerSSN"), &error);
    ck_assert_uint_eq(spans.n, 1);
    ck_assert(spans.v[0].context);
    fixture_clear(&fixture);
}
END_TEST

TEST(only_wanted_detectors_are_looked_for)
{
    struct fixture fixture = fixture_new();
    uint8_t wanted[FIXTURE_COUNT] = {[0] = 1};
    enum dvara_error_kind error;
    struct dvara_spans spans = dvara_scan(fixture.scanner, wanted, DVARA_STR("a@b.io 536-22-8726"),
                                          (struct dvara_str){0}, &error);
    ck_assert_uint_eq(spans.n, 1);
    ck_assert_uint_eq(spans.v[0].detector, 0);
    fixture_clear(&fixture);
}
END_TEST

TEST(too_many_candidates_are_an_error_and_no_spans)
{
    struct fixture fixture = fixture_new();
    struct buf text;
    enum dvara_error_kind error;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < 20000; i++)
        BUF_LIT(&text, "eyJ0123456 ");
    struct dvara_spans spans =
        dvara_scan(fixture.scanner, NULL, buf_str(&text), (struct dvara_str){0}, &error);
    ck_assert_int_eq(error, DVARA_ERROR_CANDIDATES);
    ck_assert_uint_eq(spans.n, 0);
    buf_clear(&text);
    fixture_clear(&fixture);
}
END_TEST

TEST(rows_of_numbers_are_few_candidates)
{
    struct fixture fixture = fixture_new();
    struct buf text;
    enum dvara_error_kind error;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < 50000; i++)
        BUF_LIT(&text, "1 0, ");
    BUF_LIT(&text, "mail a@b.io");
    struct dvara_spans spans =
        dvara_scan(fixture.scanner, NULL, buf_str(&text), (struct dvara_str){0}, &error);
    ck_assert_int_eq(error, DVARA_ERROR_NONE);
    ck_assert_uint_eq(spans.n, 1);
    buf_clear(&text);
    fixture_clear(&fixture);
}
END_TEST

SUITE(a_span_is_explained_by_pattern_check_and_words,
      a_text_at_the_edge_of_readable_memory_is_scanned, rows_of_numbers_are_few_candidates,
      an_email_is_found_from_its_first_letter_to_its_top_level_domain,
      a_card_needs_an_issuer_a_length_and_luhn,
      a_social_security_number_is_found_by_shape_or_by_context,
      an_iban_is_found_in_any_spacing_and_case, addresses_of_both_families_are_found_whole,
      a_phone_number_is_international_north_american_or_named_by_context,
      credentials_are_found_by_their_shape,
      a_custom_pattern_honours_boundaries_exceptions_words_and_checks, a_label_is_context,
      only_wanted_detectors_are_looked_for, too_many_candidates_are_an_error_and_no_spans)
