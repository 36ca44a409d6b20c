/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions to code. Conditions are jumps and Kleene's operators over atoms; an atom is a block
 * of its own, shared by all rules, unless it reads a quantifier's element. Operands are evaluated
 * left to right and guarded by what stands left of them, so narrowed attributes are present where
 * they are read. */
#include "lang/generator.h"

#include "base/arena.h"
#include "bundle/verify.h"
#include "lang/list.h"

static const struct type bool_type = {DVARA_TYPE_BOOL, DVARA_SHAPE_ONE};
static const struct type int_type = {DVARA_TYPE_INT, DVARA_SHAPE_ONE};

static void generate_condition(struct block *block, const struct expr *expr, uint32_t r);

/* ---- values ---- */

/* As it stands in the facts, an optional one still optional. */
static void load_whole(struct block *block, const struct expr *expr, uint32_t r)
{
    struct generator *generator = block->generator;
    enum dvara_attribute id = expr->attribute.id;
    uint32_t imm = 0;
    if (expr->attribute.group)
        imm = generate_group(generator, expr->attribute.group);
    else if (attribute_row(id)->arg != DVARA_ARG_NONE)
        imm = bundle_string(generator->writer, expr->attribute.arg);
    block->depends |= bundle_attribute_depends(id);
    block_emit(block, OP_LOAD, r, id, 0, imm);
}

static void load(struct block *block, const struct expr *expr, uint32_t r)
{
    load_whole(block, expr, r);
    if (expr->narrowed)
        block_emit(block, OP_UNWRAP, r, r, 0, 0);
}

static void call_block(struct block *block, uint8_t op, uint32_t r, uint32_t callee)
{
    struct generator *generator = block->generator;
    if (callee < bundle_count(generator->writer, BUNDLE_TABLE_BLOCK)) {
        const struct bundle_block *row = bundle_row(generator->writer, BUNDLE_TABLE_BLOCK, callee);
        block->depends |= row->depends;
    }
    block_emit(block, op, r, 0, 0, callee);
}

uint32_t generate_let(struct generator *generator, struct decl *decl)
{
    uint32_t *known = &generator->let_blocks[decl->order];
    struct type type = decl->let.expr->type;
    bool condition = type_eq(type, bool_type);
    if (*known)
        return *known - 1;
    struct block block = block_begin(generator);
    if (condition)
        generate_condition(&block, decl->let.expr, 0);
    else
        generate_expr(&block, decl->let.expr, type, 0);
    uint32_t made =
        block_finish(&block, condition ? BUNDLE_BLOCK_ATOM : BUNDLE_BLOCK_LET, type, decl->name);
    *known = made + 1;
    return made;
}

static struct type bare(struct type type)
{
    return (struct type){type.base, DVARA_SHAPE_ONE};
}

/* The type that both operands take: float if one is, else the left's. */
static struct type common(const struct expr *left, const struct expr *right)
{
    struct type type = bare(left->type);
    if (type.base == DVARA_TYPE_INT && right->type.base == DVARA_TYPE_FLOAT)
        type.base = DVARA_TYPE_FLOAT;
    return type;
}

/* x in [a, b] where an element is no constant: x == a or x == b. */
static void membership_by_parts(struct block *block, const struct expr *item,
                                const struct expr *list, uint32_t r)
{
    generate_expr(block, item, bare(item->type), r + 1);
    for (size_t i = 0; i < list->items.n; i++) {
        generate_expr(block, list->items.v[i], bare(item->type), r + 2);
        block_emit(block, OP_EQ, i ? r + 2 : r, r + 1, r + 2, 0);
        if (i)
            block_emit(block, OP_OR, r, r, r + 2, 0);
    }
}

static void membership(struct block *block, const struct expr *item, const struct expr *list,
                       uint32_t r)
{
    struct constant constant;
    const struct expr *bare_list = expr_bare(list);
    struct type type = bare(item->type);
    if (constant_of(block->generator->arena, list, &constant)) {
        uint8_t element = type.base;
        if (constant.list.n && constant.list.v[0].type.base == DVARA_TYPE_FLOAT)
            element = DVARA_TYPE_FLOAT;
        type.base = element;
        generate_expr(block, item, type, r);
        block_emit(block, OP_IN_SET, r, r, 0,
                   generate_list(block->generator, constant.list, element));
        return;
    }
    if (bare_list->kind == EXPR_LIST) {
        membership_by_parts(block, item, bare_list, r);
        return;
    }
    generate_expr(block, item, type, r);
    generate_expr(block, list, list->type, r + 1);
    block_emit(block, OP_IN_LIST, r, r, r + 1, 0);
}

