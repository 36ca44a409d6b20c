/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "dvara/limits.h"
#include "lang/checker.h"
#include "lang/lexer.h"
#include "lang/quote.h"
#include "lang/suggest.h"
#include "lang/forms.h"

static const struct type bool_type = {DVARA_TYPE_BOOL, DVARA_SHAPE_ONE};
static const struct type int_type = {DVARA_TYPE_INT, DVARA_SHAPE_ONE};

struct type type_error(struct expr *expr)
{
    return expr->type = (struct type){TYPE_ERROR, DVARA_SHAPE_ONE};
}

struct dvara_str type_text(struct checker *c, struct type type)
{
    char name[TYPE_NAME_MAX];
    type_name(type, name);
    if (type.base == TYPE_EMPTY)
        return DVARA_STR("an empty list");
    bool vowel = name[0] == 'i';
    return arena_printf(c->arena, "%s `%s`", vowel ? "an" : "a", name);
}

struct dvara_str expr_text(struct checker *c, const struct expr *expr)
{
    return quote(c->program, c->arena, expr->span, EXPR_TEXT_MAX);
}

struct dvara_str expr_source(struct checker *c, const struct expr *expr)
{
    return source_slice(c->program->sources.v[expr->span.file], expr->span);
}

/* Is it written as an int, perhaps with a minus? */
static bool is_int_literal(const struct expr *expr)
{
    expr = expr_bare(expr);
    if (expr->kind == EXPR_MINUS)
        expr = expr_bare(expr->operand);
    return expr->kind == EXPR_INT;
}

bool check_widen(struct expr *expr)
{
    if (!is_int_literal(expr) || !type_is(expr->type, DVARA_TYPE_INT))
        return false;
    for (;; expr = expr->operand) {
        expr->type.base = DVARA_TYPE_FLOAT;
        if (expr->kind == EXPR_INT)
            break;
    }
    expr->kind = EXPR_FLOAT;
    expr->f = (double)expr->i;
    return true;
}

/* "true" where a bool is wanted, "5" where an int is. */
static bool stands_for(const struct expr *literal, uint8_t type)
{
    struct dvara_str text = literal->string;
    if (literal->kind != EXPR_STRING || text.n == 0 || text.n > 18)
        return false;
    if (type == DVARA_TYPE_BOOL)
        return dvara_str_eq(text, DVARA_STR("true")) || dvara_str_eq(text, DVARA_STR("false"));
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    return type == DVARA_TYPE_INT && (text.n == 1 || text.p[0] != '0');
}

void help_with_literal(struct checker *c, struct diag *diag, const struct expr *expr, uint8_t type)
{
    const struct expr *literal = expr_bare(expr);
    struct dvara_str text = expr_text(c, literal);
    if (stands_for(literal, type)) {
        diag_fix(c->diags, diag, literal->span, literal->string, "write `%.*s`, without quotes",
                 DVARA_STR_ARG(literal->string));
        return;
    }
    static const struct {
        uint8_t type;
        const char *format_before, *format_after;
    } forms[] = {
        {DVARA_TYPE_SIZE, "", "B"},  {DVARA_TYPE_DURATION, "", "s"},  {DVARA_TYPE_PERCENT, "", "%"},
        {DVARA_TYPE_MONEY, "$", ""}, {DVARA_TYPE_STRING, "\"", "\""},
    };
    if (literal->kind != EXPR_INT &&
        !(literal->kind == EXPR_FLOAT && type != DVARA_TYPE_SIZE && type != DVARA_TYPE_DURATION))
        return;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (forms[i].type != type)
            continue;
        struct dvara_str fixed = arena_printf(c->arena, "%s%.*s%s", forms[i].format_before,
                                              DVARA_STR_ARG(text), forms[i].format_after);
        diag_fix(c->diags, diag, literal->span, fixed, "did you mean `%.*s`?",
                 DVARA_STR_ARG(fixed));
    }
}

