/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/text.h"

#include <assert.h>

/* Bytes of the sequence that `lead` begins; 0 for a byte that begins none. */
static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2)
        return 0;
    if (lead < 0xE0)
        return 2;
    if (lead < 0xF0)
        return 3;
    return lead < 0xF5 ? 4 : 0;
}

/* The code point of the `n` bytes at p, or TEXT_BAD: overlong, surrogate, too large, cut. */
static uint32_t decode(const unsigned char *p, size_t n)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t c = n == 2 ? p[0] & 0x1Fu : n == 3 ? p[0] & 0x0Fu : p[0] & 0x07u;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return TEXT_BAD;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (c < smallest[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return TEXT_BAD;
    return c;
}

uint32_t text_next(struct dvara_str text, size_t at, size_t *ret_after)
{
    if (at >= text.n) {
        *ret_after = text.n;
        return TEXT_END;
    }
    const unsigned char *p = (const unsigned char *)text.p + at;
    size_t n = sequence_length(*p);
    *ret_after = at + 1;
    if (n == 1)
        return *p;
    if (n == 0 || n > text.n - at)
        return TEXT_BAD;
    uint32_t c = decode(p, n);
    if (c != TEXT_BAD)
        *ret_after = at + n;
    return c;
}

uint32_t text_before(struct dvara_str text, size_t at, size_t *ret_start)
{
    if (at == 0) {
        *ret_start = 0;
        return TEXT_END;
    }
    const unsigned char *p = (const unsigned char *)text.p;
    *ret_start = at - 1;
    if (p[at - 1] < 0x80)
        return p[at - 1];
    for (size_t n = 2; n <= 4 && n <= at; n++) {
        if (sequence_length(p[at - n]) == n) {
            uint32_t c = decode(p + at - n, n);
            if (c != TEXT_BAD)
                *ret_start = at - n;
            return c;
        }
    }
    return TEXT_BAD;
}

/* Scripts that set words apart with spaces, their marks and digits. Ideographs, kana, Hangul and
 * South-East Asian scripts are left out: identifiers stand right against them. */
bool text_is_word(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00AA, 0x00AA},   {0x00B2, 0x00B3},   {0x00B5, 0x00B5},   {0x00B9, 0x00BA},
        {0x00C0, 0x00D6},   {0x00D8, 0x00F6},   {0x00F8, 0x02C1},   {0x02D0, 0x02D1},
        {0x0300, 0x0374},   {0x0376, 0x037D},   {0x037F, 0x0386},   {0x0388, 0x0559},
        {0x0560, 0x0588},   {0x05D0, 0x05F2},   {0x0620, 0x0669},   {0x066E, 0x06D3},
        {0x06D5, 0x06FF},   {0x0710, 0x0963},   {0x0966, 0x0DF3},   {0x10A0, 0x10FA},
        {0x10FC, 0x10FF},   {0x1200, 0x135F},   {0x1369, 0x137C},   {0x13A0, 0x13FD},
        {0x1C80, 0x1CBF},   {0x1D00, 0x1FBC},   {0x1FC2, 0x1FCC},   {0x1FD0, 0x1FDB},
        {0x1FE0, 0x1FEC},   {0x1FF2, 0x1FFC},   {0x2070, 0x2079},   {0x2080, 0x2089},
        {0x2C00, 0x2DFF},   {0xA640, 0xA6F1},   {0xA722, 0xA7FF},   {0xFB00, 0xFDFB},
        {0xFE70, 0xFEFC},   {0xFF10, 0xFF19},   {0xFF21, 0xFF3A},   {0xFF41, 0xFF5A},
        {0x10400, 0x1044F}, {0x1D400, 0x1D7FF}, {0x1E900, 0x1E95F},
    };
    if (c < 0x80)
        return text_is_alnum((unsigned char)c);
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges && c >= ranges[i].first; i++) {
        if (c <= ranges[i].last)
            return true;
    }
    return false;
}

bool text_word_at(struct dvara_str text, size_t at)
{
    size_t after;
    return text_is_word(text_next(text, at, &after));
}

bool text_is_ascii(struct dvara_str text)
{
    uint64_t all = 0;
    size_t at = 0;
    for (uint64_t v[4]; text.n - at >= sizeof v && !(all & 0x8080808080808080u); at += sizeof v) {
        memcpy(v, text.p + at, sizeof v);
        all |= v[0] | v[1] | v[2] | v[3];
    }
    for (; at < text.n; at++)
        all |= (unsigned char)text.p[at];
    return !(all & 0x8080808080808080u);
}

bool text_is_valid(struct dvara_str text)
{
    size_t at = 0;
    while (at < text.n) {
        uint64_t eight;
        while (text.n - at >= sizeof eight) {
            memcpy(&eight, text.p + at, sizeof eight);
            if (eight & 0x8080808080808080u)
                break;
            at += sizeof eight;
        }
        if (at < text.n && text_next(text, at, &at) == TEXT_BAD)
            return false;
    }
    return true;
}

size_t text_code_points(struct dvara_str text)
{
    size_t count = 0;
    for (size_t at = 0; at < text.n; count++)
        (void)text_next(text, at, &at);
    return count;
}

/* Are the eight bytes all of one code point each? */
static bool are_plain(const char *p)
{
    uint64_t eight;
    memcpy(&eight, p, sizeof eight);
    return !(eight & 0x8080808080808080u);
}

size_t text_back(struct dvara_str text, size_t at, size_t n)
{
    for (; n >= 8 && at >= 8 && are_plain(text.p + at - 8); n -= 8)
        at -= 8;
    for (; n && at; n--) {
        if ((unsigned char)text.p[at - 1] < 0x80)
            at--;
        else
            (void)text_before(text, at, &at);
    }
    return at;
}

size_t text_forward(struct dvara_str text, size_t at, size_t n)
{
    for (; n >= 8 && text.n - at >= 8 && are_plain(text.p + at); n -= 8)
        at += 8;
    for (; n && at < text.n; n--) {
        if ((unsigned char)text.p[at] < 0x80)
            at++;
        else
            (void)text_next(text, at, &at);
    }
    return at;
}

size_t text_cut_slowly(struct dvara_str text)
{
    for (size_t back = 1; back <= 3 && back <= text.n; back++) {
        unsigned char c = (unsigned char)text.p[text.n - back];
        size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 1;
        if (need > back)
            return text.n - back;
        if (c < 0x80 || c >= 0xC0)
            break;
    }
    return text.n;
}
