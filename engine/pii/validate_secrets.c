/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of credentials that carry one: GitHub's and npm's tokens (CRC-32 in base 62, 2021),
 * Grafana's (CRC-32 in hexadecimal), age identities (Bech32, BIP 173), HTTP Basic (RFC 7617), and
 * whether a text looks drawn at random. */
#include "pii/validators.h"

#include "base/utf8.h"
#include "pattern/text.h"
#include "pii/secret.h"

#include <math.h>

/* ---- CRC-32 ---- */

/* The reflected polynomial of ISO 3309, as in zlib. Tokens are short: bit by bit is enough. */
static uint32_t crc32_of(struct dvara_str s)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= (unsigned char)s.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1u ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
    }
    return ~crc;
}

static int base62_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'z' ? c - 'a' + 36 : -1;
}

/* prefix_ENTROPYcccccc: the last six say the sum of what stands between. Who fails it may have been
 * changed by hand, and is no number that anyone else would write. */
enum verdict check_crc32_base62(struct dvara_str span)
{
    enum { SUM = 6 };
    const char *mark = memchr(span.p, '_', span.n);
    size_t from = mark ? (size_t)(mark - span.p) + 1 : 0;
    uint64_t sum = 0;
    if (!mark || span.n - from <= SUM)
        return VERDICT_INVALID;
    for (size_t i = span.n - SUM; i < span.n; i++) {
        int value = base62_value(span.p[i]);
        if (value < 0)
            return VERDICT_INVALID;
        sum = sum * 62 + (uint64_t)value;
    }
    struct dvara_str entropy = dvara_str_slice(span, from, span.n - SUM);
    return sum == crc32_of(entropy) ? VERDICT_VALID : VERDICT_RETIRED;
}

static int hex_value(char c)
{
    if (text_is_digit((unsigned char)c))
        return c - '0';
    char folded = text_fold(c);
    return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

/* glsa_SECRET_cccccccc: the sum of what stands before the last underscore, lowest byte first. */
enum verdict check_grafana(struct dvara_str span)
{
    enum { SUM = 8 };
    uint32_t sum = 0;
    if (span.n <= SUM + 1 || span.p[span.n - SUM - 1] != '_')
        return VERDICT_INVALID;
    for (size_t i = 0; i < SUM; i++) {
        int value = hex_value(span.p[span.n - SUM + i]);
        if (value < 0)
            return VERDICT_INVALID;
        unsigned shift = (unsigned)(i / 2 * 8 + (i % 2 ? 0 : 4));
        sum |= (uint32_t)value << shift;
    }
    return sum == crc32_of(dvara_str_slice(span, 0, span.n - SUM - 1)) ? VERDICT_VALID
                                                                       : VERDICT_RETIRED;
}

/* ---- Bech32 ---- */

static uint32_t bech32_step(uint32_t sum, uint32_t value)
{
    static const uint32_t generator[5] = {0x3b6a57b2u, 0x26508e6du, 0x1ea119fau, 0x3d4233ddu,
                                          0x2a1462b3u};
    uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffffu) << 5 ^ value;
    for (int i = 0; i < 5; i++)
        sum ^= top >> i & 1u ? generator[i] : 0u;
    return sum;
}

enum verdict check_age_key(struct dvara_str span)
{
    static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    static const char human[] = "age-secret-key-";
    size_t n = sizeof human - 1;
    uint32_t sum = 1;
    if (span.n <= n + 1)
        return VERDICT_INVALID;
    for (size_t i = 0; i < n; i++)
        sum = bech32_step(sum, (uint32_t)human[i] >> 5);
    sum = bech32_step(sum, 0);
    for (size_t i = 0; i < n; i++)
        sum = bech32_step(sum, (uint32_t)human[i] & 31u);
    for (size_t i = n + 1; i < span.n; i++) {
        const char *at = memchr(alphabet, text_fold(span.p[i]), sizeof alphabet - 1);
        if (!at)
            return VERDICT_INVALID;
        sum = bech32_step(sum, (uint32_t)(at - alphabet));
    }
    return sum == 1 ? VERDICT_VALID : VERDICT_RETIRED;
}

