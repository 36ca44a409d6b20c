/* SPDX-License-Identifier: Apache-2.0 */
/* Operators. Chains of `and` and `or` become balanced trees, so that a tree is never deeper than
 * its brackets and the logarithm of its width; other chains are bounded by CHAIN_MAX. */
#include "base/arena.h"
#include "lang/list.h"
#include "lang/parse.h"

enum {
    CHAIN_MAX = 256 /* operands of + - * ?? in one chain: deeper trees would need a deep stack */
};

enum level { LEVEL_OR, LEVEL_AND, LEVEL_COMPARE, LEVEL_COALESCE, LEVEL_SUM, LEVEL_PRODUCT };

static const uint8_t levels[BINARY_COUNT] = {
#define BINARY(id, spelling, level, what) [BINARY_##id] = LEVEL_##level,
#include "lang/nodes.def"
};

struct operands {
    struct expr **v;
    size_t n;
    struct binary_op {
        enum binary op;
        struct span span;
    } * ops; /* ops[i] stands before v[i + 1] */
    size_t n_ops;
};

static struct expr *parse_or(struct parser *p);
static struct expr *parse_unary(struct parser *p);

struct expr *expr_new(struct parser *p, enum expr_kind kind, struct span span)
{
    struct expr *expr = ARENA_NEW(p->arena, struct expr);
    if (!expr)
        return p->error;
    expr->kind = kind;
    expr->span = span;
    expr->type.base = TYPE_NONE;
    return expr;
}

static struct expr *binary_new(struct parser *p, const struct binary_op *op, struct expr *left,
                               struct expr *right)
{
    struct expr *expr = expr_new(p, EXPR_BINARY, span_join(left->span, right->span));
    if (expr == p->error || left == p->error || right == p->error)
        return p->error;
    expr->binary.op = op->op;
    expr->binary.op_span = op->span;
    expr->binary.left = left;
    expr->binary.right = right;
    return expr;
}

/* The operator at the cursor, or BINARY_COUNT. `not in` is two words. */
static enum binary operator_at(const struct parser *p)
{
    static const struct {
        uint8_t token;
        uint8_t op;
    } signs[] = {
        {TOKEN_EQ, BINARY_EQ},
        {TOKEN_NE, BINARY_NE},
        {TOKEN_LT, BINARY_LT},
        {TOKEN_LE, BINARY_LE},
        {TOKEN_GT, BINARY_GT},
        {TOKEN_GE, BINARY_GE},
        {TOKEN_COALESCE, BINARY_COALESCE},
        {TOKEN_PLUS, BINARY_ADD},
        {TOKEN_MINUS, BINARY_SUB},
        {TOKEN_STAR, BINARY_MUL},
    };
    const struct token *token = parser_token(p);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (token->kind == signs[i].token)
            return signs[i].op;
    if (token->kind != TOKEN_WORD || !(token->flags & TOKEN_RESERVED))
        return BINARY_COUNT;
    struct dvara_str word = parser_word(p, token);
    if (dvara_str_eq(word, DVARA_STR("not"))) {
        const struct token *next = parser_next(p);
        bool is_in =
            next->kind == TOKEN_WORD && dvara_str_eq(parser_word(p, next), DVARA_STR("in"));
        return is_in ? BINARY_NOT_IN : BINARY_COUNT;
    }
    for (int i = 0; i < BINARY_COUNT; i++)
        if (dvara_str_eq(word, dvara_str_from_cstr(binary_spelling((enum binary)i))))
            return (enum binary)i;
    return BINARY_COUNT;
}

static struct binary_op take_operator(struct parser *p, enum binary op)
{
    uint32_t first = p->at;
    parser_take(p);
    if (op == BINARY_NOT_IN)
        parser_take(p);
    return (struct binary_op){op, parser_span_from(p, first)};
}

/* operand { operator operand } of one level. */
static struct operands parse_chain(struct parser *p, enum level level,
                                   struct expr *(*parse_operand)(struct parser *))
{
    struct operands chain = {0};
    struct expr *operand = parse_operand(p);
    LIST_APPEND(p->arena, chain.v, chain.n, operand);
    while (!p->panic) {
        enum binary op = operator_at(p);
        if (op == BINARY_COUNT || levels[op] != level)
            break;
        if (level > LEVEL_AND && chain.n >= CHAIN_MAX) {
            diag_plain(p->diags, parser_span(p), MESSAGE_CHAIN);
            p->panic = true;
            break;
        }
        struct binary_op taken = take_operator(p, op);
        LIST_APPEND(p->arena, chain.ops, chain.n_ops, taken);
        operand = parse_operand(p);
        LIST_APPEND(p->arena, chain.v, chain.n, operand);
    }
    return chain;
}

static struct expr *fold_left(struct parser *p, const struct operands *chain)
{
    if (p->panic || chain->n == 0)
        return p->error;
    struct expr *expr = chain->v[0];
    for (size_t i = 1; i < chain->n; i++)
        expr = binary_new(p, &chain->ops[i - 1], expr, chain->v[i]);
    return expr;
}

