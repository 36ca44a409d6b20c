/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/head_write.h"

#include "gateway/http/chars.h"

static struct dvara_str reason_phrase(int status)
{
    switch (status) {
#define HTTP_STATUS(number, phrase)                                                                \
    case number:                                                                                   \
        return DVARA_STR(phrase);
#include "gateway/http/statuses.def"
    default:
        return DVARA_STR("");
    }
}

void http_write_status_line(struct buf *out, int status)
{
    BUF_LIT(out, "HTTP/1.1 ");
    buf_int(out, status);
    buf_byte(out, ' ');
    buf_append(out, reason_phrase(status));
    BUF_LIT(out, "\r\n");
}

static bool is_token(struct dvara_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!http_char_is(s.p[i], HTTP_CHAR_TOKEN))
            return false;
    return s.n > 0;
}

/* No control byte in it, eight bytes at a time. */
static bool is_clean(struct dvara_str value)
{
    uint64_t bad = 0;
    size_t i = 0;
    for (; i + 8 <= value.n; i += 8)
        bad |= http_control_bytes(value.p + i);
    for (; i < value.n; i++)
        bad |= http_char_is(value.p[i], HTTP_CHAR_VALUE) ? 0 : 1;
    return bad == 0;
}

static void blank_control_bytes(char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!http_char_is(p[i], HTTP_CHAR_VALUE))
            p[i] = ' ';
}

/* Injected lines are the danger: control bytes become spaces. One room for the whole line, since
 * this runs for every field of every message. */
void http_write_field(struct buf *out, struct dvara_str name, struct dvara_str value)
{
    if (!is_token(name))
        return;
    char *p = buf_room(out, name.n + value.n + 4);
    if (!p)
        return;
    memcpy(p, name.p, name.n);
    p += name.n;
    *p++ = ':';
    *p++ = ' ';
    if (value.n > 0)
        memcpy(p, value.p, value.n);
    if (!is_clean(value))
        blank_control_bytes(p, value.n);
    p += value.n;
    *p++ = '\r';
    *p = '\n';
    out->n += name.n + value.n + 4;
}

/* Fields that frame the message or the connection are written here and by nobody else. */
static bool is_framing(struct dvara_str name)
{
    static const struct dvara_str framing[] = {
        {"host", 4},        {"connection", 10}, {"content-length", 14}, {"transfer-encoding", 17},
        {"keep-alive", 10}, {"te", 2},          {"upgrade", 7},
    };
    const uint32_t lengths = 1u << 2 | 1u << 4 | 1u << 7 | 1u << 10 | 1u << 14 | 1u << 17;
    if (name.n > 17 || !(lengths >> name.n & 1))
        return false;
    for (size_t i = 0; i < sizeof framing / sizeof *framing; i++)
        if (http_name_eq(name, framing[i]))
            return true;
    return false;
}

void http_write_fields(struct buf *out, const struct http_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_framing(fields[i].name))
            http_write_field(out, fields[i].name, fields[i].value);
}

/* Method and target come from tables and the config; a byte that does not belong there would split
 * the line, so it goes. */
static void write_word(struct buf *out, struct dvara_str word)
{
    char *p = buf_room(out, word.n);
    size_t n = 0;
    for (size_t i = 0; p && i < word.n; i++)
        if (word.p[i] > ' ' && word.p[i] < 0x7f)
            p[n++] = word.p[i];
    out->n += n;
}

void http_begin_request_head(struct buf *out, struct dvara_str method, struct dvara_str target,
                             struct dvara_str host)
{
    write_word(out, method);
    buf_byte(out, ' ');
    write_word(out, target);
    BUF_LIT(out, " HTTP/1.1\r\n");
    http_write_field(out, DVARA_STR("Host"), host);
}

void http_end_request_head(struct buf *out, int64_t body_length)
{
    if (body_length >= 0) {
        BUF_LIT(out, "Content-Length: ");
        buf_int(out, body_length);
        BUF_LIT(out, "\r\n");
    }
    BUF_LIT(out, "\r\n");
}

void http_write_request_head(struct buf *out, struct dvara_str method, struct dvara_str target,
                             struct dvara_str host, const struct http_field *fields, size_t count,
                             int64_t body_length)
{
    http_begin_request_head(out, method, target, host);
    http_write_fields(out, fields, count);
    http_end_request_head(out, body_length);
}
