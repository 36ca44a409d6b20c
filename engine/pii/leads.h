/* SPDX-License-Identifier: Apache-2.0 */
/* Uses of patterns by what their matches begin with: in a live text a pattern is tried only where
 * its beginning stands, whole or cut by the text's end. Read-only. */
#ifndef PII_LEADS_H
#define PII_LEADS_H

#include "base/arena.h"
#include "pattern/prefix.h"
#include "pattern/text.h"
#include "pii/triples.h"

#include <stdint.h>

enum { LEADS_BUCKETS = 1024 };

/* Makes letters lower case, and other bytes alike that are not. */
#define LEAD_FOLD UINT64_C(0x2020202020202020)

struct lead {
    struct prefix prefix;
    uint64_t want, mask; /* the same bytes, and which of eight they are; */
    uint64_t fold;       /* LEAD_FOLD where case does not matter, else 0 */
    uint32_t use;
    uint32_t next;       /* of the same bucket, by number + 1 */
    uint32_t next_first; /* of the same first byte */
    bool caseless;
    bool bounded; /* not inside a word */
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

/* A place as leads are compared with it: its next eight bytes, or as many as the text has left. */
struct lead_place {
    uint64_t eight, known;
    bool inside; /* a word */
};

static inline struct lead_place lead_place(struct dvara_str text, size_t at)
{
    struct lead_place place = {.eight = 0, .known = UINT64_MAX};
    size_t left = text.n - at;
    if (left >= sizeof place.eight) {
        memcpy(&place.eight, text.p + at, sizeof place.eight);
    } else {
        place.known = (UINT64_C(1) << 8 * left) - 1;
        for (size_t i = left; i > 0; i--)
            place.eight = place.eight << 8 | (unsigned char)text.p[at + i - 1];
    }
    place.inside = at && (text_is_alnum((unsigned char)text.p[at - 1]) || text.p[at - 1] == '_');
    return place;
}

/* Could the lead stand there? Rules most others out at once. */
static inline bool lead_may_stand(const struct lead *lead, const struct lead_place *place)
{
    return !(((place->eight | lead->fold) ^ lead->want) & lead->mask & place->known) &&
           !(place->inside && lead->bounded);
}

/* How much of the lead's prefix stands at `at`: all of it, as much as the text has left (then
 * *ret_cut), or not even that (false). */
bool lead_stands(const struct lead *lead, struct dvara_str text, size_t at, bool *ret_cut);

#endif
