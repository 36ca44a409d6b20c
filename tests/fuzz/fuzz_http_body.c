/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a body: the first says how it is framed, the second how long the pieces are. Decoded
 * whole and in pieces it is the same, and what is encoded again decodes to the same. */
#include "gateway/http/body.h"

#include <assert.h>

static enum http_refusal decode(const struct http_head *head, struct dvara_str bytes, size_t piece,
                                struct buf *out, size_t *ret_used)
{
    struct http_body body;
    http_body_init(&body, head);
    size_t at = 0;
    while (at < bytes.n && !body.done) {
        size_t used;
        struct dvara_str data;
        enum http_refusal refusal =
            http_body_step(&body, dvara_str_slice(bytes, at, at + piece), &used, &data);
        if (refusal)
            return refusal;
        assert(used > 0 && used <= piece);
        at += used;
        buf_append(out, data);
    }
    *ret_used = at;
    return body.done ? HTTP_REFUSAL_NONE : http_body_closed(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct dvara_str bytes = {(const char *)data + 3, size - 3};
    struct http_head head = {.framing = (enum http_framing)(1 + data[0] % 3),
                             .content_length = data[2]};
    struct buf whole;
    struct buf pieces;
    buf_init(&whole, 1 << 20);
    buf_init(&pieces, 1 << 20);
    size_t whole_used = 0;
    size_t used = 0;
    enum http_refusal refusal = decode(&head, bytes, bytes.n + 1, &whole, &whole_used);
    assert(decode(&head, bytes, 1 + data[1] % 16, &pieces, &used) == refusal);
    assert(used == whole_used && dvara_str_eq(buf_str(&whole), buf_str(&pieces)));
    if (!refusal) {
        struct buf encoded;
        buf_init(&encoded, 2 << 20);
        http_chunk_write(&encoded, buf_str(&whole));
        http_chunk_end(&encoded, NULL);
        head.framing = HTTP_FRAMING_CHUNKED;
        buf_reset(&pieces);
        assert(decode(&head, buf_str(&encoded), encoded.n, &pieces, &used) == HTTP_REFUSAL_NONE);
        assert(dvara_str_eq(buf_str(&whole), buf_str(&pieces)));
        buf_clear(&encoded);
    }
    buf_clear(&whole);
    buf_clear(&pieces);
    return 0;
}
