/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of addresses, as `within` sees them: 128 bits, IPv4 in ::ffff:0:0/96, disjoint ranges in
 * order. */
#ifndef LANG_ADDRESS_SET_H
#define LANG_ADDRESS_SET_H

#include "lang/type.h"

struct arena;

struct address {
    uint64_t high, low;
};

/* Both ends belong to it. */
struct address_range {
    struct address first, last;
};

struct address_set {
    struct address_range *v; /* sorted, disjoint */
    size_t n;
};

/* One CIDR or address that cidr_problem accepts. False: it does not parse. */
bool address_range_of(struct dvara_str cidr, struct address_range *ret_range);
/* The same in its canonical spelling (RFC 5952, host bits cleared); `ret_text` has room for
 * ADDRESS_TEXT_MAX bytes. Returns the length, 0 when it does not parse. */
enum { ADDRESS_TEXT_MAX = 64 };
size_t address_canonical(struct dvara_str cidr, char *ret_text);

static inline int address_compare(struct address a, struct address b)
{
    return a.high != b.high ? (a.high > b.high) - (a.high < b.high)
                            : (a.low > b.low) - (a.low < b.low);
}
static inline bool address_range_holds(struct address_range outer, struct address_range inner)
{
    return address_compare(outer.first, inner.first) <= 0 &&
           address_compare(inner.last, outer.last) <= 0;
}

/* The union of the CIDRs of a list; what does not parse is left out. */
struct address_set address_set_of(struct arena *arena, const struct constants *cidrs);
struct address_set address_set_all(struct arena *arena);
struct address_set address_set_meet(struct arena *arena, const struct address_set *a,
                                    const struct address_set *b);
/* All addresses that are not in it. */
struct address_set address_set_rest(struct arena *arena, const struct address_set *set);

#endif