static const char *default_literal(uint8_t base)
{
    switch (base) {
    case DVARA_TYPE_BOOL:
        return "false";
    case DVARA_TYPE_INT:
        return "0";
    case DVARA_TYPE_FLOAT:
        return "0.0";
    case DVARA_TYPE_STRING:
        return "\"\"";
    default: /* no attribute of another type is optional */
        return "…";
    }
}

static struct type guard(struct checker *c, struct expr *expr)
{
    if (c->decl && c->decl->lost_guard)
        return type_error(expr);
    struct dvara_str text = expr_text(c, expr);
    struct diag *diag = diag_add(c->diags, expr->span, MESSAGE_OPTIONAL, text);
    label_declared(c, diag, expr);
    const char *value = default_literal(expr->type.base);
    struct dvara_str fixed =
        arena_printf(c->arena, "(%.*s ?\? %s)", DVARA_STR_ARG(expr_source(c, expr)), value);
    diag_fix(c->diags, diag, expr->span, fixed, "give a default: `%.*s ?\? %s`",
             DVARA_STR_ARG(text), value);
    if (expr_bare(expr)->kind == EXPR_ATTRIBUTE)
        diag_help(c->diags, diag, "or ask first: `has %.*s and …`", DVARA_STR_ARG(text));
    return type_error(expr);
}

/* "let region = tenant.region ?? \"\"": what stands for an optional in a template. */
static struct dvara_str let_of(struct checker *c, const struct expr *expr,
                               struct dvara_str *ret_name)
{
    const char *value = default_literal(expr->type.base);
    *ret_name = DVARA_STR("value");
    if (expr->kind != EXPR_ATTRIBUTE) {
        struct dvara_str text = expr_text(c, expr);
        return arena_printf(c->arena, "let value = %.*s ?\? %s", DVARA_STR_ARG(text), value);
    }
    const struct attribute *row = attribute_row(expr->attribute.id);
    struct dvara_str path = row->path;
    if (row->arg != DVARA_ARG_NONE)
        return arena_printf(c->arena, "let value = %.*s(\"%.*s\") ?\? %s", DVARA_STR_ARG(path),
                            DVARA_STR_ARG(expr->attribute.arg), value);
    const char *dot = memchr(path.p, '.', path.n);
    struct dvara_str last = dot ? dvara_str_slice(path, (size_t)(dot + 1 - path.p), path.n) : path;
    if (!word_is_reserved(last) && !memchr(last.p, '.', last.n))
        *ret_name = last;
    return arena_printf(c->arena, "let %.*s = %.*s ?\? %s", DVARA_STR_ARG(*ret_name),
                        DVARA_STR_ARG(path), value);
}

/* A template has no operators, so no edit in the string could give the default. */
static void guard_in_template(struct checker *c, struct expr *expr)
{
    if (!c->decl->lost_guard) {
        struct dvara_str text = expr_text(c, expr);
        struct dvara_str name;
        struct dvara_str let = let_of(c, expr, &name);
        struct diag *diag = diag_add(c->diags, expr->span, MESSAGE_OPTIONAL, text);
        label_declared(c, diag, expr);
        diag_help(c->diags, diag, "a template has no operators: `%.*s`, and here `{%.*s}`",
                  DVARA_STR_ARG(let), DVARA_STR_ARG(name));
        if (expr->kind == EXPR_ATTRIBUTE)
            diag_help(c->diags, diag, "or ask for it in `when`: `has %.*s and …`",
                      DVARA_STR_ARG(text));
    }
    type_error(expr);
}

struct type check_value(struct checker *c, struct expr *expr)
{
    struct type type = check_expr(c, expr);
    if (!type_is_optional(type))
        return type;
    return guard(c, expr);
}

void label_declared(struct checker *c, struct diag *diag, const struct expr *expr)
{
    expr = expr_bare(expr);
    if (expr->kind == EXPR_LET || expr->kind == EXPR_RUNTIME_LIST)
        diag_label(c->diags, diag, expr->decl->name_span, "declared here");
}