/* ---- HTTP Basic ---- */

static int base64_value(char c)
{
    if (text_is_upper((unsigned char)c))
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (text_is_digit((unsigned char)c))
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Decodes to at most n bytes; how many. What is no base64 ends it. */
static size_t decode_base64(struct dvara_str s, char *out, size_t n)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t used = 0;
    for (size_t i = 0; i < s.n && used < n; i++) {
        int value = base64_value(s.p[i]);
        if (value < 0)
            break;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[used++] = (char)(bits >> held & 255u);
        }
    }
    return used;
}

/* "Basic bmFtZTpwYXNz": a name, a colon, a password, in UTF-8 without controls. */
enum verdict check_basic_auth(struct dvara_str span)
{
    enum { DECODED_MAX = 800 };
    char decoded[DECODED_MAX];
    size_t at = span.n;
    while (at > 0 && !strchr(" \t", span.p[at - 1]))
        at--;
    struct dvara_str pair = dvara_str_from(
        decoded, decode_base64(dvara_str_slice(span, at, span.n), decoded, sizeof decoded));
    const char *colon = pair.n ? memchr(pair.p, ':', pair.n) : NULL;
    if (!colon || colon + 1 == pair.p + pair.n)
        return VERDICT_INVALID;
    for (size_t i = 0; i < pair.n; i++) {
        if ((unsigned char)pair.p[i] < 0x20 || pair.p[i] == 0x7f)
            return VERDICT_INVALID;
    }
    return utf8_validate(pair, NULL) ? VERDICT_VALID : VERDICT_INVALID;
}

/* ---- randomness ---- */

/* Where the value of "Bearer value" begins. */
static struct dvara_str last_word(struct dvara_str span)
{
    size_t at = span.n;
    while (at > 0 && !strchr(" \t\r\n", span.p[at - 1]))
        at--;
    return dvara_str_slice(span, at, span.n);
}

struct secret_mix secret_mix_of(struct dvara_str s)
{
    struct secret_mix mix = {0};
    int before = -1;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        int kind = text_is_digit(c) ? 0 : text_is_upper(c) ? 1 : text_is_alpha(c) ? 2 : 3;
        mix.digits += kind == 0;
        mix.upper += kind == 1;
        mix.lower += kind == 2;
        mix.others += kind == 3;
        mix.changes += before >= 0 && kind != before && kind != 3 && before != 3;
        before = kind;
    }
    return mix;
}

double secret_entropy(struct dvara_str s)
{
    uint32_t counts[256] = {0};
    double bits = 0;
    for (size_t i = 0; i < s.n; i++)
        counts[(unsigned char)s.p[i]]++;
    for (size_t c = 0; c < 256; c++) {
        if (counts[c])
            bits -= counts[c] * log2((double)counts[c] / (double)s.n);
    }
    return s.n ? bits / (double)s.n : 0;
}

/* Hexadecimal, perhaps in groups: 16 symbols show less entropy than 62. */
static bool is_hex(struct dvara_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (hex_value(s.p[i]) < 0 && s.p[i] != '-')
            return false;
    }
    return true;
}

bool secret_is_random(struct dvara_str s)
{
    struct secret_mix mix = secret_mix_of(s);
    size_t letters = mix.lower + mix.upper;
    if (s.n < 16 || letters == 0 || mix.others * 6 > s.n)
        return false;
    /* Words joined by hyphens, dots or capitals change kind rarely; so do dates and versions. One
     * in ten of what is drawn has a digit or none, and then must change all the more. */
    if (mix.changes * 4 < s.n || (mix.digits < 2 && mix.changes * 20 < s.n * 9))
        return false;
    return secret_entropy(s) >= (is_hex(s) ? 2.9 : s.n < 24 ? 3.2 : 3.5);
}

enum verdict check_random(struct dvara_str span)
{
    return secret_is_random(last_word(span)) ? VERDICT_VALID : VERDICT_INVALID;
}
