/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/checks.h"

#include <string.h>

bool run_has_digits(const struct run *run, size_t from, size_t n)
{
    return from + n <= run->n && run_is_digits(run, from, n);
}

bool run_has_letters(const struct run *run, size_t from, size_t n)
{
    return from + n <= run->n && run_is_letters(run, from, n);
}

bool run_is_number(const struct run *run, size_t n)
{
    return run->n == n && run_is_digits(run, 0, n);
}

bool run_is_uniform(const struct run *run)
{
    return run_all_same(run, 0, run->n);
}

bool run_is_one(const struct run *run, size_t at, const char *set)
{
    return at < run->n && strchr(set, run->c[at]) != NULL;
}

bool run_begins(const struct run *run, const char *prefix)
{
    size_t n = strlen(prefix);
    return n <= run->n && memcmp(run->c, prefix, n) == 0;
}

bool run_pair_is_one(const struct run *run, size_t at, const char *pairs)
{
    for (; at + 2 <= run->n && *pairs; pairs += 2) {
        if (memcmp(pairs, run->c + at, 2) == 0)
            return true;
    }
    return false;
}

bool run_has_luhn(const struct run *run, size_t from, size_t n)
{
    return run_has_digits(run, from, n) && run_luhn(run, from, n);
}

unsigned run_weigh(const struct run *run, size_t from, const int16_t *weights, size_t n,
                   unsigned modulus)
{
    int sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += weights[i] * (int)run_value(run, from + i);
    sum %= (int)modulus;
    return (unsigned)(sum < 0 ? sum + (int)modulus : sum);
}

bool run_is_capital(const struct run *run)
{
    for (size_t i = 0; i < run->span.n; i++) {
        if (run->span.p[i] >= 'a' && run->span.p[i] <= 'z')
            return false;
    }
    return true;
}

bool short_date_exists(unsigned year, unsigned month, unsigned day)
{
    return run_is_date(year % 4 ? 1900 + year : 2000 + year, month, day);
}

enum verdict judge_strong(bool holds)
{
    return holds ? VERDICT_VALID : VERDICT_INVALID;
}

enum verdict judge_weak(const struct run *run, bool holds)
{
    if (!holds)
        return VERDICT_INVALID;
    return run->grouped ? VERDICT_VALID : VERDICT_WEAK;
}

enum verdict judge_form(bool holds)
{
    return holds ? VERDICT_UNKNOWN : VERDICT_INVALID;
}
