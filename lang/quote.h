/* SPDX-License-Identifier: Apache-2.0 */
/* Source text as a message or a record shows it: in one line, comments left out. */
#ifndef LANG_QUOTE_H
#define LANG_QUOTE_H

#include "lang/program.h"

/* The text itself when it stands in one line, else its tokens in the arena, one space where there
 * was any white space or comment, cut after the token that passes `max` bytes. */
struct dvara_str quote(const struct program *program, struct arena *arena, struct span span,
                       size_t max);

#endif
