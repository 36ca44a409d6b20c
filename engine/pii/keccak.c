/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/keccak.h"

#include <assert.h>
#include <string.h>

enum { LANES = 25, ROUNDS = 24 };

static uint64_t rotated(uint64_t lane, unsigned bits)
{
    return bits ? lane << bits | lane >> (64 - bits) : lane;
}

/* Theta: every lane takes the parity of two columns. */
static void mix_columns(uint64_t state[LANES])
{
    uint64_t parity[5];
    for (size_t x = 0; x < 5; x++)
        parity[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
    for (size_t x = 0; x < 5; x++) {
        uint64_t change = parity[(x + 4) % 5] ^ rotated(parity[(x + 1) % 5], 1);
        for (size_t y = 0; y < LANES; y += 5)
            state[x + y] ^= change;
    }
}

/* Rho and pi: lanes turn and change places. The offsets are triangular numbers modulo 64. */
static void move_lanes(uint64_t state[LANES])
{
    size_t x = 1;
    size_t y = 0;
    uint64_t lane = state[1];
    for (unsigned t = 0; t < 24; t++) {
        size_t next = (2 * x + 3 * y) % 5;
        x = y;
        y = next;
        uint64_t kept = state[x + 5 * y];
        state[x + 5 * y] = rotated(lane, (t + 1) * (t + 2) / 2 % 64);
        lane = kept;
    }
}

/* Chi: the only step that is not linear. */
static void mix_rows(uint64_t state[LANES])
{
    for (size_t y = 0; y < LANES; y += 5) {
        uint64_t row[5];
        memcpy(row, state + y, sizeof row);
        for (size_t x = 0; x < 5; x++)
            state[x + y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
}

/* Iota's constants: bits of a linear feedback shift register at the places 2^j - 1. */
static uint64_t round_constant(uint8_t *shift)
{
    uint64_t constant = 0;
    for (unsigned j = 0; j < 7; j++) {
        if (*shift & 1)
            constant ^= (uint64_t)1 << ((1u << j) - 1);
        *shift = (uint8_t)(*shift << 1 ^ (*shift & 0x80 ? 0x71 : 0));
    }
    return constant;
}

static void permute(uint64_t state[LANES])
{
    uint8_t shift = 1;
    for (size_t round = 0; round < ROUNDS; round++) {
        mix_columns(state);
        move_lanes(state);
        mix_rows(state);
        state[0] ^= round_constant(&shift);
    }
}

void keccak_256(struct dvara_str input, uint8_t ret_hash[KECCAK_BYTES])
{
    enum { RATE = 136 };
    assert(input.n <= KECCAK_MAX_INPUT);
    uint8_t block[RATE] = {0};
    uint64_t state[LANES] = {0};
    memcpy(block, input.p, input.n);
    block[input.n] = 1;
    block[RATE - 1] |= 0x80;
    for (size_t i = 0; i < RATE; i++)
        state[i / 8] ^= (uint64_t)block[i] << (i % 8 * 8);
    permute(state);
    for (size_t i = 0; i < KECCAK_BYTES; i++)
        ret_hash[i] = (uint8_t)(state[i / 8] >> (i % 8 * 8));
}
