/* SPDX-License-Identifier: Apache-2.0 */
/* Templates: the string directly after reason, warn, tag "k" and set header "X". What stands in
 * braces is read from the source bytes, so that every part has its place. */
#include "base/arena.h"
#include "dvara/limits.h"
#include "lang/list.h"
#include "lang/literal.h"
#include "lang/parse.h"

struct reader {
    struct parser *p;
    struct dvara_str text; /* the whole source */
    size_t at;
    size_t end; /* the closing quote */
    bool raw;
    bool failed;
};

static struct span place(const struct reader *r, size_t start, size_t end)
{
    return (struct span){r->p->source->number, (uint32_t)start, (uint32_t)end};
}

static void report(struct reader *r, size_t start, size_t end, const char *problem)
{
    if (!r->failed)
        diag_add(r->p->diags, place(r, start, end), MESSAGE_TEMPLATE, dvara_str_from_cstr(problem));
    r->failed = true;
    r->p->decl->failed = true;
}

static char peek(const struct reader *r)
{
    return r->at < r->end ? r->text.p[r->at] : 0;
}

static void skip_spaces(struct reader *r)
{
    while (peek(r) == ' ')
        r->at++;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static struct expr *read_word(struct reader *r)
{
    size_t start = r->at;
    while (is_word(peek(r)))
        r->at++;
    if (r->at == start || (r->text.p[start] >= '0' && r->text.p[start] <= '9')) {
        report(
            r, start, r->at > start ? r->at : start + 1,
            "braces hold a path such as `{tenant.id}` or a call such as `{budget.used('team')}`");
        return r->p->error;
    }
    struct expr *expr = expr_new(r->p, EXPR_NAME, place(r, start, r->at));
    if (expr != r->p->error)
        expr->string = dvara_str_slice(r->text, start, r->at);
    return expr;
}

/* path = word { "." word } */
static struct expr *read_path(struct reader *r)
{
    struct expr *expr = read_word(r);
    for (int parts = 0; !r->failed && peek(r) == '.'; parts++) {
        r->at++;
        size_t start = r->at;
        struct expr *name = read_word(r);
        if (parts == 8)
            report(r, start, r->at, "the path is too long");
        if (r->failed)
            break;
        struct expr *member = expr_new(r->p, EXPR_MEMBER, span_join(expr->span, name->span));
        if (member == r->p->error || name == r->p->error)
            return r->p->error;
        member->member.base = expr;
        member->member.name = name->string;
        member->member.name_span = name->span;
        expr = member;
    }
    return r->failed ? r->p->error : expr;
}

/* argument = "'" characters "'" | path */
static struct expr *read_argument(struct reader *r)
{
    skip_spaces(r);
    if (peek(r) != '\'')
        return read_path(r);
    size_t start = ++r->at;
    while (r->at < r->end && peek(r) != '\'')
        r->at++;
    if (r->at == r->end) {
        report(r, start - 1, r->end, "the single quote is not closed");
        return r->p->error;
    }
    struct expr *expr = expr_new(r->p, EXPR_STRING, place(r, start - 1, r->at + 1));
    if (expr != r->p->error)
        expr->string = dvara_str_slice(r->text, start, r->at);
    r->at++;
    return expr;
}

static struct expr *read_call(struct reader *r, struct expr *callee)
{
    struct exprs args = {0};
    r->at++;
    do {
        struct expr *arg = read_argument(r);
        LIST_APPEND(r->p->arena, args.v, args.n, arg);
        skip_spaces(r);
    } while (!r->failed && peek(r) == ',' && r->at++ < r->end);
    if (!r->failed && peek(r) != ')')
        report(r, r->at, r->at + 1,
               "arguments are strings in single quotes or one path each, then `)`");
    r->at++;
    struct expr *expr = expr_new(r->p, EXPR_APPLY, place(r, callee->span.start, r->at));
    if (r->failed || expr == r->p->error)
        return r->p->error;
    expr->apply.callee = callee;
    expr->apply.args = args;
    return expr;
}

/* "{" path [ "(" argument { "," argument } ")" ] "}" */
static struct expr *read_value(struct reader *r)
{
    size_t open = r->at++;
    const char *close = memchr(r->text.p + open, '}', r->end - open);
    if (!close) {
        report(r, open, open + 1, "`{` is not closed; a brace itself is written `{{`");
        return r->p->error;
    }
    skip_spaces(r);
    if (peek(r) == '}') {
        report(r, open, r->at + 1, "`{}` is empty; a brace itself is written `{{`");
        return r->p->error;
    }
    struct expr *expr = read_path(r);
    if (!r->failed && peek(r) == '(')
        expr = read_call(r, expr);
    skip_spaces(r);
    if (!r->failed && peek(r) != '}')
        report(r, r->at, r->at + 1, "there are no operators in templates: use a `let`");
    r->at++;
    return r->failed ? r->p->error : expr;
}

/* Appends the text since `start`; `skip` bytes at its end are half of a doubled brace. */
static void add_text(struct reader *r, struct template *template, size_t start, size_t end)
{
    if (end == start)
        return;
    struct dvara_str inner = dvara_str_slice(r->text, start, end);
    struct template_part part = {.text = string_decode(r->p->arena, inner, r->raw)};
    LIST_APPEND(r->p->arena, template->parts, template->n_parts, part);
}

static void read_parts(struct reader *r, struct template *template)
{
    size_t start = r->at;
    while (r->at < r->end && !r->failed) {
        char c = peek(r);
        char next = r->at + 1 < r->end ? r->text.p[r->at + 1] : 0;
        uint32_t code;
        size_t escape = c == '\\' && !r->raw
                            ? escape_read(dvara_str_slice(r->text, 0, r->end), r->at, &code)
                            : 0;
        if (escape) {
            r->at = escape;
        } else if ((c == '{' || c == '}') && next == c) {
            add_text(r, template, start, r->at + 1);
            r->at += 2;
            start = r->at;
        } else if (c == '{') {
            add_text(r, template, start, r->at);
            struct template_part part = {.expr = read_value(r)};
            LIST_APPEND(r->p->arena, template->parts, template->n_parts, part);
            start = r->at;
        } else if (c == '}') {
            report(r, r->at, r->at + 1, "a lone `}`: a brace itself is written `}}`");
        } else {
            r->at++;
        }
    }
    if (!r->failed)
        add_text(r, template, start, r->end);
}

struct template *parse_template(struct parser *p)
{
    struct template *template = ARENA_NEW(p->arena, struct template);
    const struct token *token = parser_token(p);
    struct text text = parse_text(p, "a string");
    if (p->panic || !template)
        return NULL;
    template->span = text.span;
    size_t close;
    size_t open = parser_quote(p, token, &close);
    struct reader reader = {
        .p = p,
        .text = p->source->text,
        .at = token->start + open,
        .end = token->end - close,
        .raw = token->flags & TOKEN_RAW,
    };
    read_parts(&reader, template);
    return template;
}
