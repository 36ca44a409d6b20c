/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static inline unsigned stops(const char *p)
{
    __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), x); /* signed: from 0x80 up too */
    __m256i quote = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('"'));
    __m256i backslash = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('\\'));
    return (unsigned)_mm256_movemask_epi8(_mm256_or_si256(low, _mm256_or_si256(quote, backslash)));
}

__attribute__((target("avx2"))) size_t json_scan_avx2(const char *p, size_t n)
{
    size_t i = 0;
    for (; n - i >= 32; i += 32) {
        unsigned mask = stops(p + i);
        if (mask)
            return i + (size_t)__builtin_ctz(mask);
    }
    return i + json_scan_sse2(p + i, n - i);
}
#endif
