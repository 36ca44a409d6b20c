/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/layers.h"

#include "rows.h"

TEST(digits_of_any_script_are_digits)
{
    CHECK_ROWS(
        {"pay \xef\xbc\x94\xef\xbc\x91\xef\xbc\x91\xef\xbc\x91 1111 1111 1111 now",
         "credit_card[4,31]"},
        {"\xd9\xa4\xd9\xa1\xd9\xa1\xd9\xa1 1111 1111 1111", "credit_card[0,23]"},
        {"\xe0\xa5\xaa\xe0\xa5\xa7\xe0\xa5\xa7\xe0\xa5\xa7 1111 1111 1111", "credit_card[0,27]"},
        {"\xf0\x9d\x9f\x92"
         "111 1111 1111 1111",
         "credit_card[0,22]"},
        {"\xe2\x91\xa3"
         "111 1111 1111 1111",
         "credit_card[0,21]"},
        {"\xe2\x81\xb4\xc2\xb9\xc2\xb9\xc2\xb9 1111 1111 1111", "credit_card[0,24]"});
}
END_TEST

TEST(what_does_not_show_is_not_read_but_belongs_to_the_span)
{
    CHECK_ROWS({"4111\xe2\x80\x8b 1111\xc2\xad 1111 11\xef\xbb\xbf"
                "11.",
                "credit_card[0,27]"},
               {"a\xe2\x80\x8d@b.io", "email[0,9]"},
               {"4\xcc\xb6"
                "111 1111 1111 1111",
                "credit_card[0,21]"},
               {"5\xcc\xb6"
                "3\xcc\xb6"
                "6\xcc\xb6-\xcc\xb6"
                "22-\xcc\xb6"
                "8726",
                "us_ssn[0,21]"},
               {"536\xe2\x80\xae-22-8726", "us_ssn[0,14]"});
}
END_TEST

TEST(odd_spaces_dashes_dots_and_signs_are_the_plain_ones)
{
    CHECK_ROWS({"536\xe2\x80\x91"
                "22\xe2\x88\x92"
                "8726",
                "us_ssn[0,15]"},
               {"4111\xc2\xa0"
                "1111\xe2\x80\x83"
                "1111\xe3\x80\x80"
                "1111",
                "credit_card[0,24]"},
               {"jane\xef\xbc\xa0"
                "example.com",
                "email[0,18]"},
               {"jane@example\xef\xbc\x8e"
                "com",
                "email[0,18]"});
}
END_TEST

TEST(letters_that_look_like_digits_count_where_a_checksum_holds)
{
    CHECK_ROWS({"pay 4l11 1111 1111 1111 now", "credit_card[4,23]"},
               {"pay 4111 1111 1111 1I1l now", "credit_card[4,23]"},
               {"3O569309O259O4", "credit_card[0,14]"}, {"4l11 1111 1111 1112", ""},
               {"\xd0\x95xample", ""}, {"DE89 3704 0044 0532 0130 00", "iban[0,27]"},
               {"D\xd0\x95"
                "89 3704 0044 0532 0130 00",
                "iban[0,28]"},
               {"GB82 WES\xd0\xa2 1234 5698 7654 32", "iban[0,28]"});
}
END_TEST

TEST(separators_anywhere_do_not_hide_a_number)
{
    CHECK_ROWS({"4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "credit_card[0,31]"},
               {"4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1", "credit_card[0,31]"},
               {"**4111**1111 **1111** 1111", "credit_card[2,26]"},
               {"4111\n1111\n1111\n1111", "credit_card[0,19]"},
               {"4111|1111|1111|1111", "credit_card[0,19]"},
               {"4111<b>1111</b>11111111", "credit_card[0,23]"},
               {"4111.1111.1111.1111", "credit_card[0,19]"},
               {"4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 2", ""},
               {"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", ""});
}
END_TEST

TEST(escapes_are_decoded)
{
    CHECK_ROWS({"q=john%40example.com&x=1", "email[2,20]"},
               {"q=john%2540example.com", "email[2,22]"},
               {"%34%31%31%31 1111 1111 1111", "credit_card[0,27]"},
               {"john&#64;example.com", "email[0,20]"}, {"john&#x40;example.com", "email[0,21]"},
               {"john&commat;example.com", "email[0,23]"},
               {"{\"n\":\"\\u0034111 1111 1111 1111\"}", "credit_card[6,30]"},
               {"{\\\"n\\\":\\\"\\\\u0034111 1111 1111 1111\\\"}", "credit_card[9,34]"},
               {"card:\\n4111 1111 1111 1111", "credit_card[7,26]"}, {"10.0.0.0\\/8", "ipv4[0,11]"},
               {"100% of &c", ""});
}
END_TEST

TEST(packed_runs_are_unpacked)
{
    /* "card 4111111111111111." and the digits alone; in base64, off by one, and in hexadecimal */
    CHECK_ROWS({"x Y2FyZCA0MTExMTExMTExMTExMTExLg== y", "credit_card[8,30]"},
               {"NDExMTExMTExMTExMTExMQ==", "credit_card[0,22]"},
               {"ANDExMTExMTExMTExMTExMQ", "credit_card[1,23]"},
               {"34313131313131313131313131313131", "credit_card[0,32]"},
               {"at NTM2LTIyLTg3MjY= it", "us_ssn[3,18]"}, {"v=NTM2LTIyLTg3MjY=", "us_ssn[2,17]"},
               {"internationalization of characterizations", ""},
               {"da39a3ee5e6b4b0d3255bfef95601890afd80709", ""});
}
END_TEST

TEST(tag_characters_are_read)
{
    struct buf text;
    buf_init(&text, 256);
    for (const char *p = "a@b.io"; *p; p++) {
        char tag[4] = {'\xf3', '\xa0', (char)(0x80 | (unsigned char)*p >> 6),
                       (char)(0x80 | (*p & 0x3F))};
        buf_append(&text, dvara_str_from(tag, 4));
    }
    buf_byte(&text, '\0');
    CHECK_ROWS({text.p, "email[0,24]"});
    buf_clear(&text);
}
END_TEST

TEST(a_span_says_how_it_was_read)
{
    static const struct {
        const char *text;
        enum dvara_via via;
    } rows[] = {{"a@b.io", DVARA_VIA_PLAIN},
                {"a\xef\xbc\xa0"
                 "b.io",
                 DVARA_VIA_NORMAL},
                {"a%40b.io", DVARA_VIA_DECODED},
                {"NDExMTExMTExMTExMTExMQ==", DVARA_VIA_PACKED},
                {"4l11 1111 1111 1111", DVARA_VIA_FOLDED}};
    struct fixture fixture = fixture_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum dvara_error_kind error;
        struct dvara_spans spans =
            dvara_scan(fixture.scanner, NULL, dvara_str_from_cstr(rows[i].text),
                       (struct dvara_str){0}, &error);
        ck_assert_msg(spans.n == 1 && spans.v[0].via == rows[i].via, "%s", rows[i].text);
    }
    fixture_clear(&fixture);
}
END_TEST

SUITE(digits_of_any_script_are_digits, what_does_not_show_is_not_read_but_belongs_to_the_span,
      odd_spaces_dashes_dots_and_signs_are_the_plain_ones,
      letters_that_look_like_digits_count_where_a_checksum_holds,
      separators_anywhere_do_not_hide_a_number, escapes_are_decoded, packed_runs_are_unpacked,
      tag_characters_are_read, a_span_says_how_it_was_read)