static void two(struct block *block, uint8_t op, const struct expr *left, const struct expr *right,
                struct type type, uint32_t r)
{
    generate_expr(block, left, type, r);
    generate_expr(block, right, type, r + 1);
    block_emit(block, op, r, r, r + 1, 0);
}

static void coalesce(struct block *block, const struct expr *expr, struct type as, uint32_t r)
{
    if (!type_is_optional(expr->binary.left->type)) {
        generate_expr(block, expr->binary.left, as, r); /* a lint: it is always there */
        return;
    }
    generate_expr(block, expr->binary.left, expr->binary.left->type, r);
    const struct expr *at = expr_bare(expr->binary.right);
    for (;;) {
        bool more = at->kind == EXPR_BINARY && at->binary.op == BINARY_COALESCE;
        const struct expr *operand = more ? at->binary.left : at;
        struct type type = operand->type;
        if (type.base == DVARA_TYPE_INT && as.base == DVARA_TYPE_FLOAT)
            type.base = DVARA_TYPE_FLOAT;
        generate_expr(block, operand, type, r + 1);
        block_emit(block, OP_COALESCE, r, r, r + 1, 0);
        if (!more || !type_is_optional(operand->type))
            return;
        at = expr_bare(at->binary.right);
    }
}

/* Sums and products: left-deep chains, however long. */
static void arithmetic(struct block *block, const struct expr *expr, struct type as, uint32_t r)
{
    enum binary op = expr->binary.op;
    const struct expr *left = expr->binary.left, *right = expr->binary.right;
    struct type type = bare(expr->type);
    if (type.base == DVARA_TYPE_INT && as.base == DVARA_TYPE_FLOAT)
        type.base = DVARA_TYPE_FLOAT;
    bool amount =
        op == BINARY_MUL && (type.base == DVARA_TYPE_DURATION || type.base == DVARA_TYPE_SIZE ||
                             type.base == DVARA_TYPE_MONEY);
    if (!amount) {
        two(block,
            op == BINARY_ADD   ? OP_ADD
            : op == BINARY_SUB ? OP_SUB
                               : OP_MUL,
            left, right, type, r);
        return;
    }
    bool swapped = left->type.base == DVARA_TYPE_INT;
    generate_expr(block, left, swapped ? int_type : type, r);
    generate_expr(block, right, swapped ? type : int_type, r + 1);
    block_emit(block, OP_SCALE, r, swapped ? r + 1 : r, swapped ? r : r + 1, 0);
}

static void binary(struct block *block, const struct expr *expr, struct type as, uint32_t r)
{
    static const uint8_t ops[BINARY_COUNT] = {
        [BINARY_EQ] = OP_EQ,
        [BINARY_LT] = OP_LT,
        [BINARY_LE] = OP_LE,
        [BINARY_GT] = OP_GT,
        [BINARY_GE] = OP_GE,
        [BINARY_CONTAINS] = OP_CONTAINS,
        [BINARY_STARTS_WITH] = OP_STARTS_WITH,
        [BINARY_ENDS_WITH] = OP_ENDS_WITH,
    };
    struct generator *generator = block->generator;
    const struct expr *left = expr->binary.left, *right = expr->binary.right;
    switch (expr->binary.op) {
    case BINARY_COALESCE:
        coalesce(block, expr, as, r);
        return;
    case BINARY_ADD:
    case BINARY_SUB:
    case BINARY_MUL:
        arithmetic(block, expr, as, r);
        return;
    case BINARY_IN:
        membership(block, left, right, r);
        return;
    case BINARY_GLOB:
        generate_expr(block, left, bare(left->type), r);
        block_emit(block, OP_GLOB, r, r, 0, generate_globs(generator, right));
        return;
    case BINARY_WITHIN:
        generate_expr(block, left, bare(left->type), r);
        block_emit(block, OP_WITHIN, r, r, 0, generate_nets(generator, right));
        return;
    case BINARY_MATCHES:
        generate_expr(block, left, bare(left->type), r);
        block_emit(block, OP_MATCHES, r, r, 0,
                   generate_regex(generator, &expr_bare(expr->binary.right)->regex));
        return;
    case BINARY_CONTAINS:
        if (type_is_list(left->type)) {
            membership(block, right, left, r);
            return;
        }
        break;
    default:
        break;
    }
    two(block, ops[expr->binary.op], left, right, common(left, right), r);
}

