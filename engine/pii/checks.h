/* SPDX-License-Identifier: Apache-2.0 */
/* What many checks of national numbers share, beyond run.h: questions that are false past the end
 * of the run, and the two ways to judge a checksum. */
#ifndef PII_CHECKS_H
#define PII_CHECKS_H

#include "pii/run.h"
#include "pii/validators.h"

/* Are the `n` characters from `from` all there, and digits (letters)? */
bool run_has_digits(const struct run *run, size_t from, size_t n);
bool run_has_letters(const struct run *run, size_t from, size_t n);
/* Is it `n` digits, and nothing else? */
bool run_is_number(const struct run *run, size_t n);
bool run_is_uniform(const struct run *run);
/* Is the character at `at` one of `set`? */
bool run_is_one(const struct run *run, size_t at, const char *set);
bool run_begins(const struct run *run, const char *prefix);
/* Are the two characters at `at` one of the pairs "10112038…"? */
bool run_pair_is_one(const struct run *run, size_t at, const char *pairs);
bool run_has_luhn(const struct run *run, size_t from, size_t n);
/* The sum of value times weight, 0 to modulus - 1; weights may be negative. */
unsigned run_weigh(const struct run *run, size_t from, const int16_t *weights, size_t n,
                   unsigned modulus);
/* A day in a year given by its last two digits: the century with more days counts. */
bool short_date_exists(unsigned year, unsigned month, unsigned day);

/* No small letter stands in the span as written. In prose, words with numbers between them are
 * written small; marks and cards hardly ever. */
bool run_is_capital(const struct run *run);

/* At most 2% of random numbers meet it. */
enum verdict judge_strong(bool holds);
/* A tenth do: VALID where separators stand, else WEAK. */
enum verdict judge_weak(const struct run *run, bool holds);
/* There is no checksum. */
enum verdict judge_form(bool holds);

#endif
