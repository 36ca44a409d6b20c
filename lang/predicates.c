/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two conditions exclude each other, by what their conjuncts say about one attribute:
 * finite sets, literal prefixes, bounds, and a predicate against its negation. */
#include "base/arena.h"
#include "lang/linter.h"

enum { CONJUNCTS_MAX = 32 };

/* One conjunct: `negated` applies to the whole. */
struct conjunct {
    const struct expr *expr;
    bool negated;
};

struct conjuncts {
    struct conjunct v[CONJUNCTS_MAX];
    size_t n;
};

static const struct expr *see_through(const struct expr *expr)
{
    for (;;) {
        if (expr->kind == EXPR_PAREN)
            expr = expr->operand;
        else if (expr->kind == EXPR_LET)
            expr = expr->decl->let.expr;
        else
            return expr;
    }
}

/* What must all hold; what does not fit is left out, which only makes the answer more careful. */
static void split(struct linter *l, const struct expr *expr, bool negated, struct conjuncts *out)
{
    if (!lint_step(l))
        return;
    expr = see_through(expr);
    if (expr->kind == EXPR_NOT) {
        split(l, expr->operand, !negated, out);
        return;
    }
    bool is_and =
        expr->kind == EXPR_BINARY && expr->binary.op == (negated ? BINARY_OR : BINARY_AND);
    if (is_and) {
        split(l, expr->binary.left, negated, out);
        split(l, expr->binary.right, negated, out);
    } else if (out->n < CONJUNCTS_MAX) {
        out->v[out->n++] = (struct conjunct){expr, negated};
    }
}

/* The values that make the conjunct true: a set of constants, or false. */
static bool finite_set(const struct conjunct *c, struct constants *ret_set)
{
    const struct expr *expr = c->expr;
    if (expr->kind != EXPR_BINARY || !expr->binary.right->value)
        return false;
    enum binary op = expr->binary.op;
    const struct constant *value = expr->binary.right->value;
    if ((op == BINARY_EQ && !c->negated) || (op == BINARY_NE && c->negated))
        *ret_set = (struct constants){value, 1};
    else if ((op == BINARY_IN && !c->negated) || (op == BINARY_NOT_IN && c->negated))
        *ret_set = value->list;
    else
        return false;
    return true;
}

/* The values that make the conjunct false. */
static bool excluded_set(const struct conjunct *c, struct constants *ret_set)
{
    struct conjunct opposite = {c->expr, !c->negated};
    return finite_set(&opposite, ret_set);
}

/* The text before the first special character of a lone glob, or of starts_with. */
static bool literal_prefix(const struct conjunct *c, struct dvara_str *ret_prefix)
{
    const struct expr *expr = c->expr;
    if (c->negated || expr->kind != EXPR_BINARY)
        return false;
    const struct expr *right = see_through(expr->binary.right);
    bool is_glob = expr->binary.op == BINARY_GLOB;
    if ((!is_glob && expr->binary.op != BINARY_STARTS_WITH) || right->kind != EXPR_STRING)
        return false;
    size_t n = 0;
    while (n < right->string.n && !(is_glob && strchr("*?[{", right->string.p[n])))
        n++;
    *ret_prefix = dvara_str_slice(right->string, 0, n);
    return true;
}

static bool sets_meet(const struct constants *a, const struct constants *b)
{
    for (size_t i = 0; i < a->n; i++)
        if (constants_contain(b, &a->v[i]))
            return true;
    return false;
}

static bool any_starts_with(const struct constants *set, struct dvara_str prefix)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->v[i].type.base != DVARA_TYPE_STRING || dvara_str_starts_with(set->v[i].s, prefix))
            return true;
    return false;
}

static bool all_within(const struct constants *set, const struct constants *excluded)
{
    for (size_t i = 0; i < set->n; i++)
        if (!constants_contain(excluded, &set->v[i]))
            return false;
    return set->n > 0;
}

/* `a` is a bound from below and `b` one from above, or the reverse, with nothing between. */
static bool bounds_exclude(const struct conjunct *a, const struct conjunct *b)
{
    const struct constant *x = a->expr->binary.right->value;
    const struct constant *y = b->expr->binary.right->value;
    if (a->negated || b->negated || !x || !y || x->type.shape != DVARA_SHAPE_ONE)
        return false;
    enum binary p = a->expr->binary.op;
    enum binary q = b->expr->binary.op;
    bool strict = p == BINARY_LT || q == BINARY_GT;
    bool below = p == BINARY_LT || p == BINARY_LE;
    bool above = q == BINARY_GT || q == BINARY_GE;
    int order = below && above ? constant_compare(x, y) : 1;
    return below && above && (order < 0 || (order == 0 && strict));
}

static bool is_same(const struct linter *l, const struct expr *a, const struct expr *b)
{
    return dvara_str_eq(lint_text(l, expr_bare(a)), lint_text(l, expr_bare(b)));
}

static bool exclude(const struct linter *l, const struct conjunct *a, const struct conjunct *b)
{
    if (a->negated != b->negated && is_same(l, a->expr, b->expr))
        return true;
    bool binary = a->expr->kind == EXPR_BINARY && b->expr->kind == EXPR_BINARY;
    if (!binary || !is_same(l, a->expr->binary.left, b->expr->binary.left))
        return false;
    struct constants x;
    struct constants y;
    struct dvara_str p;
    struct dvara_str q;
    if (finite_set(a, &x) && finite_set(b, &y) && !sets_meet(&x, &y))
        return true;
    if (finite_set(a, &x) && excluded_set(b, &y) && all_within(&x, &y))
        return true;
    if (finite_set(a, &x) && literal_prefix(b, &p) && !any_starts_with(&x, p))
        return true;
    if (literal_prefix(a, &p) && literal_prefix(b, &q) && !dvara_str_starts_with(p, q) &&
        !dvara_str_starts_with(q, p))
        return true;
    return bounds_exclude(a, b);
}

bool predicates_may_meet(struct linter *l, const struct expr *a, const struct expr *b)
{
    struct conjuncts x = {.n = 0};
    struct conjuncts y = {.n = 0};
    l->fuel = LINT_FUEL;
    if (a)
        split(l, a, false, &x);
    if (b)
        split(l, b, false, &y);
    for (size_t i = 0; i < x.n; i++)
        for (size_t k = 0; k < y.n; k++)
            if (exclude(l, &x.v[i], &y.v[k]) || exclude(l, &y.v[k], &x.v[i]))
                return false;
    return true;
}
