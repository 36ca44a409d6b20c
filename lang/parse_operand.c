/* SPDX-License-Identifier: Apache-2.0 */
/* What operators stand between: literals, names, brackets, quantifiers, and the paths and calls
 * behind them. */
#include "base/arena.h"
#include "dvara/limits.h"
#include "lang/list.h"
#include "lang/parse.h"

enum { POSTFIX_MAX = 16 /* parts of a path; the longest there is has three */ };

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
struct expr *parse_postfix(struct parser *p)
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
