/* SPDX-License-Identifier: Apache-2.0 */
/* The hostile corpus runs in tests/gateway/test_http_corpus.py; here is what a parsed head says. */
#include "gateway/http/head.h"

#include "unit/suite.h"

static enum http_refusal parse(const char *text_cstr, struct http_head *head)
{
    return http_head_parse_request(dvara_str_from_cstr(text_cstr), head);
}

#define ck_assert_slice(slice, text_cstr)                                                          \
    ck_assert_msg(dvara_str_eq((slice), dvara_str_from_cstr(text_cstr)), "got \"%.*s\"",           \
                  DVARA_STR_ARG(slice))

TEST(the_parts_of_a_request_are_slices_of_it)
{
    const char *text = "POST /v1/chat?a=b HTTP/1.1\r\nHost: api.test:80\r\nX-A:  b c \r\n\r\n";
    struct http_head head;
    ck_assert_int_eq(parse(text, &head), HTTP_REFUSAL_NONE);
    ck_assert_slice(head.method, "POST");
    ck_assert_slice(head.target, "/v1/chat?a=b");
    ck_assert_slice(head.path, "/v1/chat");
    ck_assert_slice(head.query, "a=b");
    ck_assert_slice(head.host, "api.test:80");
    ck_assert(dvara_str_is_absent(head.authority));
    ck_assert_uint_eq(head.field_count, 2);
    ck_assert_slice(http_head_value(&head, DVARA_STR("x-a")), "b c");
    ck_assert(head.fields[1].value.p > text && head.fields[1].value.p < text + strlen(text));
}

TEST(an_absolute_target_is_taken_apart)
{
    struct http_head head;
    ck_assert_int_eq(parse("GET HTTP://a.test:8080/b?c HTTP/1.1\r\nHost: x\r\n\r\n", &head), 0);
    ck_assert_slice(head.authority, "a.test:8080");
    ck_assert_slice(head.path, "/b");
    ck_assert_slice(head.query, "c");
    ck_assert_int_eq(parse("GET http://a.test?c HTTP/1.1\r\nHost: x\r\n\r\n", &head), 0);
    ck_assert_slice(head.path, "/");
    ck_assert_slice(head.query, "c");
}

TEST(an_empty_query_is_not_an_absent_one)
{
    struct http_head head;
    ck_assert_int_eq(parse("GET /a? HTTP/1.1\r\nHost: x\r\n\r\n", &head), 0);
    ck_assert(!dvara_str_is_absent(head.query));
    ck_assert_uint_eq(head.query.n, 0);
    ck_assert_int_eq(parse("GET /a HTTP/1.1\r\nHost: x\r\n\r\n", &head), 0);
    ck_assert(dvara_str_is_absent(head.query));
}