bool check_typed(struct checker *c, struct expr *expr, enum dvara_type type, const char *what)
{
    struct type found = check_value(c, expr);
    if (type_is_error(found) || type_is(found, type))
        return !type_is_error(found);
    if (type == DVARA_TYPE_FLOAT && check_widen(expr))
        return true;
    struct diag *diag =
        diag_add(c->diags, expr->span, MESSAGE_TYPE_MISMATCH, dvara_str_from_cstr(what),
                 type_text(c, (struct type){type, DVARA_SHAPE_ONE}), type_text(c, found));
    label_declared(c, diag, expr);
    help_with_literal(c, diag, expr, type);
    type_error(expr);
    return false;
}

static void report_phase(struct checker *c, const struct expr *expr, const struct decl *let)
{
    uint8_t missing = (uint8_t)(c->phases & ~expr->phases);
    char wanted[PHASES_TEXT_MAX];
    char known[PHASES_TEXT_MAX];
    struct dvara_str lacks = dvara_str_from_cstr(phases_text(missing, wanted));
    if (let) {
        struct diag *diag = diag_add(c->diags, expr->span, MESSAGE_PHASE_LET, let->name, lacks);
        diag_label(c->diags, diag, let->name_span, "declared here");
        return;
    }
    struct dvara_str path = attribute_row(expr->attribute.id)->path;
    diag_add(c->diags, expr->span, MESSAGE_PHASE, path, lacks,
             dvara_str_from_cstr(phases_text(expr->phases, known)));
}

/* The constant argument of an attribute: a header's name, a key, a pointer. */
static bool check_argument(struct checker *c, const struct expr *expr, uint8_t form)
{
    struct dvara_str arg = expr->attribute.arg;
    struct span span = expr->attribute.arg_span;
    const char *problem = form == DVARA_ARG_POINTER ? pointer_problem(arg) : NULL;
    if (problem)
        diag_add(c->diags, span, MESSAGE_BAD_POINTER, arg, dvara_str_from_cstr(problem));
    if (form == DVARA_ARG_HEADER && !is_header_name(arg))
        diag_add(c->diags, span, MESSAGE_BAD_NAME, arg, DVARA_STR("the name of a header"));
    else if (form == DVARA_ARG_HEADER && is_credential_header(arg))
        diag_add(c->diags, span, MESSAGE_SECRET, arg);
    else
        return !problem;
    return false;
}

/* May an invariant read it (R22)? */
static bool is_of_invariants(const struct attribute *row)
{
    return (row->phases & DVARA_PHASES_TARGET) && row->arg != DVARA_ARG_BUDGET &&
           !dvara_str_starts_with(row->path, DVARA_STR("prompt_pii."));
}

struct type check_attribute(struct checker *c, struct expr *expr)
{
    const struct attribute *row = attribute_row(expr->attribute.id);
    expr->phases = row->phases;
    if (!check_argument(c, expr, row->arg))
        return type_error(expr);
    if (!is_of_invariants(row))
        c->outside = row;
    if (c->in_invariant && !is_of_invariants(row)) {
        diag_add(c->diags, expr->span, MESSAGE_PHASE_INVARIANT, row->path);
        return type_error(expr);
    }
    expr->type = row->type;
    expr->taint = row->taint;
    expr->phases = row->phases;
    if (row->arg == DVARA_ARG_GROUP)
        c->reads_pii = true;
    if (c->phases & ~expr->phases)
        report_phase(c, expr, NULL);
    if (type_is_optional(expr->type) && facts_have(c->facts, expr)) {
        expr->narrowed = true;
        expr->type.shape = DVARA_SHAPE_ONE;
    }
    return expr->type;
}

