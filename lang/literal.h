/* SPDX-License-Identifier: Apache-2.0 */
/* The values that literals spell. */
#ifndef LANG_LITERAL_H
#define LANG_LITERAL_H

#include "lang/lexer.h"

#include <stddef.h>

struct arena;

/* A number at the start of a text. */
struct number_literal {
    uint32_t length;     /* bytes */
    uint8_t kind;        /* enum token_kind */
    const char *problem; /* NULL, or what is wrong; then kind and value are stand-ins */
    bool is_range;       /* the problem is the value, not the spelling */
    char suggestion[64]; /* "" or the spelling that was probably meant */
    int64_t i;
    double f;
};
struct number_literal number_read(struct dvara_str text);

/* The end of the escape that begins with the backslash at text.p[at], or 0 if it is not one;
 * ret_code is the code point it stands for. */
size_t escape_read(struct dvara_str text, size_t at, uint32_t *ret_code);

/* The characters between the quotes with escapes decoded; an invalid one stays as written. */
struct dvara_str string_decode(struct arena *arena, struct dvara_str inner, bool raw);

/* Printed as the language writes it: "1h30m", "4KiB", "$12.50", "2.5%", "09:00". Static buffer
 * sizes suffice for every value. */
enum { LITERAL_MAX = 48 };
const char *literal_print(uint8_t type, int64_t value, char ret_text[LITERAL_MAX]);

#endif
