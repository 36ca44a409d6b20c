/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/windows.h"

#include "pattern/needs.h"

/* One scan of a few bytes more costs less than another scan. */
enum { MERGED = 32, AROUND = 2 };

static size_t next_run_slowly(struct dvara_str text, size_t at)
{
    size_t dense = 0;
    for (; at < text.n; at++) {
        dense = needs_is_dense((unsigned char)text.p[at]) ? dense + 1 : 0;
        if (dense == NEEDS_RUN_MIN)
            return at + 1 - NEEDS_RUN_MIN;
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

/* Bit i: byte i of the block is dense; bytes over 0x7F are negative. */
static inline uint64_t dense_in(const char *p)
{
    __m128i bytes = load(p);
    __m128i dense = _mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F)),
                                     _mm_cmpgt_epi8(bytes, _mm_set1_epi8('*')));
    return (uint64_t)(unsigned)_mm_movemask_epi8(dense);
}

/* Where a run of NEEDS_RUN_MIN or more begins. */
static size_t next_run(struct dvara_str text, size_t at)
{
    while (at + 4 * BLOCK <= text.n) {
        const char *p = text.p + at;
        uint64_t dense = dense_in(p) | dense_in(p + BLOCK) << 16 | dense_in(p + 2 * BLOCK) << 32 |
                         dense_in(p + 3 * BLOCK) << 48;
        /* Bit i: bytes i to i + 13 are dense. */
        dense &= dense >> 1;
        dense &= dense >> 2;
        dense &= dense >> 4;
        dense &= dense >> (NEEDS_RUN_MIN - 8);
        if (dense)
            return at + (size_t)__builtin_ctzll(dense);
        at += (size_t)3 * BLOCK; /* what a run began in the last block is seen again */
    }
    return next_run_slowly(text, at);
}

#else

static size_t next_run(struct dvara_str text, size_t at)
{
    return next_run_slowly(text, at);
}

#endif

static size_t run_end(struct dvara_str text, size_t at)
{
    while (at < text.n && needs_is_dense((unsigned char)text.p[at]))
        at++;
    return at;
}

static size_t after(struct dvara_str text, size_t at, size_t n)
{
    return text.n - at > n ? at + n : text.n;
}

bool windows_next(struct dvara_str text, size_t at, struct window *ret_window)
{
    size_t start = next_run(text, at);
    if (start == text.n)
        return false;
    size_t end = run_end(text, start + NEEDS_RUN_MIN);
    for (;;) {
        struct dvara_str near = dvara_str_slice(text, 0, after(text, end, MERGED));
        size_t next = next_run(near, end);
        if (next == near.n)
            break;
        end = run_end(text, next + NEEDS_RUN_MIN);
    }
    *ret_window = (struct window){start > AROUND ? start - AROUND : 0, after(text, end, AROUND)};
    return true;
}
