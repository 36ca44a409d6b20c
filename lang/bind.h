/* SPDX-License-Identifier: Apache-2.0 */
/* What bind's files share: bind.c declarations, bind_expr.c expressions, cycles.c cycles. */
#ifndef LANG_BIND_H
#define LANG_BIND_H

#include "lang/compile.h"
#include "lang/names.h"

struct bind_scope {
    struct binding *binding;
    struct bind_scope *outer;
};

struct binder {
    struct arena *arena;
    struct program *program;
    struct diags *diags;
    struct decl *decl; /* whose parts are bound; marked failed by an unknown name */
    struct bind_scope *scope;
};

/* Notes that the declaration is used, at that place. */
void bind_use(struct binder *b, struct decl *decl, struct span place);
void bind_expr(struct binder *b, struct expr *expr);
/* An absent name is left alone. */
void bind_ref(struct binder *b, struct ref *ref, enum space space);
/* Cycles of imports, lets, groups and fallbacks; orders the lets. */
void bind_cycles(struct binder *b);

#endif
