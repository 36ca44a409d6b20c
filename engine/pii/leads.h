/* SPDX-License-Identifier: Apache-2.0 */
/* Uses of patterns by what their matches begin with: in a live text a pattern is tried only where
 * its beginning stands, whole or cut by the text's end. Read-only. */
#ifndef PII_LEADS_H
#define PII_LEADS_H

#include "base/arena.h"
#include "pattern/prefix.h"

#include <stdint.h>

enum { LEADS_BUCKETS = 1024 };

struct lead {
    struct prefix prefix;
    uint32_t use;
    uint32_t next; /* of the same bucket, by number + 1 */
    bool caseless, bounded;
};

struct leads {
    struct lead *v;
    size_t n;
    uint32_t buckets[LEADS_BUCKETS]; /* number + 1, by the first two bytes in lower case */
    uint8_t firsts[256];             /* some prefix begins with the byte, in either case */
    uint8_t pairs[65536 / 8];        /* or with the two bytes, in lower case */
};

/* Room for n prefixes. False: no memory. */
bool leads_init(struct leads *leads, size_t n, struct arena *arena);
void leads_add(struct leads *leads, const struct prefix *prefix,
               const struct pattern_source *source, uint32_t use);

static inline unsigned leads_pair(char first, char second)
{
    unsigned a = (unsigned char)(first >= 'A' && first <= 'Z' ? first | 32 : first);
    unsigned b = (unsigned char)(second >= 'A' && second <= 'Z' ? second | 32 : second);
    return a << 8 | b;
}

/* Could some prefix begin with these two? */
static inline bool leads_may_begin(const struct leads *leads, char first, char second)
{
    unsigned pair = leads_pair(first, second);
    return leads->pairs[pair / 8] >> pair % 8 & 1;
}

static inline unsigned leads_bucket(char first, char second)
{
    unsigned a = (unsigned char)(first >= 'A' && first <= 'Z' ? first | 32 : first);
    unsigned b = (unsigned char)(second >= 'A' && second <= 'Z' ? second | 32 : second);
    return (a * 31 + b * 7) % LEADS_BUCKETS;
}

/* How much of the lead's prefix stands at `at`: all of it, as much as the text has left (then
 * *ret_cut), or not even that (false). */
bool lead_stands(const struct lead *lead, struct dvara_str text, size_t at, bool *ret_cut);

#endif
