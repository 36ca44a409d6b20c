/* SPDX-License-Identifier: Apache-2.0 */
/* Names in expressions: lets, bindings, attributes by their path, built-in functions. */
#include "lang/bind.h"

#include "base/arena.h"
#include "base/buf.h"
#include "lang/list.h"

#include <stdio.h>

static bool is_root(struct dvara_str word)
{
    for (int i = 0; i < DVARA_ATTR_COUNT; i++) {
        struct dvara_str path = attribute_row((enum dvara_attribute)i)->path;
        if (path.n > word.n && path.p[word.n] == '.' && dvara_str_starts_with(path, word))
            return true;
    }
    return false;
}

static void make_error(struct binder *b, struct expr *expr)
{
    struct span span = expr->span;
    *expr = (struct expr){.kind = EXPR_ERROR, .span = span, .type = {TYPE_ERROR, DVARA_SHAPE_ONE}};
    if (b->decl)
        b->decl->unbound = true;
}

static struct binding *find_binding(struct binder *b, struct dvara_str name)
{
    for (struct bind_scope *scope = b->scope; scope; scope = scope->outer)
        if (dvara_str_eq(scope->binding->name, name))
            return scope->binding;
    return NULL;
}

static void use_value(struct binder *b, struct expr *expr, struct decl *decl)
{
    bind_use(b, decl, expr->span);
    expr->kind = decl->kind == DECL_LET ? EXPR_LET : EXPR_RUNTIME_LIST;
    expr->decl = decl;
    if (decl->kind == DECL_LET && b->decl && b->decl->kind == DECL_LET)
        LIST_APPEND(b->arena, b->decl->let.uses, b->decl->let.n_uses, decl);
}

