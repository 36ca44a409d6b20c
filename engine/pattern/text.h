/* SPDX-License-Identifier: Apache-2.0 */
/* Code points around a place in a text that may hold anything. A byte that is not part of valid
 * UTF-8 is one code point of its own, TEXT_BAD: no letter, no digit, so a boundary. */
#ifndef PATTERN_TEXT_H
#define PATTERN_TEXT_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_BAD 0xFFFFFFFFu
#define TEXT_END 0xFFFFFFFEu /* before the first or after the last byte */

/* The code point that begins at `at`, and where the next one begins. */
uint32_t text_next(struct dvara_str text, size_t at, size_t *ret_after);
/* The code point that ends before `at`, and where it begins. */
uint32_t text_before(struct dvara_str text, size_t at, size_t *ret_start);

/* Letters and digits of any script, combining marks included; what a word is made of. */
bool text_is_word(uint32_t code_point);

static inline bool text_is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}
static inline bool text_is_upper(unsigned char c)
{
    return c >= 'A' && c <= 'Z';
}
static inline bool text_is_alpha(unsigned char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}
static inline bool text_is_alnum(unsigned char c)
{
    return text_is_digit(c) || text_is_alpha(c);
}
static inline char text_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

/* Is the code point before (at) the place part of a word? The text's ends are not. */
static inline bool text_word_before(struct dvara_str text, size_t at)
{
    size_t start;
    unsigned char c = at > 0 ? (unsigned char)text.p[at - 1] : 0;
    return c < 0x80 ? text_is_alnum(c) : text_is_word(text_before(text, at, &start));
}
bool text_word_at(struct dvara_str text, size_t at);

/* Whole texts. */
bool text_is_ascii(struct dvara_str text);
bool text_is_valid(struct dvara_str text);
/* Where a sequence begins that the text's end cuts; text.n: none. */
size_t text_cut_slowly(struct dvara_str text); /* asked when the last byte is no ASCII */
static inline size_t text_cut(struct dvara_str text)
{
    return text.n && (unsigned char)text.p[text.n - 1] >= 0x80 ? text_cut_slowly(text) : text.n;
}
size_t text_code_points(struct dvara_str text);
/* Where the n-th code point before (after) `at` begins (ends); clamped to the text. */
size_t text_back(struct dvara_str text, size_t at, size_t n);
size_t text_forward(struct dvara_str text, size_t at, size_t n);

#endif
