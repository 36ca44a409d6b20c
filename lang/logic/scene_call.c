/* SPDX-License-Identifier: Apache-2.0 */
/* Functions. What a text function makes of a text is a function of that text, and no more is said
 * of it; the wall clock of a zone is a number of minutes. */
#include "lang/logic/scene.h"

#include "base/arena.h"
#include "lang/quote.h"
#include "lang/same.h"

enum { LABEL_MAX = 160, DAY_MINUTES = 1440 };

static struct dvara_str label_of(struct scene *scene, const struct expr *expr)
{
    return quote(scene->program, scene->script->arena, expr->span, LABEL_MAX);
}

static struct term plain(struct dvara_str value)
{
    return (struct term){value, SCRIPT_TRUE, SCRIPT_FALSE};
}

/* lower, upper, trim: likely the text as it is. */
static struct term changed(struct scene *scene, const struct expr *expr, struct dvara_str key)
{
    struct script *script = scene->script;
    struct term a = scene_term(scene, expr->call.args.v[0]);
    struct asked asked = {.kind = ASKED_FREE, .sort = SORT_STRING, .label = label_of(scene, expr)};
    bool new;
    if (!a.value.p)
        return scene_free(scene, expr);
    struct dvara_str value = script_apply(script, key, SORT_STRING, a.value, asked, &new);
    if (new)
        script_assert(script, LEVEL_CALM, script_two(script, "=", value, a.value));
    return (struct term){value, SCRIPT_TRUE, a.errs};
}

static struct term length(struct scene *scene, const struct expr *expr)
{
    const struct expr *of = expr_seen(expr->call.args.v[0]);
    if (!type_is_list(of->type)) {
        struct term a = scene_term(scene, of);
        if (!a.value.p)
            return scene_free(scene, expr);
        a.value = arena_printf(scene->script->arena, "(str.len %.*s)", DVARA_STR_ARG(a.value));
        return a;
    }
    if (of->kind != EXPR_ATTRIBUTE && of->kind != EXPR_RUNTIME_LIST)
        return scene_free(scene, expr);
    struct term term = {.present = SCRIPT_TRUE};
    term.value = scene_length(scene, of, &term.errs);
    return term;
}

static struct term lesser(struct scene *scene, const struct expr *expr, const char *op)
{
    struct script *script = scene->script;
    enum sort sort = scene_sort(expr->type);
    struct term a = scene_term(scene, expr->call.args.v[0]);
    struct term b = scene_term(scene, expr->call.args.v[1]);
    bool alike = scene_sort(expr->call.args.v[0]->type) == sort &&
                 scene_sort(expr->call.args.v[1]->type) == sort;
    if (!a.value.p || !b.value.p || !alike || (sort != SORT_INT && sort != SORT_REAL))
        return scene_free(scene, expr);
    struct dvara_str first =
        script_name(script, SORT_BOOL, script_two(script, op, a.value, b.value));
    return (struct term){script_if(script, sort, first, a.value, b.value), SCRIPT_TRUE,
                         script_or(script, a.errs, b.errs)};
}

static struct dvara_str clock_of(struct scene *scene, struct dvara_str zone)
{
    struct script *script = scene->script;
    struct asked asked = {.kind = ASKED_CLOCK, .sort = SORT_INT, .arg = zone};
    bool new;
    struct dvara_str key = arena_printf(script->arena, "clock.%.*s", DVARA_STR_ARG(zone));
    struct dvara_str clock = script_constant(script, key, asked, &new);
    if (new)
        script_assert(
            script, LEVEL_ALL,
            script_three(script, "<=", DVARA_STR("0"), clock, script_int(script, DAY_MINUTES - 1)));
    return clock;
}

static struct term hour(struct scene *scene, struct dvara_str zone)
{
    return plain(script_two(scene->script, "div", clock_of(scene, zone), DVARA_STR("60")));
}

static struct term weekday(struct scene *scene, struct dvara_str zone)
{
    static const struct dvara_str days[] = {
        DVARA_STR_INIT("mon"), DVARA_STR_INIT("tue"), DVARA_STR_INIT("wed"), DVARA_STR_INIT("thu"),
        DVARA_STR_INIT("fri"), DVARA_STR_INIT("sat"), DVARA_STR_INIT("sun")};
    struct script *script = scene->script;
    struct asked asked = {.kind = ASKED_WEEKDAY, .sort = SORT_INT, .arg = zone};
    bool new;
    struct dvara_str key = arena_printf(script->arena, "weekday.%.*s", DVARA_STR_ARG(zone));
    struct dvara_str number = script_constant(script, key, asked, &new);
    struct dvara_str word = script_string(script, days[6]);
    if (new)
        script_assert(script, LEVEL_ALL,
                      script_three(script, "<=", DVARA_STR("0"), number, DVARA_STR("6")));
    for (int i = 5; i >= 0; i--)
        word =
            script_if(script, SORT_STRING, script_two(script, "=", number, script_int(script, i)),
                      script_string(script, days[i]), word);
    return plain(word);
}

