/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/format.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "dvara/limits.h"

enum { OPEN_MAX = DVARA_MAX_NESTING + 2 };

enum gap { GAP_NONE, GAP_SPACE, GAP_WIDE, GAP_LINE, GAP_BLANK };

/* A bracket not closed yet. */
struct opener {
    bool is_block;  /* holds statements, not an expression */
    bool is_tall;   /* its contents stand on lines of their own */
    bool is_wide;   /* two spaces between the statements of its one line */
    uint32_t level; /* of the line it stands on */
};

struct formatter {
    const struct source *source;
    const struct tokens *tokens;
    struct buf *out;
    uint32_t at;        /* token to be printed */
    uint32_t comment;   /* comment to be printed */
    uint32_t level;     /* of the output line */
    uint32_t previous;  /* end of the last token or comment printed, in the source */
    bool line_is_empty; /* nothing on the output line yet */
    bool after_comment; /* the line must end: a comment stands on it */
    bool separate;      /* a blank line is due before the next top-level statement */
    struct opener open[OPEN_MAX];
    uint32_t n_open;
};

static const struct token *token_at(const struct formatter *f, uint32_t at)
{
    return &f->tokens->v[at];
}

static struct dvara_str text_between(const struct formatter *f, uint32_t start, uint32_t end)
{
    return dvara_str_slice(f->source->text, start, end);
}

static struct dvara_str token_text(const struct formatter *f, const struct token *token)
{
    return text_between(f, token->start, token->end);
}

static bool is_opener(const struct token *token)
{
    return token->kind == TOKEN_LBRACE || token->kind == TOKEN_LPAREN ||
           token->kind == TOKEN_LBRACKET;
}

static bool is_closer(const struct token *token)
{
    return token->kind == TOKEN_RBRACE || token->kind == TOKEN_RPAREN ||
           token->kind == TOKEN_RBRACKET;
}

/* ---- what a block looks like ---- */

static uint32_t closer_of(const struct formatter *f, uint32_t opener)
{
    uint32_t depth = 0;
    for (uint32_t i = opener; i < f->tokens->n; i++) {
        depth += is_opener(token_at(f, i));
        depth -= is_closer(token_at(f, i));
        if (depth == 0)
            return i;
    }
    return f->tokens->n - 1;
}

static bool has_newline(struct dvara_str s)
{
    return s.n && memchr(s.p, '\n', s.n) != NULL;
}

/* Columns of [first, last] of the source printed on one line: an upper bound, since white space
 * only shrinks to a space or two. */
static size_t one_line_width(const struct formatter *f, uint32_t first, uint32_t last)
{
    size_t width = 0;
    for (uint32_t i = first; i <= last; i++)
        width += utf8_count(token_text(f, token_at(f, i))) + 1 +
                 ((token_at(f, i)->flags & TOKEN_STATEMENT) != 0);
    return width;
}

/* First token of the line that `at` will stand on, were it not broken: back to a statement. */
static uint32_t statement_of(const struct formatter *f, uint32_t at)
{
    while (at > 0 && !(token_at(f, at)->flags & TOKEN_STATEMENT))
        at--;
    return at;
}

static bool block_is_tall(const struct formatter *f, uint32_t opener)
{
    uint32_t closer = closer_of(f, opener);
    if (has_newline(text_between(f, token_at(f, opener)->start, token_at(f, closer)->start)))
        return true;
    size_t indent = FORMAT_INDENT * (size_t)f->n_open;
    return indent + one_line_width(f, statement_of(f, opener), closer) > FORMAT_COLUMNS;
}

static bool word_is(const struct formatter *f, const struct token *token, struct dvara_str word)
{
    return token->kind == TOKEN_WORD && dvara_str_eq(token_text(f, token), word);
}

static struct opener opener_new(const struct formatter *f, uint32_t at)
{
    static const struct dvara_str wide[] = {
        {"rule", 4}, {"route", 5}, {"limit", 5}, {"budget", 6}, {"invariant", 9}};
    const struct token *token = token_at(f, at);
    struct opener opener = {.level = f->level, .is_block = (token->flags & TOKEN_BLOCK) != 0};
    if (opener.is_block) {
        const struct token *keyword = token_at(f, statement_of(f, at));
        opener.is_tall = block_is_tall(f, at);
        opener.is_wide = false;
        for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
            opener.is_wide |= word_is(f, keyword, wide[i]);
    } else {
        opener.is_tall = (token_at(f, at + 1)->flags & TOKEN_NEWLINE) != 0;
    }
    return opener;
}

