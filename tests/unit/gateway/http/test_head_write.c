/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/head_write.h"

#include "unit/suite.h"

static struct buf out;

static void write_with(const struct http_field *fields, size_t count)
{
    buf_init(&out, 10000);
    http_write_request_head(&out, DVARA_STR("POST"), DVARA_STR("/v1"), DVARA_STR("a.test"), fields,
                            count, 5);
}

TEST(a_request_head_is_written_and_read_back)
{
    struct http_field fields[] = {{DVARA_STR("x-a"), DVARA_STR("b")}};
    write_with(fields, 1);
    struct http_head head;
    ck_assert_int_eq(http_head_parse_request(buf_str(&out), &head), HTTP_REFUSAL_NONE);
    ck_assert_uint_eq(head.field_count, 3);
    ck_assert_uint_eq(head.content_length, 5);
    ck_assert(dvara_str_eq(http_head_value(&head, DVARA_STR("x-a")), DVARA_STR("b")));
    buf_clear(&out);
}

TEST(a_value_cannot_start_another_line)
{
    struct http_field fields[] = {{DVARA_STR("x-a"), DVARA_STR("b\r\nx-b: c\0\n")},
                                  {DVARA_STR("x c: d"), DVARA_STR("e")},
                                  {DVARA_STR(""), DVARA_STR("f")}};
    write_with(fields, 3);
    struct http_head head;
    ck_assert_int_eq(http_head_parse_request(buf_str(&out), &head), HTTP_REFUSAL_NONE);
    ck_assert_uint_eq(head.field_count, 3);
    ck_assert(dvara_str_eq(http_head_value(&head, DVARA_STR("x-a")), DVARA_STR("b  x-b: c")));
    buf_clear(&out);
}

TEST(a_control_byte_at_any_place_of_a_value_becomes_a_space)
{
    for (size_t at = 0; at < 19; at++)
        for (int byte = 0; byte < 256; byte++) {
            char value[19];
            memset(value, 'v', sizeof value);
            value[at] = (char)byte;
            buf_init(&out, 100);
            http_write_field(&out, DVARA_STR("n"), dvara_str_from(value, sizeof value));
            bool may_stand = byte == '\t' || (byte >= ' ' && byte != 0x7f);
            if (!may_stand)
                value[at] = ' ';
            ck_assert_int_eq(memcmp(out.p + 3, value, sizeof value), 0);
            buf_clear(&out);
        }
}

TEST(fields_that_frame_are_left_out)
{
    struct http_field fields[] = {{DVARA_STR("Content-Length"), DVARA_STR("9")},
                                  {DVARA_STR("transfer-encoding"), DVARA_STR("chunked")},
                                  {DVARA_STR("HOST"), DVARA_STR("b.test")},
                                  {DVARA_STR("Connection"), DVARA_STR("upgrade")},
                                  {DVARA_STR("Upgrade"), DVARA_STR("h2c")}};
    write_with(fields, 5);
    struct http_head head;
    ck_assert_int_eq(http_head_parse_request(buf_str(&out), &head), HTTP_REFUSAL_NONE);
    ck_assert_uint_eq(head.field_count, 2);
    ck_assert_uint_eq(head.content_length, 5);
    buf_clear(&out);
}

TEST(a_target_cannot_end_the_request_line)
{
    buf_init(&out, 10000);
    http_write_request_head(&out, DVARA_STR("GET"), DVARA_STR("/a HTTP/1.1\r\nX: y"),
                            DVARA_STR("a.test"), NULL, 0, -1);
    struct http_head head;
    ck_assert_int_eq(http_head_parse_request(buf_str(&out), &head), HTTP_REFUSAL_NONE);
    ck_assert_uint_eq(head.field_count, 1);
    buf_clear(&out);
}

TEST(a_status_line_has_its_phrase)
{
    buf_init(&out, 100);
    http_write_status_line(&out, 429);
    ck_assert(dvara_str_eq(buf_str(&out), DVARA_STR("HTTP/1.1 429 Too Many Requests\r\n")));
    buf_reset(&out);
    http_write_status_line(&out, 299);
    ck_assert(dvara_str_eq(buf_str(&out), DVARA_STR("HTTP/1.1 299 \r\n")));
    buf_clear(&out);
}

SUITE(a_control_byte_at_any_place_of_a_value_becomes_a_space,
      a_request_head_is_written_and_read_back, a_value_cannot_start_another_line,
      fields_that_frame_are_left_out, a_target_cannot_end_the_request_line,
      a_status_line_has_its_phrase)
