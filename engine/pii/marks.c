/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/marks.h"

#include "pattern/text.h"

enum { RUN = 16 };

static inline bool is_mark(unsigned char c)
{
    return text_is_digit(c) || c == '@' || c == ':';
}

static inline bool is_escape(unsigned char c)
{
    return c == '%' || c == '&' || c == '\\';
}

/* '<' to the backslash is one range with all capitals; what else is in it is rare in prose. */
static inline bool is_token_start(unsigned char c)
{
    return (c >= '<' && c <= '\\') || c == '&';
}

/* '+' and what is over it, but for bytes over 0x7F. */
static inline bool is_dense(unsigned char c)
{
    return c > '*' && c < 0x80;
}

static size_t next_mark_slowly(struct dvara_str text, size_t at)
{
    while (at < text.n && !is_mark((unsigned char)text.p[at]))
        at++;
    return at;
}

static size_t next_escape_slowly(struct dvara_str text, size_t at)
{
    while (at < text.n && !is_escape((unsigned char)text.p[at]))
        at++;
    return at;
}

static size_t next_token_start_slowly(struct dvara_str text, size_t at)
{
    while (at < text.n && !is_token_start((unsigned char)text.p[at]))
        at++;
    return at;
}

static size_t next_run_slowly(struct dvara_str text, size_t at)
{
    while (at + RUN <= text.n) {
        size_t after = RUN; /* the last byte that is not dense */
        while (after > 0 && is_dense((unsigned char)text.p[at + after - 1]))
            after--;
        if (after == 0)
            return at;
        at += after;
    }
    return text.n;
}

#ifdef __SSE2__

#include <emmintrin.h>

enum { BLOCK = 16 };

static inline __m128i load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline __m128i equals(__m128i bytes, char c)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}

static inline unsigned bits(__m128i mask)
{
    return (unsigned)_mm_movemask_epi8(mask);
}

/* Bit i: byte i of the block is a mark. '0' to ':' are neighbours; bytes over 0x7F are negative. */
static inline unsigned marks_in(const char *p)
{
    __m128i bytes = load(p);
    __m128i low = _mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1));
    __m128i high = _mm_cmplt_epi8(bytes, _mm_set1_epi8(':' + 1));
    return bits(_mm_or_si128(_mm_and_si128(low, high), equals(bytes, '@')));
}

static inline unsigned escapes_in(const char *p)
{
    __m128i bytes = load(p);
    return bits(
        _mm_or_si128(_mm_or_si128(equals(bytes, '%'), equals(bytes, '&')), equals(bytes, '\\')));
}

static inline unsigned token_starts_in(const char *p)
{
    __m128i bytes = load(p);
    __m128i low = _mm_cmpgt_epi8(bytes, _mm_set1_epi8('<' - 1));
    __m128i high = _mm_cmplt_epi8(bytes, _mm_set1_epi8('\\' + 1));
    return bits(_mm_or_si128(_mm_and_si128(low, high), equals(bytes, '&')));
}

static inline unsigned dense_in(const char *p)
{
    return bits(_mm_cmpgt_epi8(load(p), _mm_set1_epi8('*')));
}

typedef unsigned block_marks(const char *p);
typedef size_t next_slowly(struct dvara_str text, size_t at);

/* Inline into each pass, where both functions are known. */
static inline __attribute__((always_inline)) size_t
next_marked(struct dvara_str text, size_t at, block_marks *marks_in_block, next_slowly *slowly)
{
    while (at + 2 * BLOCK <= text.n) {
        const char *p = text.p + at;
        unsigned marks = marks_in_block(p) | marks_in_block(p + BLOCK) << BLOCK;
        if (marks)
            return at + (size_t)__builtin_ctz(marks);
        at += (size_t)2 * BLOCK;
    }
    return slowly(text, at);
}

size_t marks_next(struct dvara_str text, size_t at)
{
    return next_marked(text, at, marks_in, next_mark_slowly);
}

size_t marks_next_escape(struct dvara_str text, size_t at)
{
    return next_marked(text, at, escapes_in, next_escape_slowly);
}

size_t marks_next_token_start(struct dvara_str text, size_t at)
{
    return next_marked(text, at, token_starts_in, next_token_start_slowly);
}

static inline unsigned digits_in(const char *p)
{
    __m128i bytes = load(p);
    __m128i low = _mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1));
    __m128i high = _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1));
    return bits(_mm_and_si128(low, high));
}

static inline unsigned between_in(const char *p)
{
    __m128i bytes = load(p);
    return bits(
        _mm_or_si128(_mm_or_si128(equals(bytes, ' '), equals(bytes, '-')), equals(bytes, '.')));
}

struct marks_number marks_number(const char *p)
{
    return (struct marks_number){.digits = digits_in(p) | digits_in(p + BLOCK) << BLOCK,
                                 .between = between_in(p) | between_in(p + BLOCK) << BLOCK};
}

size_t marks_next_run(struct dvara_str text, size_t at)
{
    while (at + 4 * BLOCK <= text.n) {
        const char *p = text.p + at;
        uint64_t dense = (uint64_t)dense_in(p) | (uint64_t)dense_in(p + BLOCK) << 16 |
                         (uint64_t)dense_in(p + 2 * BLOCK) << 32 |
                         (uint64_t)dense_in(p + 3 * BLOCK) << 48;
        /* Bit i: bytes i to i + 15 are dense. */
        dense &= dense >> 1;
        dense &= dense >> 2;
        dense &= dense >> 4;
        dense &= dense >> 8;
        if (dense)
            return at + (size_t)__builtin_ctzll(dense);
        at += (size_t)3 * BLOCK; /* what a run began in the last block is seen again */
    }
    return next_run_slowly(text, at);
}

#else

size_t marks_next(struct dvara_str text, size_t at)
{
    return next_mark_slowly(text, at);
}

size_t marks_next_escape(struct dvara_str text, size_t at)
{
    return next_escape_slowly(text, at);
}

size_t marks_next_token_start(struct dvara_str text, size_t at)
{
    return next_token_start_slowly(text, at);
}

size_t marks_next_run(struct dvara_str text, size_t at)
{
    return next_run_slowly(text, at);
}

struct marks_number marks_number(const char *p)
{
    struct marks_number number = {0, 0};
    for (unsigned i = 0; i < MARKS_NUMBER; i++) {
        number.digits |= text_is_digit((unsigned char)p[i]) ? 1u << i : 0u;
        number.between |= p[i] == ' ' || p[i] == '-' || p[i] == '.' ? 1u << i : 0u;
    }
    return number;
}

#endif
