/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include "base/bytes.h"

#include <assert.h>
#include <sys/random.h>

struct hash_key hash_key_random(void)
{
    struct hash_key key;
    ssize_t n =
        getrandom(&key, sizeof key, 0); /* up to 256 bytes come whole once the pool is ready */
    assert(n == (ssize_t)sizeof key);
    return key;
}

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static inline void compress(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

void hash_init(struct hash_state *state, const struct hash_key *key)
{
    *state = (struct hash_state){
        .v = {key->k0 ^ UINT64_C(0x736f6d6570736575), key->k1 ^ UINT64_C(0x646f72616e646f6d),
              key->k0 ^ UINT64_C(0x6c7967656e657261), key->k1 ^ UINT64_C(0x7465646279746573)}};
}

/* Up to eight bytes, the first lowest. */
static uint64_t word_of(const char *p, size_t n)
{
    uint64_t word = 0;
    if (n == sizeof word)
        return bytes_get64(p);
    if (n >= 4) /* the two halves overlap */
        return bytes_get32(p) | (uint64_t)bytes_get32(p + n - 4) << 8 * (n - 4);
    while (n-- > 0)
        word = word << 8 | (unsigned char)p[n];
    return word;
}

/* Eight bytes at a time wherever the word under way stands: what is hashed is short, in pieces. */
void hash_update(struct hash_state *state, struct dvara_str s)
{
    for (size_t i = 0; i < s.n; i += 8) {
        size_t n = s.n - i < 8 ? s.n - i : 8;
        uint64_t word = word_of(s.p + i, n);
        unsigned at = (unsigned)(state->total % 8);
        state->tail |= word << 8 * at;
        if (at + n >= 8) {
            compress(state->v, state->tail);
            state->tail = at ? word >> (64 - 8 * at) : 0;
        }
        state->total += n;
    }
}

uint64_t hash_end(struct hash_state *state)
{
    uint64_t *v = state->v;
    compress(v, state->tail | state->total << 56);
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t hash_bytes(const struct hash_key *key, struct dvara_str s)
{
    struct hash_state state;
    hash_init(&state, key);
    hash_update(&state, s);
    return hash_end(&state);
}

uint64_t hash_fixed(struct dvara_str s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
    return h;
}
