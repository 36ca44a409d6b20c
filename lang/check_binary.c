/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "lang/checker.h"
#include "pattern/sources.h"
#include "lang/forms.h"

static const struct type bool_type = {DVARA_TYPE_BOOL, DVARA_SHAPE_ONE};

static struct dvara_str op_text(struct checker *c, const struct expr *expr)
{
    return arena_printf(c->arena, "`%s`", binary_spelling(expr->binary.op));
}

static bool is_scalar(struct type type)
{
    return type.shape == DVARA_SHAPE_ONE && type.base < DVARA_TYPE_COUNT &&
           type.base != DVARA_TYPE_MESSAGE && type.base != DVARA_TYPE_TOOL;
}

static bool is_number(struct type type)
{
    static const uint8_t numbers[] = {DVARA_TYPE_INT,  DVARA_TYPE_FLOAT, DVARA_TYPE_DURATION,
                                      DVARA_TYPE_SIZE, DVARA_TYPE_MONEY, DVARA_TYPE_PERCENT};
    for (size_t i = 0; i < sizeof numbers; i++)
        if (type_is(type, numbers[i]))
            return true;
    return false;
}

/* Both sides are of one type, perhaps after an int literal became a float. */
static bool agree(struct expr *left, struct expr *right)
{
    if (type_eq(left->type, right->type))
        return true;
    if (type_is(left->type, DVARA_TYPE_FLOAT))
        return check_widen(right);
    return type_is(right->type, DVARA_TYPE_FLOAT) && check_widen(left);
}

static struct type mismatch(struct checker *c, struct expr *expr, const struct expr *operand,
                            struct dvara_str wanted)
{
    struct diag *diag = diag_add(c->diags, operand->span, MESSAGE_TYPE_MISMATCH, op_text(c, expr),
                                 wanted, type_text(c, operand->type));
    label_declared(c, diag, operand);
    return type_error(expr);
}

static struct type check_logic(struct checker *c, struct expr *expr)
{
    struct dvara_str op = op_text(c, expr);
    const struct fact *outer = c->facts;
    bool left = check_typed(c, expr->binary.left, DVARA_TYPE_BOOL, op.p ? op.p : "");
    c->facts = facts_when(c, expr->binary.left, expr->binary.op == BINARY_AND, outer);
    bool right = check_typed(c, expr->binary.right, DVARA_TYPE_BOOL, op.p ? op.p : "");
    c->facts = outer;
    return left && right ? (expr->type = bool_type) : type_error(expr);
}

static struct type check_compare(struct checker *c, struct expr *expr)
{
    struct expr *left = expr->binary.left;
    struct expr *right = expr->binary.right;
    enum binary op = expr->binary.op;
    struct dvara_str spelling = dvara_str_from_cstr(binary_spelling(op));
    const struct expr *unfit = !is_scalar(left->type)    ? left
                               : !is_scalar(right->type) ? right
                                                         : NULL;
    if (unfit) {
        diag_add(c->diags, unfit->span, MESSAGE_NOT_COMPARABLE, spelling,
                 type_text(c, unfit->type));
        return type_error(expr);
    }
    if (!agree(left, right)) {
        struct diag *diag = diag_add(c->diags, expr->binary.op_span, MESSAGE_COMPARE_MISMATCH,
                                     spelling, type_text(c, left->type), type_text(c, right->type));
        char name[TYPE_NAME_MAX];
        diag_label(c->diags, diag, left->span, "%s", type_name(left->type, name));
        diag_label(c->diags, diag, right->span, "%s", type_name(right->type, name));
        label_declared(c, diag, left);
        label_declared(c, diag, right);
        help_with_literal(c, diag, right, left->type.base);
        help_with_literal(c, diag, left, right->type.base);
        return type_error(expr);
    }
    bool ordered = op != BINARY_EQ && op != BINARY_NE;
    if (ordered && !is_number(left->type) && !type_is(left->type, DVARA_TYPE_STRING)) {
        diag_add(c->diags, expr->binary.op_span, MESSAGE_NOT_COMPARABLE, spelling,
                 type_text(c, left->type));
        return type_error(expr);
    }
    return expr->type = bool_type;
}

