/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/atom.h"

#include "base/arena.h"
#include "lang/address_set.h"
#include "lang/same.h"
#include "lang/text_pattern.h"

/* ---- which expressions err ---- */

static bool is_total(const struct expr *expr);

static bool are_total(const struct exprs *exprs)
{
    for (size_t i = 0; i < exprs->n; i++)
        if (!is_total(exprs->v[i]))
            return false;
    return true;
}

/* Text as the gateway took it in, without a look into JSON, a scan or a store. */
static bool is_plain_attribute(enum dvara_attribute id)
{
    const struct attribute *row = attribute_row(id);
    if (id == DVARA_ATTR_REQUEST_HEADER || id == DVARA_ATTR_REQUEST_METADATA ||
        id == DVARA_ATTR_TENANT_ATTR)
        return true;
    bool of_session = id >= DVARA_ATTR_SESSION_ID && id <= DVARA_ATTR_SESSION_COST;
    return row->arg == DVARA_ARG_NONE && row->type.shape != DVARA_SHAPE_LIST && !of_session;
}

static bool is_total(const struct expr *expr)
{
    expr = expr_seen(expr);
    if (expr->value)
        return true;
    if (expr->kind == EXPR_ATTRIBUTE)
        return is_plain_attribute(expr->attribute.id);
    if (expr->kind == EXPR_BINARY && expr->binary.op == BINARY_COALESCE)
        return is_total(expr->binary.left) && is_total(expr->binary.right);
    bool calm = expr->kind == EXPR_CALL &&
                (expr->call.id == FUNCTION_LOWER || expr->call.id == FUNCTION_UPPER ||
                 expr->call.id == FUNCTION_TRIM || expr->call.id == FUNCTION_LEN ||
                 expr->call.id == FUNCTION_MIN || expr->call.id == FUNCTION_MAX ||
                 expr->call.id == FUNCTION_HOUR || expr->call.id == FUNCTION_WEEKDAY ||
                 expr->call.id == FUNCTION_DATE || expr->call.id == FUNCTION_BUCKET ||
                 expr->call.id == FUNCTION_BETWEEN);
    return calm && are_total(&expr->call.args);
}

/* ---- making ---- */

static bool may_be_absent(const struct expr *subject)
{
    return type_is_optional(subject->type) ||
           (subject->kind == EXPR_ATTRIBUTE &&
            type_is_optional(attribute_row(subject->attribute.id)->type));
}

static struct literal literal(struct arena *arena, const struct atom *atom, bool positive)
{
    struct atom *copy = ARENA_NEW(arena, struct atom);
    if (copy)
        *copy = *atom;
    return (struct literal){.atom = copy, .positive = positive};
}

static struct literal opaque(struct arena *arena, const struct expr *expr)
{
    struct atom atom = {.kind = ATOM_TRUTH, .subject = expr_seen(expr)};
    atom.is_total = is_total(expr);
    return literal(arena, &atom, true);
}

/* `x ?? constant` is about x. */
static void set_subject(struct arena *arena, struct atom *atom, const struct expr *left)
{
    left = expr_seen(left);
    atom->subject = left;
    bool coalesce = left->kind == EXPR_BINARY && left->binary.op == BINARY_COALESCE &&
                    left->binary.right->value && type_is_optional(left->binary.left->type) &&
                    atom->kind != ATOM_REGEX;
    if (coalesce) {
        atom->subject = expr_seen(left->binary.left);
        atom->is_optional = true;
        atom->when_absent = atom_holds(arena, atom, left->binary.right->value);
    } else {
        atom->is_optional = may_be_absent(left);
    }
    bool by_gateway = left->kind == EXPR_ATTRIBUTE && left->attribute.id == DVARA_ATTR_REQUEST_IP;
    atom->is_total = is_total(atom->subject) && atom->kind != ATOM_REGEX &&
                     (atom->kind != ATOM_ADDRESS || by_gateway);
}

static bool is_literal_text(const struct constants *globs)
{
    for (size_t i = 0; i < globs->n; i++)
        for (size_t k = 0; k < globs->v[i].s.n; k++)
            if (memchr("*?[{", globs->v[i].s.p[k], 4))
                return false;
    return true;
}

/* subject `op` right, right constant; EQ, LT, LE, IN and the operators on text. */
static struct literal compare(struct arena *arena, const struct expr *left, enum binary op,
                              const struct constant *right, bool positive)
{
    struct constants one = {right, 1};
    struct atom atom = {.op = op};
    atom.values = type_is_list(right->type) ? right->list : one;
    atom.kind = op == BINARY_WITHIN                               ? ATOM_ADDRESS
                : expr_seen(left)->type.base == DVARA_TYPE_STRING ? ATOM_TEXT
                                                                  : ATOM_VALUE;
    if (op == BINARY_GLOB && is_literal_text(&atom.values))
        atom.op = BINARY_IN;
    set_subject(arena, &atom, left);
    return literal(arena, &atom, positive);
}

