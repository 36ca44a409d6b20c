/* SPDX-License-Identifier: Apache-2.0 */
/* The one style. Works on tokens, so that literals keep their spelling and comments their place:
 * the parser has marked where statements and blocks begin.
 *
 *   - two columns a level; one statement a line; at most one blank line in a row
 *   - a block that stands on one line stays there while it fits 100 columns
 *   - line breaks inside a statement are the author's; what is in brackets opened on an earlier
 * line is indented by one level a line
 *   - one blank line around declarations of more than one line
 *
 * format(format(x)) is format(x), and both parse to the same tree. */
#ifndef LANG_FORMAT_H
#define LANG_FORMAT_H

#include "lang/lexer.h"

struct buf;

enum { FORMAT_COLUMNS = 100, FORMAT_INDENT = 2 };

/* Appends the formatted text. Only for tokens that parsed without an error. */
void format(const struct source *source, const struct tokens *tokens, struct buf *out);

#endif