/* ---- calls ---- */

static void period(struct block *block, const struct exprs *args, uint32_t r)
{
    struct constant from = {.i = 0}, to = {.i = 0};
    struct generator *generator = block->generator;
    if (!constant_of(generator->arena, args->v[0], &from) ||
        !constant_of(generator->arena, args->v[1], &to))
        block->failed = true;
    struct bundle_period row = {(uint32_t)from.i, (uint32_t)to.i,
                                generate_zone(generator, args->v[2])};
    uint32_t *at = intern_at(generator->intern, BUNDLE_TABLE_PERIOD,
                             dvara_str_from((const char *)&row, sizeof row));
    if (at && *at == UINT32_MAX)
        *at = bundle_add(generator->writer, BUNDLE_TABLE_PERIOD, &row);
    block_emit(block, OP_BETWEEN, r, 0, 0, at ? *at : 0);
}

static void call_json(struct block *block, const struct exprs *args, uint32_t r)
{
    struct constant pointer = {.s = DVARA_STR("")};
    if (!constant_of(block->generator->arena, args->v[1], &pointer))
        block->failed = true;
    generate_expr(block, args->v[0], bare(args->v[0]->type), r);
    block_emit(block, OP_JSON, r, r, 0, bundle_string(block->generator->writer, pointer.s));
}

static void call_bucket(struct block *block, const struct exprs *args, uint32_t r)
{
    struct constant n = {.i = 1};
    if (!constant_of(block->generator->arena, args->v[1], &n))
        block->failed = true;
    generate_expr(block, args->v[0], bare(args->v[0]->type), r);
    block_emit(block, OP_BUCKET, r, r, 0, (uint32_t)n.i);
}

static void call(struct block *block, const struct expr *expr, struct type as, uint32_t r)
{
    static const uint8_t ops[FUNCTION_COUNT] = {
        [FUNCTION_LOWER] = OP_LOWER,     [FUNCTION_UPPER] = OP_UPPER,
        [FUNCTION_TRIM] = OP_TRIM,       [FUNCTION_ABS] = OP_ABS,
        [FUNCTION_FIRST] = OP_FIRST,     [FUNCTION_MIN] = OP_MIN,
        [FUNCTION_MAX] = OP_MAX,         [FUNCTION_HOUR] = OP_HOUR,
        [FUNCTION_WEEKDAY] = OP_WEEKDAY, [FUNCTION_DATE] = OP_DATE,
        [FUNCTION_LEN] = OP_COUNT_ITEMS,
    };
    const struct exprs *args = &expr->call.args;
    struct type type = args->n ? args->v[0]->type : as;
    if (as.base == DVARA_TYPE_FLOAT && type.base == DVARA_TYPE_INT)
        type.base = DVARA_TYPE_FLOAT;
    uint8_t op = ops[expr->call.id];
    switch (expr->call.id) {
    case FUNCTION_BETWEEN:
        period(block, args, r);
        return;
    case FUNCTION_JSON:
        call_json(block, args, r);
        return;
    case FUNCTION_BUCKET:
        call_bucket(block, args, r);
        return;
    case FUNCTION_HOUR:
    case FUNCTION_WEEKDAY:
    case FUNCTION_DATE:
        block_emit(block, op, r, 0, 0, generate_zone(block->generator, args->v[0]));
        return;
    case FUNCTION_MIN:
    case FUNCTION_MAX:
        type = common(args->v[0], args->v[1]);
        if (as.base == DVARA_TYPE_FLOAT)
            type.base = DVARA_TYPE_FLOAT;
        two(block, op, args->v[0], args->v[1], type, r);
        return;
    default:
        break;
    }
    if (expr->call.id == FUNCTION_LEN && !type_is_list(type))
        op = OP_COUNT_POINTS;
    generate_expr(block, args->v[0], type, r);
    block_emit(block, op, r, r, 0, 0);
}

/* ---- quantifiers ---- */

