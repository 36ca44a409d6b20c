/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of cryptocurrencies, by their own checksums. */
#include "pii/validators.h"

#include "pattern/text.h"
#include "pii/keccak.h"

#include <openssl/sha.h>
#include <string.h>

enum { DECODED_MAX = 64, CHECKSUM = 4 };

struct decoded {
    uint8_t v[DECODED_MAX];
    size_t n;
};

/* A number of base 58, big-endian; leading first characters of the alphabet are zero bytes. */
static bool decode_base58(struct dvara_str text, const char *alphabet, struct decoded *ret)
{
    size_t zeros = 0;
    uint8_t number[DECODED_MAX] = {0}; /* little-endian */
    size_t n = 0;
    while (zeros < text.n && text.p[zeros] == alphabet[0])
        zeros++;
    for (size_t i = zeros; i < text.n; i++) {
        const char *place = text.p[i] ? strchr(alphabet, text.p[i]) : NULL;
        if (!place)
            return false;
        unsigned carry = (unsigned)(place - alphabet);
        for (size_t k = 0; k < n || carry; k++) {
            if (k == DECODED_MAX)
                return false;
            carry += number[k] * 58u;
            number[k] = (uint8_t)carry;
            carry >>= 8;
            n = k < n ? n : k + 1;
        }
    }
    if (zeros + n > DECODED_MAX)
        return false;
    memset(ret->v, 0, zeros);
    for (size_t i = 0; i < n; i++)
        ret->v[zeros + i] = number[n - 1 - i];
    ret->n = zeros + n;
    return true;
}

/* Base58Check: the first four bytes of SHA-256 of SHA-256 follow the payload. */
static bool decode_checked(struct dvara_str text, const char *alphabet, struct decoded *ret)
{
    uint8_t once[SHA256_DIGEST_LENGTH];
    uint8_t twice[SHA256_DIGEST_LENGTH];
    if (!decode_base58(text, alphabet, ret) || ret->n <= CHECKSUM)
        return false;
    ret->n -= CHECKSUM;
    SHA256(ret->v, ret->n, once);
    SHA256(once, sizeof once, twice);
    return memcmp(twice, ret->v + ret->n, CHECKSUM) == 0;
}

static const char bitcoin_alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
static const char ripple_alphabet[] = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

static const char bech32_alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t bech32_step(uint32_t sum, unsigned value)
{
    static const uint32_t generators[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                          0x2a1462b3};
    uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (size_t i = 0; i < 5; i++)
        sum ^= top >> i & 1 ? generators[i] : 0;
    return sum;
}

static bool is_one_case(struct dvara_str text)
{
    bool upper = false;
    bool lower = false;
    for (size_t i = 0; i < text.n; i++) {
        upper |= text_is_upper((unsigned char)text.p[i]);
        lower |= text.p[i] >= 'a' && text.p[i] <= 'z';
    }
    return !(upper && lower);
}

/* BIP 173 and 350: the checksum over prefix and data; the values of the data. */
static bool decode_bech32(struct dvara_str text, size_t prefix, uint8_t *ret_values,
                          uint32_t *ret_sum)
{
    uint32_t sum = 1;
    for (size_t i = 0; i < prefix; i++)
        sum = bech32_step(sum, (unsigned)text_fold(text.p[i]) >> 5);
    sum = bech32_step(sum, 0);
    for (size_t i = 0; i < prefix; i++)
        sum = bech32_step(sum, (unsigned)text_fold(text.p[i]) & 31);
    for (size_t i = prefix + 1; i < text.n; i++) {
        const char *place = strchr(bech32_alphabet, text_fold(text.p[i]));
        if (!place || !text.p[i])
            return false;
        ret_values[i - prefix - 1] = (uint8_t)(place - bech32_alphabet);
        sum = bech32_step(sum, ret_values[i - prefix - 1]);
    }
    *ret_sum = sum;
    return true;
}

/* Witness programs: version 0 has 20 or 32 bytes and the first constant, later ones 2 to 40 bytes
 * and the second; padding bits are zero. */
static bool segwit_holds(struct dvara_str text, const char *prefix)
{
    enum { LONGEST = 90, SUM = 6, FIRST = 1, SECOND = 0x2bc830a3 };
    uint8_t values[LONGEST];
    uint32_t sum;
    size_t n = strlen(prefix);
    if (text.n < n + 1 + SUM + 2 || text.n > LONGEST || !is_one_case(text) || text.p[n] != '1')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text_fold(text.p[i]) != prefix[i])
            return false;
    }
    if (!decode_bech32(text, n, values, &sum))
        return false;
    size_t bits = (text.n - n - 1 - SUM - 1) * 5;
    size_t bytes = bits / 8;
    size_t padding = bits % 8;
    if (padding > 4 || (values[bits / 5] & ((1u << padding) - 1)))
        return false;
    if (values[0] == 0)
        return sum == FIRST && (bytes == 20 || bytes == 32);
    return values[0] <= 16 && sum == SECOND && bytes >= 2 && bytes <= 40;
}