static struct term date(struct scene *scene, struct dvara_str zone)
{
    struct asked asked = {.kind = ASKED_DATE, .sort = SORT_STRING, .arg = zone};
    struct dvara_str key = arena_printf(scene->script->arena, "date.%.*s", DVARA_STR_ARG(zone));
    return plain(script_constant(scene->script, key, asked, NULL));
}

static struct term between(struct scene *scene, const struct expr *expr)
{
    struct script *script = scene->script;
    const struct constant *from = expr->call.args.v[0]->value, *to = expr->call.args.v[1]->value;
    const struct constant *zone = expr->call.args.v[2]->value;
    if (!from || !to || !zone)
        return scene_free(scene, expr);
    struct dvara_str clock = clock_of(scene, zone->s);
    struct dvara_str after = script_two(script, ">=", clock, script_int(script, from->i));
    struct dvara_str before = script_two(script, "<", clock, script_int(script, to->i));
    return plain(from->i < to->i ? script_and(script, after, before)
                                 : script_or(script, after, before));
}

static struct term bucket(struct scene *scene, const struct expr *expr)
{
    struct script *script = scene->script;
    struct term a = scene_term(scene, expr->call.args.v[0]);
    const struct constant *n = expr->call.args.v[1]->value;
    struct asked asked = {.kind = ASKED_FREE, .sort = SORT_INT, .label = label_of(scene, expr)};
    bool new;
    if (!a.value.p || !n)
        return scene_free(scene, expr);
    struct dvara_str key = arena_printf(script->arena, "bucket.%lld", (long long)n->i);
    struct dvara_str value = script_apply(script, key, SORT_STRING, a.value, asked, &new);
    if (new)
        script_assert(
            script, LEVEL_ALL,
            script_three(script, "<=", DVARA_STR("0"), value, script_int(script, n->i - 1)));
    return (struct term){value, SCRIPT_TRUE, a.errs};
}

static struct term absolute(struct scene *scene, const struct expr *expr)
{
    struct script *script = scene->script;
    struct term a = scene_term(scene, expr->call.args.v[0]);
    if (!a.value.p || scene_sort(expr->type) != SORT_INT)
        return scene_free(scene, expr);
    struct dvara_str least = script_two(script, "=", a.value, script_int(script, INT64_MIN));
    struct dvara_str value = arena_printf(script->arena, "(abs %.*s)", DVARA_STR_ARG(a.value));
    struct dvara_str errs = script_or(script, a.errs, script_name(script, SORT_BOOL, least));
    errs = script_or(script, errs,
                     scene_fault(scene, DVARA_ERROR_ARITHMETIC, DVARA_STR("arithmetic")));
    return (struct term){script_name(script, SORT_INT, value), SCRIPT_TRUE, errs};
}

struct term scene_call(struct scene *scene, const struct expr *expr)
{
    const struct constant *zone =
        expr->call.args.n == 1 ? expr_seen(expr->call.args.v[0])->value : NULL;
    switch (expr->call.id) {
    case FUNCTION_LEN:
        return length(scene, expr);
    case FUNCTION_LOWER:
        return changed(scene, expr, DVARA_STR("lower"));
    case FUNCTION_UPPER:
        return changed(scene, expr, DVARA_STR("upper"));
    case FUNCTION_TRIM:
        return changed(scene, expr, DVARA_STR("trim"));
    case FUNCTION_MIN:
        return lesser(scene, expr, "<=");
    case FUNCTION_MAX:
        return lesser(scene, expr, ">=");
    case FUNCTION_ABS:
        return absolute(scene, expr);
    case FUNCTION_HOUR:
        return zone ? hour(scene, zone->s) : scene_free(scene, expr);
    case FUNCTION_WEEKDAY:
        return zone ? weekday(scene, zone->s) : scene_free(scene, expr);
    case FUNCTION_DATE:
        return zone ? date(scene, zone->s) : scene_free(scene, expr);
    case FUNCTION_BETWEEN:
        return between(scene, expr);
    case FUNCTION_BUCKET:
        return bucket(scene, expr);
    case FUNCTION_FIRST:
    case FUNCTION_JSON:
    case FUNCTION_COUNT:
        break;
    }
    return scene_free(scene, expr);
}