static void quantifier(struct block *block, const struct expr *expr, uint32_t r)
{
    static const uint8_t ops[QUANTIFIER_COUNT] = {[QUANTIFIER_ANY] = OP_ANY,
                                                  [QUANTIFIER_ALL] = OP_ALL,
                                                  [QUANTIFIER_NONE] = OP_NO,
                                                  [QUANTIFIER_NUMBER] = OP_COUNT};
    const struct binding *binding = expr->quantifier.binding;
    if (binding->depth >= DVARA_MAX_QUANTIFIER_DEPTH) {
        block->failed = true;
        return;
    }
    uint32_t list = r + 1, element = r + 2, inner = r + 3;
    generate_expr(block, expr->quantifier.over, expr->quantifier.over->type, list);
    uint32_t loop = block->n;
    block_emit(block, ops[expr->quantifier.kind], r, list, element, 0);
    block->elements[binding->depth] = (uint8_t)element;
    block->n_open++;
    /* The body's value must stand in r; r itself is free in the body. */
    generate_condition(block, expr->quantifier.body, inner);
    block_emit(block, OP_AND, r, inner, inner, 0);
    block->n_open--;
    block_land(block, loop);
}

static void field(struct block *block, const struct expr *expr, uint32_t r)
{
    const struct expr *base = expr_bare(expr->field.base);
    block_emit(block, OP_FIELD, r, block->elements[base->binding->depth], expr->field.id, 0);
}

/* ---- one expression ---- */

static void constant(struct block *block, struct constant value, struct type as, uint32_t r)
{
    if (type_is_list(value.type))
        block_emit(block, OP_LIST, r, 0, 0, generate_list(block->generator, value.list, as.base));
    else
        block_emit(block, OP_CONST, r, 0, 0, generate_constant(block->generator, value, as.base));
}

static bool is_condition(const struct expr *expr)
{
    return type_eq(expr->type, bool_type);
}

/* A copy: both and itself, or the smaller of it and itself. */
static void copy_element(struct block *block, const struct expr *expr, uint32_t r)
{
    uint32_t from = block->elements[expr->binding->depth];
    if (expr->type.base == DVARA_TYPE_BOOL)
        block_emit(block, OP_AND, r, from, from, 0);
    else
        block_emit(block, OP_MIN, r, from, from, 0);
}

void generate_expr(struct block *block, const struct expr *expr, struct type as, uint32_t r)
{
    struct constant value;
    expr = expr_bare(expr);
    if (block->failed || r + 4 >= OP_REGISTERS) {
        block->failed = true;
        return;
    }
    if (constant_of(block->generator->arena, expr, &value)) {
        constant(block, value, as, r);
        return;
    }
    if (is_condition(expr) && expr->kind != EXPR_ATTRIBUTE && expr->kind != EXPR_FIELD &&
        expr->kind != EXPR_BINDING) {
        generate_condition(block, expr, r);
        return;
    }
    switch (expr->kind) {
    case EXPR_ATTRIBUTE:
        load(block, expr, r);
        return;
    case EXPR_LET:
        call_block(block, OP_LET, r, generate_let(block->generator, expr->decl));
        return;
    case EXPR_RUNTIME_LIST:
        block_emit(block, OP_RUNTIME, r, 0, 0, expr->decl->order);
        return;
    case EXPR_BINDING:
        copy_element(block, expr, r);
        return;
    case EXPR_FIELD:
        field(block, expr, r);
        return;
    case EXPR_CALL:
        call(block, expr, as, r);
        return;
    case EXPR_MINUS:
        generate_expr(block, expr->operand, as.base == DVARA_TYPE_FLOAT ? as : bare(expr->type), r);
        block_emit(block, OP_NEG, r, r, 0, 0);
        return;
    case EXPR_BINARY:
        binary(block, expr, as, r);
        return;
    case EXPR_QUANTIFIER:
        quantifier(block, expr, r);
        return;
    default:
        block->failed = true;
    }
}

/* ---- conditions ---- */

/* What is always there equals itself, or erred. */
static void has(struct block *block, const struct expr *attribute, uint32_t r)
{
    struct type type = attribute_row(attribute->attribute.id)->type;
    load_whole(block, attribute, r);
    if (type_is_optional(type)) {
        block_emit(block, OP_HAS, r, r, 0, 0);
        return;
    }
    if (type_is_list(type))
        block_emit(block, OP_COUNT_ITEMS, r, r, 0, 0);
    block_emit(block, OP_EQ, r, r, r, 0);
}

/* A predicate that holds no other: its own code. */
static void predicate(struct block *block, const struct expr *expr, uint32_t r)
{
    if (expr->kind == EXPR_HAS) {
        has(block, expr_bare(expr->operand), r);
    } else if (expr->kind == EXPR_BINARY) {
        binary(block, expr, bool_type, r);
    } else if (expr->kind == EXPR_QUANTIFIER) {
        quantifier(block, expr, r);
    } else if (expr->kind == EXPR_CALL) {
        call(block, expr, bool_type, r);
    } else {
        generate_expr(block, expr, bool_type, r);
    }
}

