/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/run.h"

#include "pattern/text.h"
#include "pii/validators.h"

bool run_of(struct dvara_str span, char room[RUN_MAX], struct run *ret_run)
{
    size_t n = 0;
    bool between = false;
    bool grouped = false;
    for (size_t i = 0; i < span.n; i++) {
        unsigned char c = (unsigned char)span.p[i];
        if (!text_is_alnum(c)) {
            between = n > 0;
            continue;
        }
        if (n == RUN_MAX)
            return false;
        grouped = grouped || between;
        room[n++] = (char)(text_is_alpha(c) ? c & ~32u : c);
    }
    if (n == 0)
        return false;
    *ret_run = (struct run){.c = room, .n = n, .grouped = grouped, .span = span};
    return true;
}

uint64_t run_number(const struct run *run, size_t from, size_t n)
{
    uint64_t value = 0;
    for (size_t i = from; i < from + n; i++)
        value = value * 10 + run_value(run, i);
    return value;
}

unsigned run_weighted(const struct run *run, size_t from, size_t n, const uint8_t *weights)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += run_value(run, from + i) * weights[i];
    return sum;
}

bool run_all_same(const struct run *run, size_t from, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (run->c[from + i] != run->c[from])
            return false;
    }
    return true;
}

bool run_luhn(const struct run *run, size_t from, size_t n)
{
    uint8_t digits[RUN_MAX];
    for (size_t i = 0; i < n; i++)
        digits[i] = (uint8_t)run_value(run, from + i);
    return luhn_holds(digits, n);
}

bool run_mod11_10(const struct run *run, size_t from, size_t n)
{
    unsigned product = 10;
    for (size_t i = 0; i + 1 < n; i++) {
        unsigned sum = (product + run_value(run, from + i)) % 10;
        product = (sum ? sum : 10) * 2 % 11;
    }
    return n > 1 && (product + run_value(run, from + n - 1)) % 10 == 1;
}

unsigned run_mod97(const struct run *run, size_t from, size_t n)
{
    unsigned rest = 0;
    for (size_t i = from; i < from + n; i++) {
        unsigned value = run_value(run, i);
        rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    return rest;
}

unsigned run_mod(const struct run *run, size_t from, size_t n, unsigned m)
{
    uint64_t rest = 0;
    for (size_t i = from; i < from + n; i++)
        rest = (rest * 10 + run_value(run, i)) % m;
    return (unsigned)rest;
}

bool run_is_date(unsigned year, unsigned month, unsigned day)
{
    static const uint8_t days[12] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month != 2 || day < 29 || leap;
}
