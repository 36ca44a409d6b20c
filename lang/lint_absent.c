/* SPDX-License-Identifier: Apache-2.0 */
/* L0312, "absent means safe": a default that alone makes the condition of a restrictive rule false.
 * The condition is evaluated with the default in place and all else unknown. */
#include "lang/linter.h"

enum truth { UNKNOWN, FALSE, TRUE };

enum { DEFAULTS_MAX = 32 };

struct defaults {
    const struct expr *v[DEFAULTS_MAX]; /* `x ?? constant` */
    size_t n;
};

static const struct expr *see_through(const struct expr *expr)
{
    while (expr->kind == EXPR_PAREN || expr->kind == EXPR_LET)
        expr = expr->kind == EXPR_PAREN ? expr->operand : expr->decl->let.expr;
    return expr;
}

static void add(struct defaults *out, const struct expr *expr)
{
    for (size_t i = 0; i < out->n; i++)
        if (out->v[i] == expr)
            return;
    if (out->n < DEFAULTS_MAX)
        out->v[out->n++] = expr;
}

static void collect(struct linter *l, const struct expr *expr, struct defaults *out)
{
    expr = see_through(expr);
    if (out->n == DEFAULTS_MAX || !lint_step(l))
        return;
    if (expr->kind == EXPR_NOT) {
        collect(l, expr->operand, out);
    } else if (expr->kind == EXPR_BINARY) {
        if (expr->binary.op == BINARY_COALESCE && expr->binary.right->value &&
            type_is_optional(expr->binary.left->type))
            add(out, expr);
        collect(l, expr->binary.left, out);
        collect(l, expr->binary.right, out);
    }
}

static enum truth of_bool(bool value)
{
    return value ? TRUE : FALSE;
}

static enum truth negate(enum truth truth)
{
    return truth == UNKNOWN ? UNKNOWN : truth == TRUE ? FALSE : TRUE;
}

static bool find_part(struct dvara_str text, struct dvara_str part)
{
    return part.n == 0 || (text.n && memmem(text.p, text.n, part.p, part.n) != NULL);
}

/* `value op other`, both known. */
static enum truth apply(enum binary op, const struct constant *value, const struct constant *other)
{
    switch (op) {
    case BINARY_EQ:
        return of_bool(constant_compare(value, other) == 0);
    case BINARY_NE:
        return of_bool(constant_compare(value, other) != 0);
    case BINARY_LT:
        return of_bool(constant_compare(value, other) < 0);
    case BINARY_LE:
        return of_bool(constant_compare(value, other) <= 0);
    case BINARY_GT:
        return of_bool(constant_compare(value, other) > 0);
    case BINARY_GE:
        return of_bool(constant_compare(value, other) >= 0);
    case BINARY_IN:
        return of_bool(constants_contain(&other->list, value));
    case BINARY_NOT_IN:
        return of_bool(!constants_contain(&other->list, value));
    case BINARY_CONTAINS:
        return of_bool(find_part(value->s, other->s));
    case BINARY_STARTS_WITH:
        return of_bool(dvara_str_starts_with(value->s, other->s));
    case BINARY_ENDS_WITH:
        return of_bool(dvara_str_ends_with(value->s, other->s));
    case BINARY_GLOB:
    case BINARY_MATCHES:
    case BINARY_WITHIN:
    case BINARY_COALESCE:
    case BINARY_ADD:
    case BINARY_SUB:
    case BINARY_MUL:
    case BINARY_AND:
    case BINARY_OR:
    case BINARY_COUNT:
        return UNKNOWN;
    }
    return UNKNOWN;
}

static enum truth evaluate(struct linter *l, const struct expr *expr, const struct expr *target);

static enum truth evaluate_binary(struct linter *l, const struct expr *expr,
                                  const struct expr *target)
{
    enum binary op = expr->binary.op;
    const struct expr *left = expr->binary.left;
    const struct expr *right = expr->binary.right;
    if (op == BINARY_AND || op == BINARY_OR) {
        enum truth decisive = op == BINARY_AND ? FALSE : TRUE;
        enum truth a = evaluate(l, left, target);
        enum truth b = a == decisive ? a : evaluate(l, right, target);
        return a == decisive || b == decisive ? decisive : a == b ? a : UNKNOWN;
    }
    const struct constant *value = target->binary.right->value;
    bool is_string = type_is(value->type, DVARA_TYPE_STRING);
    bool needs_string = op == BINARY_CONTAINS || op == BINARY_STARTS_WITH || op == BINARY_ENDS_WITH;
    if (see_through(left) == target && right->value && (is_string || !needs_string))
        return apply(op, value, right->value);
    bool ordered = op >= BINARY_EQ && op <= BINARY_GE;
    if (see_through(right) == target && left->value && ordered)
        return apply(op, left->value, value);
    return UNKNOWN;
}

static enum truth evaluate(struct linter *l, const struct expr *expr, const struct expr *target)
{
    if (!lint_step(l))
        return UNKNOWN;
    expr = see_through(expr);
    if (expr == target) {
        const struct constant *value = target->binary.right->value;
        return type_is(value->type, DVARA_TYPE_BOOL) ? of_bool(value->i != 0) : UNKNOWN;
    }
    if (expr->value && type_is(expr->value->type, DVARA_TYPE_BOOL))
        return of_bool(expr->value->i != 0);
    if (expr->kind == EXPR_NOT)
        return negate(evaluate(l, expr->operand, target));
    return expr->kind == EXPR_BINARY ? evaluate_binary(l, expr, target) : UNKNOWN;
}

static bool is_restrictive(const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_effects; i++) {
        enum dvara_effect kind = rule->effects[i].kind;
        if (kind == DVARA_EFFECT_DENY || kind == DVARA_EFFECT_APPROVAL ||
            kind == DVARA_EFFECT_EXCLUDE || kind == DVARA_EFFECT_REDACT ||
            kind == DVARA_EFFECT_CAP || kind == DVARA_EFFECT_NO_CACHE)
            return true;
    }
    return false;
}

void lint_absent(struct linter *l, const struct decl *decl)
{
    struct defaults defaults = {.n = 0};
    if (!decl->rule.when || !is_restrictive(&decl->rule))
        return;
    l->fuel = LINT_FUEL;
    collect(l, decl->rule.when, &defaults);
    for (size_t i = 0; i < defaults.n; i++) {
        const struct expr *target = defaults.v[i];
        l->fuel = LINT_FUEL;
        if (evaluate(l, decl->rule.when, target) != FALSE)
            continue;
        struct diag *diag =
            lint_add(l, target->span, LINT_ABSENT_MEANS_SAFE, lint_text(l, target->binary.left));
        diag_label(l->diags, diag, decl->name_span, "the rule");
    }
}
