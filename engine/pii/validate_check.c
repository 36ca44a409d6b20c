/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums over whatever digits (and letters) a span holds; other characters are separators. */
#include "pii/validators.h"

#include "pattern/text.h"

enum { DIGITS_MAX = 64 };

/* The span's decimal digits; 0 when there are none or too many. */
static size_t digits_of(struct dvara_str span, uint8_t digits[DIGITS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < span.n; i++) {
        if (!text_is_digit((unsigned char)span.p[i]))
            continue;
        if (n == DIGITS_MAX)
            return 0;
        digits[n++] = (uint8_t)(span.p[i] - '0');
    }
    return n;
}

static enum verdict judge(bool holds)
{
    return holds ? VERDICT_VALID : VERDICT_INVALID;
}

enum verdict check_luhn(struct dvara_str span)
{
    uint8_t digits[DIGITS_MAX];
    return judge(luhn_holds(digits, digits_of(span, digits)));
}

/* Verhoeff 1969: the dihedral group D5, with (1 5 7 6 2 8 3 0 9 4) applied by position. */
enum verdict check_verhoeff(struct dvara_str span)
{
    static const uint8_t permutation[10] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
    uint8_t digits[DIGITS_MAX];
    size_t n = digits_of(span, digits);
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = digits[n - 1 - i];
        for (size_t k = 0; k < i % 8; k++)
            d = permutation[d];
        /* x * y in D5: rotations 0-4, reflections 5-9. */
        unsigned x = sum % 5;
        unsigned y = d % 5;
        unsigned turned = sum < 5 ? (x + y) % 5 : (x + 5 - y) % 5;
        sum = turned + ((sum < 5) != (d < 5) ? 5 : 0);
    }
    return judge(n > 0 && sum == 0);
}

enum verdict check_mod97(struct dvara_str span)
{
    unsigned rest = 0;
    size_t n = 0;
    for (size_t i = 0; i < span.n; i++) {
        unsigned char c = (unsigned char)span.p[i];
        if (text_is_digit(c))
            rest = (rest * 10 + (unsigned)(c - '0')) % 97;
        else if (text_is_alpha(c))
            rest = (rest * 100 + (c | 32u) - 'a' + 10) % 97;
        else
            continue;
        n++;
    }
    return judge(n > 2 && rest == 1);
}

enum verdict check_mod11_10(struct dvara_str span)
{
    uint8_t digits[DIGITS_MAX];
    size_t n = digits_of(span, digits);
    if (n < 2)
        return VERDICT_INVALID;
    unsigned product = 10;
    for (size_t i = 0; i + 1 < n; i++) {
        unsigned sum = (product + digits[i]) % 10;
        product = (sum ? sum : 10) * 2 % 11;
    }
    return judge((product + digits[n - 1]) % 10 == 1);
}
