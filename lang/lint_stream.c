/* SPDX-License-Identifier: Apache-2.0 */
/* L0311: denials on responses that cannot be decided on a growing text. The same judgement decides
 * at run time whether a stream is held back; see R18. */
#include "lang/linter.h"

static bool reads_answer(const struct expr *expr);

static bool any_reads_answer(const struct exprs *exprs)
{
    for (size_t i = 0; i < exprs->n; i++)
        if (reads_answer(exprs->v[i]))
            return true;
    return false;
}

/* Does the value depend on what the model answers? */
static bool reads_answer(const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_ATTRIBUTE: {
        const struct attribute *row = attribute_row(expr->attribute.id);
        bool is_pii = expr->attribute.id >= DVARA_ATTR_PII_FOUND &&
                      expr->attribute.id <= DVARA_ATTR_PII_SCORE;
        return is_pii || row->phases == DVARA_PHASES_RESPONSE;
    }
    case EXPR_LET:
        return expr->decl->let.reads_pii ||
               !(expr->decl->let.expr->phases & ~DVARA_PHASES_RESPONSE);
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_HAS:
    case EXPR_PAREN:
        return reads_answer(expr->operand);
    case EXPR_BINARY:
        return reads_answer(expr->binary.left) || reads_answer(expr->binary.right);
    case EXPR_LIST:
        return any_reads_answer(&expr->items);
    case EXPR_CALL:
        return any_reads_answer(&expr->call.args);
    case EXPR_QUANTIFIER:
        return reads_answer(expr->quantifier.over) || reads_answer(expr->quantifier.body);
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_REGEX:
    case EXPR_DURATION:
    case EXPR_SIZE:
    case EXPR_MONEY:
    case EXPR_PERCENT:
    case EXPR_CLOCK:
    case EXPR_RECORD:
    case EXPR_NAME:
    case EXPR_MEMBER:
    case EXPR_APPLY:
    case EXPR_RUNTIME_LIST:
    case EXPR_BINDING:
    case EXPR_FIELD:
    case EXPR_ERROR:
    case EXPR_COUNT:
        return false;
    }
    return false;
}

static bool is_text(const struct expr *expr)
{
    const struct expr *bare = expr_bare(expr);
    return bare->kind == EXPR_ATTRIBUTE && bare->attribute.id == DVARA_ATTR_RESPONSE_TEXT;
}

static bool is_count(const struct expr *expr)
{
    const struct expr *bare = expr_bare(expr);
    return bare->kind == EXPR_ATTRIBUTE && bare->attribute.id == DVARA_ATTR_PII_COUNT;
}

static const struct expr *blocker(struct linter *l, const struct expr *expr);

static const struct expr *binary_blocker(struct linter *l, const struct expr *expr)
{
    const struct expr *left = expr->binary.left;
    const struct expr *right = expr->binary.right;
    switch (expr->binary.op) {
    case BINARY_AND:
    case BINARY_OR: {
        const struct expr *found = blocker(l, left);
        return found ? found : blocker(l, right);
    }
    case BINARY_GT:
    case BINARY_GE:
        return is_count(left) && !reads_answer(right) ? NULL : expr;
    case BINARY_CONTAINS:
    case BINARY_STARTS_WITH:
    case BINARY_MATCHES:
        return is_text(left) && !reads_answer(right) ? NULL : expr;
    case BINARY_EQ:
    case BINARY_NE:
    case BINARY_LT:
    case BINARY_LE:
    case BINARY_IN:
    case BINARY_NOT_IN:
    case BINARY_ENDS_WITH:
    case BINARY_GLOB:
    case BINARY_WITHIN:
    case BINARY_COALESCE:
    case BINARY_ADD:
    case BINARY_SUB:
    case BINARY_MUL:
    case BINARY_COUNT:
        return expr;
    }
    return expr;
}

/* The first part that keeps the condition from being monotone in the text, or NULL. */
static const struct expr *blocker(struct linter *l, const struct expr *expr)
{
    if (!lint_step(l) || !reads_answer(expr))
        return NULL;
    if (expr->kind == EXPR_PAREN)
        return blocker(l, expr->operand);
    if (expr->kind == EXPR_LET)
        return blocker(l, expr->decl->let.expr) ? expr : NULL;
    if (expr->kind == EXPR_BINARY)
        return binary_blocker(l, expr);
    bool is_found = expr->kind == EXPR_ATTRIBUTE && expr->attribute.id == DVARA_ATTR_PII_FOUND;
    return is_found ? NULL : expr;
}

void lint_stream(struct linter *l, const struct decl *decl)
{
    const struct rule *rule = &decl->rule;
    if (!(rule->phases & DVARA_PHASES_RESPONSE) || !rule->when || rule->on_stream_notify ||
        rule->mode != DVARA_MODE_ENFORCE)
        return;
    for (size_t i = 0; i < rule->n_effects; i++) {
        if (rule->effects[i].kind != DVARA_EFFECT_DENY)
            continue;
        l->fuel = LINT_FUEL;
        const struct expr *found = blocker(l, rule->when);
        if (!found)
            return;
        struct diag *diag =
            lint_add(l, rule->effects[i].span, LINT_STREAM_BUFFERED,
                     DVARA_STR("a later part of the text can change the condition"));
        diag_label(l->diags, diag, found->span, "this is not known before the end");
    }
}