static bool is_foreign_null(struct dvara_str name)
{
    static const char *const words[] = {"null", "nil", "undefined"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (dvara_str_eq(name, dvara_str_from_cstr(words[i])))
            return true;
    return false;
}

/* "there is no value x": with what else is called x, or nearly so. */
static void report_unknown(struct binder *b, struct expr *expr)
{
    struct dvara_str name = expr->string;
    struct span span = expr->span;
    static const enum space others[] = {SPACE_DETECTOR, SPACE_RULE, SPACE_ROUTE, SPACE_PROVIDER};
    struct diag *diag = diag_add(b->diags, span, MESSAGE_UNKNOWN_NAME, DVARA_STR("value"), name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct decl *decl = names_find(b->program->names, others[i], name);
        if (decl)
            diag_label(b->diags, diag, decl->name_span, "this is a %s", decl_keyword(decl->kind));
    }
    struct suggestion suggestion = suggest_for(b->diags, name);
    if (suggestion.probe)
        suggestion.probe->is_value = true;
    names_suggest(b->program->names, SPACE_VALUE, &suggestion);
    for (struct bind_scope *scope = b->scope; scope; scope = scope->outer)
        suggest_offer(&suggestion, scope->binding->name);
    if (is_foreign_null(name))
        diag_help(b->diags, diag,
                  "there is no null: ask `has x`, or give a default with `x ?\? …`");
    else if (suggestion.best.p)
        diag_fix(b->diags, diag, span, suggestion.best, "did you mean `%.*s`?",
                 DVARA_STR_ARG(suggestion.best));
    else
        diag_help(b->diags, diag, "a string is written in quotes: `\"%.*s\"`", DVARA_STR_ARG(name));
}

static void bind_name(struct binder *b, struct expr *expr)
{
    struct dvara_str name = expr->string;
    struct binding *binding = find_binding(b, name);
    if (binding) {
        expr->kind = EXPR_BINDING;
        expr->binding = binding;
        binding->used = true;
        struct mention mention = {.span = expr->span, .binding = binding};
        LIST_APPEND(b->arena, b->program->mentions, b->program->n_mentions, mention);
        return;
    }
    struct decl *decl = names_find(b->program->names, SPACE_VALUE, name);
    if (decl) {
        use_value(b, expr, decl);
        return;
    }
    if (is_root(name)) {
        struct dvara_str what = arena_printf(b->arena, "`%.*s`", DVARA_STR_ARG(name));
        diag_add(b->diags, expr->span, MESSAGE_NOT_A_VALUE, what,
                 DVARA_STR("write an attribute such as `request.model`"));
    } else if (!b->program->incomplete || suggest_is_probed(b->diags, name)) {
        report_unknown(b, expr);
    }
    make_error(b, expr);
}

/* "request.model" of a chain of members over a name; absent if it is none. */
static struct dvara_str path_of(struct binder *b, const struct expr *expr)
{
    if (expr->kind == EXPR_NAME)
        return expr->string;
    if (expr->kind != EXPR_MEMBER)
        return (struct dvara_str){0};
    struct dvara_str base = path_of(b, expr->member.base);
    if (!base.p)
        return base;
    return arena_printf(b->arena, "%.*s.%.*s", DVARA_STR_ARG(base),
                        DVARA_STR_ARG(expr->member.name));
}

static const struct expr *base_of(const struct expr *expr)
{
    while (expr->kind == EXPR_MEMBER)
        expr = expr->member.base;
    return expr;
}

static enum dvara_attribute attribute_find(struct dvara_str path)
{
    int i = 0;
    while (i < DVARA_ATTR_COUNT &&
           !dvara_str_eq(attribute_row((enum dvara_attribute)i)->path, path))
        i++;
    return (enum dvara_attribute)i;
}

/* The part of the path that is an attribute: "tenant.id" of request.tenant.id, "request.user" of
 * request.user.name; absent: none. */
static struct dvara_str attribute_within(struct dvara_str path)
{
    for (size_t i = 0; i < path.n; i++) {
        struct dvara_str part = dvara_str_slice(path, i + 1, path.n);
        if (path.p[i] == '.' && attribute_find(part) != DVARA_ATTR_COUNT)
            return part;
    }
    for (size_t i = path.n; i > 0; i--) {
        struct dvara_str part = dvara_str_slice(path, 0, i - 1);
        if (path.p[i - 1] == '.' && attribute_find(part) != DVARA_ATTR_COUNT)
            return part;
    }
    return (struct dvara_str){0};
}

/* Paths share their roots, which must not make two of them seem near: what stands at either side of
 * the first dot says how many edits a misspelling may have. */
static struct suggestion suggest_for_path(const struct diags *diags, struct dvara_str path)
{
    struct suggestion suggestion = suggest_for(diags, path);
    const char *dot = memchr(path.p, '.', path.n);
    size_t root = dot ? (size_t)(dot - path.p) : path.n;
    size_t rest = path.n - root;
    unsigned bound = suggest_start(dvara_str_slice(path, 0, root > rest ? root : rest)).distance;
    suggestion.distance = bound < suggestion.distance ? bound : suggestion.distance;
    return suggestion;
}

static void report_attribute(struct binder *b, struct span span, struct dvara_str path)
{
    struct diag *diag = diag_add(b->diags, span, MESSAGE_UNKNOWN_ATTRIBUTE, path);
    struct suggestion suggestion = suggest_for_path(b->diags, path);
    for (int i = 0; i < DVARA_ATTR_COUNT; i++)
        suggest_offer(&suggestion, attribute_row((enum dvara_attribute)i)->path);
    struct dvara_str within = attribute_within(path);
    struct dvara_str best = within.p ? within : suggestion.best;
    if (best.p)
        diag_fix(b->diags, diag, span, best, "did you mean `%.*s`?", DVARA_STR_ARG(best));
}

static const char *argument_form(uint8_t arg)
{
    switch ((enum dvara_arg)arg) {
    case DVARA_ARG_HEADER:
        return "(\"x-team\")";
    case DVARA_ARG_KEY:
        return "(\"key\")";
    case DVARA_ARG_POINTER:
        return "(\"/pointer\")";
    case DVARA_ARG_GROUP:
        return "(detector_or_group)";
    case DVARA_ARG_BUDGET:
        return "(\"budget\")";
    case DVARA_ARG_NONE:
    case DVARA_ARG_COUNT:
        break;
    }
    return "";
}

/* A path that stands without parentheses. */
static void bind_member(struct binder *b, struct expr *expr)
{
    const struct expr *base = base_of(expr);
    if (base->kind != EXPR_NAME) {
        struct expr *inner = expr->member.base;
        bind_expr(b, inner);
        if (inner->kind != EXPR_ERROR)
            diag_add(
                b->diags, expr->member.name_span, MESSAGE_NOT_A_VALUE, DVARA_STR("this field"),
                DVARA_STR("only the elements of request.messages and request.tools have fields"));
        make_error(b, expr);
        return;
    }
    if (find_binding(b, base->string)) {
        bind_expr(b, expr->member.base);
        if (expr->member.base->kind == EXPR_ERROR)
            make_error(b, expr);
        return;
    }
    struct dvara_str path = path_of(b, expr);
    enum dvara_attribute id = attribute_find(path);
    if (id == DVARA_ATTR_COUNT) {
        struct decl *decl = names_find(b->program->names, SPACE_VALUE, base->string);
        if (decl)
            diag_add(b->diags, expr->member.name_span, MESSAGE_NOT_A_VALUE, DVARA_STR("this field"),
                     DVARA_STR("a let or a runtime list has no fields"));
        else if (is_root(base->string) || !b->program->incomplete)
            report_attribute(b, expr->span, path);
        make_error(b, expr);
        return;
    }
    const struct attribute *row = attribute_row(id);
    if (row->arg != DVARA_ARG_NONE) {
        struct diag *diag = diag_add(b->diags, expr->span, MESSAGE_ARGUMENTS, path,
                                     DVARA_STR("one argument"), DVARA_STR("none is"));
        diag_help(b->diags, diag, "write `%.*s%s`", DVARA_STR_ARG(path), argument_form(row->arg));
        make_error(b, expr);
        return;
    }
    expr->kind = EXPR_ATTRIBUTE;
    memset(&expr->attribute, 0, sizeof expr->attribute);
    expr->attribute.id = id;
}

/* name(…): a built-in function. */
static void bind_call(struct binder *b, struct expr *expr)
{
    struct dvara_str name = expr->apply.callee->string;
    struct exprs args = expr->apply.args;
    for (int i = 0; i < FUNCTION_COUNT; i++) {
        if (!dvara_str_eq(name, dvara_str_from_cstr(function_spelling((enum function)i))))
            continue;
        expr->kind = EXPR_CALL;
        expr->call.id = (enum function)i;
        expr->call.args = args;
        for (size_t k = 0; k < args.n; k++)
            bind_expr(b, args.v[k]);
        return;
    }
    struct span span = expr->apply.callee->span;
    if (find_binding(b, name) || names_find(b->program->names, SPACE_VALUE, name)) {
        diag_add(b->diags, span, MESSAGE_NOT_CALLABLE, name);
    } else {
        struct diag *diag =
            diag_add(b->diags, span, MESSAGE_UNKNOWN_NAME, DVARA_STR("function"), name);
        struct suggestion suggestion = suggest_for(b->diags, name);
        for (int i = 0; i < FUNCTION_COUNT; i++)
            suggest_offer(&suggestion, dvara_str_from_cstr(function_spelling((enum function)i)));
        if (suggestion.best.p)
            diag_fix(b->diags, diag, span, suggestion.best, "did you mean `%.*s`?",
                     DVARA_STR_ARG(suggestion.best));
    }
    make_error(b, expr);
}

static bool bind_group_argument(struct binder *b, struct expr *expr, struct expr *arg)
{
    if (arg->kind != EXPR_NAME) {
        diag_add(b->diags, arg->span, MESSAGE_NOT_LITERAL, DVARA_STR("the argument"),
                 DVARA_STR("the name of a detector or group, without quotes"));
        return false;
    }
    struct ref ref = {.name = arg->string, .span = arg->span};
    bind_ref(b, &ref, SPACE_DETECTOR);
    expr->attribute.group = ref.decl;
    return ref.decl != NULL;
}

static struct dvara_str lower(struct binder *b, struct dvara_str s)
{
    char *out = arena_alloc(b->arena, s.n + 1);
    for (size_t i = 0; out && i < s.n; i++)
        out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20 : s.p[i]);
    return out ? dvara_str_from(out, s.n) : s;
}

