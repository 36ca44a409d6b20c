/* SPDX-License-Identifier: Apache-2.0 */
/* What a text is about to become: while one types, declarations lack their end and often the part
 * that would make them whole. */
#ifndef LANG_LSP_COMPLETE_TEXT_H
#define LANG_LSP_COMPLETE_TEXT_H

#include "lang/lexer.h"
#include "lang/lsp/subject.h"

/* The tokens of the declaration that holds the offset: [first, last) end before it or hold it. */
struct around {
    const struct source *source;
    const struct tokens *tokens;
    uint32_t first, last;
    uint32_t
        next; /* where the next declaration begins, in bytes; the text's length: there is none */
};
struct around around_of(const struct spot *spot);

/* The n-th token before the cursor, 0 the one it stands in or after; NULL: outside the declaration.
 */
const struct token *around_token(const struct around *around, uint32_t n);
bool around_word_is(const struct around *around, uint32_t n, struct dvara_str word);

/* DVARA_PHASES_ that the declaration names after `on`; 0: it names none. */
uint32_t around_phases(const struct around *around);

/* Texts in which `mark` may be understood, put for the bytes from the cursor to `end`: as it
 * stands, as a record's key, and both with the declaration brought to an end. Returns how many. */
enum { COMPLETE_TEXTS = 4 };
size_t complete_texts(struct arena *arena, const struct around *around, uint32_t cursor,
                      uint32_t end, struct dvara_str mark,
                      struct dvara_str ret_texts[COMPLETE_TEXTS]);

#endif
