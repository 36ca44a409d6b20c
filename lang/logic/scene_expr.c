/* SPDX-License-Identifier: Apache-2.0 */
/* Operators. Every operand that errs makes its operation err, but for Kleene's connectives. */
#include "lang/logic/scene.h"

#include "base/arena.h"
#include "lang/quote.h"
#include "lang/same.h"

enum { LIST_WRITTEN_MAX = 4096, LABEL_MAX = 160 };

static struct term term_of(struct formula formula)
{
    return (struct term){formula.holds, SCRIPT_TRUE, formula.errs};
}

static struct formula formula_from(const struct term *term)
{
    return (struct formula){term->value, term->errs};
}

static struct term truth(struct scene *scene, struct dvara_str holds, struct dvara_str errs)
{
    return term_of(formula_make(scene->script, holds, errs));
}

/* ---- what nothing is known of ---- */

typedef bool attribute_test(const struct scene *scene, const struct expr *attribute);

static bool reads(const struct scene *scene, const struct expr *expr, attribute_test *test);

static bool any_reads(const struct scene *scene, const struct exprs *exprs, attribute_test *test)
{
    for (size_t i = 0; i < exprs->n; i++)
        if (reads(scene, exprs->v[i], test))
            return true;
    return false;
}

static bool reads(const struct scene *scene, const struct expr *expr, attribute_test *test)
{
    expr = expr_seen(expr);
    switch (expr->kind) {
    case EXPR_ATTRIBUTE:
        return test(scene, expr);
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_HAS:
        return reads(scene, expr->operand, test);
    case EXPR_FIELD:
        return reads(scene, expr->field.base, test);
    case EXPR_LIST:
        return any_reads(scene, &expr->items, test);
    case EXPR_CALL:
        return any_reads(scene, &expr->call.args, test);
    case EXPR_BINARY:
        return reads(scene, expr->binary.left, test) || reads(scene, expr->binary.right, test);
    case EXPR_QUANTIFIER:
        return reads(scene, expr->quantifier.over, test) ||
               reads(scene, expr->quantifier.body, test);
    default:
        return false;
    }
}

/* Has this scene changed it? Then what reads it is not the same as in another scene. */
static bool is_set(const struct scene *scene, const struct expr *attribute)
{
    enum dvara_attribute id = attribute->attribute.id;
    return !dvara_str_is_absent(scene->set[id].value) ||
           (id == DVARA_ATTR_REQUEST_HEADER && scene->headers) ||
           (attribute->attribute.group && scene->phase > DVARA_PHASE_TARGET);
}

/* Another policy's budget of the name may be another one. */
static bool is_budget(const struct scene *scene, const struct expr *attribute)
{
    (void)scene;
    return attribute->attribute.id == DVARA_ATTR_BUDGET_USED ||
           attribute->attribute.id == DVARA_ATTR_BUDGET_LEFT;
}

/* One that is the same by its form has the same key. */
static struct dvara_str key_of(struct scene *scene, const struct expr *expr)
{
    struct script *script = scene->script;
    uint32_t version = reads(scene, expr, is_set) ? scene->version : 0;
    struct dvara_str key = {NULL, 0};
    for (size_t i = 0; i < script->n_frees && !key.p; i++)
        if (expr_same(script->frees[i], expr))
            key = arena_printf(script->arena, "free.%zu.%u", i, version);
    if (!key.p)
        key = script_add_free(script, expr, version);
    if (!reads(scene, expr, is_budget))
        return key;
    return arena_printf(script->arena, "%.*s.%016llx", DVARA_STR_ARG(key),
                        (unsigned long long)scene_budgets_mark(scene->program));
}

static struct dvara_str label_of(struct scene *scene, const struct expr *expr)
{
    return quote(scene->program, scene->script->arena, expr->span, LABEL_MAX);
}

struct term scene_free(struct scene *scene, const struct expr *expr)
{
    struct script *script = scene->script;
    struct dvara_str key = key_of(scene, expr);
    struct asked asked = {.kind = ASKED_FREE, .sort = scene_sort(expr->type)};
    struct term term = {.present = SCRIPT_TRUE};
    asked.label = label_of(scene, expr);
    term.value = script_constant(script, key, asked, NULL);
    asked.sort = SORT_BOOL;
    struct dvara_str err = arena_printf(script->arena, "errs.%.*s", DVARA_STR_ARG(key));
    bool new;
    term.errs = script_constant(script, err, asked, &new);
    if (new)
        script_assert(script, LEVEL_CALM, script_not(script, term.errs));
    if (expr->type.shape == DVARA_SHAPE_OPT) {
        struct dvara_str has = arena_printf(script->arena, "has.%.*s", DVARA_STR_ARG(key));
        term.present = script_constant(script, has, asked, NULL);
    }
    if (scene_sort(expr->type) == SORT_BOOL)
        term.value = script_and(script, term.value, script_not(script, term.errs));
    return term;
}