/* EQ, LT or LE for any comparison: `*sign` is flipped for the others. */
static enum binary normal_op(enum binary op, bool *sign)
{
    bool flips = op == BINARY_NE || op == BINARY_GT || op == BINARY_GE || op == BINARY_NOT_IN;
    *sign = !flips;
    return op == BINARY_NE       ? BINARY_EQ
           : op == BINARY_GT     ? BINARY_LE
           : op == BINARY_GE     ? BINARY_LT
           : op == BINARY_NOT_IN ? BINARY_IN
                                 : op;
}

static enum binary mirrored(enum binary op)
{
    return op == BINARY_LT   ? BINARY_GT
           : op == BINARY_LE ? BINARY_GE
           : op == BINARY_GT ? BINARY_LT
           : op == BINARY_GE ? BINARY_LE
                             : op;
}

static struct literal order(struct arena *arena, const struct expr *expr, enum binary op)
{
    bool sign;
    enum binary normal = normal_op(op, &sign);
    struct atom atom = {.kind = ATOM_ORDER,
                        .subject = expr_seen(expr->binary.left),
                        .other = expr_seen(expr->binary.right)};
    atom.mask = normal == BINARY_EQ   ? ORDER_EQUAL
                : normal == BINARY_LT ? ORDER_LESS
                                      : ORDER_LESS | ORDER_EQUAL;
    atom.is_total = is_total(atom.subject) && is_total(atom.other);
    return literal(arena, &atom, sign);
}

static struct literal comparison(struct arena *arena, const struct expr *expr)
{
    enum binary op = expr->binary.op;
    const struct expr *left = expr->binary.left;
    const struct expr *right = expr->binary.right;
    if (!right->value && left->value) {
        const struct expr *swap = left;
        left = right;
        right = swap;
        op = mirrored(op);
    }
    if (!right->value)
        return order(arena, expr, op);
    bool sign;
    enum binary normal = normal_op(op, &sign);
    if (type_is(right->value->type, DVARA_TYPE_BOOL)) {
        struct literal truth = atom_of(arena, left);
        truth.positive = (truth.positive == (right->value->i != 0)) == sign;
        return truth.atom ? truth : opaque(arena, expr);
    }
    return compare(arena, left, normal, right->value, sign);
}

static struct literal member(struct arena *arena, const struct expr *list,
                             const struct expr *element, bool positive)
{
    struct atom atom = {.kind = ATOM_MEMBER};
    atom.subject = expr_seen(list);
    atom.other = expr_seen(element);
    return literal(arena, &atom, positive);
}

static struct literal operation(struct arena *arena, const struct expr *expr)
{
    const struct expr *left = expr->binary.left;
    const struct expr *right = expr->binary.right;
    enum binary op = expr->binary.op;
    bool sign;
    if (op >= BINARY_EQ && op <= BINARY_GE)
        return comparison(arena, expr);
    if (op == BINARY_IN || op == BINARY_NOT_IN) {
        enum binary in = normal_op(op, &sign);
        return right->value && !left->value ? compare(arena, left, in, right->value, sign)
                                            : member(arena, right, left, sign);
    }
    if (op == BINARY_CONTAINS && type_is_list(expr_seen(left)->type))
        return member(arena, left, right, true);
    if (op == BINARY_MATCHES) {
        struct atom atom = {.kind = ATOM_REGEX, .other = expr_seen(right)};
        set_subject(arena, &atom, left);
        return literal(arena, &atom, true);
    }
    bool on_text = op >= BINARY_CONTAINS && op <= BINARY_WITHIN;
    if (on_text && right->value && !left->value)
        return compare(arena, left, op, right->value, true);
    return opaque(arena, expr);
}

static struct literal present(struct arena *arena, const struct expr *operand)
{
    struct atom atom = {.kind = ATOM_PRESENT, .is_optional = true};
    atom.subject = expr_seen(operand);
    atom.is_total = is_total(atom.subject);
    return literal(arena, &atom, true);
}

