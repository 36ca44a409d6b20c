/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/config_values.h"

#include "base/bytes.h"
#include "gateway/limits.h"

#include <arpa/inet.h>
#include <string.h>

struct unit {
    struct dvara_str name;
    uint64_t factor;
};

/* Falling, so that compound durations can be checked for order. */
static const struct unit duration_units[] = {
    {DVARA_STR_INIT("d"), 86400 * LIMIT_SECOND_NS}, {DVARA_STR_INIT("h"), 3600 * LIMIT_SECOND_NS},
    {DVARA_STR_INIT("m"), 60 * LIMIT_SECOND_NS},    {DVARA_STR_INIT("s"), LIMIT_SECOND_NS},
    {DVARA_STR_INIT("ms"), LIMIT_SECOND_NS / 1000},
};

static const struct unit size_units[] = {
    {DVARA_STR_INIT("B"), 1},
    {DVARA_STR_INIT("KB"), 1000},
    {DVARA_STR_INIT("KiB"), 1024},
    {DVARA_STR_INIT("MB"), 1000000},
    {DVARA_STR_INIT("MiB"), 1024 * 1024},
    {DVARA_STR_INIT("GB"), 1000000000},
    {DVARA_STR_INIT("GiB"), 1024 * 1024 * 1024},
    {DVARA_STR_INIT("TiB"), (uint64_t)1024 * 1024 * 1024 * 1024},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits at *at; false when there is none or the number is over 64 bits. */
static bool read_digits(struct dvara_str text, size_t *at, uint64_t *ret_value)
{
    uint64_t value = 0;
    size_t from = *at;
    for (; *at < text.n && is_digit(text.p[*at]); ++*at)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.p[*at] - '0'), &value))
            return false;
    *ret_value = value;
    return *at > from;
}

static struct dvara_str read_letters(struct dvara_str text, size_t *at)
{
    size_t from = *at;
    while (*at < text.n && ((text.p[*at] | 32) >= 'a' && (text.p[*at] | 32) <= 'z'))
        ++*at;
    return dvara_str_slice(text, from, *at);
}

static const struct unit *find_unit(const struct unit *units, size_t count, struct dvara_str name)
{
    for (size_t i = 0; i < count; i++)
        if (dvara_str_eq(units[i].name, name))
            return &units[i];
    return NULL;
}

enum dvara_status config_read_duration(struct dvara_str text, uint64_t *ret_ns)
{
    const size_t unit_count = sizeof duration_units / sizeof *duration_units;
    uint64_t total = 0;
    const struct unit *last = NULL;
    if (dvara_str_eq(text, DVARA_STR("0"))) {
        *ret_ns = 0;
        return DVARA_OK;
    }
    for (size_t at = 0; at < text.n || last == NULL;) {
        uint64_t number;
        if (!read_digits(text, &at, &number))
            return DVARA_INVALID;
        const struct unit *unit = find_unit(duration_units, unit_count, read_letters(text, &at));
        if (unit == NULL || (last != NULL && unit <= last) ||
            __builtin_mul_overflow(number, unit->factor, &number) ||
            __builtin_add_overflow(total, number, &total) || total > INT64_MAX)
            return DVARA_INVALID;
        last = unit;
    }
    *ret_ns = total;
    return DVARA_OK;
}

enum dvara_status config_read_size(struct dvara_str text, uint64_t *ret_bytes)
{
    size_t at = 0;
    uint64_t number;
    if (!read_digits(text, &at, &number))
        return DVARA_INVALID;
    const struct unit *unit =
        find_unit(size_units, sizeof size_units / sizeof *size_units, read_letters(text, &at));
    if (unit == NULL || at != text.n || __builtin_mul_overflow(number, unit->factor, &number) ||
        number > INT64_MAX)
        return DVARA_INVALID;
    *ret_bytes = number;
    return DVARA_OK;
}

enum dvara_status config_read_count(struct dvara_str text, uint64_t *ret_count)
{
    size_t at = 0;
    uint64_t number;
    if (!read_digits(text, &at, &number) || at != text.n || number > INT64_MAX)
        return DVARA_INVALID;
    *ret_count = number;
    return DVARA_OK;
}

enum dvara_status config_read_percent(struct dvara_str text, uint32_t *ret_ppm)
{
    size_t at = 0;
    uint64_t whole, part = 0;
    if (!read_digits(text, &at, &whole) || whole > 1000)
        return DVARA_INVALID;
    if (at < text.n && text.p[at] == '.') {
        size_t from = ++at;
        if (!read_digits(text, &at, &part) || at - from > 4)
            return DVARA_INVALID;
        for (size_t digits = at - from; digits < 4; digits++)
            part *= 10;
    }
    if (at + 1 != text.n || text.p[at] != '%')
        return DVARA_INVALID;
    *ret_ppm = (uint32_t)(whole * 10000 + part);
    return DVARA_OK;
}