static struct type check_let(struct checker *c, struct expr *expr)
{
    struct decl *let = expr->decl;
    expr->phases = DVARA_PHASES_ALL;
    bool is_known = !let->failed && let->let.expr->type.base != TYPE_NONE &&
                    !type_is_error(let->let.expr->type);
    if (!is_known) {
        c->decl->unbound = true;
        return type_error(expr);
    }
    expr->type = let->let.expr->type;
    expr->taint = let->let.expr->taint;
    expr->phases = let->let.expr->phases;
    c->reads_pii |= let->let.reads_pii;
    unsigned depth = c->quantifiers + let->let.quantifier_depth;
    if (depth > c->quantifier_depth)
        c->quantifier_depth = depth;
    if (depth > DVARA_MAX_QUANTIFIER_DEPTH && !c->has_deepest && let->let.quantifier_depth) {
        diag_plain(c->diags, expr->span, MESSAGE_QUANTIFIER_DEPTH);
        c->has_deepest = true;
    }
    if (let->let.outside)
        c->outside = let->let.outside;
    if (c->in_invariant && let->let.outside) {
        struct diag *diag =
            diag_add(c->diags, expr->span, MESSAGE_PHASE_INVARIANT, let->let.outside->path);
        diag_label(c->diags, diag, let->name_span, "declared here");
        return type_error(expr);
    }
    if (c->phases & ~expr->phases)
        report_phase(c, expr, let);
    return expr->type;
}

static struct type check_field(struct checker *c, struct expr *expr)
{
    struct expr *base = expr->member.base;
    struct dvara_str name = expr->member.name;
    struct type type = check_expr(c, base);
    if (type_is_error(type))
        return type_error(expr);
    struct span span = expr->member.name_span;
    bool is_record = type_is(type, DVARA_TYPE_MESSAGE) || type_is(type, DVARA_TYPE_TOOL);
    for (int i = 0; is_record && i < DVARA_FIELD_COUNT; i++) {
        const struct field *row = field_row((enum dvara_field)i);
        if (row->record != type.base || !dvara_str_eq(row->name, name))
            continue;
        expr->kind = EXPR_FIELD;
        expr->field.base = base;
        expr->field.id = (enum dvara_field)i;
        expr->taint = row->taint;
        expr->phases = base->phases;
        return expr->type = row->type;
    }
    char type_spelling[TYPE_NAME_MAX];
    struct diag *diag =
        diag_add(c->diags, span, MESSAGE_UNKNOWN_FIELD,
                 dvara_str_from_cstr(type_name(type, type_spelling)), name,
                 type.base == DVARA_TYPE_MESSAGE ? DVARA_STR("role, text and has_image")
                 : type.base == DVARA_TYPE_TOOL  ? DVARA_STR("name and description")
                                                 : DVARA_STR("none"));
    struct suggestion suggestion = suggest_for(c->diags, name);
    for (int i = 0; i < DVARA_FIELD_COUNT; i++)
        if (field_row((enum dvara_field)i)->record == type.base)
            suggest_offer(&suggestion, field_row((enum dvara_field)i)->name);
    struct span word = {span.file, span.end - (uint32_t)name.n, span.end};
    if (suggestion.best.p)
        diag_fix(c->diags, diag, word, suggestion.best, "did you mean `%.*s`?",
                 DVARA_STR_ARG(suggestion.best));
    return type_error(expr);
}

static bool is_scalar(struct type type)
{
    return type.shape == DVARA_SHAPE_ONE && type.base < DVARA_TYPE_COUNT &&
           type.base != DVARA_TYPE_MESSAGE && type.base != DVARA_TYPE_TOOL;
}

/* All elements have the first one's type; one float makes int literals floats. */
static struct type check_list(struct checker *c, struct expr *expr)
{
    struct type element = {TYPE_EMPTY, DVARA_SHAPE_ONE};
    const struct expr *first = NULL;
    bool failed = false;
    expr->phases = DVARA_PHASES_ALL;
    for (size_t i = 0; i < expr->items.n; i++) {
        struct expr *item = expr->items.v[i];
        struct type type = check_value(c, item);
        expr->taint = item->taint > expr->taint ? item->taint : expr->taint;
        expr->phases &= item->phases;
        if (type_is_error(type)) {
            failed = true;
        } else if (!is_scalar(type)) {
            diag_add(c->diags, item->span, MESSAGE_LIST_ELEMENT, type_text(c, type));
            failed = true;
        } else if (!first) {
            first = item;
            element = type;
        } else if (type_eq(type, element) ||
                   (type_is(element, DVARA_TYPE_FLOAT) && check_widen(item))) {
            continue;
        } else if (type_is(type, DVARA_TYPE_FLOAT) && type_is(element, DVARA_TYPE_INT) && i == 1 &&
                   check_widen(expr->items.v[0])) {
            element = type;
        } else {
            struct diag *diag = diag_add(c->diags, item->span, MESSAGE_MIXED_LIST,
                                         type_text(c, element), type_text(c, type));
            diag_label(c->diags, diag, first->span, "the first element");
            failed = true;
        }
    }
    if (failed)
        return type_error(expr);
    return expr->type = (struct type){element.base, DVARA_SHAPE_LIST};
}

