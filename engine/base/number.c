/* SPDX-License-Identifier: Apache-2.0 */
#include "base/number.h"

#include "base/buf.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* 768 significant digits decide every rounding of a double; one more stands for the rest. */
enum { DIGITS_KEPT = 800, EXPONENT_CAP = 1000000000, PLAIN_DIGITS = 300 };

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_from(struct dvara_str s, size_t at)
{
    while (at < s.n && is_digit(s.p[at]))
        at++;
    return at;
}

size_t number_length(struct dvara_str s, bool *ret_is_plain)
{
    size_t at = s.n && s.p[0] == '-' ? 1 : 0;
    if (at >= s.n || !is_digit(s.p[at]))
        return 0;
    at = s.p[at] == '0' ? at + 1 : digits_from(s, at);
    if (at < s.n && s.p[at] == '.') {
        size_t end = digits_from(s, at + 1);
        if (end == at + 1)
            return 0;
        at = end;
    }
    *ret_is_plain = at <= PLAIN_DIGITS;
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        *ret_is_plain = false;
        at++;
        if (at < s.n && (s.p[at] == '+' || s.p[at] == '-'))
            at++;
        size_t end = digits_from(s, at);
        if (end == at)
            return 0;
        at = end;
    }
    return at;
}

/* value = ± digits × 10^exponent, digits without leading and trailing zeros; none: zero. */
struct decimal {
    bool negative;
    bool cut; /* nonzero digits followed the ones kept */
    char digits[DIGITS_KEPT];
    size_t n;
    int64_t exponent;
};

static void take_digit(struct decimal *d, char c, bool after_point, int64_t *pending_zeros)
{
    d->exponent -= after_point;
    if (c == '0') {
        *pending_zeros += d->n > 0 || d->cut;
        return;
    }
    for (; *pending_zeros > 0; (*pending_zeros)--) {
        if (d->n < DIGITS_KEPT)
            d->digits[d->n++] = '0';
        else
            d->exponent++;
    }
    if (d->n < DIGITS_KEPT) {
        d->digits[d->n++] = c;
    } else {
        d->cut = true;
        d->exponent++;
    }
}

static int64_t read_exponent(struct dvara_str s, size_t at)
{
    bool negative = s.p[at] == '-';
    at += s.p[at] == '-' || s.p[at] == '+';
    int64_t value = 0;
    for (; at < s.n; at++)
        if (value < EXPONENT_CAP)
            value = value * 10 + (s.p[at] - '0');
    return negative ? -value : value;
}

static void read_decimal(struct dvara_str s, struct decimal *d)
{
    d->n = 0;
    d->cut = false;
    d->exponent = 0;
    d->negative = s.p[0] == '-';
    bool after_point = false;
    int64_t pending_zeros = 0;
    for (size_t at = d->negative; at < s.n; at++) {
        char c = s.p[at];
        if (c == '.') {
            after_point = true;
        } else if (is_digit(c)) {
            take_digit(d, c, after_point, &pending_zeros);
        } else {
            d->exponent += read_exponent(s, at + 1);
            break;
        }
    }
    d->exponent += pending_zeros;
}

/* Powers of ten that are exact doubles. */
static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Both the digits and the power of ten are exact doubles, so one operation rounds right (Clinger,
 * "How to read floating point numbers accurately", 1990). */
static bool small_double(const struct decimal *d, double *ret_value)
{
    if (d->n > 15 || d->exponent < -22 || d->exponent > 22)
        return false;
    int64_t digits = 0;
    for (size_t i = 0; i < d->n; i++)
        digits = digits * 10 + (d->digits[i] - '0');
    double value = (double)digits;
    value = d->exponent < 0 ? value / powers[-d->exponent] : value * powers[d->exponent];
    *ret_value = d->negative ? -value : value;
    return true;
}

