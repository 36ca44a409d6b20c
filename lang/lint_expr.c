/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions that say nothing: needless defaults and `has`, patterns that match everything. */
#include "lang/linter.h"
#include "lang/same.h"

static void lint_binary(struct linter *l, struct expr *expr, bool in_same_chain)
{
    enum binary op = expr->binary.op;
    struct expr *left = expr->binary.left;
    if ((op == BINARY_AND || op == BINARY_OR) && !in_same_chain)
        lint_chain(l, expr);
    if (op >= BINARY_EQ && op <= BINARY_WITHIN)
        lint_comparison(l, expr);
    if (op == BINARY_COALESCE && !type_is_optional(left->type)) {
        struct diag *diag =
            lint_add(l, expr->binary.op_span, LINT_REDUNDANT_COALESCE, lint_text(l, left));
        diag_fix(l->diags, diag, expr->span, lint_source(l, left), "write `%.*s`",
                 DVARA_STR_ARG(lint_text(l, left)));
    }
    if (op == BINARY_WITHIN)
        lint_addresses(l, expr_seen(expr->binary.right));
}

static void lint_has(struct linter *l, const struct expr *expr)
{
    const struct expr *operand = expr_bare(expr->operand);
    if (operand->kind == EXPR_ATTRIBUTE && !operand->narrowed && !type_is_optional(operand->type))
        lint_add(l, expr->span, LINT_REDUNDANT_HAS, lint_text(l, operand));
}

static void walk(struct linter *l, struct expr *expr, enum binary chain)
{
    switch (expr->kind) {
    case EXPR_BINARY:
        lint_binary(l, expr, expr->binary.op == chain);
        walk(l, expr->binary.left, expr->binary.op);
        walk(l, expr->binary.right, expr->binary.op);
        return;
    case EXPR_HAS:
        lint_has(l, expr);
        return;
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_PAREN:
        walk(l, expr->operand, BINARY_COUNT);
        return;
    case EXPR_LIST:
        for (size_t i = 0; i < expr->items.n; i++)
            walk(l, expr->items.v[i], BINARY_COUNT);
        return;
    case EXPR_CALL:
        for (size_t i = 0; i < expr->call.args.n; i++)
            walk(l, expr->call.args.v[i], BINARY_COUNT);
        return;
    case EXPR_QUANTIFIER:
        walk(l, expr->quantifier.over, BINARY_COUNT);
        walk(l, expr->quantifier.body, BINARY_COUNT);
        return;
    case EXPR_REGEX:
        lint_regex(l, &expr->regex);
        return;
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_DURATION:
    case EXPR_SIZE:
    case EXPR_MONEY:
    case EXPR_PERCENT:
    case EXPR_CLOCK:
    case EXPR_RECORD:
    case EXPR_NAME:
    case EXPR_MEMBER:
    case EXPR_APPLY:
    case EXPR_LET:
    case EXPR_RUNTIME_LIST:
    case EXPR_BINDING:
    case EXPR_FIELD:
    case EXPR_ATTRIBUTE:
    case EXPR_ERROR:
    case EXPR_COUNT:
        return;
    }
}

void lint_expr(struct linter *l, struct expr *expr)
{
    walk(l, expr, BINARY_COUNT);
}
