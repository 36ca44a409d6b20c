/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"

#include "base/bytes.h"

static size_t scan_bytes(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] >= 0x20 && p[i] != '"' && p[i] != '\\') /* 0x80 and above are negative */
        i++;
    return i;
}

#define EVERY(byte) (UINT64_C(0x0101010101010101) * (byte))

/* High bit of each byte of x that is below `limit` (1 to 128), exact up to the first such byte. */
static inline uint64_t below(uint64_t x, unsigned char limit)
{
    return (x - EVERY(limit)) & ~x & EVERY(0x80);
}

size_t json_scan_portable(const char *p, size_t n)
{
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t x = bytes_get64(p + i);
        uint64_t stop = below(x, 0x20) | below(x ^ EVERY('"'), 1) | below(x ^ EVERY('\\'), 1) |
                        (x & EVERY(0x80));
        if (stop)
            return i + (size_t)__builtin_ctzll(stop) / 8;
    }
    return i + scan_bytes(p + i, n - i);
}

#if defined(__x86_64__)
size_t json_scan_sse2(const char *p, size_t n)
{
    size_t i = 0;
    for (; n - i >= 16; i += 16) {
        unsigned stops = json_scan_stops(p + i);
        if (stops)
            return i + (size_t)__builtin_ctz(stops);
    }
    return i + json_scan_portable(p + i, n - i); /* names and ids are shorter than a vector */
}
#endif

json_scan *json_scan_best(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") ? json_scan_avx2 : json_scan_sse2;
#else
    return json_scan_portable;
#endif
}
