/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include "base/buf.h"

void bytes_append16(struct buf *out, uint16_t v)
{
    char b[2];
    bytes_put16(b, v);
    buf_append(out, dvara_str_from(b, sizeof b));
}

void bytes_append32(struct buf *out, uint32_t v)
{
    char b[4];
    bytes_put32(b, v);
    buf_append(out, dvara_str_from(b, sizeof b));
}

void bytes_append64(struct buf *out, uint64_t v)
{
    char b[8];
    bytes_put64(b, v);
    buf_append(out, dvara_str_from(b, sizeof b));
}

void bytes_hex(struct buf *out, struct dvara_str s)
{
    char *p = buf_room(out, 2 * s.n);
    if (!p)
        return;
    bytes_hex_text(s, p);
    out->n += 2 * s.n;
}

/* Four bytes at a time: each byte is spread over two, and six more than a nibble carries into the
 * next when it is a letter. */
static uint64_t hex_of_four(uint32_t four)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), lanes = UINT64_C(0x000f000f000f000f);
    uint64_t x = four;
    x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
    x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x >> 4 & lanes) | (x & lanes) << 8;
    return x + ones * '0' + ((x + ones * 6) >> 4 & ones) * ('a' - '0' - 10);
}

void bytes_hex_text(struct dvara_str s, char *out)
{
    size_t i = 0;
    for (; i + 4 <= s.n; i += 4)
        bytes_put64(out + 2 * i, hex_of_four(bytes_get32(s.p + i)));
    for (; i < s.n; i++)
        bytes_put16(out + 2 * i, (uint16_t)hex_of_four((unsigned char)s.p[i]));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum dvara_status bytes_from_hex(struct dvara_str hex, unsigned char *out, size_t out_size)
{
    if (hex.n / 2 != out_size || hex.n % 2)
        return DVARA_INVALID;
    for (size_t i = 0; i < out_size; i++) {
        int high = hex_digit(hex.p[2 * i]);
        int low = hex_digit(hex.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return DVARA_INVALID;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return DVARA_OK;
}

void bytes_base32(struct buf *out, struct dvara_str s, size_t digits)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    for (size_t i = 0; i < digits; i++) {
        size_t bit = i * 5;
        unsigned pair = 0;
        if (bit / 8 < s.n)
            pair = (unsigned)(unsigned char)s.p[bit / 8] << 8;
        if (bit / 8 + 1 < s.n)
            pair |= (unsigned char)s.p[bit / 8 + 1];
        buf_byte(out, alphabet[pair >> (11 - bit % 8) & 31]);
    }
}

bool bytes_eq_secret(struct dvara_str a, struct dvara_str b)
{
    if (a.n != b.n)
        return false;
    volatile unsigned char difference = 0;
    for (size_t i = 0; i < a.n; i++)
        difference = (unsigned char)(difference | ((unsigned char)a.p[i] ^ (unsigned char)b.p[i]));
    return difference == 0;
}
