/* SPDX-License-Identifier: Apache-2.0 */
/* The operators on text: globs, addresses, case, local time. Pure functions. */
#ifndef VM_TEXT_H
#define VM_TEXT_H

#include "dvara/str.h"

#include <stdint.h>

struct arena;

/* One glob without braces over a whole text: `*` any run, `?` one code point, `[a-z]` `[!a-z]` a
 * class. The pattern was checked (an unclosed class is a literal bracket). Iterative: at most
 * pattern × text steps. */
bool text_glob(struct dvara_str pattern, struct dvara_str text);

/* An address as 16 bytes (IPv4 as ::ffff:a.b.c.d). False: it does not parse. */
bool text_address(struct dvara_str s, unsigned char ret_address[16]);

/* Simple case mapping of ASCII, Latin, Greek and Cyrillic letters, code point by code point. The
 * absent slice when the arena is exhausted. */
struct dvara_str text_lower(struct dvara_str s, struct arena *arena);
struct dvara_str text_upper(struct dvara_str s, struct arena *arena);
/* Without space, tab, LF, CR, VT, FF, U+0085, U+00A0, U+2000 to U+200A, U+2028, U+2029, U+202F,
 * U+205F and U+3000 at its ends. */
struct dvara_str text_trim(struct dvara_str s);

/* First 8 bytes of SHA-256 of s, big-endian, as a share of [0, n): the high word of the 128-bit
 * product. */
uint32_t text_bucket(struct dvara_str s, uint32_t n);

/* The same of `a`, a NUL and `b`. */
uint32_t text_bucket_joined(struct dvara_str a, struct dvara_str b, uint32_t n);

struct civil {
    int64_t year;
    unsigned month, day, hour, minute; /* month 1-12 */
    unsigned weekday;                  /* 0 Monday */
};
/* The proleptic Gregorian date of local seconds since the epoch. Source: Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms". */
struct civil text_civil(int64_t local_seconds);

#endif
