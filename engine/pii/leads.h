/* SPDX-License-Identifier: Apache-2.0 */
/* Uses of patterns by what their matches begin with: in a live text a pattern is tried only where
 * its beginning stands, whole or cut by the text's end. Read-only. */
#ifndef PII_LEADS_H
#define PII_LEADS_H

#include "base/arena.h"
#include "pattern/prefix.h"
#include "pii/triples.h"

#include <stdint.h>

enum { LEADS_BUCKETS = 1024 };

/* Makes letters lower case, and other bytes alike that are not. */
#define LEAD_FOLD UINT64_C(0x2020202020202020)

struct lead {
    struct prefix prefix;
    uint64_t want, mask; /* the same bytes with bit 5 set, and which of eight they are */
    uint32_t use;
    uint32_t next;       /* of the same bucket, by number + 1 */
    uint32_t next_first; /* of the same first byte */
    bool caseless, bounded;
};

struct leads {
    struct lead *v;
    size_t n;
    uint32_t buckets[LEADS_BUCKETS]; /* number + 1, by the first two bytes in lower case */
    uint32_t firsts[256];            /* the same by the first byte, in lower case */
    struct triples triples;          /* or with the three */
};

/* Room for n prefixes. False: no memory. */
bool leads_init(struct leads *leads, size_t n, struct arena *arena);
void leads_add(struct leads *leads, const struct prefix *prefix,
               const struct pattern_source *source, uint32_t use);

static inline unsigned leads_bucket(char first, char second)
{
    unsigned a = (unsigned char)(first >= 'A' && first <= 'Z' ? first | 32 : first);
    unsigned b = (unsigned char)(second >= 'A' && second <= 'Z' ? second | 32 : second);
    return (a * 31 + b * 7) % LEADS_BUCKETS;
}

/* Could the lead stand at `at`? Rules most others out at once. at + 8 <= text.n */
static inline bool lead_may_stand(const struct lead *lead, struct dvara_str text, size_t at)
{
    uint64_t eight;
    memcpy(&eight, text.p + at, sizeof eight);
    return ((eight | LEAD_FOLD) & lead->mask) == lead->want;
}

/* How much of the lead's prefix stands at `at`: all of it, as much as the text has left (then
 * *ret_cut), or not even that (false). */
bool lead_stands(const struct lead *lead, struct dvara_str text, size_t at, bool *ret_cut);

#endif
