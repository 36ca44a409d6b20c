/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as RFC 3629 has it: no surrogates, nothing over U+10FFFF, shortest forms only. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Length of the well-formed sequence at p (n > 0 bytes left), 1 to 4, or 0. */
unsigned utf8_sequence(const char *p, size_t n);

/* Is all of s well-formed? ret_offset (may be NULL) is the first bad byte, or s.n. */
bool utf8_validate(struct dvara_str s, size_t *ret_offset);

/* Validating text that comes in chunks. Zero-initialise; feed; at the end ask
 * utf8_checker_is_whole. */
struct utf8_checker {
    unsigned char tail[4]; /* an unfinished sequence */
    uint8_t n;
};
/* False once a byte cannot continue a well-formed text. */
bool utf8_checker_feed(struct utf8_checker *checker, struct dvara_str chunk);
static inline bool utf8_checker_is_whole(const struct utf8_checker *checker)
{
    return checker->n == 0;
}

/* How many of the last bytes of s begin a sequence that is not complete (0 to 3): hold them back
 * when a well-formed text is cut anywhere. */
size_t utf8_unfinished(struct dvara_str s);

/* Code points of well-formed text. */
size_t utf8_count(struct dvara_str s);

/* Decodes the code point at *offset of well-formed text and advances it; *offset < s.n. */
uint32_t utf8_next(struct dvara_str s, size_t *offset);

/* Writes 1 to 4 bytes; returns how many. code_point is a scalar value. */
unsigned utf8_put(char *out, uint32_t code_point);

static inline bool utf8_is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

#endif
