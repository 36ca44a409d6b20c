/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_text.h"

#include "base/bytes.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json_scan.h"
#include "base/utf8.h"

static uint32_t hex4(const char *p)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)p[i];
        value = value << 4 | (c <= '9' ? c - 48u : (c | 0x20u) - 87u);
    }
    return value;
}

static char simple_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c; /* quote, backslash, slash */
    }
}

unsigned json_text_escape(const char *p, char *out, unsigned *ret_raw)
{
    if (p[1] != 'u') {
        *ret_raw = 2;
        out[0] = simple_escape(p[1]);
        return 1;
    }
    uint32_t c = hex4(p + 2);
    *ret_raw = 6;
    if (c >= 0xd800 && c < 0xdc00) {
        c = 0x10000 + ((c - 0xd800) << 10) + (hex4(p + 8) - 0xdc00);
        *ret_raw = 12;
    }
    return utf8_put(out, c);
}

/* The run of unescaped bytes at the start. */
static struct dvara_str plain_run(struct dvara_str body)
{
    const char *backslash = body.n ? memchr(body.p, '\\', body.n) : NULL;
    return dvara_str_slice(body, 0, backslash ? (size_t)(backslash - body.p) : body.n);
}

struct dvara_str json_text_next(struct dvara_str *body, char scratch[4])
{
    struct dvara_str piece = plain_run(*body);
    unsigned raw = (unsigned)piece.n;
    if (piece.n == 0) {
        piece = dvara_str_from(scratch, json_text_escape(body->p, scratch, &raw));
        *body = dvara_str_slice(*body, raw, body->n);
    } else {
        *body = dvara_str_slice(*body, piece.n, body->n);
    }
    return piece;
}

size_t json_text_decode(struct dvara_str body, char *out)
{
    size_t n = 0;
    size_t at = 0;
    while (at < body.n) {
        if (body.p[at] == '\\') { /* what an escape decodes to is shorter than it: it fits */
            unsigned raw;
            n += json_text_escape(body.p + at, out + n, &raw);
            at += raw;
            continue;
        }
        struct dvara_str run = plain_run(dvara_str_slice(body, at, body.n));
        memcpy(out + n, run.p, run.n);
        n += run.n;
        at += run.n;
    }
    return n;
}

bool json_text_is(struct dvara_str body, struct dvara_str s)
{
    char scratch[4];
    while (body.n) {
        struct dvara_str piece = json_text_next(&body, scratch);
        if (!dvara_str_starts_with(s, piece))
            return false;
        s = dvara_str_slice(s, piece.n, s.n);
    }
    return s.n == 0;
}

bool json_text_eq(struct dvara_str a, struct dvara_str b)
{
    char a_scratch[4], b_scratch[4];
    struct dvara_str a_piece = {0}, b_piece = {0};
    for (;;) {
        if (a_piece.n == 0 && a.n)
            a_piece = json_text_next(&a, a_scratch);
        if (b_piece.n == 0 && b.n)
            b_piece = json_text_next(&b, b_scratch);
        size_t n = a_piece.n < b_piece.n ? a_piece.n : b_piece.n;
        if (n == 0)
            return a_piece.n == b_piece.n;
        if (memcmp(a_piece.p, b_piece.p, n) != 0)
            return false;
        a_piece = dvara_str_slice(a_piece, n, a_piece.n);
        b_piece = dvara_str_slice(b_piece, n, b_piece.n);
    }
}

void json_text_hash(struct hash_state *state, struct dvara_str body)
{
    char scratch[4];
    while (body.n)
        hash_update(state, json_text_next(&body, scratch));
}

static void write_escape(struct buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char names[] = "\b\t\n\f\r\"\\";
    static const char letters[] = "btnfr\"\\";
    const char *name = c ? strchr(names, c) : NULL;
    buf_byte(out, '\\');
    if (name) {
        buf_byte(out, letters[name - names]);
        return;
    }
    BUF_LIT(out, "u00");
    buf_byte(out, hex[c >> 4]);
    buf_byte(out, hex[c & 15]);
}

void json_write_escaped(struct buf *out, struct dvara_str s)
{
    size_t run = 0; /* bytes not yet written that go as they are */
    size_t at = 0;
    while (at < s.n) {
        at += json_scan_best()(s.p + at, s.n - at);
        if (at >= s.n)
            break;
        unsigned char c = (unsigned char)s.p[at];
        if (c < 0x80) {
            buf_append(out, dvara_str_slice(s, run, at));
            write_escape(out, c);
            run = at + 1;
        }
        at++;
    }
    buf_append(out, dvara_str_slice(s, run, s.n));
}

/* The top bits of bytes that need an escape, of eight (Sean Anderson, "Bit Twiddling Hacks",
 * haszero and hasless). */
static uint64_t escaped_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
    return (((word - ones * ' ') & ~word) | ((quote - ones) & ~quote) |
            ((backslash - ones) & ~backslash)) &
           tops;
}

/* All bytes of one to seven, some of them twice. */
static uint64_t short_word(struct dvara_str s)
{
    if (s.n >= 4)
        return bytes_get32(s.p) | (uint64_t)bytes_get32(s.p + s.n - 4) << 32;
    const uint64_t letters = UINT64_C(0x6161616161000000);
    return letters | (uint64_t)(unsigned char)s.p[0] | (uint64_t)(unsigned char)s.p[s.n / 2] << 8 |
           (uint64_t)(unsigned char)s.p[s.n - 1] << 16;
}

/* None does. The last bytes are looked at with those before them. */
static bool is_plain(struct dvara_str s)
{
    uint64_t word = 0, bad = 0;
    size_t i = 0;
    for (; i + sizeof word <= s.n; i += sizeof word) {
        memcpy(&word, s.p + i, sizeof word);
        bad |= escaped_bytes(word);
    }
    if (i == s.n)
        return bad == 0;
    word = s.n >= sizeof word ? bytes_get64(s.p + s.n - sizeof word) : short_word(s);
    return (bad | escaped_bytes(word)) == 0;
}

void json_write_string(struct buf *out, struct dvara_str s)
{
    char *p = s.n < SIZE_MAX - 2 && is_plain(s) ? buf_room(out, s.n + 2) : NULL;
    if (p) {
        *p++ = '"';
        *bytes_copy(p, s) = '"';
        out->n += s.n + 2;
        return;
    }
    buf_byte(out, '"');
    json_write_escaped(out, s);
    buf_byte(out, '"');
}

void json_write_or_null(struct buf *out, struct dvara_str s)
{
    if (dvara_str_is_absent(s))
        BUF_LIT(out, "null");
    else
        json_write_string(out, s);
}

void json_write_member(struct buf *out, const char *name_cstr, struct dvara_str s)
{
    buf_byte(out, '"');
    buf_append(out, dvara_str_from_cstr(name_cstr));
    BUF_LIT(out, "\":");
    json_write_or_null(out, s);
}
