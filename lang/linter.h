/* SPDX-License-Identifier: Apache-2.0 */
/* What lint's files share: lint.c the frame, silencing and declarations, lint_use.c what is not
 * used, lint_expr.c expressions, lint_chain.c what operands say of each other, lint_pairs.c pairs
 * of rules and routes, lint_shadow.c what others leave nothing to do, lint_stream.c denials on
 * streams, lint_absent.c defaults. */
#ifndef LANG_LINTER_H
#define LANG_LINTER_H

#include "lang/compile.h"
#include "lang/lint_levels.h"
#include "lang/predicate.h"

/* One `# dvp:allow CODE why`. */
struct allowance {
    struct span span;
    struct dvara_str code;
    uint32_t line; /* the line it silences */
    bool used;
};

struct conditions;

struct linter {
    struct arena *arena;
    struct program *program;
    struct diags *diags;
    struct allowance *allowances; /* by file, then by line */
    size_t n_allowances;
    struct lint_levels *levels;
    struct reasoner *reasoner;
    struct conditions *rules;  /* of by_kind[DECL_RULE], in its order; NULL: out of memory */
    struct conditions *routes; /* of by_kind[DECL_ROUTE] */
    bool has_contradiction;    /* of the condition at hand: why it is constant was said */
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
enum { LINT_TEXT_MAX = 400 };
struct dvara_str lint_text(const struct linter *l, const struct expr *expr); /* in one line */
struct dvara_str lint_source(const struct linter *l, const struct expr *expr);

void lint_uses(struct linter *l);
void lint_expr(struct linter *l, struct expr *expr);
void lint_set_pairs(struct linter *l);
void lint_route_pairs(struct linter *l);
/* lint_address.c: the right side of `within`. */
void lint_addresses(struct linter *l, const struct expr *expr);
/* lint_pattern.c */
void lint_regex(struct linter *l, const struct regex *regex);
void lint_detector(struct linter *l, const struct decl *decl);
void lint_redaction(struct linter *l, const struct decl *rule, const struct effect *effect);
/* lint_live.c */
void lint_live(struct linter *l, const struct decl *detector);
/* lint_route.c */
void lint_route(struct linter *l, const struct decl *decl);
void lint_zones(struct linter *l);
void lint_confusables(struct linter *l, const struct unit *unit);
void lint_stream(struct linter *l, const struct decl *rule);
void lint_absent(struct linter *l, const struct decl *rule);
/* What a chain's operands say of each other, and whether a rule or route can apply at all. */
void lint_chain(struct linter *l, const struct expr *chain);
void lint_comparison(struct linter *l, const struct expr *expr);
void lint_never(struct linter *l, const struct decl *decl, const struct expr *condition);
/* Rules and routes that others leave nothing to do. */
void lint_shadows(struct linter *l);

/* The normal forms of a rule's or route's condition, made once. */
struct conditions {
    const struct predicate *holds;
    const struct predicate *fails;
};
struct conditions *lint_conditions(struct linter *l, const struct decls *decls);
bool lint_is_later(const struct decl *a, const struct decl *b);

/* Pairs of declarations that one lint goes through. */
struct pairs {
    const char *what; /* it looks for */
    size_t looked_at;
    size_t reasoned; /* pairs whose conditions were compared: whoever compares counts */
    bool told;
};
/* One more, of `decl` with another; false: they are too many, which is told once. */
bool lint_pair(struct linter *l, struct pairs *pairs, const struct decl *decl);

#endif