/* ---- comparisons ---- */

static struct dvara_str compare(struct scene *scene, enum binary op, enum sort sort,
                                struct dvara_str a, struct dvara_str b)
{
    struct script *script = scene->script;
    if (op == BINARY_EQ || op == BINARY_NE) {
        struct dvara_str equal =
            sort == SORT_STRING ? script_same(script, a, b) : script_equal(script, a, b);
        return op == BINARY_EQ ? equal : script_not(script, equal);
    }
    const char *spelling = op == BINARY_LT   ? "<"
                           : op == BINARY_LE ? "<="
                           : op == BINARY_GT ? ">"
                                             : ">=";
    if (sort == SORT_INT || sort == SORT_REAL)
        return script_name(script, SORT_BOOL, script_two(script, spelling, a, b));
    return (struct dvara_str){NULL, 0};
}

/* An int where a float is compared. */
static struct dvara_str as_sort(struct scene *scene, const struct expr *expr,
                                struct dvara_str value, enum sort sort)
{
    if (sort == SORT_REAL && scene_sort(expr->type) == SORT_INT)
        return arena_printf(scene->script->arena, "(to_real %.*s)", DVARA_STR_ARG(value));
    return value;
}

static struct term comparison(struct scene *scene, const struct expr *expr)
{
    struct term a = scene_term(scene, expr->binary.left);
    struct term b = scene_term(scene, expr->binary.right);
    enum sort sort = scene_sort(expr->binary.left->type);
    if (scene_sort(expr->binary.right->type) == SORT_REAL)
        sort = SORT_REAL;
    struct dvara_str holds = {NULL, 0};
    if (a.value.p && b.value.p)
        holds =
            compare(scene, expr->binary.op, sort, as_sort(scene, expr->binary.left, a.value, sort),
                    as_sort(scene, expr->binary.right, b.value, sort));
    if (dvara_str_is_absent(holds))
        return scene_free(scene, expr);
    return truth(scene, holds, script_or(scene->script, a.errs, b.errs));
}

/* ---- lists ---- */

static bool is_live_list(const struct expr *list)
{
    return list->kind == EXPR_RUNTIME_LIST ||
           (list->kind == EXPR_ATTRIBUTE &&
            attribute_row(list->attribute.id)->type.base == DVARA_TYPE_STRING);
}

static struct term among_constants(struct scene *scene, const struct expr *expr,
                                   const struct expr *item, const struct constants *list)
{
    struct term a = scene_term(scene, item);
    struct dvara_str any = SCRIPT_FALSE;
    enum sort sort = scene_sort(item->type);
    if (list->n && scene_sort(list->v[0].type) == SORT_REAL)
        sort = SORT_REAL;
    if (list->n > LIST_WRITTEN_MAX || !a.value.p)
        return scene_free(scene, expr);
    for (size_t i = 0; i < list->n; i++) {
        struct dvara_str one = scene_constant(scene, &list->v[i]);
        if (dvara_str_is_absent(one))
            return scene_free(scene, expr);
        struct dvara_str own = as_sort(scene, item, a.value, sort);
        any = script_or(scene->script, any, compare(scene, BINARY_EQ, sort, own, one));
    }
    return truth(scene, any, a.errs);
}

/* Elements that are no constants: x == a or x == b, and an error where one errs undecided. */
static struct term among_parts(struct scene *scene, const struct expr *expr,
                               const struct expr *item, const struct expr *list)
{
    struct term a = scene_term(scene, item);
    struct formula any = formula_of(false);
    for (size_t i = 0; i < list->items.n; i++) {
        struct term b = scene_term(scene, list->items.v[i]);
        if (!a.value.p || !b.value.p ||
            scene_sort(item->type) != scene_sort(list->items.v[i]->type))
            return scene_free(scene, expr);
        struct dvara_str equal =
            compare(scene, BINARY_EQ, scene_sort(item->type), a.value, b.value);
        any = formula_or(
            scene->script, any,
            formula_make(scene->script, equal, script_or(scene->script, a.errs, b.errs)));
    }
    if (list->items.n == 0)
        any = formula_make(scene->script, SCRIPT_FALSE, a.errs);
    return term_of(any);
}

static struct term membership(struct scene *scene, const struct expr *expr, const struct expr *item,
                              const struct expr *list)
{
    const struct expr *seen = expr_seen(list);
    if (seen->value)
        return among_constants(scene, expr, item, &seen->value->list);
    if (seen->kind == EXPR_LIST)
        return among_parts(scene, expr, item, seen);
    if (!is_live_list(seen) || scene_sort(item->type) != SORT_STRING)
        return scene_free(scene, expr);
    struct term a = scene_term(scene, item);
    if (!a.value.p)
        return scene_free(scene, expr);
    struct term found = scene_member(scene, seen, a.value);
    return truth(scene, found.value, script_or(scene->script, found.errs, a.errs));
}

