/* SPDX-License-Identifier: Apache-2.0 */
/* What the operands of one chain of `and` or `or` say of each other: the same twice, one that
 * contradicts another, one that follows from another. And conditions that can never be true. */
#include "lang/lexer.h"
#include "lang/linter.h"
#include "lang/related.h"
#include "lang/same.h"

enum { OPERANDS_MAX = 64 }; /* compared with each other */

struct chain {
    enum binary op;
    const struct expr *v[OPERANDS_MAX];
    struct literal literals[OPERANDS_MAX]; /* NULL atom: the operand is a chain itself */
    size_t n;
};

static void flatten(const struct expr *expr, struct chain *chain)
{
    if (expr->kind == EXPR_BINARY && expr->binary.op == chain->op) {
        flatten(expr->binary.left, chain);
        flatten(expr->binary.right, chain);
    } else if (chain->n < OPERANDS_MAX) {
        chain->v[chain->n++] = expr;
    }
}

/* A fix that takes the operand out with the word that joins it to a neighbour; not when a comment
 * stands between. */
static void fix_removal(struct linter *l, struct diag *diag, const struct chain *chain, size_t at)
{
    struct span span = chain->v[at]->span;
    if (at > 0)
        span.start = chain->v[at - 1]->span.end;
    else if (chain->n > 1)
        span.end = chain->v[1]->span.start;
    struct dvara_str text = source_slice(l->program->sources.v[span.file], span);
    if (chain->n > 1 && !memchr(text.p, '#', text.n))
        diag_fix(l->diags, diag, span, DVARA_STR(""), "take it out");
}

static bool report_duplicates(struct linter *l, const struct chain *chain, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (!expr_same(chain->v[i], chain->v[k]))
            continue;
        struct diag *diag =
            lint_add(l, chain->v[i]->span, LINT_DUPLICATE_CONDITION, lint_text(l, chain->v[i]),
                     dvara_str_from_cstr(binary_spelling(chain->op)));
        diag_label(l->diags, diag, chain->v[k]->span, "first here");
        fix_removal(l, diag, chain, i);
        return true;
    }
    return false;
}

static struct literal negated(struct literal literal)
{
    literal.positive = !literal.positive;
    return literal;
}

static bool conflict(struct linter *l, struct literal a, struct literal b)
{
    const struct literal v[] = {a, b};
    return a.atom && b.atom && a.atom->topic == b.atom->topic &&
           reasoner_conflict(l->reasoner, v, 2);
}

/* The same of two things of which one says something about the other: a text and its length. */
static bool related_conflict(struct linter *l, struct literal a, struct literal b)
{
    const struct literal v[] = {a, b};
    struct literal related[RELATED_MAX];
    struct arena *arena = l->program->arena;
    return a.atom && b.atom &&
           (related_literals(arena, v, 1, b.atom->subject, related) ||
            related_literals(arena, v + 1, 1, a.atom->subject, related)) &&
           reasoner_conflict(l->reasoner, v, 2);
}

static bool never(struct linter *l, struct literal literal)
{
    return literal.atom && reasoner_conflict(l->reasoner, &literal, 1);
}

/* `has x` before a question about x is a guard, which does not follow from it. */
static bool is_guard(struct literal literal)
{
    return literal.atom && literal.atom->kind == ATOM_PRESENT;
}

static void report_redundant(struct linter *l, const struct chain *chain, size_t at, size_t by,
                             const char *why)
{
    struct diag *diag = lint_add(l, chain->v[at]->span, LINT_REDUNDANT_CONDITION,
                                 lint_text(l, chain->v[at]), dvara_str_from_cstr(why));
    diag_label(l->diags, diag, chain->v[by]->span, "beside this");
    fix_removal(l, diag, chain, at);
}