/* path(argument): an attribute. The argument's value is judged by check. */
static void bind_attribute(struct binder *b, struct expr *expr)
{
    struct expr *callee = expr->apply.callee;
    struct exprs args = expr->apply.args;
    struct dvara_str path = path_of(b, callee);
    enum dvara_attribute id = path.p ? attribute_find(path) : DVARA_ATTR_COUNT;
    if (id == DVARA_ATTR_COUNT) {
        if (path.p)
            report_attribute(b, callee->span, path);
        else
            diag_add(b->diags, callee->span, MESSAGE_NOT_CALLABLE, DVARA_STR("this"));
        make_error(b, expr);
        return;
    }
    const struct attribute *row = attribute_row(id);
    if (row->arg == DVARA_ARG_NONE || args.n != 1) {
        char given[32];
        (void)snprintf(given, sizeof given, args.n == 1 ? "one is" : "%zu are", args.n);
        diag_add(b->diags, expr->span, MESSAGE_ARGUMENTS, path,
                 row->arg == DVARA_ARG_NONE ? DVARA_STR("no argument") : DVARA_STR("one argument"),
                 dvara_str_from_cstr(given));
        make_error(b, expr);
        return;
    }
    struct expr *arg = args.v[0];
    expr->kind = EXPR_ATTRIBUTE;
    memset(&expr->attribute, 0, sizeof expr->attribute);
    expr->attribute.id = id;
    expr->attribute.arg_span = arg->span;
    bool ok;
    if (row->arg == DVARA_ARG_BUDGET && arg->kind == EXPR_STRING) {
        struct ref ref = {.name = arg->string, .span = arg->span};
        bind_ref(b, &ref, SPACE_BUDGET);
        expr->attribute.arg = arg->string;
        ok = ref.decl != NULL;
    } else if (row->arg == DVARA_ARG_GROUP) {
        ok = bind_group_argument(b, expr, arg);
    } else {
        ok = arg->kind == EXPR_STRING;
        if (ok)
            expr->attribute.arg =
                row->arg == DVARA_ARG_HEADER ? lower(b, arg->string) : arg->string;
        else
            diag_add(b->diags, arg->span, MESSAGE_NOT_LITERAL, DVARA_STR("the argument"),
                     DVARA_STR("a string literal"));
    }
    if (!ok)
        make_error(b, expr);
}

