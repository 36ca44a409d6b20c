/* SPDX-License-Identifier: Apache-2.0 */
/* Policy text as `fmt` spells it, by places of the file as it was read: formatting keeps the
 * tokens, so token N of the file is token N of the formatted text. */
#ifndef LANG_HANDBOOK_SPELLING_H
#define LANG_HANDBOOK_SPELLING_H

#include "lang/lexer.h"
#include "lang/program.h"

struct spelling {
    const struct tokens *tokens; /* of the file; the parser has marked statements */
    struct source *source;       /* the formatted text */
    struct tokens formatted;
};

/* False: out of memory. */
bool spelling_of(const struct unit *unit, struct arena *arena, struct spelling *ret_spelling);

/* The number of the token that begins at or after the offset. */
uint32_t spelling_token(const struct spelling *spelling, uint32_t offset);

/* Tokens [first, end): the lines after the first without the indentation that the first has. */
struct dvara_str spelling_text(const struct spelling *spelling, struct arena *arena, uint32_t first,
                               uint32_t end);

#endif
