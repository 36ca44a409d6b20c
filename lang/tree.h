/* SPDX-License-Identifier: Apache-2.0 */
/* A program's tree as text, for those who look into the compiler: a line a file, declaration,
 * clause with expressions and expression, indented by depth, with its line and column, its kind and
 * its text. */
#ifndef LANG_TREE_H
#define LANG_TREE_H

#include "lang/program.h"

struct buf;

/* checked: with what `bind` and `check` found, the type, the phases that have all it reads and
 * whose words it holds, of every expression, and known values. */
void tree_print(const struct program *program, bool checked, struct buf *out);

#endif
