/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens to the tree of one file. Recovers at statement boundaries: a declaration that does not
 * parse is kept with `failed`, and what follows it is parsed. */
#ifndef LANG_PARSER_H
#define LANG_PARSER_H

#include "lang/lexer.h"
#include "lang/program.h"

struct regex_store;

/* Never NULL unless memory is out. The tree borrows from the source and keeps the tokens, where it
 * marks statements and blocks. `regexes` may be NULL. */
struct unit *parse(struct arena *arena, struct source *source, struct tokens *tokens,
                   struct regex_store *regexes, struct diags *diags);

#endif