static enum verdict judge(bool holds)
{
    return holds ? VERDICT_VALID : VERDICT_INVALID;
}

static bool has_version(const struct decoded *decoded, size_t n, const char *versions)
{
    return decoded->n == n && memchr(versions, decoded->v[0], strlen(versions) + 1) != NULL;
}

/* Pay to public key hash (0), to script hash (5), or segregated witness. */
enum verdict check_bitcoin(struct dvara_str span)
{
    struct decoded decoded;
    if (text_fold(span.n ? span.p[0] : '\0') == 'b')
        return judge(segwit_holds(span, "bc"));
    return judge(decode_checked(span, bitcoin_alphabet, &decoded) && decoded.n == 21 &&
                 (decoded.v[0] == 0 || decoded.v[0] == 5));
}

enum verdict check_litecoin(struct dvara_str span)
{
    struct decoded decoded;
    if (text_fold(span.n ? span.p[0] : '\0') == 'l' && span.n > 3 && span.p[3] == '1' &&
        segwit_holds(span, "ltc"))
        return VERDICT_VALID;
    return judge(decode_checked(span, bitcoin_alphabet, &decoded) &&
                 has_version(&decoded, 21, "\x30\x32") && decoded.v[0]);
}

/* Dogecoin, Dash, Tron, Zcash's transparent, Tezos: one base, many prefixes. */
enum verdict check_base58check(struct dvara_str span)
{
    struct decoded decoded;
    return judge(decode_checked(span, bitcoin_alphabet, &decoded) && decoded.n >= 21);
}

enum verdict check_ripple(struct dvara_str span)
{
    struct decoded decoded;
    return judge(decode_checked(span, ripple_alphabet, &decoded) && decoded.n == 21 &&
                 decoded.v[0] == 0);
}

/* EIP-55: where letters are of both cases, a letter is upper where the digit of Keccak-256 of the
 * address in lower case is 8 or more. */
enum verdict check_ethereum(struct dvara_str span)
{
    enum { DIGITS = 40 };
    if (span.n != DIGITS + 2)
        return VERDICT_INVALID;
    struct dvara_str address = {span.p + 2, DIGITS};
    char lower[DIGITS];
    uint8_t hash[KECCAK_BYTES];
    bool zero = true;
    for (size_t i = 0; i < DIGITS; i++) {
        lower[i] = text_fold(address.p[i]);
        zero &= lower[i] == lower[0];
    }
    if (zero)
        return VERDICT_INVALID;
    if (is_one_case(address))
        return VERDICT_VALID;
    keccak_256((struct dvara_str){lower, DIGITS}, hash);
    for (size_t i = 0; i < DIGITS; i++) {
        unsigned digit = (unsigned)hash[i / 2] >> (i % 2 ? 0 : 4) & 15u;
        if (text_is_alpha((unsigned char)address.p[i]) &&
            text_is_upper((unsigned char)address.p[i]) != (digit >= 8))
            return VERDICT_INVALID;
    }
    return VERDICT_VALID;
}

/* SEP-23: base 32 of a version byte, 32 bytes, and CRC-16 (polynomial 0x1021) of them. */
enum verdict check_stellar(struct dvara_str span)
{
    enum { CHARACTERS = 56, BYTES = 35 };
    uint8_t bytes[BYTES] = {0};
    if (span.n != CHARACTERS)
        return VERDICT_INVALID;
    for (size_t i = 0; i < CHARACTERS; i++) {
        unsigned char c = (unsigned char)span.p[i];
        if (!text_is_upper(c) && !(c >= '2' && c <= '7'))
            return VERDICT_INVALID;
        unsigned value = text_is_upper(c) ? c - 65u : c - 50u + 26u; /* A, 2 */
        for (size_t bit = 0; bit < 5; bit++) {
            if (value >> (4 - bit) & 1)
                bytes[(i * 5 + bit) / 8] |= (uint8_t)(0x80 >> (i * 5 + bit) % 8);
        }
    }
    unsigned crc = 0;
    for (size_t i = 0; i < BYTES - 2; i++) {
        crc ^= (unsigned)bytes[i] << 8;
        for (size_t bit = 0; bit < 8; bit++)
            crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
    }
    return judge(crc == ((unsigned)bytes[BYTES - 1] << 8 | bytes[BYTES - 2]));
}