/* A copy with a NUL, when it fits. */
static bool copy_cstr(struct dvara_str text, char *out, size_t size)
{
    if (text.n >= size)
        return false;
    if (text.n != 0)
        memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return true;
}

static bool is_ip(struct dvara_str text, int family)
{
    unsigned char address[16];
    char cstr[INET6_ADDRSTRLEN];
    return copy_cstr(text, cstr, sizeof cstr) && inet_pton(family, cstr, address) == 1;
}

enum dvara_status config_read_address(struct dvara_str text, struct arena *arena,
                                      struct config_address *ret_address)
{
    const char *colon = text.n ? memrchr(text.p, ':', text.n) : NULL;
    if (colon == NULL)
        return DVARA_INVALID;
    size_t split = (size_t)(colon - text.p);
    struct dvara_str host = dvara_str_slice(text, 0, split);
    bool has_brackets = host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    if (has_brackets)
        host = dvara_str_slice(host, 1, host.n - 1);
    uint64_t port;
    enum dvara_status status = config_read_count(dvara_str_slice(text, split + 1, text.n), &port);
    if (status != DVARA_OK || port > 65535 || !is_ip(host, has_brackets ? AF_INET6 : AF_INET))
        return DVARA_INVALID;
    struct dvara_str copy = arena_copy(arena, host);
    if (dvara_str_is_absent(copy))
        return DVARA_NO_MEMORY;
    *ret_address = (struct config_address){.host_cstr = copy.p, .port = (uint16_t)port};
    return DVARA_OK;
}

enum dvara_status config_read_network(struct dvara_str text, struct config_network *ret_network)
{
    const char *slash = text.n ? memchr(text.p, '/', text.n) : NULL;
    struct dvara_str address = slash ? dvara_str_slice(text, 0, (size_t)(slash - text.p)) : text;
    char cstr[INET6_ADDRSTRLEN];
    if (!copy_cstr(address, cstr, sizeof cstr))
        return DVARA_INVALID;
    struct config_network network = {.address = {[10] = 0xff, [11] = 0xff}};
    bool is_ipv4 = inet_pton(AF_INET, cstr, network.address + 12) == 1;
    if (!is_ipv4 && inet_pton(AF_INET6, cstr, network.address) != 1)
        return DVARA_INVALID;
    uint64_t prefix = is_ipv4 ? 32 : 128;
    if (slash != NULL) {
        uint64_t most = prefix;
        size_t from = (size_t)(slash - text.p) + 1;
        enum dvara_status status = config_read_count(dvara_str_slice(text, from, text.n), &prefix);
        if (status != DVARA_OK || prefix > most)
            return DVARA_INVALID;
    }
    network.prefix = (unsigned)prefix + (is_ipv4 ? 96 : 0);
    *ret_network = network;
    return DVARA_OK;
}

enum dvara_status config_read_hash(struct dvara_str text, unsigned char ret_hash[32])
{
    struct dvara_str prefix = DVARA_STR("sha256:");
    if (!dvara_str_starts_with(text, prefix))
        return DVARA_INVALID;
    return bytes_from_hex(dvara_str_slice(text, prefix.n, text.n), ret_hash, 32);
}

/* Visible ASCII without what would end or change a URL's path or authority. */
static bool is_url_byte(char c)
{
    return c > ' ' && c < 127 && strchr("?#@\\\"<>^`{|}", c) == NULL;
}

enum dvara_status config_read_url(struct dvara_str text, struct config_url *ret_url)
{
    struct config_url url = {.is_https = dvara_str_starts_with(text, DVARA_STR("https://"))};
    if (!url.is_https && !dvara_str_starts_with(text, DVARA_STR("http://")))
        return DVARA_INVALID;
    for (size_t i = 0; i < text.n; i++)
        if (!is_url_byte(text.p[i]))
            return DVARA_INVALID;
    size_t from = url.is_https ? 8 : 7, to = from;
    while (to < text.n && text.p[to] != '/')
        to++;
    if (to == from)
        return DVARA_INVALID;
    url.origin = dvara_str_slice(text, 0, to);
    url.host = dvara_str_slice(text, from, to);
    url.path = dvara_str_slice(text, to, text.n);
    *ret_url = url;
    return DVARA_OK;
}