static struct type check_minus(struct checker *c, struct expr *expr)
{
    struct expr *operand = expr->operand;
    struct type type = check_value(c, operand);
    expr->taint = operand->taint;
    expr->phases = operand->phases;
    static const uint8_t signed_types[] = {DVARA_TYPE_INT, DVARA_TYPE_FLOAT, DVARA_TYPE_MONEY,
                                           DVARA_TYPE_DURATION, DVARA_TYPE_PERCENT};
    if (type_is_error(type))
        return type_error(expr);
    for (size_t i = 0; i < sizeof signed_types; i++)
        if (type_is(type, signed_types[i]))
            return expr->type = type;
    diag_add(c->diags, expr->span, MESSAGE_ARITHMETIC, DVARA_STR("negative"), DVARA_STR("-"),
             arena_printf(c->arena, "of %.*s", DVARA_STR_ARG(type_text(c, type))));
    return type_error(expr);
}

static struct type check_has(struct checker *c, struct expr *expr)
{
    struct expr *operand = expr->operand;
    struct type type = check_expr(c, operand);
    expr->phases = operand->phases;
    expr->taint = DVARA_TAINT_OPERATOR; /* presence is not the value */
    if (type_is_error(type))
        return type_error(expr);
    if (expr_bare(operand)->kind != EXPR_ATTRIBUTE) {
        diag_plain(c->diags, operand->span, MESSAGE_HAS_OPERAND);
        return type_error(expr);
    }
    return expr->type = bool_type;
}

static struct type check_not(struct checker *c, struct expr *expr)
{
    bool ok = check_typed(c, expr->operand, DVARA_TYPE_BOOL, "`not`");
    expr->taint = expr->operand->taint;
    expr->phases = expr->operand->phases;
    return ok ? (expr->type = bool_type) : type_error(expr);
}

static struct type check_quantifier(struct checker *c, struct expr *expr)
{
    struct binding *binding = expr->quantifier.binding;
    struct expr *over = expr->quantifier.over;
    struct type list = check_value(c, over);
    bool failed = type_is_error(list);
    if (!failed && !type_is_list(list)) {
        diag_add(c->diags, over->span, MESSAGE_TYPE_MISMATCH,
                 arena_printf(c->arena, "`%s`", quantifier_spelling(expr->quantifier.kind)),
                 DVARA_STR("a list"), type_text(c, list));
        failed = true;
    }
    binding->type = failed ? (struct type){TYPE_ERROR, DVARA_SHAPE_ONE}
                           : (struct type){list.base, DVARA_SHAPE_ONE};
    if (binding->type.base == TYPE_EMPTY)
        binding->type.base = DVARA_TYPE_STRING;
    binding->taint = over->taint;
    c->quantifiers++;
    if (c->quantifiers > c->quantifier_depth)
        c->quantifier_depth = c->quantifiers;
    if (c->quantifiers > DVARA_MAX_QUANTIFIER_DEPTH && !c->has_deepest) {
        diag_plain(c->diags, expr->span, MESSAGE_QUANTIFIER_DEPTH);
        c->has_deepest = true;
    }
    bool ok = check_typed(c, expr->quantifier.body, DVARA_TYPE_BOOL, "the body of a quantifier");
    c->quantifiers--;
    uint8_t body_taint = expr->quantifier.body->taint;
    expr->taint = over->taint > body_taint ? over->taint : body_taint;
    expr->phases = over->phases & expr->quantifier.body->phases;
    if (failed || !ok)
        return type_error(expr);
    return expr->type = expr->quantifier.kind == QUANTIFIER_NUMBER ? int_type : bool_type;
}

