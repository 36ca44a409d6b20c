/* SPDX-License-Identifier: Apache-2.0 */
/* The passes over every byte, a block at a time. All that the shipped identity pack claims holds a
 * digit, an @ or a colon; prose holds few. */
#ifndef PII_MARKS_H
#define PII_MARKS_H

#include "dvara/str.h"

#include <stdint.h>

/* The first digit, @ or colon at or after `at`; text.n when there is none. */
size_t marks_next(struct dvara_str text, size_t at);
/* The first percent sign, ampersand or backslash. */
size_t marks_next_escape(struct dvara_str text, size_t at);
/* The first byte that a token may begin with: a capital, '<', '&' or a backslash. Some others are
 * reported too. */
size_t marks_next_token_start(struct dvara_str text, size_t at);
/* A place in the first run, at or after `at`, of sixteen bytes without white space and most
 * punctuation; text.n when there is none. */
size_t marks_next_run(struct dvara_str text, size_t at);
/* Bit i: p[i] is a digit, or a space, a hyphen or a point. MARKS_NUMBER bytes are read. */
enum { MARKS_NUMBER = 32 };
struct marks_number {
    uint32_t digits, between;
};
struct marks_number marks_number(const char *p);

#endif
