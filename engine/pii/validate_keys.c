/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials that show what they are: AWS access key ids and JSON Web Tokens (RFC 7519). */
#include "pii/validators.h"

#include "dvara/limits.h"
#include "pattern/text.h"

enum { AWS_PREFIX = 4, AWS_LENGTH = 20, JWT_HEADER_MIN = 10 };

static bool is_word_before(struct dvara_str text, size_t start)
{
    return start && (text.p[start - 1] == '_' || text_word_before(text, start));
}

/* Four letters that AWS gives to key ids (AKIA long-lived, ASIA temporary, …). */
static bool is_aws_prefix(struct dvara_str s)
{
    static const char *const prefixes[] = {"AKIA", "ASIA", "ABIA", "ACCA", "AGPA", "AIDA",
                                           "AIPA", "ANPA", "ANVA", "APKA", "AROA", "ASCA"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (memcmp(s.p, prefixes[i], s.n) == 0)
            return true;
    }
    return s.n < 4 ? memcmp(s.p, "A3T", s.n) == 0 : memcmp(s.p, "A3T", 3) == 0;
}

static enum verdict read_aws_key(struct reading *reading, size_t start)
{
    if (is_word_before(reading->text, start))
        return VERDICT_INVALID;
    for (size_t i = 0; i < AWS_LENGTH; i++) {
        int c = reading_at(reading, start + i);
        bool base32 = (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
        if (i < AWS_PREFIX
                ? c < 0 || !is_aws_prefix(dvara_str_slice(reading->text, start, start + i + 1))
                : !base32)
            return VERDICT_INVALID;
    }
    if (word_goes_on(reading, start + AWS_LENGTH))
        return VERDICT_INVALID;
    reading->end = start + AWS_LENGTH;
    return VERDICT_VALID;
}

const struct locator locate_aws_key = {
    .read = read_aws_key, .max_span = AWS_LENGTH, .start = "A", .inside = "A-Z0-9"};

static int base64url_value(int c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Does the decoded header hold "alg"? */
static bool names_algorithm(struct dvara_str header)
{
    static const char needle[] = "\"alg\"";
    size_t matched = 0;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < header.n; i++) {
        bits = bits << 6 | (uint32_t)base64url_value((unsigned char)header.p[i]);
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        char c = (char)(bits >> held & 255);
        matched = c == needle[matched] ? matched + 1 : c == needle[0] ? 1 : 0;
        if (matched == sizeof needle - 1)
            return true;
    }
    return false;
}

/* A run of base64url from `at`; its end. Over the cap it is claimed as it stands. */
static size_t read_part(struct reading *reading, size_t start, size_t at)
{
    while (at - start < DVARA_MAX_SPAN && base64url_value(reading_at(reading, at)) >= 0)
        at++;
    if (at - start >= DVARA_MAX_SPAN)
        reading->overlong = true;
    return at;
}

static enum verdict read_jwt(struct reading *reading, size_t start)
{
    if (is_word_before(reading->text, start) || reading_at(reading, start) != 'e' ||
        reading_at(reading, start + 1) != 'y' || reading_at(reading, start + 2) != 'J')
        return VERDICT_INVALID;
    size_t header = read_part(reading, start, start);
    if (!reading->overlong &&
        (header - start < JWT_HEADER_MIN || reading_at(reading, header) != '.'))
        return VERDICT_INVALID;
    size_t payload = reading->overlong ? header : read_part(reading, start, header + 1);
    if (!reading->overlong && (payload == header + 1 || reading_at(reading, payload) != '.'))
        return VERDICT_INVALID;
    reading->end = reading->overlong ? payload : read_part(reading, start, payload + 1);
    if (reading->overlong)
        return VERDICT_UNKNOWN;
    return names_algorithm(dvara_str_slice(reading->text, start, header)) ? VERDICT_VALID
                                                                          : VERDICT_UNKNOWN;
}

const struct locator locate_jwt = {
    .read = read_jwt, .max_span = DVARA_MAX_SPAN, .start = "e", .inside = "0-9a-zA-Z_.-"};
