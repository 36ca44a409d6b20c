/* SPDX-License-Identifier: Apache-2.0 */
/* What lint's files share: lint.c the frame, silencing and declarations, lint_use.c what is not
 * used, lint_expr.c expressions, lint_pairs.c pairs of rules and routes, lint_stream.c denials on
 * streams, lint_absent.c defaults, predicates.c what conditions exclude. */
#ifndef LANG_LINTER_H
#define LANG_LINTER_H

#include "lang/compile.h"

/* One `# dvp:allow CODE why`. */
struct allowance {
    struct span span;
    struct dvara_str code;
    uint32_t line; /* the line it silences */
    bool used;
};

struct linter {
    struct arena *arena;
    struct program *program;
    struct diags *diags;
    struct allowance *allowances; /* by file, then by line */
    size_t n_allowances;
    size_t fuel; /* nodes that a walk through lets may still visit: lets can share parts */
};

enum { LINT_FUEL = 20000 };
/* One more node; false: give up, the lint is silent. */
static inline bool lint_step(struct linter *l)
{
    return l->fuel > 0 && l->fuel-- > 0;
}

/* Adds the lint unless its line allows it. Never NULL. */
struct diag *lint_append(struct linter *l, struct span span, enum message message,
                         const struct dvara_str *args, size_t n_args);
#define lint_add(linter, span, message, ...)                                                       \
    lint_append((linter), (span), (message), (const struct dvara_str[]){__VA_ARGS__},              \
                sizeof((const struct dvara_str[]){__VA_ARGS__}) / sizeof(struct dvara_str))

/* Is the declaration from a shipped library? Those are linted where they are made. */
bool lint_is_library(const struct linter *l, const struct decl *decl);
struct dvara_str lint_text(const struct linter *l, const struct expr *expr);

void lint_uses(struct linter *l);
void lint_expr(struct linter *l, struct expr *expr);
void lint_set_pairs(struct linter *l);
void lint_route_pairs(struct linter *l);
void lint_stream(struct linter *l, const struct decl *rule);
void lint_absent(struct linter *l, const struct decl *rule);

/* Can both conditions be true at once? False only if that is certain. NULL is always true. */
bool predicates_may_meet(struct linter *l, const struct expr *a, const struct expr *b);

#endif
