/* SPDX-License-Identifier: Apache-2.0 */
/* L0312, "absent means safe": a default that alone makes the condition of a restrictive rule false.
 * The condition is evaluated with the default in place and all else unknown. */
#include "lang/address_set.h"
#include "lang/linter.h"
#include "lang/regex.h"
#include "lang/text_pattern.h"

#include "pattern/plain.h"

enum truth { UNKNOWN, FALSE, TRUE };

enum {
    DEFAULTS_MAX = 32,
    DEFAULT_TEXT_MAX = 256 /* of a default that a regular expression is tried on */
};

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

/* `x ?? constant`, x optional. A chain's last default is its own, whoever else may be absent. */
static bool is_default(const struct expr *expr)
{
    return expr->kind == EXPR_BINARY && expr->binary.op == BINARY_COALESCE &&
           expr->binary.right->value && type_is_optional(expr->binary.left->type);
}

static void collect(struct linter *l, const struct expr *expr, struct defaults *out)
{
    expr = see_through(expr);
    if (out->n == DEFAULTS_MAX || !lint_step(l))
        return;
    if (is_default(expr))
        add(out, expr);
    if (expr->kind == EXPR_NOT || expr->kind == EXPR_MINUS) {
        collect(l, expr->operand, out);
    } else if (expr->kind == EXPR_BINARY) {
        collect(l, expr->binary.left, out);
        collect(l, expr->binary.right, out);
    } else if (expr->kind == EXPR_CALL) {
        for (size_t i = 0; i < expr->call.args.n; i++)
            collect(l, expr->call.args.v[i], out);
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

/* ---- values, with the default in place ---- */

static const struct constant *value_of(struct linter *l, const struct expr *expr,
                                       const struct expr *target);

/* A copy of the expression without its operands, for `fold` to make a constant of. */
static const struct constant *fold_copy(struct linter *l, const struct expr *expr,
                                        const struct constant *const *values, size_t n)
{
    struct expr operands[2], *pointers[2] = {&operands[0], &operands[1]}, copy = *expr;
    for (size_t i = 0; i < n; i++)
        operands[i] =
            (struct expr){.kind = EXPR_ERROR, .type = values[i]->type, .value = values[i]};
    copy.value = NULL;
    if (expr->kind == EXPR_MINUS) {
        copy.operand = &operands[0];
    } else if (expr->kind == EXPR_BINARY) {
        copy.binary.left = &operands[0];
        copy.binary.right = &operands[1];
    } else {
        copy.call.args = (struct exprs){pointers, n};
    }
    return fold_one(l->arena, &copy);
}

static const struct constant *value_of_call(struct linter *l, const struct expr *expr,
                                            const struct expr *target)
{
    const struct constant *values[2];
    size_t n = expr->call.args.n;
    if (n == 0 || n > 2)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        values[i] = value_of(l, expr->call.args.v[i], target);
        if (!values[i])
            return NULL;
    }
    return fold_copy(l, expr, values, n);
}

static const struct constant *value_of_binary(struct linter *l, const struct expr *expr,
                                              const struct expr *target)
{
    enum binary op = expr->binary.op;
    /* What stands before a default that stands before the target's: absent as well. */
    if (op == BINARY_COALESCE)
        return type_is_optional(expr->binary.left->type) && !is_default(expr)
                   ? value_of(l, expr->binary.right, target)
                   : NULL;
    if (op != BINARY_ADD && op != BINARY_SUB && op != BINARY_MUL)
        return NULL;
    const struct constant *values[2] = {value_of(l, expr->binary.left, target), NULL};
    values[1] = values[0] ? value_of(l, expr->binary.right, target) : NULL;
    return values[1] ? fold_copy(l, expr, values, 2) : NULL;
}

/* NULL: not known. */
static const struct constant *value_of(struct linter *l, const struct expr *expr,
                                       const struct expr *target)
{
    if (!lint_step(l))
        return NULL;
    expr = see_through(expr);
    if (expr == target)
        return target->binary.right->value;
    if (expr->value)
        return expr->value;
    if (expr->kind == EXPR_CALL)
        return value_of_call(l, expr, target);
    if (expr->kind == EXPR_BINARY)
        return value_of_binary(l, expr, target);
    const struct constant *operand =
        expr->kind == EXPR_MINUS ? value_of(l, expr->operand, target) : NULL;
    return operand ? fold_copy(l, expr, &operand, 1) : NULL;
}

/* ---- truth ---- */

/* An address that does not parse is an error: the rule applies. */
static enum truth lies_within(struct dvara_str text, const struct constants *nets)
{
    struct address_range address, net;
    if (!address_range_of(text, &address))
        return UNKNOWN;
    for (size_t i = 0; i < nets->n; i++)
        if (address_range_of(nets->v[i].s, &net) && address_range_holds(net, address))
            return TRUE;
    return FALSE;
}

/* The naive matcher sees matches that are not empty; what it cannot read is not known. */
static enum truth matches(struct dvara_str text, const struct regex *regex)
{
    uint8_t ends[DEFAULT_TEXT_MAX + 1] = {0};
    struct pattern_facts facts = {0};
    struct pattern_build_error error = {0};
    struct pattern_source source = {.source = regex->text, .flags = regex_pattern_flags(regex)};
    if (text.n > DEFAULT_TEXT_MAX || regex_check(regex, &facts, &error) != DVARA_OK)
        return UNKNOWN;
    if (text.n && !plain_ends(&source, text, true, ends))
        return UNKNOWN;
    for (size_t i = 0; i <= text.n; i++)
        if (ends[i])
            return TRUE;
    return !facts.matches_empty ? FALSE : text.n ? UNKNOWN : TRUE;
}

/* `value op other`, both known. */
static enum truth apply(struct linter *l, enum binary op, const struct constant *value,
                        const struct constant *other)
{
    struct constants one = {other, 1};
    struct text_pattern pattern = {.op = op, .positive = true};
    pattern.values = type_is_list(other->type) ? other->list : one;
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
    case BINARY_STARTS_WITH:
    case BINARY_ENDS_WITH:
    case BINARY_GLOB:
        return type_is(value->type, DVARA_TYPE_STRING)
                   ? of_bool(text_pattern_holds(l->arena, &pattern, value->s))
                   : UNKNOWN;
    case BINARY_WITHIN:
        return lies_within(value->s, &pattern.values);
    case BINARY_MATCHES:
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
    const struct constant *value = value_of(l, left, target);
    if (value && op == BINARY_MATCHES) {
        right = see_through(right);
        return right->kind == EXPR_REGEX ? matches(value->s, &right->regex) : UNKNOWN;
    }
    const struct constant *other = value ? value_of(l, right, target) : NULL;
    return other ? apply(l, op, value, other) : UNKNOWN;
}

static enum truth evaluate(struct linter *l, const struct expr *expr, const struct expr *target)
{
    if (!lint_step(l))
        return UNKNOWN;
    expr = see_through(expr);
    if (expr->kind == EXPR_NOT)
        return negate(evaluate(l, expr->operand, target));
    if (expr->kind == EXPR_BINARY && expr->binary.op != BINARY_COALESCE && !expr->value)
        return evaluate_binary(l, expr, target);
    const struct constant *value = value_of(l, expr, target);
    return value && type_is(value->type, DVARA_TYPE_BOOL) ? of_bool(value->i != 0) : UNKNOWN;
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
