/* SPDX-License-Identifier: Apache-2.0 */
/* Globs, networks and printing, written for clarity and not for speed. */
#include "oracle/value.h"

#include "dvara/limits.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static size_t point_length(struct dvara_str s)
{
    size_t n = 1;
    while (n < s.n && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static bool match_class(struct dvara_str pattern, size_t *at, unsigned char c)
{
    size_t i = *at + 1;
    bool negated = i < pattern.n && pattern.p[i] == '!';
    bool in = false;
    for (i += negated; i < pattern.n && pattern.p[i] != ']'; i++) {
        unsigned char low = (unsigned char)pattern.p[i];
        unsigned char high = low;
        if (i + 2 < pattern.n && pattern.p[i + 1] == '-' && pattern.p[i + 2] != ']') {
            high = (unsigned char)pattern.p[i + 2];
            i += 2;
        }
        in = in || (low <= c && c <= high);
    }
    *at = i + 1;
    return in != negated;
}

static bool match_here(struct dvara_str pattern, struct dvara_str s);

/* {a,b}rest: every alternative followed by the rest. */
static bool match_braces(struct dvara_str pattern, struct dvara_str s)
{
    int depth = 0;
    size_t close = 0;
    for (size_t i = 0; i < pattern.n && !close; i++) {
        depth += pattern.p[i] == '{';
        depth -= pattern.p[i] == '}';
        close = depth == 0 ? i : 0;
    }
    struct dvara_str rest = dvara_str_slice(pattern, close + 1, pattern.n);
    size_t start = 1;
    depth = 0;
    for (size_t i = 1; i <= close; i++) {
        depth += pattern.p[i] == '{';
        if (depth == 0 && (pattern.p[i] == ',' || i == close)) {
            char joined[512];
            int n = snprintf(joined, sizeof joined, "%.*s%.*s", (int)(i - start), pattern.p + start,
                             DVARA_STR_ARG(rest));
            if (match_here(dvara_str_from(joined, (size_t)n), s))
                return true;
            start = i + 1;
        }
        depth -= pattern.p[i] == '}';
    }
    return false;
}

static bool match_here(struct dvara_str pattern, struct dvara_str s)
{
    if (pattern.n == 0)
        return s.n == 0;
    if (pattern.p[0] == '{')
        return match_braces(pattern, s);
    if (pattern.p[0] == '*') {
        for (size_t skip = 0; skip <= s.n; skip++)
            if (match_here(dvara_str_slice(pattern, 1, pattern.n), dvara_str_slice(s, skip, s.n)))
                return true;
        return false;
    }
    if (s.n == 0)
        return false;
    size_t next = 1;
    size_t eaten = 1;
    if (pattern.p[0] == '?') {
        eaten = point_length(s);
    } else if (pattern.p[0] == '[') {
        next = 0;
        if (!match_class(pattern, &next, (unsigned char)s.p[0]))
            return false;
    } else if (pattern.p[0] != s.p[0]) {
        return false;
    }
    return match_here(dvara_str_slice(pattern, next, pattern.n), dvara_str_slice(s, eaten, s.n));
}

bool oracle_glob(struct dvara_str pattern, struct dvara_str s)
{
    return match_here(pattern, s);
}

/* 16 bytes, IPv4 as ::ffff:a.b.c.d. */
static bool parse_address(struct dvara_str s, unsigned char ret[16], bool *ret_v4)
{
    char cstr[64];
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (s.n == 0 || s.n >= sizeof cstr)
        return false;
    memcpy(cstr, s.p, s.n);
    cstr[s.n] = 0;
    *ret_v4 = inet_pton(AF_INET, cstr, ret + 12) == 1;
    if (*ret_v4)
        memcpy(ret, mapped, sizeof mapped);
    return *ret_v4 || inet_pton(AF_INET6, cstr, ret) == 1;
}

bool oracle_within(struct dvara_str network, struct dvara_str address, bool *ret_is_address)
{
    unsigned char a[16];
    unsigned char n[16];
    bool a4;
    bool n4;
    *ret_is_address = parse_address(address, a, &a4);
    const char *slash = memchr(network.p, '/', network.n);
    size_t at = slash ? (size_t)(slash - network.p) : network.n;
    if (!*ret_is_address || !parse_address(dvara_str_slice(network, 0, at), n, &n4))
        return false;
    int bits = slash ? (int)strtol(slash + 1, NULL, 10) + (n4 ? 96 : 0) : 128;
    for (int bit = 0; bit < bits; bit++)
        if (((a[bit / 8] ^ n[bit / 8]) >> (7 - bit % 8)) & 1)
            return false;
    return true;
}

struct unit_name {
    const char *name;
    int64_t size;
};

static struct dvara_str print_units(struct arena *arena, int64_t value,
                                    const struct unit_name *units)
{
    while (units[1].name && value % units->size != 0)
        units++;
    return arena_printf(arena, "%" PRId64 "%s", value / units->size, units->name);
}

static struct dvara_str print_decimals(struct arena *arena, const char *before, int64_t value,
                                       int places, int least, const char *after)
{
    int64_t scale = 1;
    for (int i = 0; i < places; i++)
        scale *= 10;
    char digits[32];
    int64_t rest = value % scale < 0 ? -(value % scale) : value % scale;
    (void)snprintf(digits, sizeof digits, "%0*" PRId64, places, rest);
    int keep = places;
    while (keep > least && digits[keep - 1] == '0')
        keep--;
    digits[keep] = 0;
    return arena_printf(arena, "%s%s%" PRId64 "%s%s%s", value < 0 ? "-" : "", before,
                        value / scale < 0 ? -(value / scale) : value / scale, keep ? "." : "",
                        digits, after);
}

static struct dvara_str print_float(struct arena *arena, double f)
{
    if (fabs(f) < 1e15 && floor(f) == f)
        return arena_printf(arena, "%.0f", f);
    for (int precision = 1; precision <= 17; precision++) {
        char text[40];
        (void)snprintf(text, sizeof text, "%.*g", precision, f);
        if (strtod(text, NULL) == f)
            return arena_copy(arena, dvara_str_from_cstr(text));
    }
    return DVARA_STR("nan");
}

static struct dvara_str print_time(struct arena *arena, int64_t ns)
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm tm;
    char text[40];
    gmtime_r(&seconds, &tm);
    size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return arena_copy(arena, dvara_str_from(text, n));
}

/* The generator makes plain ASCII, so only the cut of client values shows. */
static struct dvara_str print_string(struct dvara_str s, bool client)
{
    return client ? dvara_str_slice(s, 0, DVARA_CLIENT_VALUE_SHOWN) : s;
}

struct dvara_str oracle_print(struct arena *arena, struct type type, struct value value,
                              bool client)
{
    static const struct unit_name durations[] = {
        {"d", 86400000000000}, {"h", 3600000000000}, {"m", 60000000000}, {"s", 1000000000},
        {"ms", 1000000},       {"us", 1000},         {"ns", 1},          {NULL, 0}};
    static const struct unit_name sizes[] = {{"GiB", 1 << 30}, {"GB", 1000000000}, {"MiB", 1 << 20},
                                             {"MB", 1000000},  {"KiB", 1024},      {"KB", 1000},
                                             {"B", 1},         {NULL, 0}};
    switch ((int)type.base) {
    case DVARA_TYPE_BOOL:
        return value.i ? DVARA_STR("true") : DVARA_STR("false");
    case DVARA_TYPE_INT:
        return arena_printf(arena, "%" PRId64, value.i);
    case DVARA_TYPE_FLOAT:
        return print_float(arena, value.f);
    case DVARA_TYPE_DURATION:
        return value.i ? print_units(arena, value.i, durations) : DVARA_STR("0s");
    case DVARA_TYPE_SIZE:
        return value.i ? print_units(arena, value.i, sizes) : DVARA_STR("0B");
    case DVARA_TYPE_MONEY:
        return print_decimals(arena, "$", value.i, 6, 2, "");
    case DVARA_TYPE_PERCENT:
        return print_decimals(arena, "", value.i, 4, 0, "%");
    case DVARA_TYPE_TIME:
        return print_time(arena, value.i);
    default:
        return print_string(value.s, client);
    }
}
