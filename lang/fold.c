/* SPDX-License-Identifier: Apache-2.0 */
/* Constants: fills expr->value where the value does not depend on the exchange. Kleene's tables
 * make `false and x` false whatever x does. */
#include "base/arena.h"
#include "lang/compile.h"
#include "vm/text.h"

#include <math.h>

struct folder {
    struct arena *arena;
    struct diags *diags; /* NULL: what overflows is silent, and stays unknown */
    bool on_texts;       /* functions on text too, which are left to run time otherwise */
};

static void fold_expr(struct folder *f, struct expr *expr);

static void set(struct folder *f, struct expr *expr, struct constant value)
{
    struct constant *constant = ARENA_NEW(f->arena, struct constant);
    if (!constant)
        return;
    *constant = value;
    constant->type = expr->type;
    expr->value = constant;
}

static void set_bool(struct folder *f, struct expr *expr, bool value)
{
    set(f, expr, (struct constant){.i = value});
}

static bool is_bool(const struct expr *expr, bool value)
{
    return expr->value && type_is(expr->value->type, DVARA_TYPE_BOOL) && expr->value->i == value;
}

static void report_overflow(struct folder *f, struct expr *expr)
{
    char name[TYPE_NAME_MAX];
    if (!f->diags)
        return;
    diag_add(f->diags, expr->span, MESSAGE_OVERFLOW,
             dvara_str_from_cstr(type_name(expr->type, name)));
}

static void fold_list(struct folder *f, struct expr *expr)
{
    size_t n = expr->items.n;
    bool known = true;
    for (size_t i = 0; i < n; i++) {
        fold_expr(f, expr->items.v[i]);
        known &= expr->items.v[i]->value != NULL;
    }
    struct constant *values = known ? ARENA_ARRAY(f->arena, n, struct constant) : NULL;
    if (!values)
        return;
    for (size_t i = 0; i < n; i++)
        values[i] = *expr->items.v[i]->value;
    set(f, expr, (struct constant){.list = {values, n}});
}

static void fold_minus(struct folder *f, struct expr *expr)
{
    fold_expr(f, expr->operand);
    const struct constant *operand = expr->operand->value;
    int64_t result;
    if (!operand)
        return;
    if (operand->type.base == DVARA_TYPE_FLOAT)
        set(f, expr, (struct constant){.f = -operand->f});
    else if (__builtin_sub_overflow((int64_t)0, operand->i, &result))
        report_overflow(f, expr);
    else
        set(f, expr, (struct constant){.i = result});
}

static void fold_arithmetic(struct folder *f, struct expr *expr, const struct constant *a,
                            const struct constant *b)
{
    enum binary op = expr->binary.op;
    if (expr->type.base == DVARA_TYPE_FLOAT) {
        double result = op == BINARY_ADD   ? a->f + b->f
                        : op == BINARY_SUB ? a->f - b->f
                                           : a->f * b->f;
        if (!isfinite(result))
            report_overflow(f, expr);
        else
            set(f, expr, (struct constant){.f = result});
        return;
    }
    int64_t result;
    bool overflow = op == BINARY_ADD   ? __builtin_add_overflow(a->i, b->i, &result)
                    : op == BINARY_SUB ? __builtin_sub_overflow(a->i, b->i, &result)
                                       : __builtin_mul_overflow(a->i, b->i, &result);
    if (overflow)
        report_overflow(f, expr);
    else
        set(f, expr, (struct constant){.i = result});
}

/* Both sides are constants; operators on text are left to run time. */
static void fold_constants(struct folder *f, struct expr *expr, const struct constant *a,
                           const struct constant *b)
{
    switch (expr->binary.op) {
    case BINARY_EQ:
        set_bool(f, expr, constant_compare(a, b) == 0);
        return;
    case BINARY_NE:
        set_bool(f, expr, constant_compare(a, b) != 0);
        return;
    case BINARY_LT:
        set_bool(f, expr, constant_compare(a, b) < 0);
        return;
    case BINARY_LE:
        set_bool(f, expr, constant_compare(a, b) <= 0);
        return;
    case BINARY_GT:
        set_bool(f, expr, constant_compare(a, b) > 0);
        return;
    case BINARY_GE:
        set_bool(f, expr, constant_compare(a, b) >= 0);
        return;
    case BINARY_IN:
        set_bool(f, expr, constants_contain(&b->list, a));
        return;
    case BINARY_NOT_IN:
        set_bool(f, expr, !constants_contain(&b->list, a));
        return;
    case BINARY_ADD:
    case BINARY_SUB:
    case BINARY_MUL:
        fold_arithmetic(f, expr, a, b);
        return;
    case BINARY_OR:
    case BINARY_AND:
    case BINARY_CONTAINS:
    case BINARY_STARTS_WITH:
    case BINARY_ENDS_WITH:
    case BINARY_GLOB:
    case BINARY_MATCHES:
    case BINARY_WITHIN:
    case BINARY_COALESCE:
    case BINARY_COUNT:
        return;
    }
}

