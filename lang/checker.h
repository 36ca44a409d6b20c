/* SPDX-License-Identifier: Apache-2.0 */
/* What check's files share. check.c walks the declarations, check_rule.c, check_decl.c,
 * check_meter.c and check_test.c their clauses, check_expr.c, check_binary.c and check_call.c
 * expressions, narrow.c what `has` tells. */
#ifndef LANG_CHECKER_H
#define LANG_CHECKER_H

#include "lang/compile.h"

/* An optional attribute that is known to be present. Lists share their tails. */
struct fact {
    enum dvara_attribute id;
    struct dvara_str arg;
    const struct fact *next;
};

struct checker {
    struct arena *arena;
    struct program *program;
    struct diags *diags;
    struct decl *decl;
    uint8_t phases; /* where the expression runs, DVARA_PHASES_…; 0: a let, nowhere yet */
    const struct fact *facts;
    unsigned quantifiers;            /* open around the expression */
    unsigned quantifier_depth;       /* the deepest seen, lets included */
    bool reads_pii;                  /* seen in the expression, lets included */
    bool has_deepest;                /* E0303 was reported for this declaration */
    bool in_invariant;               /* what an invariant may not read is an error */
    const struct attribute *outside; /* seen: one that an invariant may not read; NULL: none */
};

/* check_expr.c. All set expr->type, taint and phases; a mismatch is reported and gives TYPE_ERROR.
 */
struct type check_expr(struct checker *c, struct expr *expr);
/* The same, and an optional is reported as unguarded and loses its `?`. */
struct type check_value(struct checker *c, struct expr *expr);
/* A value of that type; `what` begins the message: "`when` needs bool, but this is …". */
bool check_typed(struct checker *c, struct expr *expr, enum dvara_type type, const char *what);
void check_template(struct checker *c, struct template *template);
/* An int literal where a float is expected becomes a float. */
bool check_widen(struct expr *expr);
/* "declared here", where the expression is a let or a runtime list. */
void label_declared(struct checker *c, struct diag *diag, const struct expr *expr);
struct type type_error(struct expr *expr);
struct dvara_str type_text(struct checker *c, struct type type); /* "an `int`" */
enum { EXPR_TEXT_MAX = 400 };
struct dvara_str expr_text(struct checker *c, const struct expr *expr); /* to be shown: one line */
struct dvara_str expr_source(struct checker *c, const struct expr *expr); /* as it stands */
/* A literal of `type` beside the int literal `expr`: "did you mean `4096B`?" */
void help_with_literal(struct checker *c, struct diag *diag, const struct expr *expr, uint8_t type);

struct type check_binary(struct checker *c, struct expr *expr);
struct type check_call(struct checker *c, struct expr *expr);
struct type check_attribute(struct checker *c, struct expr *expr);

/* narrow.c */
const struct fact *facts_when(struct checker *c, const struct expr *expr, bool truth,
                              const struct fact *facts);
bool facts_have(const struct fact *facts, const struct expr *attribute);

/* A condition of a clause: bool, in these phases. Leaves what holds when it is true in c->facts. */
void check_condition(struct checker *c, struct expr *expr, uint8_t phases, const char *what);
void check_range(struct checker *c, const struct number *number, int64_t low, int64_t high,
                 const char *clause, const char *what);

/* Reports one that does not compile. The widest match in bytes; UINT32_MAX: unbounded; 0: unknown.
 */
uint32_t check_regex(struct checker *c, const struct regex *regex);

void check_rule(struct checker *c, struct decl *decl);
void check_route(struct checker *c, struct decl *decl);
void check_detector(struct checker *c, struct decl *decl);
void check_group(struct checker *c, struct decl *decl);
void check_model(struct checker *c, struct decl *decl);
void check_test(struct checker *c, struct decl *decl);
void check_limit(struct checker *c, struct decl *decl);
void check_budget(struct checker *c, struct decl *decl);
void check_invariant(struct checker *c, struct decl *decl);
/* A scalar that can be printed and compared, in c->phases. */
void check_printable(struct checker *c, struct expr *expr, const char *what);
/* Aliases of all models. */
void check_aliases(struct checker *c);

/* check_call.c: a zone that does not exist, with the name that is meant. */
void report_zone(struct checker *c, const struct expr *zone);

#endif