/* Of `and`, an operand that follows from another; of `or`, one that another follows from. */
static bool compare_pair(struct linter *l, const struct chain *chain, size_t k, size_t i)
{
    bool is_and = chain->op == BINARY_AND;
    struct literal a = chain->literals[k];
    struct literal b = chain->literals[i];
    if (is_guard(a) || is_guard(b))
        return false;
    if (conflict(l, a, negated(b))) { /* b follows from a */
        report_redundant(l, chain, is_and ? i : k, is_and ? k : i,
                         is_and ? "it follows from another condition"
                                : "another alternative holds wherever it does");
        return true;
    }
    if (conflict(l, negated(a), b)) {
        report_redundant(l, chain, is_and ? k : i, is_and ? i : k,
                         is_and ? "it follows from another condition"
                                : "another alternative holds wherever it does");
        return true;
    }
    return false;
}

static bool report_contradiction(struct linter *l, const struct chain *chain, size_t k, size_t i)
{
    if (chain->op == BINARY_OR) {
        if (is_guard(chain->literals[k]) || is_guard(chain->literals[i]) ||
            !conflict(l, negated(chain->literals[k]), negated(chain->literals[i])))
            return false;
        report_redundant(l, chain, i, k, "one of the two alternatives always holds");
        l->has_contradiction = true;
        return true;
    }
    if (!conflict(l, chain->literals[k], chain->literals[i]) &&
        !related_conflict(l, chain->literals[k], chain->literals[i]))
        return false;
    struct diag *diag = lint_add(l, chain->v[i]->span, LINT_CONTRADICTION,
                                 lint_text(l, chain->v[i]), DVARA_STR(" beside another condition"));
    diag_label(l->diags, diag, chain->v[k]->span, "which says otherwise");
    l->has_contradiction = true;
    return true;
}

/* `x and 1 == 1`. A let may be a switch that is meant to be turned. */
static void report_constant(struct linter *l, const struct chain *chain, size_t i)
{
    if (expr_bare(chain->v[i])->kind == EXPR_LET)
        return;
    struct diag *diag = lint_add(
        l, chain->v[i]->span, LINT_REDUNDANT_CONDITION, lint_text(l, chain->v[i]),
        chain->op == BINARY_AND ? DVARA_STR("it is always true") : DVARA_STR("it is always false"));
    fix_removal(l, diag, chain, i);
}

static bool compare_operand(struct linter *l, const struct chain *chain, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (report_contradiction(l, chain, k, i) || compare_pair(l, chain, k, i))
            return true;
    return false;
}

void lint_chain(struct linter *l, const struct expr *expr)
{
    struct chain chain = {.op = expr->binary.op};
    flatten(expr, &chain);
    for (size_t i = 0; i < chain.n; i++) {
        bool is_constant = chain.v[i]->value != NULL;
        struct literal literal = reasoner_literal(l->reasoner, chain.v[i]);
        bool alone =
            is_constant || !literal.atom || never(l, literal) || never(l, negated(literal));
        chain.literals[i] = alone ? (struct literal){.atom = NULL} : literal;
        if (is_constant && !expr->value)
            report_constant(l, &chain, i);
        if (!is_constant && !report_duplicates(l, &chain, i))
            (void)compare_operand(l, &chain, i);
    }
}

void lint_comparison(struct linter *l, const struct expr *expr)
{
    struct literal literal = reasoner_literal(l->reasoner, expr);
    if (expr->value || !literal.atom || literal.atom->kind == ATOM_PRESENT)
        return;
    if (never(l, literal)) {
        (void)lint_add(l, expr->span, LINT_CONTRADICTION, lint_text(l, expr), DVARA_STR(""));
        l->has_contradiction = true;
    } else if (never(l, negated(literal))) {
        (void)lint_add(l, expr->span, LINT_REDUNDANT_CONDITION, lint_text(l, expr),
                       DVARA_STR("it is always true"));
        l->has_contradiction = true;
    }
}

void lint_never(struct linter *l, const struct decl *decl, const struct expr *condition)
{
    if (l->has_contradiction)
        return;
    if (predicate_is_never(predicate_of(l->reasoner, condition)))
        (void)lint_add(l, condition->span, LINT_NEVER_APPLIES,
                       dvara_str_from_cstr(decl_keyword(decl->kind)), decl->name);
    else if (predicate_is_never(predicate_of_not(l->reasoner, condition)))
        (void)lint_add(l, condition->span, LINT_CONSTANT_CONDITION, DVARA_STR("true"),
                       DVARA_STR("leave it away, or say what is meant"));
}
