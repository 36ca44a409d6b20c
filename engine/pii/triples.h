/* SPDX-License-Identifier: Apache-2.0 */
/* Which three bytes some of many words begin with: one look at a place in a text says of nearly all
 * places that none begins there. ASCII case does not matter. */
#ifndef PII_TRIPLES_H
#define PII_TRIPLES_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { TRIPLES_BITS = 15 };

struct triples {
    uint8_t v[(1 << TRIPLES_BITS) / 8];
};

/* Of three bytes, the first lowest. Setting bit 5 makes letters lower case, and other bytes alike
 * that are not: what is found is looked at again. */
static inline uint32_t triples_mix(uint32_t three)
{
    return ((three | 0x202020u) & 0xFFFFFFu) * 0x9E3779B1u >> (32 - TRIPLES_BITS);
}

/* Adds a word of one byte or more; behind a shorter one any byte may stand. */
static inline void triples_add(struct triples *triples, struct dvara_str word)
{
    uint32_t three = (uint32_t)(unsigned char)word.p[0] |
                     (word.n > 1 ? (uint32_t)(unsigned char)word.p[1] << 8 : 0) |
                     (word.n > 2 ? (uint32_t)(unsigned char)word.p[2] << 16 : 0);
    uint32_t free = word.n > 2 ? 0 : word.n > 1 ? 0xFF0000u : 0xFFFF00u;
    uint32_t step = free & ~(free << 1);
    for (uint32_t rest = 0;; rest += step) {
        uint32_t mix = triples_mix(three | rest);
        triples->v[mix / 8] |= (uint8_t)(1u << mix % 8);
        if (rest == free)
            return;
    }
}

/* Could a word begin at text.p[at]? at + 4 <= text.n */
static inline bool triples_may_begin(const struct triples *triples, struct dvara_str text,
                                     size_t at)
{
    uint32_t four;
    memcpy(&four, text.p + at, sizeof four);
    uint32_t mix = triples_mix(four);
    return triples->v[mix / 8] >> mix % 8 & 1;
}

#endif
