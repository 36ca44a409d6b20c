/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/ids.h"

static const char hex_digits[] = "0123456789abcdef";

/* SplitMix64's finaliser (Steele, Lea, Flood: "Fast splittable pseudorandom number generators"): a
 * bijection, so distinct counts give distinct ids. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static void write_hex(char *out, uint64_t value)
{
    for (unsigned i = 0; i < 16; i++)
        out[i] = hex_digits[(value >> (60 - 4 * i)) & 15];
}

struct dvara_str ids_request(struct arena *arena, const uint64_t seed[2], uint64_t count)
{
    enum { LENGTH = 36 };
    char *p = arena_alloc(arena, LENGTH);
    if (!p)
        return (struct dvara_str){0};
    memcpy(p, "req_", 4);
    write_hex(p + 4, mix(seed[0] + count * UINT64_C(0x9e3779b97f4a7c15)));
    write_hex(p + 20, mix(seed[1] ^ mix(count)));
    return dvara_str_from(p, LENGTH);
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_trace(struct dvara_str s)
{
    if (s.n == 0 || s.n > IDS_TRACE_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && s.p[i] != '.' && s.p[i] != '_' && s.p[i] != ':' && s.p[i] != '-')
            return false;
    return true;
}

static bool is_hex(struct dvara_str s)
{
    bool has_digit = false;
    for (size_t i = 0; i < s.n; i++) {
        if (!memchr(hex_digits, s.p[i], 16))
            return false;
        has_digit |= s.p[i] != '0';
    }
    return has_digit; /* all zeros is no id */
}

struct dvara_str ids_trace(const struct http_head *head, struct dvara_str fallback)
{
    struct dvara_str own = http_head_value(head, DVARA_STR("x-trace-id"));
    if (is_trace(own))
        return own;
    struct dvara_str parent = http_head_value(head, DVARA_STR("traceparent"));
    struct dvara_str trace = dvara_str_slice(parent, 3, 35);
    bool is_parent = parent.n == 55 && dvara_str_starts_with(parent, DVARA_STR("00-")) &&
                     parent.p[35] == '-' && parent.p[52] == '-' && is_hex(trace) &&
                     is_hex(dvara_str_slice(parent, 36, 52));
    return is_parent ? trace : fallback;
}

bool ids_session_is_valid(struct dvara_str session)
{
    if (session.n == 0 || session.n > IDS_SESSION_MAX)
        return false;
    for (size_t i = 0; i < session.n; i++)
        if (session.p[i] <= ' ' || session.p[i] > '~')
            return false;
    return true;
}
