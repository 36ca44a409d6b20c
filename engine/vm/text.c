/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/text.h"

#include "base/arena.h"
#include "base/utf8.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

/* Well-formed or not: a bad byte counts as one code point of its own. */
static uint32_t next(struct dvara_str s, size_t *at)
{
    unsigned n = utf8_sequence(s.p + *at, s.n - *at);
    if (n == 0)
        return 0xdc00u + (unsigned char)s.p[(*at)++];
    return utf8_next(s, at);
}

/* One item of the pattern at *p (not `*`) against one code point; *p moves past the item. */
static bool match_class(struct dvara_str pattern, size_t *p, uint32_t c)
{
    size_t at = *p + 1;
    bool negated = at < pattern.n && pattern.p[at] == '!';
    bool found = false, first = true;
    if (negated)
        at++;
    while (at < pattern.n && (pattern.p[at] != ']' || first)) {
        uint32_t low = next(pattern, &at), high = low;
        if (at + 1 < pattern.n && pattern.p[at] == '-' && pattern.p[at + 1] != ']') {
            at++;
            high = next(pattern, &at);
        }
        found = found || (c >= low && c <= high);
        first = false;
    }
    if (at >= pattern.n) { /* unclosed: a literal */
        *p += 1;
        return c == '[';
    }
    *p = at + 1;
    return found != negated;
}

static bool match_item(struct dvara_str pattern, size_t *p, uint32_t c)
{
    if (pattern.p[*p] == '[')
        return match_class(pattern, p, c);
    uint32_t item = next(pattern, p);
    return item == '?' || item == c;
}

bool text_glob(struct dvara_str pattern, struct dvara_str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, star_text = 0;
    while (t < text.n || p < pattern.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = ++p;
            star_text = t;
            if (p == pattern.n)
                return true;
            continue;
        }
        size_t p_after = p, t_after = t;
        if (p < pattern.n && t < text.n && match_item(pattern, &p_after, next(text, &t_after))) {
            p = p_after;
            t = t_after;
            continue;
        }
        if (star == SIZE_MAX || star_text >= text.n)
            return false;
        (void)next(text, &star_text);
        p = star;
        t = star_text;
    }
    return true;
}

bool text_address(struct dvara_str s, unsigned char ret_address[16])
{
    char text[INET6_ADDRSTRLEN];
    unsigned char v4[4];
    if (s.n == 0 || s.n >= sizeof text || memchr(s.p, 0, s.n))
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    if (inet_pton(AF_INET, text, v4) == 1) {
        memset(ret_address, 0, 10);
        memset(ret_address + 10, 0xff, 2);
        memcpy(ret_address + 12, v4, 4);
        return true;
    }
    return inet_pton(AF_INET6, text, ret_address) == 1;
}

/* Runs of letters whose cases differ by a constant: [low, high] upper + delta = lower; `step` 2
 * where upper and lower alternate. */
struct case_run {
    uint16_t low, high, delta, step;
};

static const struct case_run runs[] = {
    {'A', 'Z', 32, 1},     {0xc0, 0xd6, 32, 1},   {0xd8, 0xde, 32, 1},    {0x100, 0x12e, 1, 2},
    {0x132, 0x136, 1, 2},  {0x139, 0x147, 1, 2},  {0x14a, 0x176, 1, 2},   {0x179, 0x17d, 1, 2},
    {0x391, 0x3a1, 32, 1}, {0x3a3, 0x3ab, 32, 1}, {0x400, 0x40f, 80, 1},  {0x410, 0x42f, 32, 1},
    {0x460, 0x480, 1, 2},  {0x48a, 0x4be, 1, 2},  {0x1e00, 0x1e94, 1, 2}, {0x1ea0, 0x1efe, 1, 2},
    {0x531, 0x556, 48, 1}, {0x386, 0x386, 38, 1}, {0x388, 0x38a, 37, 1},  {0x38c, 0x38c, 64, 1},
    {0x38e, 0x38f, 63, 1},
};

static uint32_t map(uint32_t c, bool up)
{
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        uint32_t low = runs[i].low + (up ? runs[i].delta : 0u);
        uint32_t high = runs[i].high + (up ? runs[i].delta : 0u);
        if (c >= low && c <= high && (c - low) % runs[i].step == 0)
            return up ? c - runs[i].delta : c + runs[i].delta;
    }
    return c;
}

static struct dvara_str map_all(struct dvara_str s, bool up, struct arena *arena)
{
    /* A mapping changes the length of no sequence above, but bad bytes are kept as they are. */
    char *out = arena_alloc(arena, s.n + 4);
    size_t n = 0;
    if (!out)
        return (struct dvara_str){0};
    for (size_t at = 0; at < s.n;) {
        size_t start = at;
        uint32_t c = next(s, &at), mapped = c < 0xdc00 || c > 0xdcff ? map(c, up) : c;
        if (mapped == c) {
            memcpy(out + n, s.p + start, at - start);
            n += at - start;
        } else {
            n += utf8_put(out + n, mapped);
        }
    }
    return dvara_str_from(out, n);
}

struct dvara_str text_lower(struct dvara_str s, struct arena *arena)
{
    return map_all(s, false, arena);
}
struct dvara_str text_upper(struct dvara_str s, struct arena *arena)
{
    return map_all(s, true, arena);
}

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xa0 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

struct dvara_str text_trim(struct dvara_str s)
{
    size_t start = 0, end = 0;
    bool seen = false;
    for (size_t at = 0; at < s.n;) {
        size_t before = at;
        if (is_space(next(s, &at)))
            continue;
        if (!seen)
            start = before;
        seen = true;
        end = at;
    }
    return seen ? dvara_str_slice(s, start, end) : dvara_str_from(s.p ? s.p : "", 0);
}

static uint32_t share(const unsigned char digest[SHA256_DIGEST_LENGTH], uint32_t n)
{
    uint64_t high = 0;
    for (int i = 0; i < 8; i++)
        high = high << 8 | digest[i];
    /* The high word of a 64 × 32 bit product, without a 128-bit type. */
    uint64_t low_product = (high & 0xffffffff) * n;
    return (uint32_t)(((high >> 32) * n + (low_product >> 32)) >> 32);
}

uint32_t text_bucket(struct dvara_str s, uint32_t n)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)(s.p ? s.p : ""), s.n, digest);
    return share(digest, n);
}

uint32_t text_bucket_joined(struct dvara_str a, struct dvara_str b, uint32_t n)
{
    unsigned char digest[SHA256_DIGEST_LENGTH] = {0};
    unsigned int size = sizeof digest;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1) {
        EVP_DigestUpdate(ctx, a.p, a.n);
        EVP_DigestUpdate(ctx, "", 1);
        EVP_DigestUpdate(ctx, b.p, b.n);
        EVP_DigestFinal_ex(ctx, digest, &size);
    }
    EVP_MD_CTX_free(ctx);
    return share(digest, n);
}

struct civil text_civil(int64_t local_seconds)
{
    int64_t days = local_seconds / 86400, second = local_seconds % 86400;
    if (second < 0) {
        second += 86400;
        days--;
    }
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int64_t month = mp < 10 ? mp + 3 : mp - 9;
    return (struct civil){.year = yoe + era * 400 + (month <= 2),
                          .month = (unsigned)month,
                          .day = (unsigned)(doy - (153 * mp + 2) / 5 + 1),
                          .hour = (unsigned)(second / 3600),
                          .minute = (unsigned)(second / 60 % 60),
                          .weekday = (unsigned)(((days + 3) % 7 + 7) % 7)};
}
