/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/address_set.h"

#include "base/arena.h"
#include "vm/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static struct address unpack(const unsigned char bytes[16])
{
    struct address a = {0, 0};
    for (int i = 0; i < 8; i++) {
        a.high = a.high << 8 | bytes[i];
        a.low = a.low << 8 | bytes[i + 8];
    }
    return a;
}

static void pack(struct address a, unsigned char ret_bytes[16])
{
    for (int i = 0; i < 8; i++) {
        ret_bytes[i] = (unsigned char)(a.high >> (56 - 8 * i));
        ret_bytes[i + 8] = (unsigned char)(a.low >> (56 - 8 * i));
    }
}

/* The bits behind a prefix of 0 to 128. */
static struct address host_mask(unsigned prefix)
{
    struct address mask = {0, 0};
    mask.high = prefix >= 64 ? 0 : UINT64_MAX >> prefix;
    mask.low = prefix >= 128 ? 0 : prefix <= 64 ? UINT64_MAX : UINT64_MAX >> (prefix - 64);
    return mask;
}

/* ret_prefix counts from the 128 bits' start; ret_v4: it was written as IPv4. */
static bool parse(struct dvara_str cidr, struct address *ret_address, unsigned *ret_prefix,
                  bool *ret_v4)
{
    unsigned char bytes[16];
    size_t n = 0;
    while (n < cidr.n && cidr.p[n] != '/')
        n++;
    struct dvara_str address = dvara_str_slice(cidr, 0, n);
    if (!text_address(address, bytes))
        return false;
    bool v4 = memchr(address.p, ':', address.n) == NULL;
    unsigned width = v4 ? 32 : 128;
    unsigned prefix = n == cidr.n ? width : 0;
    for (size_t i = n + 1; i < cidr.n; i++) {
        if (cidr.p[i] < '0' || cidr.p[i] > '9' || prefix > width)
            return false;
        prefix = prefix * 10 + (unsigned)(cidr.p[i] - '0');
    }
    if (prefix > width)
        return false;
    *ret_address = unpack(bytes);
    *ret_prefix = prefix + (v4 ? 96 : 0);
    *ret_v4 = v4;
    return true;
}

static struct address_range range_of(struct address address, unsigned prefix)
{
    struct address mask = host_mask(prefix);
    return (struct address_range){{address.high & ~mask.high, address.low & ~mask.low},
                                  {address.high | mask.high, address.low | mask.low}};
}

bool address_range_of(struct dvara_str cidr, struct address_range *ret_range)
{
    struct address address;
    unsigned prefix;
    bool v4;
    if (!parse(cidr, &address, &prefix, &v4))
        return false;
    *ret_range = range_of(address, prefix);
    return true;
}

size_t address_canonical(struct dvara_str cidr, char *ret_text)
{
    struct address address;
    unsigned prefix;
    bool v4;
    unsigned char bytes[16];
    char shown[INET6_ADDRSTRLEN];
    if (!parse(cidr, &address, &prefix, &v4))
        return 0;
    pack(range_of(address, prefix).first, bytes);
    const unsigned char *start = v4 ? bytes + 12 : bytes;
    if (!inet_ntop(v4 ? AF_INET : AF_INET6, start, shown, sizeof shown))
        return 0;
    bool alone = memchr(cidr.p, '/', cidr.n) == NULL;
    int n = alone ? snprintf(ret_text, ADDRESS_TEXT_MAX, "%s", shown)
                  : snprintf(ret_text, ADDRESS_TEXT_MAX, "%s/%u", shown, prefix - (v4 ? 96 : 0));
    return n < 0 || n >= ADDRESS_TEXT_MAX ? 0 : (size_t)n;
}

static int by_first(const void *left, const void *right)
{
    const struct address_range *a = left;
    const struct address_range *b = right;
    return address_compare(a->first, b->first);
}

static bool is_last(struct address a)
{
    return a.high == UINT64_MAX && a.low == UINT64_MAX;
}

static struct address next(struct address a)
{
    a.low++;
    a.high += a.low == 0;
    return a;
}

static struct address previous(struct address a)
{
    a.high -= a.low == 0;
    a.low--;
    return a;
}

struct address_set address_set_of(struct arena *arena, const struct constants *cidrs)
{
    struct address_set set = {ARENA_ARRAY(arena, cidrs->n + 1, struct address_range), 0};
    for (size_t i = 0; set.v && i < cidrs->n; i++)
        set.n += address_range_of(cidrs->v[i].s, &set.v[set.n]);
    if (set.n < 2)
        return set;
    qsort(set.v, set.n, sizeof *set.v, by_first);
    size_t kept = 0;
    for (size_t i = 1; i < set.n; i++) {
        if (address_compare(set.v[i].first, set.v[kept].last) > 0)
            set.v[++kept] = set.v[i];
        else if (address_compare(set.v[i].last, set.v[kept].last) > 0)
            set.v[kept].last = set.v[i].last;
    }
    set.n = kept + 1;
    return set;
}

struct address_set address_set_all(struct arena *arena)
{
    struct address_set none = {NULL, 0};
    return address_set_rest(arena, &none);
}

struct address_set address_set_meet(struct arena *arena, const struct address_set *a,
                                    const struct address_set *b)
{
    struct address_set set = {ARENA_ARRAY(arena, a->n + b->n + 1, struct address_range), 0};
    for (size_t i = 0, k = 0; set.v && i < a->n && k < b->n;) {
        struct address first =
            address_compare(a->v[i].first, b->v[k].first) > 0 ? a->v[i].first : b->v[k].first;
        bool a_ends = address_compare(a->v[i].last, b->v[k].last) < 0;
        struct address last = a_ends ? a->v[i].last : b->v[k].last;
        if (address_compare(first, last) <= 0)
            set.v[set.n++] = (struct address_range){first, last};
        i += a_ends;
        k += !a_ends;
    }
    return set;
}

struct address_set address_set_rest(struct arena *arena, const struct address_set *set)
{
    struct address_set rest = {ARENA_ARRAY(arena, set->n + 1, struct address_range), 0};
    struct address at = {0, 0};
    bool open = rest.v != NULL;
    for (size_t i = 0; open && i < set->n; i++) {
        if (address_compare(at, set->v[i].first) < 0)
            rest.v[rest.n++] = (struct address_range){at, previous(set->v[i].first)};
        open = !is_last(set->v[i].last);
        at = next(set->v[i].last);
    }
    if (open)
        rest.v[rest.n++] = (struct address_range){at, {UINT64_MAX, UINT64_MAX}};
    return rest;
}
