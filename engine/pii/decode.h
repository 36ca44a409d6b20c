/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes: %41 of URLs, &#65; and &commat; of HTML, \u0041 and \n of JSON and of code. */
#ifndef PII_DECODE_H
#define PII_DECODE_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One escape: text[start, end) stands for a byte, or for a code point. */
struct escape {
    size_t start, end;
    uint32_t value;
    bool is_byte;
    bool is_layout; /* \n \t \r: matters only where it touches a letter or digit */
    bool is_open;   /* it runs to the text's end: what follows may belong to it */
};

/* The first escape at or after `at`. False: there is none; then *ret_open is where one may begin
 * that the text's end cuts, or text.n. Which backslash of a row of them escapes which depends on at
 * most BACKSLASHES_MAX before it: one behind so many escapes nothing. */
enum { BACKSLASHES_MAX = 64 };

bool decode_next(struct dvara_str text, size_t at, struct escape *ret_escape, size_t *ret_open);

#endif