double number_double(struct dvara_str s)
{
    double value;
    struct decimal d;
    read_decimal(s, &d);
    if (small_double(&d, &value))
        return value;
    char cstr[DIGITS_KEPT + 40]; /* no decimal point: strtod then does not ask the locale */
    size_t n = 0;
    if (d.negative)
        cstr[n++] = '-';
    memcpy(cstr + n, d.digits, d.n);
    n += d.n;
    if (d.cut) {
        cstr[n++] = '1';
        d.exponent--;
    }
    int64_t cap = 4 * (int64_t)EXPONENT_CAP;
    int64_t exponent = d.exponent > cap ? cap : d.exponent < -cap ? -cap : d.exponent;
    (void)snprintf(cstr + n, sizeof cstr - n, "e%lld", (long long)exponent);
    return strtod(cstr, NULL);
}

bool number_is_finite(struct dvara_str s)
{
    return isfinite(number_double(s));
}

enum dvara_status number_int(struct dvara_str s, int64_t *ret_value)
{
    struct decimal d;
    read_decimal(s, &d);
    if (d.n == 0) {
        *ret_value = 0;
        return DVARA_OK;
    }
    if (d.cut || d.exponent < 0 || d.exponent > 18 || (int64_t)d.n + d.exponent > 19)
        return DVARA_INVALID;
    uint64_t magnitude = 0; /* at most 19 digits: fits */
    for (size_t i = 0; i < d.n; i++)
        magnitude = magnitude * 10 + (uint64_t)(d.digits[i] - '0');
    for (int64_t i = 0; i < d.exponent; i++)
        magnitude *= 10;
    if (magnitude > (uint64_t)INT64_MAX + d.negative)
        return DVARA_INVALID;
    *ret_value = d.negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return DVARA_OK;
}

struct dvara_str number_int_text(int64_t value, char room[NUMBER_INT_BYTES])
{
    size_t at = NUMBER_INT_BYTES;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        room[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        room[--at] = '-';
    return dvara_str_from(room + at, NUMBER_INT_BYTES - at);
}

/* digits / 10^decimals, of at least 1e-4, as printf's %g writes it: no exponent. */
static void write_plain(struct buf *out, bool negative, uint64_t digits, unsigned decimals)
{
    char room[2 + NUMBER_INT_BYTES];
    size_t at = sizeof room;
    for (unsigned written = 0; written <= decimals || digits > 0; written++) {
        if (written == decimals && decimals > 0)
            room[--at] = '.';
        room[--at] = (char)('0' + digits % 10);
        digits /= 10;
    }
    if (negative)
        room[--at] = '-';
    buf_append(out, dvara_str_from(room + at, sizeof room - at));
}

/* Most numbers that people write have few decimals. With at most 15 digits, of which every decimal
 * keeps its own double, the first that reads back (as in small_double) is the shortest. The product
 * is off by less than a quarter, so its nearest integer is the only candidate. */
static bool write_short(struct buf *out, double value)
{
    enum { MOST_DECIMALS = 6 };
    double size = fabs(value);
    if (size >= 1e15 || (size < 1e-4 && size > 0))
        return false;
    for (unsigned decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
        double scaled = size * powers[decimals] + 0.5;
        if (scaled >= 1e15)
            return false;
        uint64_t digits = (uint64_t)scaled;
        if ((double)digits / powers[decimals] != size)
            continue;
        write_plain(out, signbit(value) != 0, digits, decimals);
        return true;
    }
    return false;
}

void number_write_double(struct buf *out, double value)
{
    assert(isfinite(value));
    if (write_short(out, value))
        return;
    char text[40];
    int n = 0;
    for (int precision = 15; precision <= 17; precision++) {
        n = snprintf(text, sizeof text, "%.*g", precision, value);
        for (int i = 0; i < n; i++) /* another locale's decimal comma */
            if (text[i] == ',')
                text[i] = '.';
        if (number_double(dvara_str_from(text, (size_t)n)) == value)
            break;
    }
    buf_append(out, dvara_str_from(text, (size_t)n));
}