static struct type check_element(struct checker *c, struct expr *expr, struct expr *element,
                                 struct expr *list)
{
    struct type wanted = {list->type.base, DVARA_SHAPE_ONE};
    if (wanted.base == TYPE_EMPTY || type_eq(element->type, wanted) ||
        (wanted.base == DVARA_TYPE_FLOAT && check_widen(element)))
        return expr->type = bool_type;
    struct diag *diag = diag_add(c->diags, element->span, MESSAGE_TYPE_MISMATCH, op_text(c, expr),
                                 type_text(c, wanted), type_text(c, element->type));
    diag_label(c->diags, diag, list->span, "a list of these");
    help_with_literal(c, diag, element, wanted.base);
    return type_error(expr);
}

static struct type check_in(struct checker *c, struct expr *expr)
{
    struct expr *left = expr->binary.left;
    struct expr *right = expr->binary.right;
    if (type_is(right->type, DVARA_TYPE_STRING)) {
        struct diag *diag = diag_plain(c->diags, expr->binary.op_span, MESSAGE_IN_STRING);
        struct dvara_str fixed = arena_printf(
            c->arena, "%s%.*s contains %.*s%s", expr->binary.op == BINARY_NOT_IN ? "not (" : "",
            DVARA_STR_ARG(expr_source(c, right)), DVARA_STR_ARG(expr_source(c, left)),
            expr->binary.op == BINARY_NOT_IN ? ")" : "");
        diag_fix(c->diags, diag, expr->span, fixed, "write `%.*s`", DVARA_STR_ARG(fixed));
        return type_error(expr);
    }
    if (!type_is_list(right->type))
        return mismatch(c, expr, right, DVARA_STR("a list on its right"));
    return check_element(c, expr, left, right);
}

static struct type check_contains(struct checker *c, struct expr *expr)
{
    struct expr *left = expr->binary.left;
    struct expr *right = expr->binary.right;
    if (type_is_list(left->type))
        return check_element(c, expr, right, left);
    if (!type_is(left->type, DVARA_TYPE_STRING))
        return mismatch(c, expr, left, DVARA_STR("a string or a list on its left"));
    if (!type_is(right->type, DVARA_TYPE_STRING))
        return mismatch(c, expr, right, DVARA_STR("a `string`"));
    return expr->type = bool_type;
}

static struct type check_affix(struct checker *c, struct expr *expr)
{
    if (!type_is(expr->binary.left->type, DVARA_TYPE_STRING))
        return mismatch(c, expr, expr->binary.left, DVARA_STR("a `string`"));
    if (!type_is(expr->binary.right->type, DVARA_TYPE_STRING))
        return mismatch(c, expr, expr->binary.right, DVARA_STR("a `string`"));
    return expr->type = bool_type;
}

static bool check_pattern(struct checker *c, const struct expr *expr, const struct expr *item)
{
    item = expr_bare(item);
    if (item->kind != EXPR_STRING) {
        diag_add(c->diags, item->span, MESSAGE_NOT_LITERAL,
                 arena_printf(c->arena, "the right side of `%s`", binary_spelling(expr->binary.op)),
                 DVARA_STR("a string literal or a list of them"));
        return false;
    }
    bool host_bits;
    bool is_glob = expr->binary.op == BINARY_GLOB;
    const char *problem =
        is_glob ? glob_problem(item->string) : cidr_problem(item->string, &host_bits);
    if (problem && is_glob)
        diag_add(c->diags, item->span, MESSAGE_BAD_GLOB, dvara_str_from_cstr(problem));
    else if (problem)
        diag_add(c->diags, item->span, MESSAGE_BAD_CIDR, item->string,
                 dvara_str_from_cstr(problem));
    return !problem;
}