static uint32_t atom_of(struct generator *generator, const struct expr *expr)
{
    struct block block = block_begin(generator);
    predicate(&block, expr, 0);
    uint32_t made =
        block_finish(&block, BUNDLE_BLOCK_ATOM, bool_type, generate_text(generator, expr));
    if (block.failed)
        diag_plain(generator->diags, expr->span, MESSAGE_NESTING);
    return made;
}

static void atom(struct block *block, const struct expr *expr, uint32_t r)
{
    if (block->n_open && expr_reads_binding(block->generator, expr))
        predicate(block, expr, r);
    else
        call_block(block, OP_ATOM, r, atom_of(block->generator, expr));
}

/* a and b and …: a false one jumps over the rest. */
static void chain(struct block *block, const struct expr *expr, uint32_t r)
{
    enum binary op = expr->binary.op;
    bool and = op == BINARY_AND;
    struct exprs operands = expr_chain(block->generator->arena, expr, op);
    uint32_t *jumps = ARENA_ARRAY(block->generator->arena, operands.n, uint32_t);
    if (!jumps)
        return;
    for (size_t i = 0; i < operands.n; i++) {
        generate_condition(block, operands.v[i], i ? r + 1 : r);
        if (i)
            block_emit(block, and? OP_AND : OP_OR, r, r, r + 1, 0);
        if (i + 1 < operands.n)
            jumps[i] = block_jump(block, and? OP_JUMP_FALSE : OP_JUMP_TRUE, r);
    }
    for (size_t i = 0; i + 1 < operands.n; i++)
        block_land(block, jumps[i]);
}

/* The positive form of `!=` and `not in`, so that both share one atom. */
static struct expr *positive(struct arena *arena, const struct expr *expr)
{
    struct expr *copy = ARENA_NEW(arena, struct expr);
    if (!copy)
        return NULL;
    *copy = *expr;
    copy->binary.op = expr->binary.op == BINARY_NE ? BINARY_EQ : BINARY_IN;
    return copy;
}

static void generate_condition(struct block *block, const struct expr *expr, uint32_t r)
{
    struct constant value;
    expr = expr_bare(expr);
    if (block->failed || r + 4 >= OP_REGISTERS) {
        block->failed = true;
        return;
    }
    if (constant_of(block->generator->arena, expr, &value)) {
        constant(block, value, bool_type, r);
        return;
    }
    if (expr->kind == EXPR_NOT) {
        generate_condition(block, expr->operand, r);
        block_emit(block, OP_NOT, r, r, 0, 0);
        return;
    }
    if (expr->kind == EXPR_LET) {
        call_block(block, OP_ATOM, r, generate_let(block->generator, expr->decl));
        return;
    }
    if (expr->kind == EXPR_BINARY &&
        (expr->binary.op == BINARY_AND || expr->binary.op == BINARY_OR)) {
        chain(block, expr, r);
        return;
    }
    if (expr->kind == EXPR_BINARY &&
        (expr->binary.op == BINARY_NE || expr->binary.op == BINARY_NOT_IN)) {
        const struct expr *same = positive(block->generator->arena, expr);
        if (same)
            atom(block, same, r);
        block_emit(block, OP_NOT, r, r, 0, 0);
        return;
    }
    atom(block, expr, r);
}

uint32_t generate_atom(struct generator *generator, const struct expr *expr, bool *ret_negated)
{
    const struct expr *bare = expr_bare(expr), *same = bare;
    *ret_negated = bare->kind == EXPR_BINARY &&
                   (bare->binary.op == BINARY_NE || bare->binary.op == BINARY_NOT_IN);
    if (*ret_negated)
        same = positive(generator->arena, bare);
    return same ? atom_of(generator, same) : 0;
}

uint32_t generate_block(struct generator *generator, const struct expr *expr, struct type as)
{
    struct block block = block_begin(generator);
    if (type_eq(as, bool_type))
        generate_condition(&block, expr, 0);
    else
        generate_expr(&block, expr, as, 0);
    uint32_t made = block_finish(&block, BUNDLE_BLOCK_CODE, as, (struct dvara_str){0});
    if (block.failed)
        diag_plain(generator->diags, expr->span, MESSAGE_NESTING);
    return made;
}