static struct term not_term(struct scene *scene, struct term term)
{
    return term_of(formula_not(scene->script, formula_from(&term)));
}

/* ---- text ---- */

static struct constants constants_of(const struct expr *expr)
{
    const struct constant *value = expr_seen(expr)->value;
    if (!value)
        return (struct constants){NULL, 0};
    return type_is_list(value->type) ? value->list : (struct constants){value, 1};
}

static struct term glob(struct scene *scene, const struct expr *expr)
{
    struct term text = scene_term(scene, expr->binary.left);
    struct constants globs = constants_of(expr->binary.right);
    struct dvara_str any = SCRIPT_FALSE;
    for (size_t i = 0; text.value.p && i < globs.n; i++) {
        struct dvara_str one = scene_glob(scene, text.value, globs.v[i].s);
        if (dvara_str_is_absent(one))
            return scene_free(scene, expr);
        any = script_or(scene->script, any, one);
    }
    return text.value.p ? truth(scene, any, text.errs) : scene_free(scene, expr);
}

static struct term on_text(struct scene *scene, const struct expr *expr)
{
    struct script *script = scene->script;
    struct term a = scene_term(scene, expr->binary.left);
    struct term b = scene_term(scene, expr->binary.right);
    if (!a.value.p || !b.value.p)
        return scene_free(scene, expr);
    struct dvara_str holds =
        expr->binary.op == BINARY_CONTAINS      ? script_holds(script, a.value, b.value)
        : expr->binary.op == BINARY_STARTS_WITH ? script_starts(script, a.value, b.value)
                                                : script_ends(script, a.value, b.value);
    return truth(scene, holds, script_or(script, a.errs, b.errs));
}

static struct term matches(struct scene *scene, const struct expr *expr)
{
    struct term text = scene_term(scene, expr->binary.left);
    if (!text.value.p)
        return scene_free(scene, expr);
    struct dvara_str holds = scene_matches(scene, text.value, expr_seen(expr->binary.right), expr);
    struct dvara_str key = /* one text may be too long to be searched, and another not */
        arena_printf(scene->script->arena, "matches.%.*s", DVARA_STR_ARG(text.value));
    struct dvara_str fault = scene_fault(scene, DVARA_ERROR_SCAN, key);
    return truth(scene, holds, script_or(scene->script, text.errs, fault));
}

static struct term within(struct scene *scene, const struct expr *expr)
{
    struct term text = scene_term(scene, expr->binary.left);
    struct constants networks = constants_of(expr->binary.right);
    if (!text.value.p)
        return scene_free(scene, expr);
    struct term found = scene_within(scene, text.value, &networks);
    return truth(scene, found.value, script_or(scene->script, text.errs, found.errs));
}

/* ---- arithmetic ---- */

/* With the range of an int. */
static struct term whole(struct scene *scene, struct dvara_str value, struct dvara_str errs)
{
    struct script *script = scene->script;
    value = script_name(script, SORT_INT, value);
    struct dvara_str fits = script_name(script, SORT_BOOL,
                                        script_three(script, "<=", script_int(script, INT64_MIN),
                                                     value, script_int(script, INT64_MAX)));
    errs = script_or(script, errs, script_not(script, fits));
    errs = script_or(script, errs,
                     scene_fault(scene, DVARA_ERROR_ARITHMETIC, DVARA_STR("arithmetic")));
    return (struct term){value, SCRIPT_TRUE, errs};
}

static struct term arithmetic(struct scene *scene, const struct expr *expr)
{
    struct script *script = scene->script;
    const struct expr *left = expr->binary.left, *right = expr->binary.right;
    static const char *const spellings[] = {"+", "-", "*"};
    bool linear = expr->binary.op != BINARY_MUL || left->value || right->value;
    if (scene_sort(expr->type) != SORT_INT || !linear)
        return scene_free(scene, expr);
    struct term a = scene_term(scene, left), b = scene_term(scene, right);
    if (!a.value.p || !b.value.p)
        return scene_free(scene, expr);
    const char *spelling = spellings[expr->binary.op - BINARY_ADD];
    return whole(scene, script_two(script, spelling, a.value, b.value),
                 script_or(script, a.errs, b.errs));
}

static struct term minus(struct scene *scene, const struct expr *expr)
{
    struct term a = scene_term(scene, expr->operand);
    if (scene_sort(expr->type) != SORT_INT || !a.value.p)
        return scene_free(scene, expr);
    return whole(scene, script_two(scene->script, "-", DVARA_STR("0"), a.value), a.errs);
}