/* `glob` and `within`: a literal, a list of literals, or a let of either. */
static struct type check_patterns(struct checker *c, struct expr *expr)
{
    struct expr *left = expr->binary.left;
    const struct expr *right = expr_bare(expr->binary.right);
    if (!type_is(left->type, DVARA_TYPE_STRING))
        return mismatch(c, expr, left, DVARA_STR("a `string`"));
    if (right->kind == EXPR_REGEX) {
        struct diag *diag = diag_add(c->diags, right->span, MESSAGE_TYPE_MISMATCH, op_text(c, expr),
                                     DVARA_STR("a string literal"), DVARA_STR("a `regex`"));
        diag_fix(c->diags, diag, expr->binary.op_span, DVARA_STR("matches"),
                 "a regular expression stands after `matches`");
        return type_error(expr);
    }
    const struct expr *value = right;
    while (value->kind == EXPR_LET)
        value = expr_bare(value->decl->let.expr);
    bool ok = true;
    if (value->kind == EXPR_LIST)
        for (size_t i = 0; i < value->items.n; i++)
            ok &= check_pattern(c, expr, value->items.v[i]);
    else
        ok = check_pattern(c, expr, value->kind == EXPR_STRING ? value : right);
    return ok ? (expr->type = bool_type) : type_error(expr);
}

/* Compiling a pattern takes a while: mutants of a program have the program's. */
static bool is_known(const struct program *program, const struct regex *regex)
{
    for (size_t i = 0; i < program->n_known; i++) {
        if (program->known[i].flags == regex->flags &&
            dvara_str_eq(program->known[i].source, regex->text))
            return true;
    }
    return false;
}

static struct type check_matches(struct checker *c, struct expr *expr)
{
    struct expr *left = expr->binary.left;
    const struct expr *right = expr_bare(expr->binary.right);
    if (!type_is(left->type, DVARA_TYPE_STRING))
        return mismatch(c, expr, left, DVARA_STR("a `string`"));
    if (right->kind == EXPR_REGEX) {
        if (!is_known(c->program, &right->regex))
            check_regex(c, &right->regex);
        return expr->type = bool_type;
    }
    struct diag *diag = diag_add(c->diags, right->span, MESSAGE_NOT_LITERAL,
                                 DVARA_STR("the right side of `matches`"),
                                 DVARA_STR("a regular expression such as `/\\bEMP-[0-9]+/`"));
    if (right->kind == EXPR_STRING)
        diag_help(c->diags, diag,
                  "for a part of the text write `contains`; for `*` and `?`, `glob`");
    return type_error(expr);
}

static struct type check_coalesce(struct checker *c, struct expr *expr)
{
    struct expr *left = expr->binary.left;
    struct expr *right = expr->binary.right;
    struct type type = {left->type.base, DVARA_SHAPE_ONE};
    if (type_is_list(left->type) &&
        (right->type.base == TYPE_EMPTY || type_eq(left->type, right->type)))
        return expr->type = left->type; /* never absent: a lint */
    if (!is_scalar(type) || type_is_list(left->type))
        return mismatch(c, expr, left, DVARA_STR("a value that may be absent on its left"));
    bool same = right->type.base == type.base && !type_is_list(right->type);
    if (!same && type.base == DVARA_TYPE_FLOAT && check_widen(right))
        same = true;
    if (!same) {
        struct diag *diag = diag_add(c->diags, right->span, MESSAGE_TYPE_MISMATCH, op_text(c, expr),
                                     type_text(c, type), type_text(c, right->type));
        diag_label(c->diags, diag, left->span, "of this type");
        help_with_literal(c, diag, right, type.base);
        return type_error(expr);
    }
    return expr->type = (struct type){type.base, right->type.shape};
}