/* Literals whose type their kind says. */
static bool literal_base(enum expr_kind kind, uint8_t *ret_base)
{
    static const uint8_t bases[EXPR_COUNT] = {
        [EXPR_BOOL] = DVARA_TYPE_BOOL + 1,       [EXPR_INT] = DVARA_TYPE_INT + 1,
        [EXPR_FLOAT] = DVARA_TYPE_FLOAT + 1,     [EXPR_STRING] = DVARA_TYPE_STRING + 1,
        [EXPR_REGEX] = TYPE_REGEX + 1,           [EXPR_DURATION] = DVARA_TYPE_DURATION + 1,
        [EXPR_SIZE] = DVARA_TYPE_SIZE + 1,       [EXPR_MONEY] = DVARA_TYPE_MONEY + 1,
        [EXPR_PERCENT] = DVARA_TYPE_PERCENT + 1, [EXPR_CLOCK] = DVARA_TYPE_CLOCK + 1,
    };
    *ret_base = (uint8_t)(bases[kind] - 1);
    return bases[kind] != 0;
}

static struct type check_paren(struct checker *c, struct expr *expr)
{
    expr->type = check_expr(c, expr->operand);
    expr->taint = expr->operand->taint;
    expr->phases = expr->operand->phases;
    return expr->type;
}

static struct type check_runtime_list(struct checker *c, struct expr *expr)
{
    (void)c;
    return expr->type = (struct type){DVARA_TYPE_STRING, DVARA_SHAPE_LIST};
}

static struct type check_binding(struct checker *c, struct expr *expr)
{
    (void)c;
    expr->taint = expr->binding->taint;
    return expr->type = expr->binding->type;
}

struct type check_expr(struct checker *c, struct expr *expr)
{
    static struct type (*const checks[EXPR_COUNT])(struct checker * c, struct expr * expr) = {
        [EXPR_LIST] = check_list,
        [EXPR_LET] = check_let,
        [EXPR_RUNTIME_LIST] = check_runtime_list,
        [EXPR_BINDING] = check_binding,
        [EXPR_MEMBER] = check_field,
        [EXPR_ATTRIBUTE] = check_attribute,
        [EXPR_CALL] = check_call,
        [EXPR_NOT] = check_not,
        [EXPR_MINUS] = check_minus,
        [EXPR_HAS] = check_has,
        [EXPR_BINARY] = check_binary,
        [EXPR_QUANTIFIER] = check_quantifier,
        [EXPR_PAREN] = check_paren,
    };
    uint8_t base;
    expr->phases = DVARA_PHASES_ALL;
    if (literal_base(expr->kind, &base))
        return expr->type = (struct type){base, DVARA_SHAPE_ONE};
    return checks[expr->kind] ? checks[expr->kind](c, expr) : type_error(expr);
}

static void check_part(struct checker *c, struct expr *expr)
{
    struct type type = check_expr(c, expr);
    if (type_is_error(type))
        return;
    struct dvara_str text = expr_text(c, expr);
    if (!is_scalar(type) && !type_is_optional(type))
        diag_add(c->diags, expr->span, MESSAGE_NOT_PRINTABLE, type_text(c, type));
    else if (expr->taint == DVARA_TAINT_CONTENT)
        label_declared(c, diag_add(c->diags, expr->span, MESSAGE_CONTENT, text), expr);
    else if (expr->taint == DVARA_TAINT_SECRET)
        label_declared(c, diag_add(c->diags, expr->span, MESSAGE_SECRET, text), expr);
    else if (type_is_optional(type))
        guard_in_template(c, expr);
}

void check_template(struct checker *c, struct template *template)
{
    for (size_t i = 0; template && i < template->n_parts; i++)
        if (template->parts[i].expr)
            check_part(c, template->parts[i].expr);
}
