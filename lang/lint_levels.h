/* SPDX-License-Identifier: Apache-2.0 */
/* The level of each lint in each file: what the nearest `.dvplint` says, in the file's folder or
 * one above it (up to a folder that holds `.git`), else the default of lints.def. The one resolver
 * of the command line and of editors. A line of `.dvplint` is a code or a name and a level:
 *
 *     L0302 error
 *     missing-doc note     # off, note, warning or error */
#ifndef LANG_LINT_LEVELS_H
#define LANG_LINT_LEVELS_H

#include "lang/diag.h"

struct lint_levels;

/* `.dvplint` files are appended to `sources` when they are first asked for, and what is wrong with
 * them to `diags`. NULL: out of memory. */
struct lint_levels *lint_levels_new(struct arena *arena, struct sources *sources,
                                    struct diags *diags);
/* `file` is a number in `sources`; text from memory has the levels of the working folder. */
enum severity lint_level(struct lint_levels *levels, uint32_t file, enum message lint);

#endif
