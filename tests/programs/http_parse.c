/* SPDX-License-Identifier: Apache-2.0 */
/* What the codec makes of messages, for scripts. Standard input holds messages, each: a byte 'q'
 * (request) or 'a' (answer), four bytes of length (big-endian), the bytes. For each a line of JSON:
 * {"verdict":"refused","reason":R} | {"verdict":"short"} | {"verdict":"accepted","method","target",
 * "status","fields":[[n,v]],"body","used"}; texts in hex. Every message is decoded whole, byte by
 * byte and in pieces of seven; the program aborts when the three differ. */
#include "base/buf.h"
#include "gateway/http/body.h"
#include "gateway/limits.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct result {
    bool is_short;
    enum http_refusal refusal;
    struct http_head head;
    struct buf body;
    size_t used;
};

/* Finds and parses the head as if the bytes came in pieces; *ret_end is its end. */
static bool take_head(struct result *result, struct dvara_str bytes, size_t from, size_t piece,
                      bool is_answer, size_t *ret_end)
{
    size_t scanned = 0;
    size_t limit = is_answer ? LIMIT_UPSTREAM_HEAD_BYTES : HTTP_MAX_HEAD_BYTES;
    struct dvara_str rest = dvara_str_slice(bytes, from, bytes.n);
    size_t end = 0;
    for (size_t n = 0; !end && n < rest.n;) {
        n = rest.n - n < piece ? rest.n : n + piece;
        result->refusal = http_head_find_end(dvara_str_slice(rest, 0, n), limit, &scanned, &end);
        if (result->refusal)
            return false;
    }
    result->is_short = end == 0;
    if (!end)
        return false;
    struct dvara_str head = dvara_str_slice(rest, 0, end);
    result->refusal = is_answer ? http_head_parse_response(head, false, &result->head)
                                : http_head_parse_request(head, &result->head);
    *ret_end = from + end;
    return result->refusal == HTTP_REFUSAL_NONE;
}

static void take_body(struct result *result, struct dvara_str bytes, size_t at, size_t piece)
{
    struct http_body body;
    http_body_init(&body, &result->head);
    while (at < bytes.n && !body.done) {
        struct dvara_str part = dvara_str_slice(bytes, at, at + piece);
        size_t used;
        struct dvara_str data;
        result->refusal = http_body_step(&body, part, &used, &data);
        if (result->refusal)
            return;
        buf_append(&result->body, data);
        at += used;
    }
    result->used = at;
    if (!body.done)
        result->is_short = http_body_closed(&body) != HTTP_REFUSAL_NONE;
}

static void decode(struct result *result, struct dvara_str bytes, size_t piece, bool is_answer)
{
    result->is_short = false;
    result->refusal = HTTP_REFUSAL_NONE;
    result->used = 0;
    buf_init(&result->body, 1 << 26);
    size_t end = 0;
    do {
        if (!take_head(result, bytes, end, piece, is_answer, &end))
            return;
    } while (is_answer && result->head.status < 200);
    take_body(result, bytes, end, piece);
}

static void assert_same(const struct result *a, const struct result *b)
{
    assert(a->refusal == b->refusal && a->is_short == b->is_short);
    if (a->refusal || a->is_short)
        return;
    assert(a->used == b->used && dvara_str_eq(buf_str(&a->body), buf_str(&b->body)));
}

static void print_hex(struct dvara_str s)
{
    putchar('"');
    for (size_t i = 0; i < s.n; i++)
        printf("%02x", (unsigned char)s.p[i]);
    putchar('"');
}

static void print_accepted(const struct result *result)
{
    const struct http_head *head = &result->head;
    printf("{\"verdict\":\"accepted\",\"status\":%d,\"method\":", head->status);
    print_hex(head->method);
    printf(",\"target\":");
    print_hex(head->target);
    printf(",\"fields\":[");
    for (size_t i = 0; i < head->field_count; i++) {
        printf(i ? ",[" : "[");
        print_hex(head->fields[i].name);
        putchar(',');
        print_hex(head->fields[i].value);
        putchar(']');
    }
    printf("],\"keep_alive\":%s,\"used\":%zu,\"body\":", head->keep_alive ? "true" : "false",
           result->used);
    print_hex(buf_str(&result->body));
    printf("}\n");
}

static void judge(struct dvara_str bytes, bool is_answer)
{
    static const size_t pieces[] = {SIZE_MAX / 2, 1, 7};
    struct result *results = calloc(3, sizeof *results);
    assert(results);
    for (size_t i = 0; i < 3; i++) {
        decode(&results[i], bytes, pieces[i], is_answer);
        assert_same(&results[0], &results[i]);
    }
    if (results[0].refusal)
        printf("{\"verdict\":\"refused\",\"reason\":\"%s\"}\n",
               http_refusal_row(results[0].refusal)->name_cstr);
    else if (results[0].is_short)
        printf("{\"verdict\":\"short\"}\n");
    else
        print_accepted(&results[0]);
    for (size_t i = 0; i < 3; i++)
        buf_clear(&results[i].body);
    free(results);
}

int main(void)
{
    unsigned char header[5];
    while (fread(header, 1, sizeof header, stdin) == sizeof header) {
        size_t n =
            (size_t)header[1] << 24 | (size_t)header[2] << 16 | (size_t)header[3] << 8 | header[4];
        char *bytes = malloc(n ? n : 1);
        if (!bytes || fread(bytes, 1, n, stdin) != n)
            return 1;
        judge(dvara_str_from(bytes, n), header[0] == 'a');
        free(bytes);
    }
    return 0;
}