struct literal atom_of(struct arena *arena, const struct expr *expr)
{
    const struct expr *seen = expr_seen(expr);
    struct literal found;
    bool is_binary = seen->kind == EXPR_BINARY;
    if (is_binary && (seen->binary.op == BINARY_AND || seen->binary.op == BINARY_OR))
        return (struct literal){.atom = NULL};
    if (seen->kind == EXPR_NOT) {
        found = atom_of(arena, seen->operand);
        found.positive = !found.positive;
    } else if (seen->kind == EXPR_HAS) {
        found = present(arena, seen->operand);
    } else {
        found = is_binary ? operation(arena, seen) : opaque(arena, seen);
    }
    found.expr = expr;
    return found;
}

/* ---- asking ---- */

static bool has_other(const struct atom *atom)
{
    return atom->kind == ATOM_MEMBER || atom->kind == ATOM_ORDER;
}

bool atom_same_topic(const struct atom *a, const struct atom *b)
{
    if (!has_other(a) && !has_other(b))
        return expr_same(a->subject, b->subject);
    if (a->kind != b->kind)
        return false;
    if (expr_same(a->subject, b->subject) && expr_same(a->other, b->other))
        return true;
    return a->kind == ATOM_ORDER && expr_same(a->subject, b->other) &&
           expr_same(a->other, b->subject);
}

uint64_t atom_topic_hash(const struct atom *atom)
{
    uint64_t h = expr_hash(atom->subject);
    return has_other(atom) ? h + expr_hash(atom->other) : h;
}

static bool holds_one(const struct atom *atom, const struct constant *value)
{
    const struct constant *limit = atom->values.v;
    if (atom->op == BINARY_LT)
        return constant_compare(value, limit) < 0;
    if (atom->op == BINARY_LE)
        return constant_compare(value, limit) <= 0;
    return constants_contain(&atom->values, value);
}

static bool address_holds(const struct atom *atom, struct dvara_str text)
{
    struct address_range address;
    struct address_range range;
    for (size_t i = 0; i < atom->values.n && address_range_of(text, &address); i++)
        if (address_range_of(atom->values.v[i].s, &range) && address_range_holds(range, address))
            return true;
    return false;
}

bool atom_holds(struct arena *arena, const struct atom *atom, const struct constant *value)
{
    if (atom->kind == ATOM_ADDRESS)
        return address_holds(atom, value->s);
    bool on_text = atom->op == BINARY_STARTS_WITH || atom->op == BINARY_ENDS_WITH ||
                   atom->op == BINARY_CONTAINS || atom->op == BINARY_GLOB;
    if (!on_text)
        return holds_one(atom, value);
    struct text_pattern pattern = {.op = atom->op, .values = atom->values};
    return text_pattern_holds(arena, &pattern, value->s);
}

/* ---- what the language says about values ---- */

struct range_row {
    bool has;
    int64_t low, high;
};

static const struct range_row attribute_ranges[DVARA_ATTR_COUNT] = {
#define RANGE(id, low, high) [DVARA_ATTR_##id] = {true, low, high},
#include "lang/values.def"
};

static const struct dvara_str attribute_words[DVARA_ATTR_COUNT] = {
#define WORDS(id, words) [DVARA_ATTR_##id] = DVARA_STR_INIT(words),
#include "lang/values.def"
};

static const struct range_row call_ranges[FUNCTION_COUNT] = {
#define CALL_RANGE(id, low, high) [FUNCTION_##id] = {true, low, high},
#include "lang/values.def"
};

static const struct dvara_str call_words[FUNCTION_COUNT] = {
#define CALL_WORDS(id, words) [FUNCTION_##id] = DVARA_STR_INIT(words),
#include "lang/values.def"
};

bool atom_natural_range(const struct expr *subject, int64_t *ret_low, int64_t *ret_high)
{
    struct range_row row = {0};
    if (subject->kind == EXPR_ATTRIBUTE)
        row = attribute_ranges[subject->attribute.id];
    else if (subject->kind == EXPR_CALL)
        row = call_ranges[subject->call.id];
    else if (subject->kind == EXPR_QUANTIFIER && subject->quantifier.kind == QUANTIFIER_NUMBER)
        row = (struct range_row){true, 0, INT64_MAX};
    bool is_bucket = subject->kind == EXPR_CALL && subject->call.id == FUNCTION_BUCKET;
    if (is_bucket && subject->call.args.v[1]->value)
        row = (struct range_row){true, 0, subject->call.args.v[1]->value->i - 1};
    *ret_low = row.low;
    *ret_high = row.high;
    return row.has;
}

struct dvara_str atom_natural_words(const struct expr *subject)
{
    if (subject->kind == EXPR_ATTRIBUTE)
        return attribute_words[subject->attribute.id];
    return subject->kind == EXPR_CALL ? call_words[subject->call.id] : (struct dvara_str){0};
}