/* ---- the rest ---- */

static struct term coalesce(struct scene *scene, const struct expr *expr)
{
    struct script *script = scene->script;
    struct term a = scene_term(scene, expr->binary.left);
    struct term b = scene_term(scene, expr->binary.right);
    enum sort sort = scene_sort(expr->type);
    if (!a.value.p || !b.value.p || scene_sort(expr->binary.right->type) != sort)
        return scene_free(scene, expr);
    struct dvara_str late = script_and(script, script_not(script, a.present), b.errs);
    struct term term = {.value = script_if(script, sort, a.present, a.value, b.value),
                        .present = script_or(script, a.present, b.present),
                        .errs = script_or(script, a.errs, late)};
    if (sort == SORT_BOOL)
        term.value = script_and(script, term.value, script_not(script, term.errs));
    return term;
}

static struct term binary(struct scene *scene, const struct expr *expr)
{
    const struct expr *left = expr->binary.left, *right = expr->binary.right;
    switch (expr->binary.op) {
    case BINARY_OR:
        return term_of(
            formula_or(scene->script, scene_condition(scene, left), scene_condition(scene, right)));
    case BINARY_AND:
        return term_of(formula_and(scene->script, scene_condition(scene, left),
                                   scene_condition(scene, right)));
    case BINARY_EQ:
    case BINARY_NE:
    case BINARY_LT:
    case BINARY_LE:
    case BINARY_GT:
    case BINARY_GE:
        return comparison(scene, expr);
    case BINARY_IN:
        return membership(scene, expr, left, right);
    case BINARY_NOT_IN:
        return not_term(scene, membership(scene, expr, left, right));
    case BINARY_CONTAINS:
        return type_is_list(expr_seen(left)->type) ? membership(scene, expr, right, left)
                                                   : on_text(scene, expr);
    case BINARY_STARTS_WITH:
    case BINARY_ENDS_WITH:
        return on_text(scene, expr);
    case BINARY_GLOB:
        return glob(scene, expr);
    case BINARY_MATCHES:
        return matches(scene, expr);
    case BINARY_WITHIN:
        return within(scene, expr);
    case BINARY_COALESCE:
        return coalesce(scene, expr);
    case BINARY_ADD:
    case BINARY_SUB:
    case BINARY_MUL:
        return arithmetic(scene, expr);
    case BINARY_COUNT:
        break;
    }
    return scene_free(scene, expr);
}

static struct term let(struct scene *scene, const struct expr *expr)
{
    struct term *known = &scene->lets[expr->decl->order];
    if (dvara_str_is_absent(known->value))
        *known = scene_term(scene, expr->decl->let.expr);
    return *known;
}

static struct term unfolded(struct scene *scene, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_PAREN:
        return scene_term(scene, expr->operand);
    case EXPR_LET:
        return let(scene, expr);
    case EXPR_ATTRIBUTE:
        return type_is_list(expr->type) ? (struct term){{NULL, 0}, SCRIPT_TRUE, SCRIPT_FALSE}
                                        : scene_attribute(scene, expr);
    case EXPR_NOT:
        return not_term(scene, scene_term(scene, expr->operand));
    case EXPR_MINUS:
        return minus(scene, expr);
    case EXPR_HAS: {
        struct term term = scene_term(scene, expr->operand);
        return term.value.p ? truth(scene, term.present, term.errs) : scene_free(scene, expr);
    }
    case EXPR_BINARY:
        return binary(scene, expr);
    case EXPR_CALL:
        return scene_call(scene, expr);
    default:
        return scene_free(scene, expr);
    }
}

struct term scene_term(struct scene *scene, const struct expr *expr)
{
    struct dvara_str constant = {NULL, 0};
    if (expr->value && !type_is_list(expr->value->type))
        constant = scene_constant(scene, expr->value);
    if (constant.p)
        return (struct term){constant, SCRIPT_TRUE, SCRIPT_FALSE};
    return expr->value ? scene_free(scene, expr) : unfolded(scene, expr);
}

struct formula scene_condition(struct scene *scene, const struct expr *expr)
{
    if (!expr)
        return formula_of(true);
    struct term term = scene_term(scene, expr);
    if (!term.value.p)
        term = scene_free(scene, expr);
    return (struct formula){term.value, term.errs};
}

struct dvara_str scene_template_errs(struct scene *scene, const struct template *template)
{
    struct dvara_str errs = SCRIPT_FALSE;
    for (size_t i = 0; i < template->n_parts; i++)
        if (template->parts[i].expr)
            errs = script_or(scene->script, errs, scene_term(scene, template->parts[i].expr).errs);
    return errs;
}
