/* SPDX-License-Identifier: Apache-2.0 */
/* An `expect` of the tree as the engine judges it. */
#ifndef LANG_EXPECTATION_H
#define LANG_EXPECTATION_H

#include "lang/ast.h"
#include "trial/expectation.h"

struct arena;

/* The members of a group, through its groups, are listed in the arena. */
struct expectation expectation_of(struct arena *arena, const struct expect *expect);

#endif
