/* SPDX-License-Identifier: Apache-2.0 */
/* Semantic tokens: the lexer's tokens and comments, with what the names among them are. */
#include "lang/lsp/highlight.h"

#include "lang/lexer.h"
#include "lang/list.h"
#include "lang/lsp/subject.h"

#include <stdlib.h>

enum highlight {
    HIGHLIGHT_KEYWORD,
    HIGHLIGHT_COMMENT,
    HIGHLIGHT_STRING,
    HIGHLIGHT_NUMBER,
    HIGHLIGHT_REGEXP,
    HIGHLIGHT_OPERATOR,
    HIGHLIGHT_VARIABLE,
    HIGHLIGHT_PROPERTY,
    HIGHLIGHT_FUNCTION,
    HIGHLIGHT_CLASS,
    HIGHLIGHT_COUNT
};

static const char *const highlight_names[HIGHLIGHT_COUNT] = {
    "keyword",  "comment",  "string",   "number",   "regexp",
    "operator", "variable", "property", "function", "class",
};

void write_legend(struct buf *out)
{
    BUF_LIT(out, "{\"tokenTypes\":[");
    for (int i = 0; i < HIGHLIGHT_COUNT; i++)
        buf_printf(out, "%s\"%s\"", i ? "," : "", highlight_names[i]);
    BUF_LIT(out, "],\"tokenModifiers\":[]}");
}

/* A name of the document, by where it begins. */
struct name {
    uint32_t start;
    enum highlight highlight;
};

struct painter {
    struct call *call;
    const struct spot *spot;
    struct name *names; /* sorted by start */
    size_t n_names;
    uint32_t at; /* the byte whose place is `here`: tokens come in order */
    struct place here, last;
    bool any;
};

/* Moves `here` on to the offset. */
static struct place go_to(struct painter *painter, uint32_t offset)
{
    struct dvara_str text = painter->spot->unit->source->text;
    for (; painter->at < offset; painter->at++) {
        unsigned char c = (unsigned char)text.p[painter->at];
        painter->here.character += place_units(c, painter->call->lsp->unit);
        if (c == '\n')
            painter->here = (struct place){painter->here.line + 1, 0};
    }
    return painter->here;
}

static void paint(struct painter *painter, uint32_t start, uint32_t end, enum highlight highlight)
{
    struct place from = go_to(painter, start);
    struct place to = go_to(painter, end);
    if (from.line != to.line) /* a token of several lines has no place in the protocol */
        return;
    bool same_line = painter->any && from.line == painter->last.line;
    buf_printf(painter->call->out, "%s%u,%u,%u,%d,0", painter->any ? "," : "",
               from.line - (painter->any ? painter->last.line : 0),
               from.character - (same_line ? painter->last.character : 0),
               to.character - from.character, (int)highlight);
    painter->last = from;
    painter->any = true;
}

static int by_start(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;
    return (a->start > b->start) - (a->start < b->start);
}

static void add_name(struct painter *painter, struct span span, const struct decl *decl)
{
    bool is_value = !decl || decl->kind == DECL_LET || decl->kind == DECL_RUNTIME_LIST;
    struct name name = {span.start, is_value ? HIGHLIGHT_VARIABLE : HIGHLIGHT_CLASS};
    if (span.file == painter->spot->unit->source->number)
        LIST_APPEND(&painter->call->arena, painter->names, painter->n_names, name);
}

static void collect_names(struct painter *painter)
{
    const struct program *program = painter->spot->analysis->program;
    const struct unit *unit = painter->spot->unit;
    for (size_t i = 0; i < unit->n_decls; i++)
        if (unit->decls[i]->name.p && unit->decls[i]->kind != DECL_DEFAULT)
            add_name(painter, unit->decls[i]->name_span, unit->decls[i]);
    for (size_t i = 0; i < program->n_mentions; i++)
        add_name(painter, program->mentions[i].span, program->mentions[i].decl);
    if (painter->n_names)
        qsort(painter->names, painter->n_names, sizeof *painter->names, by_start);
}

/* What a word names where it stands; HIGHLIGHT_COUNT: a keyword or nothing known. */
static enum highlight named(const struct painter *painter, const struct token *token)
{
    struct name key = {token->start, HIGHLIGHT_COUNT};
    const struct name *found =
        painter->n_names ? bsearch(&key, painter->names, painter->n_names, sizeof key, by_start)
                         : NULL;
    return found ? found->highlight : HIGHLIGHT_COUNT;
}

static enum highlight word_highlight(const struct painter *painter, const struct token *token)
{
    const struct token *tokens = painter->spot->unit->tokens->v;
    bool is_first = token == tokens;
    bool after_dot = !is_first && token[-1].kind == TOKEN_DOT;
    bool before_dot = token[1].kind == TOKEN_DOT;
    if (after_dot || before_dot)
        return HIGHLIGHT_PROPERTY;
    enum highlight name = named(painter, token);
    if (name != HIGHLIGHT_COUNT)
        return name;
    return token[1].kind == TOKEN_LPAREN && !(token->flags & (TOKEN_STATEMENT | TOKEN_RESERVED))
               ? HIGHLIGHT_FUNCTION
               : HIGHLIGHT_KEYWORD;
}

static enum highlight token_highlight(const struct painter *painter, const struct token *token)
{
    switch ((enum token_kind)token->kind) {
    case TOKEN_WORD:
        return word_highlight(painter, token);
    case TOKEN_STRING:
        return HIGHLIGHT_STRING;
    case TOKEN_REGEX:
        return HIGHLIGHT_REGEXP;
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_DURATION:
    case TOKEN_SIZE:
    case TOKEN_MONEY:
    case TOKEN_PERCENT:
    case TOKEN_CLOCK:
        return HIGHLIGHT_NUMBER;
    default: /* punctuation is not painted */
        return HIGHLIGHT_COUNT;
    }
}

void answer_tokens(struct call *call)
{
    struct spot spot;
    if (!call_unit(call, &spot))
        return;
    const struct tokens *tokens = spot.unit->tokens;
    struct painter painter = {.call = call, .spot = &spot};
    uint32_t comment = 0;
    collect_names(&painter);
    BUF_LIT(call->out, "{\"data\":[");
    for (uint32_t i = 0; i < tokens->n; i++) {
        for (; comment < tokens->n_comments && tokens->comments[comment].token <= i; comment++)
            paint(&painter, tokens->comments[comment].start, tokens->comments[comment].end,
                  HIGHLIGHT_COMMENT);
        enum highlight highlight = token_highlight(&painter, &tokens->v[i]);
        if (highlight != HIGHLIGHT_COUNT)
            paint(&painter, tokens->v[i].start, tokens->v[i].end, highlight);
    }
    BUF_LIT(call->out, "]}");
}
