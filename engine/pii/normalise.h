/* SPDX-License-Identifier: Apache-2.0 */
/* What identifiers are read as: one letter, digit or mark for all the ways Unicode has to write it,
 * and no characters that do not show. normal.def is the list. */
#ifndef PII_NORMALISE_H
#define PII_NORMALISE_H

#include "pii/view.h"

/* The first byte of what is read as something else; text.n when there is none, as in all plain
 * text. */
size_t normalise_first(struct dvara_str text);

/* So many characters in a row that do not show are nothing; the one after them reads as a space. */
enum { NORMALISE_HIDDEN_MAX = 32 };

/* Appends text[from, to) as it is read. `to` is not inside a sequence. */
void normalise(struct dvara_str text, size_t from, size_t to, struct view *out);

/* The ASCII letter that a Cyrillic or Greek one looks like; 0: none. */
char normalise_lookalike(uint32_t code_point);

#endif
