/* SPDX-License-Identifier: Apache-2.0 */
/* Names of declarations: unique within their space over the whole bundle. */
#ifndef LANG_NAMES_H
#define LANG_NAMES_H

#include "lang/program.h"
#include "lang/suggest.h"

/* Kinds that share a space: let and runtime list; detector and group. */
enum space {
    SPACE_VALUE,
    SPACE_DETECTOR,
    SPACE_RULE,
    SPACE_ROUTE,
    SPACE_PROVIDER,
    SPACE_MODEL,
    SPACE_TEST,
    SPACE_LIMIT,
    SPACE_BUDGET,
    SPACE_INVARIANT,
    SPACE_DEFAULT,
    SPACE_COUNT
};

struct names;

/* NULL: out of memory. `count` is how many declarations there will be. */
struct names *names_new(struct arena *arena, size_t count);
/* Adds it unless its name is taken: then the declaration that has it, else NULL. */
struct decl *names_add(struct names *names, struct decl *decl);
struct decl *names_find(const struct names *names, enum space space, struct dvara_str name);
/* The nearest name of the space; absent after NAMES_SEARCHES_MAX searches, which bounds what a
 * hostile file can cost. */
enum { NAMES_SEARCHES_MAX = 64 };
void names_suggest(struct names *names, enum space space, struct suggestion *suggestion);

enum space decl_space(enum decl_kind kind);

#endif
