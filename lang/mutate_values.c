/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/mutate_values.h"

#include "base/arena.h"

#include <inttypes.h>

enum { MICRO = 1000000 }; /* micro-dollars in a dollar */

struct values {
    const struct program *program;
    struct arena *arena;
    mutate_on_value *on_value;
    void *user;
};

static void walk(struct values *v, const struct expr *expr);

static struct dvara_str text_of(const struct values *v, struct span span)
{
    return source_slice(v->program->sources.v[span.file], span);
}

/* The literal and a unit of its type more. */
static void raise(struct values *v, const struct expr *expr, const char *unit)
{
    struct dvara_str text = text_of(v, expr->span);
    v->on_value(v->user, expr->span,
                arena_printf(v->arena, "(%.*s + %s)", DVARA_STR_ARG(text), unit));
}

/* One character more, before the closing quote. */
static void lengthen(struct values *v, const struct expr *expr)
{
    struct dvara_str text = text_of(v, expr->span);
    if (text.n < 2)
        return;
    text.n--;
    v->on_value(v->user, expr->span, arena_printf(v->arena, "%.*s~\"", DVARA_STR_ARG(text)));
}

static void literal(struct values *v, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_BOOL:
        v->on_value(v->user, expr->span, expr->boolean ? DVARA_STR("false") : DVARA_STR("true"));
        return;
    case EXPR_INT:
        if (expr->i < INT64_MAX)
            v->on_value(v->user, expr->span, arena_printf(v->arena, "%" PRId64, expr->i + 1));
        return;
    case EXPR_FLOAT:
        raise(v, expr, "1.0");
        return;
    case EXPR_STRING:
        lengthen(v, expr);
        return;
    case EXPR_DURATION:
        raise(v, expr, "1s");
        return;
    case EXPR_SIZE:
        raise(v, expr, "1B");
        return;
    case EXPR_MONEY:
        raise(v, expr, "$0.01");
        return;
    case EXPR_PERCENT:
        raise(v, expr, "1%");
        return;
    default:
        return;
    }
}

static void walk_all(struct values *v, const struct exprs *exprs)
{
    for (size_t i = 0; i < exprs->n; i++)
        walk(v, exprs->v[i]);
}

static void walk(struct values *v, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_PAREN:
        walk(v, expr->operand);
        return;
    case EXPR_BINARY:
        walk(v, expr->binary.left);
        walk(v, expr->binary.right);
        return;
    case EXPR_QUANTIFIER:
        walk(v, expr->quantifier.body);
        return;
    case EXPR_CALL:
        walk_all(v, &expr->call.args);
        return;
    case EXPR_LIST:
        walk_all(v, &expr->items);
        return;
    default:
        literal(v, expr);
    }
}

static void walk_rule(struct values *v, const struct rule *rule)
{
    if (rule->when)
        walk(v, rule->when);
    for (size_t i = 0; i < rule->n_effects; i++) {
        const struct effect *effect = &rule->effects[i];
        bool has_value =
            effect->kind == DVARA_EFFECT_CAP ||
            (effect->kind >= DVARA_EFFECT_SET_MODEL && effect->kind <= DVARA_EFFECT_SET_USER);
        if (has_value)
            walk(v, effect->value);
    }
}

/* Twice as much: what is left of a budget, and the share used, follow from it. */
static void walk_budget(struct values *v, const struct budget *budget)
{
    int64_t twice = budget->amount.i > INT64_MAX / 2 ? budget->amount.i : budget->amount.i * 2;
    v->on_value(v->user, budget->amount.span,
                arena_printf(v->arena, "$%" PRId64 ".%06" PRId64, twice / MICRO, twice % MICRO));
}

void mutate_values(const struct program *program, const struct decl *decl, struct arena *arena,
                   mutate_on_value *on_value, void *user)
{
    struct values v = {program, arena, on_value, user};
    if (decl->kind == DECL_RULE)
        walk_rule(&v, &decl->rule);
    else if (decl->kind == DECL_ROUTE && decl->route.match)
        walk(&v, decl->route.match);
    else if (decl->kind == DECL_LET)
        walk(&v, decl->let.expr);
    else if (decl->kind == DECL_BUDGET)
        walk_budget(&v, &decl->budget);
}
