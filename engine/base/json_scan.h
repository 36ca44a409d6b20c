/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loop of JSON strings: how many leading bytes are plain ASCII, that is neither a quote,
 * a backslash, a control below 0x20, nor 0x80 and above. Three forms that agree; the best one for
 * this machine is asked for once a document. Reads no byte past n. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stddef.h>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

typedef size_t json_scan(const char *p, size_t n);

json_scan *json_scan_best(void);

json_scan json_scan_portable;
#if defined(__x86_64__)
json_scan json_scan_sse2; /* part of the architecture */
json_scan json_scan_avx2; /* asks for the feature */

/* Bit i: byte i of the 16 at p is none of the plain ones. */
static inline unsigned json_scan_stops(const char *p)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    /* Signed: controls and everything from 0x80 up are less than a space. */
    __m128i other = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), other));
}
#endif

/* The same as `scan`, without a call where the run is a name: nearly all are. */
static inline size_t json_scan_run(json_scan *scan, const char *p, size_t n)
{
#if defined(__x86_64__)
    unsigned stops = n >= 16 ? json_scan_stops(p) : 0;
    if (stops)
        return (size_t)__builtin_ctz(stops);
#endif
    return scan(p, n);
}

#endif
