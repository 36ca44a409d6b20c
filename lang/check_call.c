/* SPDX-License-Identifier: Apache-2.0 */
/* Built-in functions, and the constant arguments of attributes. */
#include "base/arena.h"
#include "lang/checker.h"
#include "lang/forms.h"
#include "lang/suggest.h"
#include "lang/zone.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

static const struct {
    unsigned low, high;
} arities[FUNCTION_COUNT] = {
#define FUNCTION(id, spelling, low_, high_, what) [FUNCTION_##id] = {.low = low_, .high = high_},
#include "lang/nodes.def"
};

static struct type one(enum dvara_type base)
{
    return (struct type){(uint8_t)base, DVARA_SHAPE_ONE};
}

static struct dvara_str name_text(struct checker *c, const struct expr *expr)
{
    return arena_printf(c->arena, "`%s`", function_spelling(expr->call.id));
}

static bool check_arity(struct checker *c, struct expr *expr)
{
    static const char *const counts[] = {"no argument", "one argument", "two arguments",
                                         "three arguments"};
    size_t n = expr->call.args.n;
    unsigned wanted = arities[expr->call.id].low;
    if (n >= wanted && n <= arities[expr->call.id].high)
        return true;
    char given[32];
    (void)snprintf(given, sizeof given, n == 1 ? "one is" : n == 0 ? "none is" : "%zu are", n);
    diag_add(c->diags, expr->span, MESSAGE_ARGUMENTS,
             dvara_str_from_cstr(function_spelling(expr->call.id)),
             dvara_str_from_cstr(counts[wanted]), dvara_str_from_cstr(given));
    return false;
}

static struct type wrong(struct checker *c, struct expr *expr, const struct expr *arg,
                         const char *wanted)
{
    if (!type_is_error(arg->type))
        diag_add(c->diags, arg->span, MESSAGE_TYPE_MISMATCH, name_text(c, expr),
                 dvara_str_from_cstr(wanted), type_text(c, arg->type));
    return type_error(expr);
}

static const struct expr *literal_string(struct checker *c, const struct expr *expr,
                                         struct expr *arg, const char *what)
{
    const struct expr *bare = expr_bare(arg);
    if (bare->kind == EXPR_STRING)
        return bare;
    diag_add(c->diags, arg->span, MESSAGE_NOT_LITERAL,
             arena_printf(c->arena, "the %s of `%s`", what, function_spelling(expr->call.id)),
             DVARA_STR("a string literal"));
    return NULL;
}

void report_zone(struct checker *c, const struct expr *zone)
{
    struct diag *diag = diag_add(c->diags, zone->span, MESSAGE_BAD_ZONE, zone->string);
    struct suggestion suggestion = suggest_for(c->diags, zone->string);
    zone_suggest(c->arena, &suggestion);
    if (suggestion.best.p)
        diag_fix(c->diags, diag, zone->span,
                 arena_printf(c->arena, "\"%.*s\"", DVARA_STR_ARG(suggestion.best)),
                 "did you mean `%.*s`?", DVARA_STR_ARG(suggestion.best));
    if (access("/usr/share/zoneinfo/UTC", R_OK) != 0)
        diag_help(c->diags, diag, "this machine has no time zone data: install `tzdata`");
}

static bool check_zone(struct checker *c, const struct expr *expr, struct expr *arg)
{
    const struct expr *zone = literal_string(c, expr, arg, "zone");
    if (!zone)
        return false;
    if (zone_exists(zone->string))
        return true;
    report_zone(c, zone);
    return false;
}

static struct type check_len(struct checker *c, struct expr *expr, struct expr *arg)
{
    if (type_is_list(arg->type) || type_is(arg->type, DVARA_TYPE_STRING))
        return one(DVARA_TYPE_INT);
    return wrong(c, expr, arg, "a string or a list");
}

static bool is_number(struct type type)
{
    return type_is(type, DVARA_TYPE_INT) || type_is(type, DVARA_TYPE_FLOAT) ||
           type_is(type, DVARA_TYPE_DURATION) || type_is(type, DVARA_TYPE_SIZE) ||
           type_is(type, DVARA_TYPE_MONEY) || type_is(type, DVARA_TYPE_PERCENT);
}

static struct type check_extreme(struct checker *c, struct expr *expr, struct expr *a,
                                 struct expr *b)
{
    if (!is_number(a->type))
        return wrong(c, expr, a, "numbers, durations, sizes, money or percentages");
    if (type_eq(a->type, b->type) || (type_is(a->type, DVARA_TYPE_FLOAT) && check_widen(b)) ||
        (type_is(b->type, DVARA_TYPE_FLOAT) && check_widen(a)))
        return a->type;
    struct diag *diag = diag_add(c->diags, b->span, MESSAGE_TYPE_MISMATCH, name_text(c, expr),
                                 arena_printf(c->arena, "two of one type, the first is %.*s",
                                              DVARA_STR_ARG(type_text(c, a->type))),
                                 type_text(c, b->type));
    help_with_literal(c, diag, b, a->type.base);
    return type_error(expr);
}