/* The element's name shadows nothing. */
static void check_shadow(struct binder *b, const struct binding *binding)
{
    struct binding *outer = find_binding(b, binding->name);
    struct decl *decl = names_find(b->program->names, SPACE_VALUE, binding->name);
    if (!outer && !decl)
        return;
    struct diag *diag =
        diag_add(b->diags, binding->span, MESSAGE_DUPLICATE,
                 decl ? dvara_str_from_cstr(decl_keyword(decl->kind)) : DVARA_STR("element name"),
                 binding->name);
    diag_label(b->diags, diag, decl ? decl->name_span : outer->span, "first here");
}

static void bind_quantifier(struct binder *b, struct expr *expr)
{
    bind_expr(b, expr->quantifier.over);
    struct binding *binding = expr->quantifier.binding;
    check_shadow(b, binding);
    struct bind_scope scope = {.binding = binding, .outer = b->scope};
    for (struct bind_scope *outer = b->scope; outer; outer = outer->outer)
        binding->depth++;
    b->scope = &scope;
    bind_expr(b, expr->quantifier.body);
    b->scope = scope.outer;
}

void bind_expr(struct binder *b, struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_NAME:
        bind_name(b, expr);
        return;
    case EXPR_MEMBER:
        bind_member(b, expr);
        return;
    case EXPR_APPLY:
        if (expr->apply.callee->kind == EXPR_NAME)
            bind_call(b, expr);
        else
            bind_attribute(b, expr);
        return;
    case EXPR_LIST:
        for (size_t i = 0; i < expr->items.n; i++)
            bind_expr(b, expr->items.v[i]);
        return;
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_PAREN:
        bind_expr(b, expr->operand);
        return;
    case EXPR_HAS:
        bind_expr(b, expr->operand);
        if (b->decl && expr->operand->kind == EXPR_ERROR)
            b->decl->lost_guard = true;
        return;
    case EXPR_BINARY:
        bind_expr(b, expr->binary.left);
        bind_expr(b, expr->binary.right);
        return;
    case EXPR_QUANTIFIER:
        bind_quantifier(b, expr);
        return;
    case EXPR_ERROR:
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
    case EXPR_LET:
    case EXPR_RUNTIME_LIST:
    case EXPR_BINDING:
    case EXPR_FIELD:
    case EXPR_ATTRIBUTE:
    case EXPR_CALL:
    case EXPR_COUNT:
        return;
    }
}