TEST(a_connection_is_kept_as_the_version_and_the_field_say)
{
    struct http_head head;
    ck_assert_int_eq(parse("GET / HTTP/1.1\r\nHost: x\r\n\r\n", &head), 0);
    ck_assert(head.keep_alive);
    ck_assert_int_eq(parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: a, Close\r\n\r\n", &head), 0);
    ck_assert(!head.keep_alive);
    ck_assert_int_eq(parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: closed\r\n\r\n", &head), 0);
    ck_assert(head.keep_alive);
    ck_assert_int_eq(parse("GET / HTTP/1.0\r\n\r\n", &head), 0);
    ck_assert(!head.keep_alive);
    ck_assert_int_eq(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", &head), 0);
    ck_assert(head.keep_alive);
}

TEST(the_framing_is_decided_by_the_head)
{
    struct http_head head;
    ck_assert_int_eq(parse("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n", &head), 0);
    ck_assert_int_eq(head.framing, HTTP_FRAMING_LENGTH);
    ck_assert_uint_eq(head.content_length, 12);
    ck_assert_int_eq(parse("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", &head), 0);
    ck_assert_int_eq(head.framing, HTTP_FRAMING_NONE);
    ck_assert_int_eq(
        parse("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: CHUNKED\r\n\r\n", &head), 0);
    ck_assert_int_eq(head.framing, HTTP_FRAMING_CHUNKED);
    struct dvara_str answer = DVARA_STR("HTTP/1.1 200 OK\r\n\r\n");
    ck_assert_int_eq(http_head_parse_response(answer, false, &head), 0);
    ck_assert_int_eq(head.framing, HTTP_FRAMING_UNTIL_CLOSE);
    ck_assert(!head.keep_alive);
    ck_assert_int_eq(http_head_parse_response(answer, true, &head), 0);
    ck_assert_int_eq(head.framing, HTTP_FRAMING_NONE);
}

TEST(waiting_for_100_continue_is_noticed_on_1_1_only)
{
    struct http_head head;
    ck_assert_int_eq(parse("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n\r\n", &head), 0);
    ck_assert(head.expects_continue);
    ck_assert_int_eq(parse("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", &head), 0);
    ck_assert(!head.expects_continue);
}

TEST(fields_of_one_name_are_found_in_turn)
{
    struct http_head head;
    ck_assert_int_eq(parse("GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\na: 3\r\n\r\n", &head), 0);
    const struct http_field *first = http_head_find(&head, DVARA_STR("A"), 0);
    ck_assert_ptr_nonnull(first);
    ck_assert_slice(first->value, "1");
    size_t next = (size_t)(first - head.fields) + 1;
    ck_assert_slice(http_head_find(&head, DVARA_STR("A"), next)->value, "3");
    ck_assert_ptr_null(http_head_find(&head, DVARA_STR("C"), 0));
}

TEST(names_differ_by_more_than_one_bit)
{
    ck_assert(http_name_eq(DVARA_STR("Content-Length"), DVARA_STR("content-length")));
    ck_assert(!http_name_eq(DVARA_STR("a-b"), DVARA_STR("a\rb")));
    ck_assert(!http_name_eq(DVARA_STR("[a]"), DVARA_STR("{a}")));
    ck_assert(!http_name_eq(DVARA_STR("@"), DVARA_STR("`")));
}

TEST(the_end_of_a_head_is_found_over_any_split)
{
    struct dvara_str text = DVARA_STR("GET / HTTP/1.1\r\nHost: x\r\n\r\nbody");
    for (size_t split = 0; split < text.n; split++) {
        size_t scanned = 0;
        size_t end = 0;
        ck_assert_int_eq(http_head_find_end(dvara_str_slice(text, 0, split), 1000, &scanned, &end),
                         0);
        if (!end)
            ck_assert_int_eq(http_head_find_end(text, 1000, &scanned, &end), 0);
        ck_assert_uint_eq(end, text.n - 4);
    }
}

TEST(a_head_may_be_as_long_as_the_limit_and_no_longer)
{
    struct dvara_str text = DVARA_STR("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    size_t scanned = 0;
    size_t end = 0;
    ck_assert_int_eq(http_head_find_end(text, text.n, &scanned, &end), HTTP_REFUSAL_NONE);
    ck_assert_uint_eq(end, text.n);
    scanned = 0;
    ck_assert_int_eq(http_head_find_end(text, text.n - 1, &scanned, &end),
                     HTTP_REFUSAL_HEAD_TOO_LARGE);
}

SUITE(the_parts_of_a_request_are_slices_of_it, an_absolute_target_is_taken_apart,
      an_empty_query_is_not_an_absent_one, a_connection_is_kept_as_the_version_and_the_field_say,
      the_framing_is_decided_by_the_head, waiting_for_100_continue_is_noticed_on_1_1_only,
      fields_of_one_name_are_found_in_turn, names_differ_by_more_than_one_bit,
      the_end_of_a_head_is_found_over_any_split, a_head_may_be_as_long_as_the_limit_and_no_longer)
