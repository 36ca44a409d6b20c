/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions. Chains of `and` and `or` become balanced trees, so that a tree is never deeper than
 * its brackets and the logarithm of its width; other chains are bounded by CHAIN_MAX. */
#include "base/arena.h"
#include "dvara/limits.h"
#include "lang/list.h"
#include "lang/parse.h"

#include <assert.h>

enum {
    CHAIN_MAX = 256, /* operands of + - * ?? in one chain: deeper trees would need a deep stack */
    POSTFIX_MAX = 16 /* parts of a path; the longest there is has three */
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

/* A closing bracket with the opening one shown when it is missing. */
static bool expect_close(struct parser *p, enum token_kind kind, struct span open)
{
    if (p->panic || parser_take_if(p, kind))
        return !p->panic;
    uint32_t before = p->diags->n;
    parser_expected(p, kind == TOKEN_RPAREN     ? "`,` or `)`"
                       : kind == TOKEN_RBRACKET ? "`,` or `]`"
                                                : "`,` or `}`");
    if (p->diags->n > before)
        diag_label(p->diags, p->diags->v[before], open, "opened here");
    return false;
}

/* [ expr { "," expr } ] close, behind the opening bracket. */
static struct exprs parse_items(struct parser *p, enum token_kind close, struct span open)
{
    struct exprs items = {0};
    while (!p->panic && !parser_at(p, close)) {
        struct expr *item = parse_expr(p);
        LIST_APPEND(p->arena, items.v, items.n, item);
        if (p->panic)
            break;
        struct span comma = parser_span(p);
        if (!parser_take_if(p, TOKEN_COMMA))
            break;
        if (parser_at(p, close)) {
            struct diag *diag = diag_add(p->diags, comma, MESSAGE_TRAILING_COMMA,
                                         dvara_str_from_cstr(token_kind_name(close)));
            diag_fix(p->diags, diag, comma, DVARA_STR(""), "remove the comma");
            p->decl->failed = true;
        }
    }
    expect_close(p, close, open);
    return items;
}

static struct expr *parse_list(struct parser *p)
{
    uint32_t first = p->at;
    struct span open = parser_span(p);
    if (!parser_enter(p))
        return p->error;
    parser_take(p);
    struct exprs items = parse_items(p, TOKEN_RBRACKET, open);
    parser_leave(p);
    struct expr *expr = expr_new(p, EXPR_LIST, parser_span_from(p, first));
    if (p->panic || expr == p->error)
        return p->error;
    if (items.n > DVARA_MAX_LIST)
        diag_plain(p->diags, expr->span, MESSAGE_LIST_TOO_LONG);
    expr->items = items;
    return expr;
}

static struct expr *parse_paren(struct parser *p)
{
    uint32_t first = p->at;
    struct span open = parser_span(p);
    if (!parser_enter(p))
        return p->error;
    parser_take(p);
    struct expr *operand = parse_expr(p);
    if (!p->panic && !parser_take_if(p, TOKEN_RPAREN)) {
        uint32_t before = p->diags->n;
        parser_expected(p, "`)`");
        if (p->diags->n > before)
            diag_label(p->diags, p->diags->v[before], open, "opened here");
    }
    parser_leave(p);
    struct expr *expr = expr_new(p, EXPR_PAREN, parser_span_from(p, first));
    if (p->panic || expr == p->error)
        return p->error;
    expr->operand = operand;
    return expr;
}

static bool parse_field(struct parser *p, struct record_field *ret_field)
{
    *ret_field = (struct record_field){.key_span = parser_span(p)};
    if (parser_at(p, TOKEN_WORD)) {
        ret_field->key = parser_word(p, parser_token(p));
        parser_take(p);
    } else if (parser_at(p, TOKEN_STRING)) {
        ret_field->key = parse_text(p, "a key").s;
    } else {
        parser_expected(p, "a key or `}`");
    }
    parser_expect(p, TOKEN_COLON);
    ret_field->value = parse_expr(p);
    return !p->panic;
}

/* Behind a field: `expect deny` on the next line is no key, the record is not closed. */
static bool at_next_clause(const struct parser *p)
{
    return (parser_token(p)->flags & TOKEN_NEWLINE) && parser_at(p, TOKEN_WORD) &&
           parser_next(p)->kind == TOKEN_WORD;
}

/* record = "{" { key ":" value [ "," ] } "}", in `given` only; between two fields stands a comma, a
 * new line, or both */
struct expr *parse_record(struct parser *p)
{
    uint32_t first = p->at;
    struct span open = parser_span(p);
    if (!parser_enter(p))
        return p->error;
    bool outer = p->in_given;
    p->in_given = true;
    struct record_fields fields = {0};
    if (parser_expect(p, TOKEN_LBRACE)) {
        struct record_field field;
        while (!parser_at(p, TOKEN_RBRACE) && parse_field(p, &field)) {
            LIST_APPEND(p->arena, fields.v, fields.n, field);
            bool next_line = parser_token(p)->flags & TOKEN_NEWLINE;
            if (!parser_take_if(p, TOKEN_COMMA) && (!next_line || at_next_clause(p)))
                break;
        }
        expect_close(p, TOKEN_RBRACE, open);
    }
    p->in_given = outer;
    parser_leave(p);
    struct expr *expr = expr_new(p, EXPR_RECORD, parser_span_from(p, first));
    if (p->panic || expr == p->error)
        return p->error;
    expr->fields = fields;
    return expr;
}

/* ("any" | "all" | "none" | "count") name "in" post "{" expr "}" */
static struct expr *parse_quantifier(struct parser *p, enum quantifier kind);

static bool quantifier_at(const struct parser *p, enum quantifier *ret_kind)
{
    for (int i = 0; i < QUANTIFIER_COUNT; i++) {
        if (parser_at_word(p, quantifier_spelling((enum quantifier)i))) {
            *ret_kind = (enum quantifier)i;
            return true;
        }
    }
    return false;
}

static bool is_root(struct dvara_str word)
{
    static const char *const roots[] = {"request", "target", "tool", "response",   "session",
                                        "tenant",  "key",    "pii",  "prompt_pii", "budget"};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (dvara_str_eq(word, dvara_str_from_cstr(roots[i])))
            return true;
    return false;
}

static struct expr *parse_word(struct parser *p)
{
    const struct token *token = parser_token(p);
    struct dvara_str word = parser_word(p, token);
    struct span span = parser_span(p);
    enum quantifier kind;
    if (parser_at_word(p, "true") || parser_at_word(p, "false")) {
        struct expr *expr = expr_new(p, EXPR_BOOL, span);
        if (expr != p->error)
            expr->boolean = word.p[0] == 't';
        parser_take(p);
        return expr;
    }
    if (quantifier_at(p, &kind))
        return parse_quantifier(p, kind);
    bool is_next = (token->flags & TOKEN_NEWLINE) && parser_at_declaration(p);
    if (is_next || ((token->flags & TOKEN_RESERVED) && !is_root(word))) {
        parser_expected(p, "an expression");
        return p->error;
    }
    struct expr *expr = expr_new(p, EXPR_NAME, span);
    if (expr != p->error)
        expr->string = word;
    parser_take(p);
    return expr;
}

static enum expr_kind literal_kind(uint8_t token)
{
    switch (token) {
    case TOKEN_INT:
        return EXPR_INT;
    case TOKEN_FLOAT:
        return EXPR_FLOAT;
    case TOKEN_DURATION:
        return EXPR_DURATION;
    case TOKEN_SIZE:
        return EXPR_SIZE;
    case TOKEN_MONEY:
        return EXPR_MONEY;
    case TOKEN_PERCENT:
        return EXPR_PERCENT;
    case TOKEN_CLOCK:
        return EXPR_CLOCK;
    default: /* no literal of a number */
        return EXPR_ERROR;
    }
}

static struct expr *parse_literal(struct parser *p)
{
    const struct token *token = parser_token(p);
    enum expr_kind kind = literal_kind(token->kind);
    if (kind == EXPR_ERROR) {
        parser_expected(p, "an expression");
        return p->error;
    }
    struct expr *expr = expr_new(p, kind, parser_span(p));
    if (expr != p->error && kind == EXPR_FLOAT)
        expr->f = token->f;
    else if (expr != p->error)
        expr->i = token->i;
    if (token->flags & TOKEN_BROKEN)
        p->decl->failed = true;
    parser_take(p);
    return expr;
}

/* prim = literal | name | "(" expr ")" | list | quantifier */
static struct expr *parse_primary(struct parser *p)
{
    if (p->panic)
        return p->error;
    const struct token *token = parser_token(p);
    struct expr *expr;
    switch (token->kind) {
    case TOKEN_WORD:
        return parse_word(p);
    case TOKEN_LPAREN:
        return parse_paren(p);
    case TOKEN_LBRACKET:
        return parse_list(p);
    case TOKEN_STRING:
        expr = expr_new(p, EXPR_STRING, parser_span(p));
        if (token->flags & TOKEN_BROKEN)
            p->decl->failed = true;
        if (expr != p->error)
            expr->string = parse_text(p, "a string").s;
        return expr;
    case TOKEN_REGEX:
        expr = expr_new(p, EXPR_REGEX, parser_span(p));
        if (expr != p->error)
            expr->regex = parse_regex(p);
        return expr;
    case TOKEN_LBRACE:
        if (p->in_given)
            return parse_record(p);
        break;
    default: /* a number, or nothing that begins an expression */
        break;
    }
    return parse_literal(p);
}

static struct expr *parse_member(struct parser *p, struct expr *base)
{
    parser_take(p);
    if (!parser_at(p, TOKEN_WORD)) {
        parser_expected(p, "a name after `.`");
        return p->error;
    }
    struct expr *expr = expr_new(p, EXPR_MEMBER, span_join(base->span, parser_span(p)));
    if (expr != p->error) {
        expr->member.base = base;
        expr->member.name = parser_word(p, parser_token(p));
        expr->member.name_span = parser_span(p);
    }
    parser_take(p);
    return expr;
}

static struct expr *parse_apply(struct parser *p, struct expr *callee)
{
    struct span open = parser_span(p);
    if (!parser_enter(p))
        return p->error;
    parser_take(p);
    bool outer = p->in_given;
    p->in_given = false;
    struct exprs args = parse_items(p, TOKEN_RPAREN, open);
    p->in_given = outer;
    struct span close = parser_span_from(p, p->at ? p->at - 1 : 0);
    parser_leave(p);
    struct expr *expr = expr_new(p, EXPR_APPLY, span_join(callee->span, close));
    if (p->panic || expr == p->error)
        return p->error;
    expr->apply.callee = callee;
    expr->apply.args = args;
    return expr;
}

/* Behind an operand no bracket can stand. */
static void report_index(struct parser *p)
{
    struct diag *diag = diag_add(p->diags, parser_span(p), MESSAGE_EXPECTED,
                                 DVARA_STR("an operator or the next clause"),
                                 token_name(p->arena, p->source, parser_token(p)));
    diag_help(p->diags, diag,
              "a list has no index: ask `first(list)`, `x in list` or `any x in list { … }`");
    p->panic = true;
}

static bool is_function(struct dvara_str name)
{
    for (int i = 0; i < FUNCTION_COUNT; i++)
        if (dvara_str_eq(name, dvara_str_from_cstr(function_spelling((enum function)i))))
            return true;
    return false;
}

/* `len tenant.id`: a function's name, and behind it no operator but a path. */
static bool at_uncalled(const struct parser *p, const struct expr *expr)
{
    return expr->kind == EXPR_NAME && is_function(expr->string) && parser_at(p, TOKEN_WORD) &&
           parser_next(p)->kind == TOKEN_DOT && is_root(parser_word(p, parser_token(p)));
}

static void report_uncalled(struct parser *p, const struct expr *name)
{
    uint32_t first = p->at;
    struct diag *diag = diag_add(p->diags, parser_span(p), MESSAGE_EXPECTED, DVARA_STR("`(`"),
                                 token_name(p->arena, p->source, parser_token(p)));
    parser_take(p);
    while (parser_at(p, TOKEN_DOT) && parser_next(p)->kind == TOKEN_WORD) {
        parser_take(p);
        parser_take(p);
    }
    struct span path = parser_span_from(p, first);
    struct dvara_str text = source_slice(p->source, path);
    struct span gap = {path.file, name->span.end, path.end};
    struct dvara_str fixed = arena_printf(p->arena, "(%.*s)", DVARA_STR_ARG(text));
    diag_fix(p->diags, diag, gap, fixed, "a function is called: `%.*s(%.*s)`",
             DVARA_STR_ARG(name->string), DVARA_STR_ARG(text));
    p->panic = true;
}

/* post = prim { "." name | "(" … ")" } */
static struct expr *parse_postfix(struct parser *p)
{
    struct expr *expr = parse_primary(p);
    if (!p->panic && at_uncalled(p, expr))
        report_uncalled(p, expr);
    for (int parts = 0; !p->panic; parts++) {
        if (parser_at(p, TOKEN_LBRACKET)) {
            report_index(p);
            break;
        }
        bool is_member = parser_at(p, TOKEN_DOT);
        if (!is_member && !parser_at(p, TOKEN_LPAREN))
            return expr;
        if (parts == POSTFIX_MAX) {
            diag_plain(p->diags, parser_span(p), MESSAGE_NESTING);
            p->panic = true;
            break;
        }
        expr = is_member ? parse_member(p, expr) : parse_apply(p, expr);
    }
    return p->error;
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

static struct expr *parse_quantifier(struct parser *p, enum quantifier kind)
{
    uint32_t first = p->at;
    if (!parser_enter(p))
        return p->error;
    parser_take(p);
    struct binding *binding = ARENA_NEW(p->arena, struct binding);
    struct expr *expr = expr_new(p, EXPR_QUANTIFIER, parser_span_from(p, first));
    struct expr *over = p->error;
    struct expr *body = p->error;
    struct dvara_str name = DVARA_STR("");
    struct span name_span = {0};
    if (parse_name(p, "a name for the element", &name, &name_span) && parser_expect_word(p, "in"))
        over = parse_postfix(p);
    struct span open = parser_span(p);
    if (parser_expect(p, TOKEN_LBRACE) && parser_enter(p)) {
        body = parse_expr(p);
        parser_leave(p);
        if (!p->panic && !parser_take_if(p, TOKEN_RBRACE)) {
            uint32_t before = p->diags->n;
            parser_expected(p, "`}`");
            if (p->diags->n > before)
                diag_label(p->diags, p->diags->v[before], open, "opened here");
        }
    }
    parser_leave(p);
    if (p->panic || !binding || expr == p->error)
        return p->error;
    *binding = (struct binding){.name = name, .span = name_span, .type = {TYPE_NONE, 0}};
    expr->span = parser_span_from(p, first);
    expr->quantifier.kind = kind;
    expr->quantifier.binding = binding;
    expr->quantifier.over = over;
    expr->quantifier.body = body;
    return expr;
}
