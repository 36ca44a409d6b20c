/* SPDX-License-Identifier: Apache-2.0 */
/* A run: the letters and digits of what a pattern matched, in order, letters in upper case, with
 * whatever stood between them taken out. What a RUN of validators.def judges, and the sums that
 * many of them are made of. */
#ifndef PII_RUN_H
#define PII_RUN_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RUN_MAX = 64 };

struct run {
    const char *c;         /* '0' to '9' and 'A' to 'Z' */
    size_t n;              /* 1 to RUN_MAX */
    bool grouped;          /* something stood between two of them: set off as published */
    struct dvara_str span; /* the match as it stands in the text */
};

/* Fills `run` and `room` from a span. False: it holds none, or more than RUN_MAX. */
bool run_of(struct dvara_str span, char room[RUN_MAX], struct run *ret_run);

/* All below read c[from, from + n), which must lie in the run. */
static inline bool run_is_digits(const struct run *run, size_t from, size_t n)
{
    for (size_t i = from; i < from + n; i++) {
        if (run->c[i] < '0' || run->c[i] > '9')
            return false;
    }
    return true;
}
static inline bool run_is_letters(const struct run *run, size_t from, size_t n)
{
    for (size_t i = from; i < from + n; i++) {
        if (run->c[i] < 'A' || run->c[i] > 'Z')
            return false;
    }
    return true;
}
/* 0 to 9 of a digit, 10 to 35 of a letter. */
static inline unsigned run_value(const struct run *run, size_t i)
{
    unsigned c = (unsigned char)run->c[i];
    return c <= '9' ? c - '0' : c - 'A' + 10;
}
/* The decimal number of up to 19 digits. */
uint64_t run_number(const struct run *run, size_t from, size_t n);
/* The sum of value times weight. */
unsigned run_weighted(const struct run *run, size_t from, size_t n, const uint8_t *weights);
bool run_all_same(const struct run *run, size_t from, size_t n);
/* Luhn's mod 10 over digits, the check digit included. */
bool run_luhn(const struct run *run, size_t from, size_t n);
/* ISO 7064 mod 11,10 over digits, the check digit included. */
bool run_mod11_10(const struct run *run, size_t from, size_t n);
/* Letters as 10 to 35, two digits each, modulo 97. */
unsigned run_mod97(const struct run *run, size_t from, size_t n);
/* The number modulo m, of any count of digits. */
unsigned run_mod(const struct run *run, size_t from, size_t n, unsigned m);
/* A date of the calendar; day and month from 1. A year of 0 takes any February to have 29 days. */
bool run_is_date(unsigned year, unsigned month, unsigned day);

#endif
