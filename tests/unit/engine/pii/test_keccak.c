/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/keccak.h"

#include "unit/suite.h"

static void check_hash(const char *input, const char *hex)
{
    uint8_t hash[KECCAK_BYTES];
    keccak_256(dvara_str_from_cstr(input), hash);
    for (size_t i = 0; i < KECCAK_BYTES; i++) {
        char pair[3] = {hex[i * 2], hex[i * 2 + 1], '\0'};
        ck_assert_uint_eq(hash[i], strtoul(pair, NULL, 16));
    }
}

TEST(keccak_256_hashes_the_published_examples)
{
    check_hash("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    check_hash("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}
END_TEST

SUITE(keccak_256_hashes_the_published_examples)