static struct type check_between(struct checker *c, struct expr *expr)
{
    struct expr **args = expr->call.args.v;
    for (int i = 0; i < 2; i++)
        if (!type_is(args[i]->type, DVARA_TYPE_CLOCK))
            return wrong(c, expr, args[i], "times of day such as `09:00`");
    const struct expr *start = expr_bare(args[0]);
    const struct expr *end = expr_bare(args[1]);
    while (start->kind == EXPR_LET)
        start = expr_bare(start->decl->let.expr);
    while (end->kind == EXPR_LET)
        end = expr_bare(end->decl->let.expr);
    if (start->kind == EXPR_CLOCK && end->kind == EXPR_CLOCK && start->i == end->i) {
        diag_add(c->diags, args[1]->span, MESSAGE_OUT_OF_RANGE, DVARA_STR("between"),
                 DVARA_STR("given an end that differs from its start"));
        return type_error(expr);
    }
    return check_zone(c, expr, args[2]) ? one(DVARA_TYPE_BOOL) : type_error(expr);
}

static struct type check_bucket(struct checker *c, struct expr *expr)
{
    struct expr **args = expr->call.args.v;
    const struct expr *n = expr_bare(args[1]);
    if (!type_is(args[0]->type, DVARA_TYPE_STRING))
        return wrong(c, expr, args[0], "a string first");
    if (n->kind != EXPR_INT) {
        diag_add(c->diags, args[1]->span, MESSAGE_NOT_LITERAL, DVARA_STR("the number of buckets"),
                 DVARA_STR("an int literal"));
        return type_error(expr);
    }
    if (n->i < 1 || n->i > 1000000) {
        diag_add(c->diags, args[1]->span, MESSAGE_OUT_OF_RANGE, DVARA_STR("bucket"),
                 DVARA_STR("given a number from 1 to 1000000"));
        return type_error(expr);
    }
    return one(DVARA_TYPE_INT);
}

static struct type check_json(struct checker *c, struct expr *expr)
{
    struct expr **args = expr->call.args.v;
    if (!type_is(args[0]->type, DVARA_TYPE_STRING))
        return wrong(c, expr, args[0], "a string first");
    const struct expr *pointer = literal_string(c, expr, args[1], "pointer");
    if (!pointer)
        return type_error(expr);
    const char *problem = pointer_problem(pointer->string);
    if (problem) {
        diag_add(c->diags, args[1]->span, MESSAGE_BAD_POINTER, pointer->string,
                 dvara_str_from_cstr(problem));
        return type_error(expr);
    }
    return (struct type){DVARA_TYPE_STRING, DVARA_SHAPE_OPT};
}

static struct type check_abs(struct checker *c, struct expr *expr, struct expr *arg)
{
    if (is_number(arg->type) && !type_is(arg->type, DVARA_TYPE_SIZE))
        return arg->type;
    return wrong(c, expr, arg, "a number, duration, money or percentage");
}

static struct type check_function(struct checker *c, struct expr *expr)
{
    struct expr **args = expr->call.args.v;
    switch (expr->call.id) {
    case FUNCTION_LEN:
        return check_len(c, expr, args[0]);
    case FUNCTION_LOWER:
    case FUNCTION_UPPER:
    case FUNCTION_TRIM:
        return type_is(args[0]->type, DVARA_TYPE_STRING) ? args[0]->type
                                                         : wrong(c, expr, args[0], "a string");
    case FUNCTION_MIN:
    case FUNCTION_MAX:
        return check_extreme(c, expr, args[0], args[1]);
    case FUNCTION_ABS:
        return check_abs(c, expr, args[0]);
    case FUNCTION_FIRST:
        if (!type_is_list(args[0]->type) || args[0]->type.base == TYPE_EMPTY)
            return wrong(c, expr, args[0], "a list");
        return (struct type){args[0]->type.base, DVARA_SHAPE_OPT};
    case FUNCTION_HOUR:
        return check_zone(c, expr, args[0]) ? one(DVARA_TYPE_INT) : type_error(expr);
    case FUNCTION_WEEKDAY:
    case FUNCTION_DATE:
        return check_zone(c, expr, args[0]) ? one(DVARA_TYPE_STRING) : type_error(expr);
    case FUNCTION_BETWEEN:
        return check_between(c, expr);
    case FUNCTION_BUCKET:
        return check_bucket(c, expr);
    case FUNCTION_JSON:
        return check_json(c, expr);
    case FUNCTION_COUNT:
        break;
    }
    assert(false);
    return type_error(expr);
}

struct type check_call(struct checker *c, struct expr *expr)
{
    bool failed = false;
    expr->phases = DVARA_PHASES_ALL;
    for (size_t i = 0; i < expr->call.args.n; i++) {
        struct expr *arg = expr->call.args.v[i];
        failed |= type_is_error(check_value(c, arg));
        expr->taint = arg->taint > expr->taint ? arg->taint : expr->taint;
        expr->phases &= arg->phases;
    }
    if (!check_arity(c, expr) || failed)
        return type_error(expr);
    return expr->type = check_function(c, expr);
}
