/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "lang/checker.h"

static const struct fact *add(struct checker *c, const struct expr *attribute,
                              const struct fact *facts)
{
    struct fact *fact = ARENA_NEW(c->arena, struct fact);
    if (!fact)
        return facts;
    *fact = (struct fact){
        .id = attribute->attribute.id, .arg = attribute->attribute.arg, .next = facts};
    return fact;
}

/* `facts` and what is known besides once expr is known to be `truth`. */
const struct fact *facts_when(struct checker *c, const struct expr *expr, bool truth,
                              const struct fact *facts)
{
    while (expr->kind == EXPR_PAREN || expr->kind == EXPR_NOT) {
        truth = expr->kind == EXPR_NOT ? !truth : truth;
        expr = expr->operand;
    }
    if (expr->kind == EXPR_HAS) {
        const struct expr *operand = expr_bare(expr->operand);
        return truth && operand->kind == EXPR_ATTRIBUTE ? add(c, operand, facts) : facts;
    }
    if (expr->kind != EXPR_BINARY)
        return facts;
    enum binary both = truth ? BINARY_AND : BINARY_OR;
    if (expr->binary.op != both)
        return facts;
    return facts_when(c, expr->binary.right, truth, facts_when(c, expr->binary.left, truth, facts));
}

bool facts_have(const struct fact *facts, const struct expr *attribute)
{
    for (; facts; facts = facts->next)
        if (facts->id == attribute->attribute.id &&
            dvara_str_eq(facts->arg, attribute->attribute.arg))
            return true;
    return false;
}
