/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/same.h"

#include "lang/ast.h"

enum { VISITS_MAX = 2000 }; /* lets of lets are a graph: give up rather than walk it as a tree */

/* Elements of open quantifiers that correspond. */
struct pair {
    const struct binding *a;
    const struct binding *b;
    const struct pair *outer;
};

struct comparison {
    unsigned visits;
};

const struct expr *expr_seen(const struct expr *expr)
{
    while (expr->kind == EXPR_PAREN || expr->kind == EXPR_LET)
        expr = expr->kind == EXPR_PAREN ? expr->operand : expr->decl->let.expr;
    return expr;
}

static bool same(struct comparison *c, const struct expr *a, const struct expr *b,
                 const struct pair *pairs);

static bool same_constants(const struct constant *a, const struct constant *b)
{
    if (!type_eq(a->type, b->type))
        return false;
    if (!type_is_list(a->type))
        return constant_compare(a, b) == 0;
    if (a->list.n != b->list.n)
        return false;
    for (size_t i = 0; i < a->list.n; i++)
        if (constant_compare(&a->list.v[i], &b->list.v[i]) != 0)
            return false;
    return true;
}

static bool same_exprs(struct comparison *c, const struct exprs *a, const struct exprs *b,
                       const struct pair *pairs)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!same(c, a->v[i], b->v[i], pairs))
            return false;
    return true;
}

static bool same_binding(const struct expr *a, const struct expr *b, const struct pair *pairs)
{
    for (; pairs; pairs = pairs->outer)
        if (pairs->a == a->binding || pairs->b == b->binding)
            return pairs->a == a->binding && pairs->b == b->binding;
    return a->binding == b->binding;
}

static bool same_attribute(const struct expr *a, const struct expr *b)
{
    return a->attribute.id == b->attribute.id && dvara_str_eq(a->attribute.arg, b->attribute.arg) &&
           a->attribute.group == b->attribute.group;
}

static bool same_quantifier(struct comparison *c, const struct expr *a, const struct expr *b,
                            const struct pair *pairs)
{
    const struct pair inner = {a->quantifier.binding, b->quantifier.binding, pairs};
    return a->quantifier.kind == b->quantifier.kind &&
           same(c, a->quantifier.over, b->quantifier.over, pairs) &&
           same(c, a->quantifier.body, b->quantifier.body, &inner);
}

static bool same_kind(struct comparison *c, const struct expr *a, const struct expr *b,
                      const struct pair *pairs)
{
    switch (a->kind) {
    case EXPR_RUNTIME_LIST:
        return a->decl == b->decl;
    case EXPR_BINDING:
        return same_binding(a, b, pairs);
    case EXPR_FIELD:
        return a->field.id == b->field.id && same(c, a->field.base, b->field.base, pairs);
    case EXPR_ATTRIBUTE:
        return same_attribute(a, b);
    case EXPR_CALL:
        return a->call.id == b->call.id && same_exprs(c, &a->call.args, &b->call.args, pairs);
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_HAS:
        return same(c, a->operand, b->operand, pairs);
    case EXPR_BINARY:
        return a->binary.op == b->binary.op && same(c, a->binary.left, b->binary.left, pairs) &&
               same(c, a->binary.right, b->binary.right, pairs);
    case EXPR_QUANTIFIER:
        return same_quantifier(c, a, b, pairs);
    case EXPR_REGEX:
        return a->regex.flags == b->regex.flags && dvara_str_eq(a->regex.text, b->regex.text);
    case EXPR_LIST:
        return same_exprs(c, &a->items, &b->items, pairs);
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
    case EXPR_PAREN:
    case EXPR_ERROR:
    case EXPR_COUNT:
        return false;
    }
    return false;
}

static bool same(struct comparison *c, const struct expr *a, const struct expr *b,
                 const struct pair *pairs)
{
    a = expr_seen(a);
    b = expr_seen(b);
    if (++c->visits > VISITS_MAX)
        return false;
    if (a->value && b->value)
        return same_constants(a->value, b->value);
    if (a == b && !pairs)
        return true;
    return a->kind == b->kind && same_kind(c, a, b, pairs);
}

bool expr_same(const struct expr *a, const struct expr *b)
{
    struct comparison c = {0};
    return same(&c, a, b, NULL);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 32;
}

static uint64_t mix_text(uint64_t h, struct dvara_str text)
{
    for (size_t i = 0; i < text.n; i++)
        h = mix(h, (unsigned char)text.p[i]);
    return mix(h, text.n);
}

static uint64_t constant_hash(const struct constant *c)
{
    if (type_is_list(c->type))
        return mix(7, c->list.n);
    if (c->type.base == DVARA_TYPE_STRING)
        return mix_text(11, c->s);
    return c->type.base == DVARA_TYPE_FLOAT ? 13 : mix(17, (uint64_t)c->i);
}

/* As deep as is worth it: what lies deeper does not count. */
static uint64_t hash_at(const struct expr *expr, unsigned depth)
{
    expr = expr_seen(expr);
    if (expr->value)
        return constant_hash(expr->value);
    uint64_t h = mix(1, expr->kind);
    if (depth == 0)
        return h;
    if (expr->kind == EXPR_ATTRIBUTE)
        return mix_text(mix(h, expr->attribute.id), expr->attribute.arg);
    if (expr->kind == EXPR_FIELD)
        return mix(h, expr->field.id);
    if (expr->kind == EXPR_CALL) {
        h = mix(h, expr->call.id);
        for (size_t i = 0; i < expr->call.args.n; i++)
            h = mix(h, hash_at(expr->call.args.v[i], depth - 1));
        return h;
    }
    if (expr->kind == EXPR_BINARY)
        return mix(mix(mix(h, expr->binary.op), hash_at(expr->binary.left, depth - 1)),
                   hash_at(expr->binary.right, depth - 1));
    return h;
}

uint64_t expr_hash(const struct expr *expr)
{
    return hash_at(expr, 4);
}