static struct expr *fold_right(struct parser *p, const struct operands *chain)
{
    if (p->panic || chain->n == 0)
        return p->error;
    struct expr *expr = chain->v[chain->n - 1];
    for (size_t i = chain->n - 1; i > 0; i--)
        expr = binary_new(p, &chain->ops[i - 1], chain->v[i - 1], expr);
    return expr;
}

/* [from, to) of the operands as a balanced tree. */
static struct expr *balance(struct parser *p, const struct operands *chain, size_t from, size_t to)
{
    if (to - from == 1)
        return chain->v[from];
    size_t middle = from + (to - from + 1) / 2;
    struct expr *left = balance(p, chain, from, middle);
    struct expr *right = balance(p, chain, middle, to);
    return binary_new(p, &chain->ops[middle - 1], left, right);
}

static struct expr *fold_balanced(struct parser *p, const struct operands *chain)
{
    if (p->panic || chain->n == 0 || chain->n_ops + 1 != chain->n)
        return p->error;
    return balance(p, chain, 0, chain->n);
}

/* mul = unary { "*" unary } */
static struct expr *parse_product(struct parser *p)
{
    struct operands chain = parse_chain(p, LEVEL_PRODUCT, parse_unary);
    return fold_left(p, &chain);
}

/* sum = mul { ("+" | "-") mul } */
static struct expr *parse_sum(struct parser *p)
{
    struct operands chain = parse_chain(p, LEVEL_SUM, parse_product);
    return fold_left(p, &chain);
}

/* coal = sum { "??" sum } */
static struct expr *parse_coalesce(struct parser *p)
{
    struct operands chain = parse_chain(p, LEVEL_COALESCE, parse_sum);
    return fold_right(p, &chain);
}

static void report_second_comparison(struct parser *p, struct binary_op first)
{
    struct diag *diag = diag_plain(p->diags, parser_span(p), MESSAGE_NOT_ASSOCIATIVE);
    diag_label(p->diags, diag, first.span, "the first comparison");
    p->panic = true;
}

/* operator_at, and a lone `=` is reported and taken for `==`. */
static enum binary comparison_at(struct parser *p)
{
    if (!parser_at(p, TOKEN_ASSIGN))
        return operator_at(p);
    struct diag *diag =
        diag_add(p->diags, parser_span(p), MESSAGE_EXPECTED, DVARA_STR("`==`"), DVARA_STR("`=`"));
    diag_fix(p->diags, diag, parser_span(p), DVARA_STR("=="), "write `==`");
    p->decl->unbound = true;
    return BINARY_EQ;
}

/* cmp = coal [ comparison coal ] */
static struct expr *parse_comparison(struct parser *p)
{
    struct expr *left = parse_coalesce(p);
    enum binary op = p->panic ? BINARY_COUNT : comparison_at(p);
    if (op == BINARY_COUNT || levels[op] != LEVEL_COMPARE)
        return left;
    struct binary_op taken = take_operator(p, op);
    struct expr *right = parse_coalesce(p);
    enum binary next = p->panic ? BINARY_COUNT : operator_at(p);
    if (next != BINARY_COUNT && levels[next] == LEVEL_COMPARE)
        report_second_comparison(p, taken);
    return p->panic ? p->error : binary_new(p, &taken, left, right);
}

/* A prefix operator and its operand, one level deeper. */
static struct expr *parse_prefix(struct parser *p, enum expr_kind kind,
                                 struct expr *(*parse_operand)(struct parser *))
{
    uint32_t first = p->at;
    if (!parser_enter(p))
        return p->error;
    parser_take(p);
    struct expr *operand = parse_operand(p);
    parser_leave(p);
    struct expr *expr = expr_new(p, kind, parser_span_from(p, first));
    if (p->panic || expr == p->error)
        return p->error;
    expr->operand = operand;
    return expr;
}

/* not = { "not" } cmp */
static struct expr *parse_not(struct parser *p)
{
    if (parser_at_word(p, "not"))
        return parse_prefix(p, EXPR_NOT, parse_not);
    return parse_comparison(p);
}

/* and = not { "and" not } */
static struct expr *parse_and(struct parser *p)
{
    struct operands chain = parse_chain(p, LEVEL_AND, parse_not);
    return fold_balanced(p, &chain);
}

/* or = and { "or" and } */
static struct expr *parse_or(struct parser *p)
{
    struct operands chain = parse_chain(p, LEVEL_OR, parse_and);
    return fold_balanced(p, &chain);
}

struct expr *parse_expr(struct parser *p)
{
    return p->panic ? p->error : parse_or(p);
}

/* unary = "-" unary | "has" post | post */
static struct expr *parse_unary(struct parser *p)
{
    if (parser_at(p, TOKEN_MINUS))
        return parse_prefix(p, EXPR_MINUS, parse_unary);
    if (parser_at_word(p, "has"))
        return parse_prefix(p, EXPR_HAS, parse_postfix);
    return parse_postfix(p);
}
