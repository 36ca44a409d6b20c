/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed hashing for tables that strangers fill: SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast
 * short-input PRF", 2012; one compression and three finalisation rounds). Not for signatures. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "dvara/str.h"

#include <stdint.h>

struct hash_key {
    uint64_t k0, k1;
};

/* A key from the system's random source. */
struct hash_key hash_key_random(void);

uint64_t hash_bytes(const struct hash_key *key, struct dvara_str s);

/* The same in pieces: init, any number of updates, then the end. */
struct hash_state {
    uint64_t v[4];
    uint64_t tail;
    uint64_t total;
};
void hash_init(struct hash_state *state, const struct hash_key *key);
void hash_update(struct hash_state *state, struct dvara_str s);
uint64_t hash_end(struct hash_state *state);

/* Unkeyed, the same in every process (FNV-1a, 64 bits; Fowler, Noll, Vo): for build-time tables
 * only. */
uint64_t hash_fixed(struct dvara_str s);

/* A word's bits, each spread over all (the finaliser of MurmurHash3; Appleby, 2011): a product
 * alone carries upwards only, and texts that begin alike have their low bits in common. */
static inline uint64_t hash_spread(uint64_t word)
{
    word ^= word >> 33;
    word *= UINT64_C(0xff51afd7ed558ccd);
    word ^= word >> 33;
    word *= UINT64_C(0xc4ceb9fe1a85ec53);
    return word ^ word >> 33;
}

/* As hash_fixed on a hot path, 8 bytes at a time: where the texts in the table are not a
 * stranger's. */
static inline uint64_t hash_quick(struct dvara_str s)
{
    uint64_t h = s.n * UINT64_C(0x9e3779b97f4a7c15), word;
    for (size_t at = 0; s.n - at > 8; at += 8) {
        memcpy(&word, s.p + at, 8);
        h = hash_spread(h ^ word);
    }
    word = 0;
    if (s.n >= 8)
        memcpy(&word, s.p + s.n - 8, 8); /* the last 8 bytes; some again */
    else if (s.n)
        memcpy(&word, s.p, s.n);
    return hash_spread(h ^ word);
}

#endif
