/* SPDX-License-Identifier: Apache-2.0 */
/* What an expression reads, and what it is a chain of. */
#include "lang/generator.h"

#include "base/arena.h"

#include <assert.h>

static bool any_of(struct generator *generator, const struct exprs *list, expr_test *test)
{
    for (size_t i = 0; i < list->n; i++) {
        if (test(generator, list->v[i]))
            return true;
    }
    return false;
}

bool expr_any_operand(struct generator *generator, const struct expr *expr, expr_test *test)
{
    switch (expr->kind) {
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_HAS:
    case EXPR_PAREN:
        return test(generator, expr->operand);
    case EXPR_FIELD:
        return test(generator, expr->field.base);
    case EXPR_LIST:
        return any_of(generator, &expr->items, test);
    case EXPR_CALL:
        return any_of(generator, &expr->call.args, test);
    case EXPR_QUANTIFIER:
        return test(generator, expr->quantifier.over) || test(generator, expr->quantifier.body);
    case EXPR_BINARY:
        for (; expr->kind == EXPR_BINARY; expr = expr->binary.left) {
            if (expr->binary.right->kind != EXPR_REGEX && test(generator, expr->binary.right))
                return true;
        }
        return test(generator, expr);
    default:
        return false;
    }
}

/* Lets are answered once: a let of lets of lets is a graph, not a tree. */
bool expr_let_is(struct generator *generator, const struct decl *decl, uint8_t *answers,
                 expr_test *test)
{
    enum { UNKNOWN, NO, YES };
    uint8_t *known = &answers[decl->order];
    if (*known == UNKNOWN)
        *known = test(generator, decl->let.expr) ? YES : NO;
    return *known == YES;
}

bool expr_reads_pii(struct generator *generator, const struct expr *expr)
{
    if (expr->kind == EXPR_ATTRIBUTE)
        return expr->attribute.group != NULL;
    if (expr->kind == EXPR_LET)
        return expr_let_is(generator, expr->decl, generator->let_pii, expr_reads_pii);
    return expr_any_operand(generator, expr, expr_reads_pii);
}

bool expr_reads_caller(struct generator *generator, const struct expr *expr)
{
    static_assert(DVARA_ATTR_TENANT_ID < DVARA_ATTR_KEY_ID &&
                      DVARA_ATTR_KEY_ID < DVARA_ATTR_SESSION_ID,
                  "tenant, key and session stand together");
    if (expr->kind == EXPR_ATTRIBUTE)
        return expr->attribute.id >= DVARA_ATTR_TENANT_ID &&
               expr->attribute.id <= DVARA_ATTR_SESSION_COST;
    if (expr->kind == EXPR_LET)
        return expr_let_is(generator, expr->decl, generator->let_caller, expr_reads_caller);
    return expr_any_operand(generator, expr, expr_reads_caller);
}

bool expr_reads_binding(struct generator *generator, const struct expr *expr)
{
    return expr->kind == EXPR_BINDING || expr_any_operand(generator, expr, expr_reads_binding);
}

struct exprs expr_chain(struct arena *arena, const struct expr *expr, enum binary op)
{
    struct exprs chain = {NULL, 0};
    const struct expr *at = expr_bare(expr);
    size_t n = 1;
    for (; at->kind == EXPR_BINARY && at->binary.op == op; at = at->binary.left)
        n++;
    chain.v = ARENA_ARRAY(arena, n, struct expr *);
    if (!chain.v)
        return chain;
    chain.n = n;
    at = expr_bare(expr);
    for (; at->kind == EXPR_BINARY && at->binary.op == op; at = at->binary.left)
        chain.v[--n] = at->binary.right;
    chain.v[0] = (struct expr *)(uintptr_t)at;
    return chain;
}
