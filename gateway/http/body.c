/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/body.h"

#include "gateway/http/head_write.h"

#include "gateway/http/chars.h"

enum body_state {
    BODY_PLAIN, /* Content-Length or until close */
    BODY_SIZE,
    BODY_EXTENSION,
    BODY_SIZE_LF,
    BODY_DATA,
    BODY_DATA_CR,
    BODY_DATA_LF,
    BODY_TRAILER,
    BODY_TRAILER_LF,
};

enum { MAX_SIZE_DIGITS = 15 }; /* of a chunk size: no overflow in 64 bits, or in a double */

void http_body_init(struct http_body *body, const struct http_head *head)
{
    *body = (struct http_body){.framing = head->framing};
    if (head->framing == HTTP_FRAMING_LENGTH)
        body->left = head->content_length;
    if (head->framing == HTTP_FRAMING_CHUNKED)
        body->state = BODY_SIZE;
    body->done = head->framing == HTTP_FRAMING_NONE ||
                 (head->framing == HTTP_FRAMING_LENGTH && body->left == 0);
}

static enum http_refusal end_size_line(struct http_body *body)
{
    body->state = body->left ? BODY_DATA : BODY_TRAILER;
    body->size_digits = 0;
    if (!body->left) {
        body->spent = 0;
        body->line = 0;
    }
    return HTTP_REFUSAL_NONE;
}

static enum http_refusal size_byte(struct http_body *body, char c)
{
    if (http_char_is(c, HTTP_CHAR_HEX)) {
        if (++body->size_digits > MAX_SIZE_DIGITS)
            return HTTP_REFUSAL_BAD_CHUNK_SIZE;
        body->left = body->left << 4 | http_hex_value(c);
        return HTTP_REFUSAL_NONE;
    }
    if (!body->size_digits || (c != ';' && c != '\r'))
        return HTTP_REFUSAL_BAD_CHUNK_SIZE;
    body->state = c == ';' ? BODY_EXTENSION : BODY_SIZE_LF;
    return HTTP_REFUSAL_NONE;
}

static enum http_refusal extension_byte(struct http_body *body, char c)
{
    if (c == '\r')
        body->state = BODY_SIZE_LF;
    else if (!http_char_is(c, HTTP_CHAR_VALUE) || ++body->spent > HTTP_MAX_CHUNK_EXTENSION_BYTES)
        return HTTP_REFUSAL_BAD_CHUNK_EXTENSION;
    return HTTP_REFUSAL_NONE;
}

/* A trailer line is "name: value"; `line` counts its bytes, its top bit says the colon was seen. */
static enum http_refusal trailer_byte(struct http_body *body, char c)
{
    const size_t colon_seen = (size_t)1 << 31;
    if (c == '\r') {
        if (body->line && !(body->line & colon_seen))
            return HTTP_REFUSAL_BAD_TRAILER;
        body->state = BODY_TRAILER_LF;
        return HTTP_REFUSAL_NONE;
    }
    if (++body->spent > HTTP_MAX_TRAILER_BYTES)
        return HTTP_REFUSAL_BAD_TRAILER;
    bool in_name = !(body->line & colon_seen);
    if (in_name && c == ':' && body->line)
        body->line |= colon_seen;
    else if (!http_char_is(c, in_name ? HTTP_CHAR_TOKEN : HTTP_CHAR_VALUE))
        return HTTP_REFUSAL_BAD_TRAILER;
    body->line++;
    return HTTP_REFUSAL_NONE;
}

static enum http_refusal trailer_end(struct http_body *body)
{
    body->done = body->line == 0;
    body->line = 0;
    body->state = BODY_TRAILER;
    return HTTP_REFUSAL_NONE;
}

/* One byte of what stands around chunk data. */
static enum http_refusal frame_byte(struct http_body *body, char c)
{
    switch ((enum body_state)body->state) {
    case BODY_SIZE:
        return size_byte(body, c);
    case BODY_EXTENSION:
        return extension_byte(body, c);
    case BODY_SIZE_LF:
        return c == '\n' ? end_size_line(body) : HTTP_REFUSAL_BAD_CHUNK_SIZE;
    case BODY_DATA_CR:
        body->state = BODY_DATA_LF;
        return c == '\r' ? HTTP_REFUSAL_NONE : HTTP_REFUSAL_BAD_CHUNK_END;
    case BODY_DATA_LF:
        body->state = BODY_SIZE;
        return c == '\n' ? HTTP_REFUSAL_NONE : HTTP_REFUSAL_BAD_CHUNK_END;
    case BODY_TRAILER:
        return trailer_byte(body, c);
    case BODY_TRAILER_LF:
        return c == '\n' ? trailer_end(body) : HTTP_REFUSAL_BAD_TRAILER;
    case BODY_PLAIN:
    case BODY_DATA:
        break;
    }
    return HTTP_REFUSAL_BAD_CHUNK_END;
}

enum http_refusal http_body_step(struct http_body *body, struct dvara_str bytes, size_t *ret_used,
                                 struct dvara_str *ret_data)
{
    *ret_used = 0;
    *ret_data = (struct dvara_str){0};
    size_t at = 0;
    while (at < bytes.n && !body->done) {
        if (body->state != BODY_PLAIN && body->state != BODY_DATA) {
            enum http_refusal refusal = frame_byte(body, bytes.p[at++]);
            if (refusal)
                return refusal;
            continue;
        }
        size_t n = bytes.n - at;
        if (body->framing != HTTP_FRAMING_UNTIL_CLOSE) {
            n = n < body->left ? n : (size_t)body->left;
            body->left -= n;
            if (!body->left && body->framing == HTTP_FRAMING_LENGTH)
                body->done = true;
            else if (!body->left)
                body->state = BODY_DATA_CR;
        }
        *ret_data = dvara_str_from(bytes.p + at, n);
        *ret_used = at + n;
        return HTTP_REFUSAL_NONE;
    }
    *ret_used = at;
    return HTTP_REFUSAL_NONE;
}

enum http_refusal http_body_closed(struct http_body *body)
{
    if (body->framing == HTTP_FRAMING_UNTIL_CLOSE)
        body->done = true;
    return body->done ? HTTP_REFUSAL_NONE : HTTP_REFUSAL_TRUNCATED;
}

void http_chunk_write(struct buf *out, struct dvara_str data)
{
    if (data.n == 0)
        return;
    char line[18];
    size_t at = sizeof line;
    line[--at] = '\n';
    line[--at] = '\r';
    for (size_t rest = data.n; rest; rest >>= 4)
        line[--at] = "0123456789abcdef"[rest & 15];
    buf_append(out, dvara_str_from(line + at, sizeof line - at));
    buf_append(out, data);
    BUF_LIT(out, "\r\n");
}

void http_chunk_end(struct buf *out, const struct http_field *trailer)
{
    BUF_LIT(out, "0\r\n");
    http_write_fields(out, trailer, trailer ? 1 : 0);
    BUF_LIT(out, "\r\n");
}
