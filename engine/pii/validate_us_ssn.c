/* SPDX-License-Identifier: Apache-2.0 */
/* US social security numbers: area, group, serial; there is no checksum. Numbers that were never
 * issued, or are known from advertisements, are none. */
#include "pii/validators.h"

#include "pattern/text.h"

enum { DIGITS = 9, SPAN_MAX = 11 };

struct ssn {
    uint8_t digits[DIGITS];
    size_t n;
    int separator; /* 0: none */
};

static bool take(struct reading *reading, size_t *at, size_t count, struct ssn *ssn)
{
    for (; count; count--) {
        int c = reading_at(reading, *at);
        if (c < 0 || !text_is_digit((unsigned char)c))
            return false;
        ssn->digits[ssn->n++] = (uint8_t)(c - '0');
        ++*at;
    }
    return true;
}

/* The same separator twice, or none. */
static bool take_separator(struct reading *reading, size_t *at, bool first, struct ssn *ssn)
{
    int c = reading_at(reading, *at);
    bool is_one = c == '-' || c == ' ' || c == '.';
    if (first)
        ssn->separator = is_one ? c : 0;
    else if ((ssn->separator || is_one) && c != ssn->separator)
        return false;
    if (is_one)
        ++*at;
    return true;
}

static unsigned number(const uint8_t *digits, size_t n)
{
    unsigned value = 0;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + digits[i];
    return value;
}

static bool is_issuable(const struct ssn *ssn)
{
    static const uint32_t never[] = {78051120, 219099999, 457555462};
    unsigned area = number(ssn->digits, 3);
    unsigned group = number(ssn->digits + 3, 2);
    unsigned serial = number(ssn->digits + 5, 4);
    unsigned whole = number(ssn->digits, DIGITS);
    if (area == 0 || area == 666 || area >= 900 || group == 0 || serial == 0 ||
        whole % 111111111 == 0)
        return false;
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        if (whole == never[i])
            return false;
    }
    return true;
}

static enum verdict read_us_ssn(struct reading *reading, size_t start)
{
    struct ssn ssn = {0};
    size_t at = start;
    if (!number_may_start(reading->text, start) || !take(reading, &at, 3, &ssn) ||
        !take_separator(reading, &at, true, &ssn) || !take(reading, &at, 2, &ssn) ||
        !take_separator(reading, &at, false, &ssn) || !take(reading, &at, 4, &ssn) ||
        !number_may_end(reading, at) || !is_issuable(&ssn))
        return VERDICT_INVALID;
    reading->end = at;
    return ssn.separator ? VERDICT_VALID : VERDICT_UNKNOWN;
}

const struct locator locate_us_ssn = {
    .read = read_us_ssn, .max_span = SPAN_MAX, .start = "0-9", .inside = "0-9 .-"};