static void fold_logic(struct folder *f, struct expr *expr)
{
    bool decisive = expr->binary.op == BINARY_OR;
    const struct expr *left = expr->binary.left;
    const struct expr *right = expr->binary.right;
    if (is_bool(left, decisive) || is_bool(right, decisive))
        set_bool(f, expr, decisive);
    else if (left->value && right->value)
        set_bool(f, expr, !decisive);
}

static void fold_binary(struct folder *f, struct expr *expr)
{
    struct expr *left = expr->binary.left;
    struct expr *right = expr->binary.right;
    fold_expr(f, left);
    fold_expr(f, right);
    if (expr->binary.op == BINARY_AND || expr->binary.op == BINARY_OR)
        fold_logic(f, expr);
    else if (expr->binary.op == BINARY_COALESCE && left->value)
        set(f, expr, *left->value);
    else if (left->value && right->value)
        fold_constants(f, expr, left->value, right->value);
}

static void fold_extreme(struct folder *f, struct expr *expr)
{
    const struct constant *a = expr->call.args.v[0]->value;
    const struct constant *b = expr->call.args.v[1]->value;
    if (!a || !b)
        return;
    bool first =
        expr->call.id == FUNCTION_MIN ? constant_compare(a, b) <= 0 : constant_compare(a, b) >= 0;
    set(f, expr, first ? *a : *b);
}

static void fold_abs(struct folder *f, struct expr *expr)
{
    const struct constant *value = expr->call.args.v[0]->value;
    if (!value)
        return;
    if (value->type.base == DVARA_TYPE_FLOAT)
        set(f, expr, (struct constant){.f = fabs(value->f)});
    else if (value->i == INT64_MIN)
        report_overflow(f, expr);
    else
        set(f, expr, (struct constant){.i = value->i < 0 ? -value->i : value->i});
}

static void fold_text(struct folder *f, struct expr *expr, struct dvara_str text)
{
    int64_t points = 0;
    struct dvara_str changed = {0};
    for (size_t i = 0; i < text.n; i++)
        points += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    if (expr->call.id == FUNCTION_LEN) {
        set(f, expr, (struct constant){.i = points});
        return;
    }
    if (expr->call.id == FUNCTION_LOWER)
        changed = text_lower(text, f->arena);
    else if (expr->call.id == FUNCTION_UPPER)
        changed = text_upper(text, f->arena);
    else if (expr->call.id == FUNCTION_TRIM)
        changed = text_trim(text);
    if (!dvara_str_is_absent(changed))
        set(f, expr, (struct constant){.s = changed});
}

static void fold_call(struct folder *f, struct expr *expr)
{
    for (size_t i = 0; i < expr->call.args.n; i++)
        fold_expr(f, expr->call.args.v[i]);
    const struct constant *first = expr->call.args.n ? expr->call.args.v[0]->value : NULL;
    if (expr->call.id == FUNCTION_MIN || expr->call.id == FUNCTION_MAX)
        fold_extreme(f, expr);
    else if (expr->call.id == FUNCTION_ABS)
        fold_abs(f, expr);
    else if (expr->call.id == FUNCTION_LEN && first && type_is_list(first->type))
        set(f, expr, (struct constant){.i = (int64_t)first->list.n});
    else if (f->on_texts && expr->call.args.n == 1 && first &&
             type_is(first->type, DVARA_TYPE_STRING))
        fold_text(f, expr, first->s);
}

static void fold_quantifier(struct folder *f, struct expr *expr)
{
    fold_expr(f, expr->quantifier.over);
    fold_expr(f, expr->quantifier.body);
    const struct constant *over = expr->quantifier.over->value;
    if (!over || over->list.n)
        return;
    if (expr->quantifier.kind == QUANTIFIER_NUMBER)
        set(f, expr, (struct constant){.i = 0});
    else
        set_bool(f, expr, expr->quantifier.kind != QUANTIFIER_ANY);
}

static void fold_literal(struct folder *f, struct expr *expr)
{
    struct constant value = {.i = expr->i};
    if (expr->kind == EXPR_BOOL)
        value.i = expr->boolean;
    else if (expr->kind == EXPR_FLOAT)
        value.f = expr->f;
    else if (expr->kind == EXPR_STRING)
        value.s = expr->string;
    set(f, expr, value);
}

/* Lets are folded in order of use. */
static void fold_let(struct folder *f, struct expr *expr)
{
    (void)f;
    expr->value = expr->decl->let.expr->value;
}

static void fold_not(struct folder *f, struct expr *expr)
{
    fold_expr(f, expr->operand);
    if (expr->operand->value)
        set_bool(f, expr, !expr->operand->value->i);
}

static void fold_paren(struct folder *f, struct expr *expr)
{
    fold_expr(f, expr->operand);
    expr->value = expr->operand->value;
}

