/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include "base/buf.h"
#include "unit/suite.h"

TEST(integers_are_little_endian_at_any_alignment)
{
    unsigned char raw[16];
    for (size_t at = 0; at < 8; at++) {
        bytes_put64(raw + at, UINT64_C(0x0123456789abcdef));
        ck_assert_uint_eq(raw[at], 0xef);
        ck_assert_uint_eq(bytes_get64(raw + at), UINT64_C(0x0123456789abcdef));
        ck_assert_uint_eq(bytes_get32(raw + at), 0x89abcdef);
        ck_assert_uint_eq(bytes_get16(raw + at + 6), 0x0123);
    }
    struct buf out;
    buf_init(&out, 64);
    bytes_append16(&out, 0x0102);
    bytes_append32(&out, 0x03040506);
    bytes_append64(&out, 0x0708);
    ck_assert(dvara_str_eq(buf_str(&out),
                           dvara_str_from("\x02\x01\x06\x05\x04\x03\x08\x07\0\0\0\0\0\0", 14)));
    buf_clear(&out);
}

TEST(hex_goes_both_ways)
{
    struct buf out;
    unsigned char raw[3];
    buf_init(&out, 64);
    bytes_hex(&out, dvara_str_from("\x00\xff\x1a", 3));
    ck_assert(dvara_str_eq(buf_str(&out), DVARA_STR("00ff1a")));
    ck_assert_int_eq(bytes_from_hex(DVARA_STR("00FF1a"), raw, 3), DVARA_OK);
    ck_assert(memcmp(raw, "\x00\xff\x1a", 3) == 0);
    ck_assert_int_eq(bytes_from_hex(DVARA_STR("00ff1"), raw, 3), DVARA_INVALID);
    ck_assert_int_eq(bytes_from_hex(DVARA_STR("00ff1aa"), raw, 3), DVARA_INVALID);
    ck_assert_int_eq(bytes_from_hex(DVARA_STR("00fg1a"), raw, 3), DVARA_INVALID);
    buf_clear(&out);
}

TEST(hex_is_of_every_byte_at_every_place)
{
    for (size_t n = 0; n <= 9; n++)
        for (size_t at = 0; at < n; at++)
            for (int byte = 0; byte < 256; byte++) {
                char bytes[9] = {0}, text[19], wanted[19] = "000000000000000000", two[3];
                bytes[at] = (char)byte;
                snprintf(two, sizeof two, "%02x", byte);
                memcpy(wanted + 2 * at, two, 2);
                bytes_hex_text(dvara_str_from(bytes, n), text);
                ck_assert_int_eq(memcmp(text, wanted, 2 * n), 0);
            }
}

TEST(base_32_is_crockfords)
{
    static const struct {
        struct dvara_str bytes;
        size_t digits;
        const char *text;
    } rows[] = {{{"\x00\x00\x00\x00\x00", 5}, 8, "00000000"},
                {{"\xff\xff\xff\xff\xff", 5}, 8, "zzzzzzzz"},
                {{"\x08\x42\x10\x84\x21", 5}, 8, "11111111"},
                {{"f", 1}, 2, "cr"},
                {{"foobar", 6}, 10, "csqpyrk1e8"},
                {{"foobar", 6}, 3, "csq"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out;
        buf_init(&out, 64);
        bytes_base32(&out, rows[i].bytes, rows[i].digits);
        ck_assert_msg(dvara_str_eq(buf_str(&out), dvara_str_from_cstr(rows[i].text)), "%zu %.*s", i,
                      DVARA_STR_ARG(buf_str(&out)));
        buf_clear(&out);
    }
}

TEST(secrets_compare_by_all_their_bytes)
{
    ck_assert(bytes_eq_secret(DVARA_STR("abc"), DVARA_STR("abc")));
    ck_assert(!bytes_eq_secret(DVARA_STR("abc"), DVARA_STR("abd")));
    ck_assert(!bytes_eq_secret(DVARA_STR("abc"), DVARA_STR("ab")));
    ck_assert(bytes_eq_secret(DVARA_STR(""), DVARA_STR("")));
}

SUITE(hex_is_of_every_byte_at_every_place, integers_are_little_endian_at_any_alignment,
      hex_goes_both_ways, base_32_is_crockfords, secrets_compare_by_all_their_bytes)
