/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that BIP 173, BIP 350, EIP-55, SEP-23 and the coins' own documents show. */
#include "vectors.h"

TEST(a_bitcoin_address_holds_its_checksum)
{
    CHECK_VECTORS("bitcoin", {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", VERDICT_VALID},
                  {"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", VERDICT_VALID},
                  {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", VERDICT_INVALID},
                  {"1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf0a", VERDICT_INVALID},
                  {"LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9", VERDICT_INVALID});
}
END_TEST

TEST(a_segwit_address_holds_its_version_s_checksum)
{
    CHECK_VECTORS(
        "bitcoin", {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", VERDICT_VALID},
        {"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", VERDICT_VALID},
        {"bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
         VERDICT_VALID},
        {"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", VERDICT_VALID},
        {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", VERDICT_INVALID},
        {"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", VERDICT_INVALID},
        {"BC1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", VERDICT_INVALID},
        {"bc1rw5uspcuh", VERDICT_INVALID},
        {"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", VERDICT_INVALID});
}
END_TEST

TEST(an_ethereum_address_of_both_cases_holds_eip_55)
{
    CHECK_VECTORS("ethereum", {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", VERDICT_VALID},
                  {"0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", VERDICT_VALID},
                  {"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", VERDICT_VALID},
                  {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", VERDICT_INVALID},
                  {"0x0000000000000000000000000000000000000000", VERDICT_INVALID},
                  {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", VERDICT_INVALID});
}
END_TEST

TEST(other_coins_addresses_hold_their_own_checksums)
{
    CHECK_VECTORS("litecoin", {"LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9", VERDICT_VALID},
                  {"LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH8", VERDICT_INVALID},
                  {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", VERDICT_INVALID});
    CHECK_VECTORS("base58check", {"DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L", VERDICT_VALID},
                  {"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", VERDICT_VALID},
                  {"DH5yaieqoZN36fDVciNyRueRGvGLR3mr7M", VERDICT_INVALID});
    CHECK_VECTORS("ripple", {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", VERDICT_VALID},
                  {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi", VERDICT_INVALID});
    CHECK_VECTORS("stellar",
                  {"GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", VERDICT_VALID},
                  {"GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGA", VERDICT_INVALID});
}
END_TEST

SUITE(a_bitcoin_address_holds_its_checksum, a_segwit_address_holds_its_version_s_checksum,
      an_ethereum_address_of_both_cases_holds_eip_55,
      other_coins_addresses_hold_their_own_checksums)
