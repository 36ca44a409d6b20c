/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/marks.h"

#include "pattern/text.h"

static inline bool is_mark(unsigned char c)
{
    return text_is_digit(c) || c == '@' || c == ':';
}

static size_t next_slowly(struct dvara_str text, size_t at)
{
    while (at < text.n && !is_mark((unsigned char)text.p[at]))
        at++;
    return at;
}

#ifdef __SSE2__

#include <emmintrin.h>

enum { BLOCK = 16 };

/* Bit i: byte i of the block is a mark. '0' to ':' are neighbours; bytes over 0x7F are negative. */
static inline unsigned marks_in(const char *p)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i low = _mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1));
    __m128i high = _mm_cmplt_epi8(bytes, _mm_set1_epi8(':' + 1));
    __m128i at_sign = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('@'));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_and_si128(low, high), at_sign));
}

size_t marks_next(struct dvara_str text, size_t at)
{
    while (at + 2 * BLOCK <= text.n) {
        unsigned marks = marks_in(text.p + at) | marks_in(text.p + at + BLOCK) << BLOCK;
        if (marks)
            return at + (size_t)__builtin_ctz(marks);
        at += (size_t)2 * BLOCK;
    }
    return next_slowly(text, at);
}

#else

size_t marks_next(struct dvara_str text, size_t at)
{
    return next_slowly(text, at);
}

#endif
