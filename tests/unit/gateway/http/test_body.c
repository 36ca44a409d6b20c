/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/body.h"

#include "unit/suite.h"

/* Decodes in pieces of `piece`; the data in *out, the bytes used returned. */
static size_t decode(struct http_body *body, struct dvara_str bytes, size_t piece, struct buf *out)
{
    size_t at = 0;
    while (at < bytes.n && !body->done) {
        size_t used;
        struct dvara_str data;
        struct dvara_str part = dvara_str_slice(bytes, at, at + piece);
        ck_assert_int_eq(http_body_step(body, part, &used, &data), HTTP_REFUSAL_NONE);
        ck_assert_uint_gt(used, 0);
        buf_append(out, data);
        at += used;
    }
    return at;
}

TEST(chunks_are_joined_over_any_split)
{
    struct dvara_str bytes = DVARA_STR("3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: u\r\n\r\nNEXT");
    for (size_t piece = 1; piece <= bytes.n; piece++) {
        struct http_body body;
        struct http_head head = {.framing = HTTP_FRAMING_CHUNKED};
        http_body_init(&body, &head);
        struct buf out;
        buf_init(&out, 1000);
        size_t used = decode(&body, bytes, piece, &out);
        ck_assert(body.done);
        ck_assert_uint_eq(used, bytes.n - 4);
        ck_assert(dvara_str_eq(buf_str(&out), DVARA_STR("abc0123456789")));
        buf_clear(&out);
    }
}

TEST(a_length_takes_that_many_bytes)
{
    struct http_body body;
    struct http_head head = {.framing = HTTP_FRAMING_LENGTH, .content_length = 3};
    http_body_init(&body, &head);
    struct buf out;
    buf_init(&out, 1000);
    ck_assert_uint_eq(decode(&body, DVARA_STR("abcdef"), 2, &out), 3);
    ck_assert(body.done);
    ck_assert(dvara_str_eq(buf_str(&out), DVARA_STR("abc")));
    buf_clear(&out);
}

TEST(the_end_of_the_connection_ends_only_a_body_that_waits_for_it)
{
    struct http_body body;
    struct http_head head = {.framing = HTTP_FRAMING_UNTIL_CLOSE};
    http_body_init(&body, &head);
    ck_assert(!body.done);
    ck_assert_int_eq(http_body_closed(&body), HTTP_REFUSAL_NONE);
    ck_assert(body.done);
    head.framing = HTTP_FRAMING_CHUNKED;
    http_body_init(&body, &head);
    ck_assert_int_eq(http_body_closed(&body), HTTP_REFUSAL_TRUNCATED);
    head.framing = HTTP_FRAMING_NONE;
    http_body_init(&body, &head);
    ck_assert(body.done);
}

TEST(what_is_encoded_decodes_to_itself)
{
    static char data[70000];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 31);
    struct buf encoded;
    buf_init(&encoded, 1 << 20);
    size_t total = 0;
    for (size_t n = 1; total + n <= sizeof data; n = n * 2 + 1) {
        http_chunk_write(&encoded, dvara_str_from(data + total, n));
        total += n;
    }
    http_chunk_write(&encoded, DVARA_STR(""));
    http_chunk_end(&encoded, NULL);
    struct http_body body;
    struct http_head head = {.framing = HTTP_FRAMING_CHUNKED};
    http_body_init(&body, &head);
    struct buf out;
    buf_init(&out, 1 << 20);
    ck_assert_uint_eq(decode(&body, buf_str(&encoded), 1000, &out), encoded.n);
    ck_assert(body.done);
    ck_assert(dvara_str_eq(buf_str(&out), dvara_str_from(data, total)));
    buf_clear(&out);
    buf_clear(&encoded);
}

SUITE(chunks_are_joined_over_any_split, a_length_takes_that_many_bytes,
      the_end_of_the_connection_ends_only_a_body_that_waits_for_it,
      what_is_encoded_decodes_to_itself)
