/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include "unit/suite.h"

#include <stdio.h>

/* SipHash-1-3 under the zero key of the texts 00 01 02 …: made with a second implementation,
 * CPython's hash() of bytes with PYTHONHASHSEED=0. */
TEST(the_hash_is_siphash_1_3)
{
    const struct hash_key key = {.k0 = 0, .k1 = 0};
    static const struct {
        size_t n;
        uint64_t hash;
    } rows[] = {{1, UINT64_C(0x68a914128e01e473)},  {7, UINT64_C(0x2f098ab0c751325a)},
                {8, UINT64_C(0xead411e67ebe2eea)},  {15, UINT64_C(0xf30eb725bb91c9ea)},
                {16, UINT64_C(0x8972188433a5c5b7)}, {63, UINT64_C(0x385d3e39e5f37359)}};
    char text[64];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)i;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_uint_eq(hash_bytes(&key, dvara_str_from(text, rows[i].n)), rows[i].hash);
}

TEST(pieces_hash_like_the_whole)
{
    const struct hash_key key = hash_key_random();
    struct dvara_str text = DVARA_STR("a text of some length, cut everywhere");
    for (size_t first = 0; first <= text.n; first++) {
        for (size_t second = first; second <= text.n; second++) {
            struct hash_state state;
            hash_init(&state, &key);
            hash_update(&state, dvara_str_slice(text, 0, first));
            hash_update(&state, dvara_str_slice(text, first, second));
            hash_update(&state, dvara_str_slice(text, second, text.n));
            ck_assert_uint_eq(hash_end(&state), hash_bytes(&key, text));
        }
    }
}

TEST(keys_differ_and_so_do_hashes)
{
    const struct hash_key a = hash_key_random(), b = hash_key_random();
    ck_assert(a.k0 != b.k0 || a.k1 != b.k1);
    ck_assert_uint_ne(hash_bytes(&a, DVARA_STR("x")), hash_bytes(&b, DVARA_STR("x")));
}

TEST(the_fixed_hash_is_fnv_1a)
{
    ck_assert_uint_eq(hash_fixed(DVARA_STR("")), UINT64_C(0xcbf29ce484222325));
    ck_assert_uint_eq(hash_fixed(DVARA_STR("a")), UINT64_C(0xaf63dc4c8601ec8c));
    ck_assert_uint_eq(hash_fixed(DVARA_STR("foobar")), UINT64_C(0x85944171f73967e8));
}

/* A table of 4096 slots: as many of them are hit as by chance (63 of a hundred), whatever the texts
 * have in common. */
TEST(the_quick_hash_spreads_texts_that_begin_or_end_alike)
{
    static const char *const formats[] = {"team-%d", "%d-team", "a-very-long-common-beginning-%d",
                                          "%05d", "x%dx"};
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        bool slots[4096] = {false};
        size_t hit = 0;
        for (int i = 0; i < 4096; i++) {
            char text[64];
            int n = snprintf(text, sizeof text, formats[f], i);
            bool *slot = &slots[hash_quick(dvara_str_from(text, (size_t)n)) & 4095];
            hit += !*slot;
            *slot = true;
        }
        ck_assert_msg(hit > 2400, "%s: %zu of 4096", formats[f], hit);
    }
}

SUITE(the_quick_hash_spreads_texts_that_begin_or_end_alike, the_hash_is_siphash_1_3,
      pieces_hash_like_the_whole, keys_differ_and_so_do_hashes, the_fixed_hash_is_fnv_1a)
