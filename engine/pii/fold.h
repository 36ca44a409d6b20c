/* SPDX-License-Identifier: Apache-2.0 */
/* One case of letters, for comparing words: Latin-1, Latin Extended-A, Greek (accents, which
 * capitals go without, and the final sigma included) and Cyrillic, by Unicode's tables. */
#ifndef PII_FOLD_H
#define PII_FOLD_H

#include "dvara/str.h"

#include <stddef.h>
#include <stdint.h>

enum { FOLD_FORMS = 8, FOLD_BYTES = 4 /* of one code point in UTF-8 */ };

/* The code point in lower case; any other one, TEXT_BAD and TEXT_END, is itself. */
uint32_t fold_code(uint32_t code_point);
/* Writes every code point that folds into `folded`, itself first; at most FOLD_FORMS. */
size_t fold_forms(uint32_t folded, uint32_t forms[FOLD_FORMS]);
/* Writes a code point in UTF-8; a byte of none stays out. How many bytes. */
size_t fold_encode(uint32_t code_point, char bytes[FOLD_BYTES]);
/* Folds a word into `to`, which has room for word.n bytes: none grows. How many bytes. */
size_t fold_word(struct dvara_str word, char *to);
enum fold_bare { FOLD_BARE, FOLD_SPELLED /* German: ae, oe, ue, ss */ };
/* Writes a folded word as keyboards and keys without accents spell it, Latin letters only; `to` has
 * room for word.n bytes: none grows. How many bytes; 0: it has no accents. */
size_t fold_bare(struct dvara_str word, enum fold_bare how, char *to);

#endif