/* ---- white space ---- */

static bool is_operator_word(const struct formatter *f, const struct token *token)
{
    static const char *const words[] = {"and",      "or",          "not",       "in",
                                        "contains", "starts_with", "ends_with", "glob",
                                        "matches",  "within",      "has"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (word_is(f, token, dvara_str_from_cstr(words[i])))
            return true;
    return false;
}

static bool is_value_end(const struct formatter *f, const struct token *token)
{
    if (token->kind == TOKEN_WORD)
        return !is_operator_word(f, token) && !(token->flags & TOKEN_STATEMENT);
    return token->kind < TOKEN_BAD || is_closer(token);
}

/* Is the minus at `at` a sign, standing at its value? */
static bool is_sign(const struct formatter *f, uint32_t at)
{
    return token_at(f, at)->kind == TOKEN_MINUS && at > 0 && !is_value_end(f, token_at(f, at - 1));
}

static bool is_call(const struct formatter *f, const struct token *name)
{
    return name->kind == TOKEN_WORD && !is_operator_word(f, name) &&
           !(name->flags & TOKEN_STATEMENT);
}

/* Between two tokens of one line. */
static enum gap gap_within(const struct formatter *f, uint32_t at)
{
    const struct token *left = token_at(f, at - 1);
    const struct token *right = token_at(f, at);
    bool empty = is_opener(left) && is_closer(right);
    if (empty || left->kind == TOKEN_DOT || right->kind == TOKEN_DOT ||
        right->kind == TOKEN_COMMA || right->kind == TOKEN_COLON)
        return GAP_NONE;
    if (left->kind == TOKEN_LPAREN || left->kind == TOKEN_LBRACKET || right->kind == TOKEN_RPAREN ||
        right->kind == TOKEN_RBRACKET || is_sign(f, at - 1))
        return GAP_NONE;
    if (right->kind == TOKEN_LPAREN && is_call(f, left))
        return GAP_NONE;
    return GAP_SPACE;
}

/* Blank line in the source before the token or comment that starts at `start`? */
static bool had_blank_line(const struct formatter *f, uint32_t start)
{
    struct dvara_str space = text_between(f, f->previous, start);
    const char *first = space.n ? memchr(space.p, '\n', space.n) : NULL;
    return first && has_newline(dvara_str_from(first + 1, (size_t)(space.p + space.n - first - 1)));
}

/* Before the first token of a statement in the innermost block (or of the file). */
static enum gap gap_statement(const struct formatter *f, uint32_t start)
{
    if (f->n_open == 0) {
        return f->separate || had_blank_line(f, start) ? GAP_BLANK : GAP_LINE;
    }
    const struct opener *block = &f->open[f->n_open - 1];
    if (!block->is_tall)
        return block->is_wide ? GAP_WIDE : GAP_SPACE;
    return had_blank_line(f, start) ? GAP_BLANK : GAP_LINE;
}

static enum gap gap_before(const struct formatter *f)
{
    const struct token *token = token_at(f, f->at);
    if (f->at == 0 || f->line_is_empty)
        return GAP_NONE;
    bool first_in_block = f->n_open && is_opener(token_at(f, f->at - 1));
    if (is_closer(token) && f->open[f->n_open - 1].is_tall && !first_in_block)
        return GAP_LINE;
    if (token->flags & TOKEN_STATEMENT) {
        if (first_in_block)
            return f->open[f->n_open - 1].is_tall ? GAP_LINE : GAP_SPACE;
        return gap_statement(f, token->start);
    }
    if ((token->flags & TOKEN_NEWLINE) && !is_closer(token))
        return GAP_LINE;
    return gap_within(f, f->at);
}

/* What is in brackets stands one level deeper than the line that opened them; a statement that goes
 * on without brackets of its own does too. */
static uint32_t level_of(const struct formatter *f, bool closes, bool continues)
{
    if (f->n_open == 0)
        return continues;
    const struct opener *innermost = &f->open[f->n_open - 1];
    if (closes)
        return innermost->level;
    return innermost->level + 1 + (continues && innermost->is_block);
}

static void end_line(struct formatter *f)
{
    BUF_LIT(f->out, "\n");
    f->line_is_empty = true;
    f->after_comment = false;
}

static void indent(struct formatter *f, uint32_t level)
{
    f->level = level;
    for (uint32_t i = 0; i < level * FORMAT_INDENT; i++)
        buf_byte(f->out, ' ');
    f->line_is_empty = false;
}

static void put_gap(struct formatter *f, enum gap gap, uint32_t level)
{
    if (f->after_comment && gap < GAP_LINE)
        gap = GAP_LINE;
    if (gap >= GAP_LINE && !f->line_is_empty)
        end_line(f);
    if (gap == GAP_BLANK)
        end_line(f);
    if (f->line_is_empty)
        indent(f, level);
    else if (gap == GAP_SPACE || gap == GAP_WIDE)
        buf_append(f->out, gap == GAP_WIDE ? DVARA_STR("  ") : DVARA_STR(" "));
}

/* ---- comments and tokens ---- */

/* Before a comment on a line of its own. */
static enum gap gap_comment(const struct formatter *f, const struct comment *comment)
{
    bool first_in_block = f->at > 0 && is_opener(token_at(f, f->at - 1)) && !f->after_comment;
    if (f->out->n == 0)
        return GAP_NONE;
    if (f->n_open == 0 && f->separate)
        return GAP_BLANK;
    return !first_in_block && had_blank_line(f, comment->start) ? GAP_BLANK : GAP_LINE;
}

static void put_comment(struct formatter *f, const struct comment *comment, bool continues)
{
    struct dvara_str text = text_between(f, comment->start, comment->end);
    while (text.n &&
           (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t' || text.p[text.n - 1] == '\r'))
        text.n--;
    if (comment->own_line) {
        put_gap(f, gap_comment(f, comment), level_of(f, false, continues));
        f->separate = false;
    } else if (f->line_is_empty) {
        indent(f, level_of(f, false, continues));
    } else {
        BUF_LIT(f->out, "  ");
    }
    buf_append(f->out, text);
    f->after_comment = true;
    f->previous = comment->end;
}

static void put_comments(struct formatter *f, bool continues)
{
    const struct tokens *tokens = f->tokens;
    for (; f->comment < tokens->n_comments && tokens->comments[f->comment].token <= f->at;
         f->comment++)
        put_comment(f, &tokens->comments[f->comment], continues);
}

static void put_token(struct formatter *f)
{
    const struct token *token = token_at(f, f->at);
    bool closes = is_closer(token) && f->n_open > 0;
    bool starts = (token->flags & TOKEN_STATEMENT) != 0;
    put_comments(f, !starts && !closes);
    put_gap(f, gap_before(f), level_of(f, closes, !starts));
    if (closes)
        f->n_open--;
    if (is_opener(token) && f->n_open < OPEN_MAX) {
        f->open[f->n_open] = opener_new(f, f->at);
        f->n_open++;
    }
    buf_append(f->out, token_text(f, token));
    f->previous = token->end;
    f->at++;
}

/* The token after the top-level statement that begins at `first`. */
static uint32_t statement_end(const struct formatter *f, uint32_t first)
{
    uint32_t end = first + 1;
    while (end < f->tokens->n - 1 && !(token_at(f, end)->flags & TOKEN_TOP))
        end++;
    return end;
}

static bool will_be_tall(const struct formatter *f, uint32_t first, uint32_t end)
{
    struct dvara_str text = text_between(f, token_at(f, first)->start, token_at(f, end - 1)->end);
    return has_newline(text) || one_line_width(f, first, end - 1) > FORMAT_COLUMNS;
}

/* One declaration, import or package line, with the comments before it. */
static void put_statement(struct formatter *f)
{
    uint32_t first = f->at;
    uint32_t end = statement_end(f, first);
    bool tall = will_be_tall(f, first, end);
    f->separate = f->separate || (tall && first > 0);
    while (f->at < end) {
        put_token(f);
        f->separate = false;
    }
    f->separate = tall || first == 0;
}

void format(const struct source *source, const struct tokens *tokens, struct buf *out)
{
    struct formatter f = {.source = source, .tokens = tokens, .out = out, .line_is_empty = true};
    while (f.at + 1 < tokens->n)
        put_statement(&f);
    put_comments(&f, false);
    if (!f.line_is_empty)
        end_line(&f);
}
