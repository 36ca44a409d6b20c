/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream/egress.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A range of addresses: the first `bits` bits are those of `prefix`. */
struct range4 {
    uint32_t prefix;
    unsigned bits;
};
struct range6 {
    uint8_t prefix[16];
    unsigned bits;
};

#define IP4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

static bool in_range4(uint32_t address, struct range4 range)
{
    return (address ^ range.prefix) >> (32 - range.bits) == 0;
}

/* Nobody's to connect to, whatever the config says. */
static bool is_never4(uint32_t address)
{
    static const struct range4 never[] = {
        {IP4(0, 0, 0, 0), 8},   /* "this network": Linux takes 0.0.0.0 for itself */
        {IP4(224, 0, 0, 0), 4}, /* multicast */
        {IP4(240, 0, 0, 0), 4}, /* reserved, broadcast */
    };
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (in_range4(address, never[i]))
            return true;
    return false;
}

static bool is_private4(uint32_t address)
{
    static const struct range4 ranges[] = {
        {IP4(10, 0, 0, 0), 8},    /* private */
        {IP4(100, 64, 0, 0), 10}, /* shared by carriers; some clouds' metadata (100.100.100.200) */
        {IP4(127, 0, 0, 0), 8},   /* loopback */
        {IP4(168, 63, 129, 16), 32}, /* a cloud's wire server */
        {IP4(169, 254, 0, 0), 16},   /* link-local, metadata */
        {IP4(172, 16, 0, 0), 12},    /* private */
        {IP4(192, 0, 0, 0), 24},     /* protocol assignments; another cloud's metadata */
        {IP4(192, 0, 2, 0), 24},     /* documentation */
        {IP4(192, 88, 99, 0), 24},   /* 6to4 relays */
        {IP4(192, 168, 0, 0), 16},   /* private */
        {IP4(198, 18, 0, 0), 15},    /* benchmarking */
        {IP4(198, 51, 100, 0), 24},  /* documentation */
        {IP4(203, 0, 113, 0), 24},   /* documentation */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (in_range4(address, ranges[i]))
            return true;
    return false;
}

static bool is_allowed4(uint32_t address, bool private_allowed)
{
    return !is_never4(address) && (private_allowed || !is_private4(address));
}

static bool in_range6(const uint8_t *address, const struct range6 *range)
{
    unsigned whole = range->bits / 8;
    unsigned rest = range->bits % 8;
    if (memcmp(address, range->prefix, whole) != 0)
        return false;
    return rest == 0 || (address[whole] ^ range->prefix[whole]) >> (8 - rest) == 0;
}

static uint32_t read4(const uint8_t *p)
{
    return IP4(p[0], p[1], p[2], p[3]);
}

/* IPv6 forms that carry an IPv4 address: where it stands, and how it is spelled. */
struct carrier {
    struct range6 range;
    unsigned offset;
    bool inverted;
};

static const struct carrier carriers[] = {
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12, false}, /* mapped */
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12, false},       /* translated */
    {{{0}, 96}, 12, false},                                        /* compatible; :: and ::1 too */
    {{{0x00, 0x64, 0xff, 0x9b}, 96}, 12, false},                   /* NAT64 */
    {{{0x20, 0x02}, 16}, 2, false},                                /* 6to4 */
    {{{0x20, 0x01, 0, 0}, 32}, 12, true},                          /* Teredo: the client */
};

static bool is_private6(const uint8_t *address)
{
    static const struct range6 ranges[] = {
        {{0x00, 0x64, 0xff, 0x9b, 0, 1}, 48}, /* NAT64 for local use: prefix lengths vary */
        {{0x01}, 64},                         /* discard */
        {{0x20, 0x01, 0x0d, 0xb8}, 32},       /* documentation */
        {{0x3f, 0xff}, 20},                   /* documentation */
        {{0xfc}, 7},                          /* unique local; metadata (fd00:ec2::254) */
        {{0xfe, 0x80}, 10},                   /* link-local */
        {{0xfe, 0xc0}, 10},                   /* site-local */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (in_range6(address, &ranges[i]))
            return true;
    return false;
}

static bool is_loopback6(const uint8_t *address)
{
    static const uint8_t loopback[16] = {[15] = 1};
    return memcmp(address, loopback, sizeof loopback) == 0;
}

static bool is_allowed6(const uint8_t *address, bool private_allowed)
{
    if (address[0] == 0xff) /* multicast */
        return false;
    if (is_loopback6(address))
        return private_allowed;
    for (size_t i = 0; i < sizeof carriers / sizeof *carriers; i++) {
        if (!in_range6(address, &carriers[i].range))
            continue;
        uint32_t inner = read4(address + carriers[i].offset);
        if (!is_allowed4(carriers[i].inverted ? ~inner : inner, private_allowed))
            return false;
    }
    return private_allowed || !is_private6(address);
}

bool egress_is_allowed(const struct sockaddr *address, bool private_allowed)
{
    if (address->sa_family == AF_INET) {
        uint8_t bytes[4];
        memcpy(bytes, (const char *)address + offsetof(struct sockaddr_in, sin_addr), 4);
        return is_allowed4(read4(bytes), private_allowed);
    }
    if (address->sa_family == AF_INET6) {
        uint8_t bytes[16];
        memcpy(bytes, (const char *)address + offsetof(struct sockaddr_in6, sin6_addr), 16);
        return is_allowed6(bytes, private_allowed);
    }
    return false;
}