static struct type no_arithmetic(struct checker *c, struct expr *expr)
{
    struct expr *left = expr->binary.left;
    struct expr *right = expr->binary.right;
    enum binary op = expr->binary.op;
    if (op == BINARY_ADD && type_is(left->type, DVARA_TYPE_STRING)) {
        diag_plain(c->diags, expr->binary.op_span, MESSAGE_STRING_ADD);
        return type_error(expr);
    }
    struct dvara_str what = op == BINARY_ADD   ? DVARA_STR("sum")
                            : op == BINARY_SUB ? DVARA_STR("difference")
                                               : DVARA_STR("product");
    struct dvara_str types =
        arena_printf(c->arena, "of %.*s and %.*s", DVARA_STR_ARG(type_text(c, left->type)),
                     DVARA_STR_ARG(type_text(c, right->type)));
    struct diag *diag = diag_add(c->diags, expr->binary.op_span, MESSAGE_ARITHMETIC, what,
                                 dvara_str_from_cstr(binary_spelling(op)), types);
    if (op != BINARY_MUL) {
        help_with_literal(c, diag, right, left->type.base);
        help_with_literal(c, diag, left, right->type.base);
    }
    return type_error(expr);
}

static struct type check_arithmetic(struct checker *c, struct expr *expr)
{
    struct expr *left = expr->binary.left;
    struct expr *right = expr->binary.right;
    bool same = is_number(left->type) && is_number(right->type) && agree(left, right);
    if (expr->binary.op != BINARY_MUL)
        return same ? (expr->type = left->type) : no_arithmetic(c, expr);
    bool plain = type_is(left->type, DVARA_TYPE_INT) || type_is(left->type, DVARA_TYPE_FLOAT);
    if (same && plain)
        return expr->type = left->type;
    static const uint8_t units[] = {DVARA_TYPE_DURATION, DVARA_TYPE_SIZE, DVARA_TYPE_MONEY};
    for (size_t i = 0; i < sizeof units; i++) {
        if (type_is(left->type, units[i]) && type_is(right->type, DVARA_TYPE_INT))
            return expr->type = left->type;
        if (type_is(right->type, units[i]) && type_is(left->type, DVARA_TYPE_INT))
            return expr->type = right->type;
    }
    return no_arithmetic(c, expr);
}

/* The types of both sides are known and neither failed. */
static struct type check_operator(struct checker *c, struct expr *expr)
{
    switch (expr->binary.op) {
    case BINARY_EQ:
    case BINARY_NE:
    case BINARY_LT:
    case BINARY_LE:
    case BINARY_GT:
    case BINARY_GE:
        return check_compare(c, expr);
    case BINARY_IN:
    case BINARY_NOT_IN:
        return check_in(c, expr);
    case BINARY_CONTAINS:
        return check_contains(c, expr);
    case BINARY_STARTS_WITH:
    case BINARY_ENDS_WITH:
        return check_affix(c, expr);
    case BINARY_GLOB:
    case BINARY_WITHIN:
        return check_patterns(c, expr);
    case BINARY_MATCHES:
        return check_matches(c, expr);
    case BINARY_COALESCE:
        return check_coalesce(c, expr);
    case BINARY_ADD:
    case BINARY_SUB:
    case BINARY_MUL:
        return check_arithmetic(c, expr);
    case BINARY_OR:
    case BINARY_AND:
    case BINARY_COUNT:
        break;
    }
    return type_error(expr);
}

struct type check_binary(struct checker *c, struct expr *expr)
{
    enum binary op = expr->binary.op;
    struct expr *left = expr->binary.left;
    struct expr *right = expr->binary.right;
    struct type type;
    if (op == BINARY_AND || op == BINARY_OR) {
        type = check_logic(c, expr);
    } else {
        bool coalesce = op == BINARY_COALESCE;
        struct type a = coalesce ? check_expr(c, left) : check_value(c, left);
        struct type b = coalesce ? check_expr(c, right) : check_value(c, right);
        type = type_is_error(a) || type_is_error(b) ? type_error(expr) : check_operator(c, expr);
    }
    expr->taint = left->taint > right->taint ? left->taint : right->taint;
    expr->phases = left->phases & right->phases;
    return type;
}
