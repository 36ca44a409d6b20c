/* SPDX-License-Identifier: Apache-2.0 */
/* Source text as a message or a record shows it: in one line, comments left out. */
#ifndef LANG_QUOTE_H
#define LANG_QUOTE_H

#include "lang/program.h"

/* The text itself when it is short and holds neither line break nor tab, else its tokens in the
 * arena, one space where there was any white space or comment, cut after the token with which they
 * are `max` bytes, spaces not counted. */
struct dvara_str quote(const struct program *program, struct arena *arena, struct span span,
                       size_t max);

#endif
