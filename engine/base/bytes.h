/* SPDX-License-Identifier: Apache-2.0 */
/* Integers and text encodings at the byte level. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "dvara/status.h"
#include "dvara/str.h"

#include <stdint.h>
#include <string.h>

struct buf;

/* Little-endian, any alignment. */
static inline uint16_t bytes_get16(const void *p)
{
    const unsigned char *b = p;
    return (uint16_t)(b[0] | b[1] << 8);
}
static inline uint32_t bytes_get32(const void *p)
{
    const unsigned char *b = p;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}
static inline uint64_t bytes_get64(const void *p)
{
    const unsigned char *b = p;
    return (uint64_t)bytes_get32(b) | (uint64_t)bytes_get32(b + 4) << 32;
}
static inline void bytes_put16(void *p, uint16_t v)
{
    unsigned char *b = p;
    b[0] = (unsigned char)v;
    b[1] = (unsigned char)(v >> 8);
}
static inline void bytes_put32(void *p, uint32_t v)
{
    bytes_put16(p, (uint16_t)v);
    bytes_put16((unsigned char *)p + 2, (uint16_t)(v >> 16));
}
static inline void bytes_put64(void *p, uint64_t v)
{
    bytes_put32(p, (uint32_t)v);
    bytes_put32((unsigned char *)p + 4, (uint32_t)(v >> 32));
}
/* Copies s to where it does not lie and returns the end. Inline up to 16 bytes: of a word or a name
 * the call of memcpy costs more than the copy. */
static inline char *bytes_copy(char *to, struct dvara_str s)
{
    if (s.n > 16) {
        memcpy(to, s.p, s.n);
    } else if (s.n >= 8) {
        uint64_t first = bytes_get64(s.p), last = bytes_get64(s.p + s.n - 8);
        bytes_put64(to, first);
        bytes_put64(to + s.n - 8, last);
    } else if (s.n >= 4) {
        uint32_t first = bytes_get32(s.p), last = bytes_get32(s.p + s.n - 4);
        bytes_put32(to, first);
        bytes_put32(to + s.n - 4, last);
    } else if (s.n > 0) { /* the first, the middle and the last, which may be one */
        to[0] = s.p[0];
        to[s.n / 2] = s.p[s.n / 2];
        to[s.n - 1] = s.p[s.n - 1];
    }
    return to + s.n;
}
void bytes_append16(struct buf *out, uint16_t v);
void bytes_append32(struct buf *out, uint32_t v);
void bytes_append64(struct buf *out, uint64_t v);

/* Lower-case hex. */
void bytes_hex(struct buf *out, struct dvara_str s);
void bytes_hex_text(struct dvara_str s, char *out); /* 2 * s.n bytes */
/* Either case; exactly 2 * out_size digits. INVALID otherwise. */
DVARA_MUST_CHECK enum dvara_status bytes_from_hex(struct dvara_str hex, unsigned char *out,
                                                  size_t out_size);

/* Crockford's base 32 in lower case (0-9 a-z without i l o u), most significant bits first; the
 * first `digits` digits of the bytes, zero bits past their end. */
void bytes_base32(struct buf *out, struct dvara_str s, size_t digits);

/* Equal lengths and bytes, in time that depends on the length alone. */
bool bytes_eq_secret(struct dvara_str a, struct dvara_str b);

#endif
