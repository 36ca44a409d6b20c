/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include "base/bytes.h"

static inline bool follows(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

unsigned utf8_sequence(const char *p, size_t n)
{
    unsigned char lead = (unsigned char)p[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4 || n < 2 || !follows(p[1]))
        return 0;
    if (lead < 0xe0)
        return 2;
    unsigned char second = (unsigned char)p[1];
    if (n < 3 || !follows(p[2]))
        return 0;
    if (lead < 0xf0) /* E0 below A0 is overlong, ED from A0 on is a surrogate */
        return (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ? 0 : 3;
    if (n < 4 || !follows(p[3]))
        return 0;
    return (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f) ? 0 : 4;
}

static size_t ascii_run(const char *p, size_t n)
{
    size_t i = 0;
    while (n - i >= 8 && (bytes_get64(p + i) & UINT64_C(0x8080808080808080)) == 0)
        i += 8;
    while (i < n && (unsigned char)p[i] < 0x80)
        i++;
    return i;
}

bool utf8_validate(struct dvara_str s, size_t *ret_offset)
{
    size_t i = 0;
    unsigned length = 1;
    while (i < s.n && length) {
        i += ascii_run(s.p + i, s.n - i);
        while (i < s.n && (unsigned char)s.p[i] >= 0x80 &&
               (length = utf8_sequence(s.p + i, s.n - i)))
            i += length;
    }
    if (ret_offset)
        *ret_offset = i;
    return i == s.n;
}

static unsigned lead_length(unsigned char lead)
{
    return lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

size_t utf8_unfinished(struct dvara_str s)
{
    for (size_t back = 1; back <= 3 && back <= s.n; back++) {
        char byte = s.p[s.n - back];
        if (!follows(byte))
            return lead_length((unsigned char)byte) > back ? back : 0;
    }
    return 0;
}

/* Could more bytes make the unfinished sequence well-formed? Tried with the extremes of the next.
 */
static bool may_continue(const unsigned char *tail, unsigned n)
{
    for (unsigned fill = 0x80; fill <= 0xbf; fill += 0x3f) {
        char whole[4] = {(char)fill, (char)fill, (char)fill, (char)fill};
        memcpy(whole, tail, n);
        if (utf8_sequence(whole, 4) != 0)
            return true;
    }
    return false;
}

bool utf8_checker_feed(struct utf8_checker *checker, struct dvara_str chunk)
{
    while (checker->n && chunk.n) {
        checker->tail[checker->n++] = (unsigned char)chunk.p[0];
        chunk = dvara_str_slice(chunk, 1, chunk.n);
        unsigned need = lead_length(checker->tail[0]);
        if (checker->n < need) {
            if (!may_continue(checker->tail, checker->n))
                return false;
        } else if (utf8_sequence((const char *)checker->tail, checker->n) == 0) {
            return false;
        } else {
            checker->n = 0;
        }
    }
    if (checker->n)
        return true;
    size_t rest = utf8_unfinished(chunk);
    if (!utf8_validate(dvara_str_slice(chunk, 0, chunk.n - rest), NULL))
        return false;
    memcpy(checker->tail, rest ? chunk.p + (chunk.n - rest) : "", rest);
    checker->n = (uint8_t)rest;
    return rest == 0 || may_continue(checker->tail, checker->n);
}

size_t utf8_count(struct dvara_str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++)
        count += !follows(s.p[i]);
    return count;
}

uint32_t utf8_next(struct dvara_str s, size_t *offset)
{
    const unsigned char *p = (const unsigned char *)s.p + *offset;
    unsigned n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t code_point = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
    for (unsigned i = 1; i < n && *offset + i < s.n; i++)
        code_point = code_point << 6 | (p[i] & 0x3f);
    *offset += n;
    if (*offset > s.n)
        *offset = s.n;
    return code_point;
}

unsigned utf8_put(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    unsigned n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (unsigned i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(0xf00u >> n | c);
    return n;
}
