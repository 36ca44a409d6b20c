/* SPDX-License-Identifier: Apache-2.0 */
/* A program as a document for people who review it. The same program gives the same bytes, whatever
 * the order of its files and declarations (their places excepted). */
#ifndef LANG_HANDBOOK_HANDBOOK_H
#define LANG_HANDBOOK_HANDBOOK_H

#include "lang/program.h"

struct buf;
struct handbook_form;

/* "markdown", "html" or "json"; NULL if there is none of that name. */
const struct handbook_form *handbook_form_find(struct dvara_str name);
/* "md", "html", "json". */
struct dvara_str handbook_form_suffix(const struct handbook_form *form);

/* The smallest package of the files that were given, or "policy". */
struct dvara_str handbook_title(const struct program *program);

/* Appends the whole document. The program has no errors. False: out of memory. */
bool handbook_write(const struct program *program, const struct handbook_form *form,
                    struct arena *arena, struct buf *out);

#endif