static void fold_expr(struct folder *f, struct expr *expr)
{
    static void (*const folds[EXPR_COUNT])(struct folder * f, struct expr * expr) = {
        [EXPR_BOOL] = fold_literal,
        [EXPR_INT] = fold_literal,
        [EXPR_FLOAT] = fold_literal,
        [EXPR_STRING] = fold_literal,
        [EXPR_DURATION] = fold_literal,
        [EXPR_SIZE] = fold_literal,
        [EXPR_MONEY] = fold_literal,
        [EXPR_PERCENT] = fold_literal,
        [EXPR_CLOCK] = fold_literal,
        [EXPR_LIST] = fold_list,
        [EXPR_LET] = fold_let,
        [EXPR_NOT] = fold_not,
        [EXPR_MINUS] = fold_minus,
        [EXPR_PAREN] = fold_paren,
        [EXPR_BINARY] = fold_binary,
        [EXPR_CALL] = fold_call,
        [EXPR_QUANTIFIER] = fold_quantifier,
    };
    if (folds[expr->kind])
        folds[expr->kind](f, expr);
}

static void fold_exprs(struct folder *f, const struct exprs *exprs)
{
    for (size_t i = 0; i < exprs->n; i++)
        fold_expr(f, exprs->v[i]);
}

static void fold_optional(struct folder *f, struct expr *expr)
{
    if (expr)
        fold_expr(f, expr);
}

static void fold_template(struct folder *f, struct template *template)
{
    for (size_t i = 0; template && i < template->n_parts; i++)
        if (template->parts[i].expr)
            fold_expr(f, template->parts[i].expr);
}

static void fold_effect(struct folder *f, struct effect *effect)
{
    switch (effect->kind) {
    case DVARA_EFFECT_CAP:
    case DVARA_EFFECT_SET_MODEL:
    case DVARA_EFFECT_SET_TEMPERATURE:
    case DVARA_EFFECT_SET_USER:
        fold_expr(f, effect->value);
        return;
    case DVARA_EFFECT_SET_HEADER:
        if (effect->header.value)
            fold_expr(f, effect->header.value);
        fold_template(f, effect->header.template);
        return;
    case DVARA_EFFECT_WARN:
        fold_template(f, effect->warn);
        return;
    case DVARA_EFFECT_TAG:
        fold_template(f, effect->tag.value);
        return;
    case DVARA_EFFECT_APPROVAL:
        fold_exprs(f, &effect->approval.binds);
        return;
    case DVARA_EFFECT_DENY:
    case DVARA_EFFECT_EXCLUDE:
    case DVARA_EFFECT_ALLOW:
    case DVARA_EFFECT_REDACT:
    case DVARA_EFFECT_USE_ROUTE:
    case DVARA_EFFECT_NO_CACHE:
    case DVARA_EFFECT_CACHE:
    case DVARA_EFFECT_COUNT:
        return;
    }
}

static void fold_rule(struct folder *f, struct rule *rule)
{
    fold_optional(f, rule->when);
    fold_template(f, rule->reason);
    for (size_t i = 0; i < rule->n_effects; i++)
        fold_effect(f, &rule->effects[i]);
}

static void fold_decl(struct folder *f, struct decl *decl)
{
    switch (decl->kind) {
    case DECL_LET:
        fold_expr(f, decl->let.expr);
        return;
    case DECL_RULE:
        fold_rule(f, &decl->rule);
        return;
    case DECL_ROUTE:
        fold_optional(f, decl->route.match);
        fold_optional(f, decl->route.sticky_by);
        return;
    case DECL_LIMIT:
        fold_optional(f, decl->limit.when);
        fold_exprs(f, &decl->limit.per);
        return;
    case DECL_BUDGET:
        fold_optional(f, decl->budget.when);
        fold_optional(f, decl->budget.zone);
        fold_exprs(f, &decl->budget.per);
        return;
    case DECL_INVARIANT:
        fold_optional(f, decl->invariant.when);
        fold_optional(f, decl->invariant.never);
        return;
    case DECL_RUNTIME_LIST:
    case DECL_DEFAULT:
    case DECL_PROVIDER:
    case DECL_MODEL:
    case DECL_DETECTOR:
    case DECL_GROUP:
    case DECL_TEST:
    case DECL_COUNT:
        return;
    }
}

/* What did not parse, bind or check has no constants, and says nothing of the others'. */
static void fold_decls(struct folder *f, const struct decls *decls)
{
    for (size_t i = 0; i < decls->n; i++)
        if (!decls->v[i]->failed && !decls->v[i]->unbound)
            fold_decl(f, decls->v[i]);
}

const struct constant *fold_one(struct arena *arena, struct expr *expr)
{
    struct folder f = {.arena = arena, .on_texts = true};
    fold_expr(&f, expr);
    return expr->value;
}

void fold(struct program *program, struct diags *diags)
{
    static const uint8_t kinds[] = {DECL_RULE, DECL_ROUTE, DECL_LIMIT, DECL_BUDGET, DECL_INVARIANT};
    struct folder f = {.arena = program->arena, .diags = diags};
    fold_decls(&f, &program->lets);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        fold_decls(&f, &program->by_kind[kinds[i]]);
}
