/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/parser.h"

#include "base/arena.h"
#include "dvara/limits.h"
#include "lang/list.h"
#include "lang/parse.h"
#include "lang/suggest.h"

const struct token *parser_token(const struct parser *p)
{
    return &p->tokens->v[p->at];
}

const struct token *parser_next(const struct parser *p)
{
    return &p->tokens->v[p->at + 1 < p->tokens->n ? p->at + 1 : p->at];
}

static struct span token_span(const struct parser *p, const struct token *token)
{
    return (struct span){p->source->number, token->start, token->end};
}

struct span parser_span(const struct parser *p)
{
    return token_span(p, parser_token(p));
}

struct span parser_span_from(const struct parser *p, uint32_t first)
{
    uint32_t last = p->at > first ? p->at - 1 : first;
    return (struct span){p->source->number, p->tokens->v[first].start, p->tokens->v[last].end};
}

struct dvara_str parser_word(const struct parser *p, const struct token *token)
{
    struct dvara_str word = source_slice(p->source, token_span(p, token));
    if (!(token->flags & TOKEN_UPPER))
        return word;
    char *lower = arena_alloc(p->arena, word.n);
    if (!lower)
        return word;
    for (size_t i = 0; i < word.n; i++)
        lower[i] = (char)(word.p[i] >= 'A' && word.p[i] <= 'Z' ? word.p[i] | 0x20 : word.p[i]);
    return dvara_str_from(lower, word.n);
}

bool parser_at(const struct parser *p, enum token_kind kind)
{
    return parser_token(p)->kind == kind;
}

static bool token_is_word(const struct parser *p, const struct token *token, const char *word)
{
    return token->kind == TOKEN_WORD &&
           dvara_str_eq(parser_word(p, token), dvara_str_from_cstr(word));
}

bool parser_at_word(const struct parser *p, const char *word)
{
    return token_is_word(p, parser_token(p), word);
}

void parser_mark(struct parser *p, uint8_t flags)
{
    p->tokens->v[p->at].flags |= flags;
}

/* Out of memory, the cursor goes to the end: every loop over tokens stops. */
void parser_take(struct parser *p)
{
    if (arena_is_exhausted(p->arena))
        p->at = p->tokens->n - 1;
    else if (p->at + 1 < p->tokens->n)
        p->at++;
}

bool parser_take_if(struct parser *p, enum token_kind kind)
{
    if (!parser_at(p, kind))
        return false;
    parser_take(p);
    return true;
}

bool parser_take_word(struct parser *p, const char *word)
{
    if (!parser_at_word(p, word))
        return false;
    parser_take(p);
    return true;
}

void parser_expected(struct parser *p, const char *what)
{
    if (p->panic)
        return;
    p->panic = true;
    const struct token *token = parser_token(p);
    if (token->kind == TOKEN_BAD || (token->flags & TOKEN_BROKEN))
        return; /* the lexer reported it */
    diag_add(p->diags, parser_span(p), MESSAGE_EXPECTED, dvara_str_from_cstr(what),
             token_name(p->arena, p->source, token));
}

bool parser_expect(struct parser *p, enum token_kind kind)
{
    if (p->panic)
        return false;
    if (parser_take_if(p, kind))
        return true;
    parser_expected(p, token_kind_name(kind));
    return false;
}

bool parser_expect_word(struct parser *p, const char *word)
{
    if (p->panic)
        return false;
    if (parser_take_word(p, word))
        return true;
    struct dvara_str what = arena_printf(p->arena, "`%s`", word);
    parser_expected(p, what.p ? what.p : word);
    return false;
}

bool parser_enter(struct parser *p)
{
    if (p->panic)
        return false;
    if (p->depth >= DVARA_MAX_NESTING) {
        diag_plain(p->diags, parser_span(p), MESSAGE_NESTING);
        p->panic = true;
        return false;
    }
    p->depth++;
    return true;
}

void parser_leave(struct parser *p)
{
    p->depth--;
}

/* Behind the keyword of each declaration stands one of these, and no clause looks like that. */
static const struct {
    const char *keyword;
    uint8_t second;
    uint8_t third; /* TOKEN_END: anything */
} shapes[] = {
    {"let", TOKEN_WORD, TOKEN_ASSIGN},       {"group", TOKEN_WORD, TOKEN_ASSIGN},
    {"runtime", TOKEN_WORD, TOKEN_WORD},     {"default", TOKEN_WORD, TOKEN_END},
    {"package", TOKEN_WORD, TOKEN_END},      {"import", TOKEN_STRING, TOKEN_END},
    {"rule", TOKEN_WORD, TOKEN_LBRACE},      {"route", TOKEN_WORD, TOKEN_LBRACE},
    {"limit", TOKEN_WORD, TOKEN_LBRACE},     {"budget", TOKEN_WORD, TOKEN_LBRACE},
    {"invariant", TOKEN_WORD, TOKEN_LBRACE}, {"provider", TOKEN_WORD, TOKEN_LBRACE},
    {"detector", TOKEN_WORD, TOKEN_LBRACE},  {"model", TOKEN_STRING, TOKEN_LBRACE},
    {"test", TOKEN_STRING, TOKEN_LBRACE},
};

bool parser_at_declaration(const struct parser *p)
{
    const struct token *token = parser_token(p);
    if (token->kind != TOKEN_WORD || p->at + 2 >= p->tokens->n)
        return false;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (!token_is_word(p, token, shapes[i].keyword))
            continue;
        return token[1].kind == shapes[i].second &&
               (shapes[i].third == TOKEN_END || token[2].kind == shapes[i].third);
    }
    return false;
}

/* "dvp 1", before anything else. */
static void parse_edition(struct parser *p)
{
    struct span span = parser_span(p);
    if (p->source->broken)
        return;
    if (!parser_at_word(p, "dvp")) {
        struct span start = {p->source->number, span.start, span.start};
        struct diag *diag = diag_plain(p->diags, span, MESSAGE_NO_EDITION);
        diag_fix(p->diags, diag, start, DVARA_STR("dvp 1\n\n"), "begin with `dvp 1`");
        return;
    }
    parser_take(p);
    const struct token *edition = parser_token(p);
    if (edition->kind == TOKEN_INT && edition->i == 1) {
        parser_take(p);
        return;
    }
    struct span found = parser_span(p);
    bool is_number = edition->kind == TOKEN_INT || edition->kind == TOKEN_FLOAT;
    if (!is_number)
        found = span;
    struct diag *diag = diag_plain(p->diags, found, MESSAGE_UNKNOWN_EDITION);
    if (is_number) {
        diag_fix(p->diags, diag, found, DVARA_STR("1"), "write `dvp 1`");
        parser_take(p);
    }
}

static void parse_package(struct parser *p)
{
    uint32_t first = p->at;
    parser_take(p);
    uint32_t name = p->at;
    do {
        if (!parser_at(p, TOKEN_WORD)) {
            parser_expected(p, "a package name such as `acme.prod`");
            return;
        }
        parser_take(p);
    } while (parser_take_if(p, TOKEN_DOT));
    struct span span = parser_span_from(p, name);
    if (p->unit->package.s.p) {
        struct diag *diag =
            diag_add(p->diags, parser_span_from(p, first), MESSAGE_ONCE, DVARA_STR("package"));
        diag_label(p->diags, diag, p->unit->package.span, "first here");
        return;
    }
    p->unit->package = (struct text){source_slice(p->source, span), span};
}

static void parse_import(struct parser *p)
{
    uint32_t first = p->at;
    parser_take(p);
    struct text path = parse_text(p, "the path of a file in quotes");
    if (p->panic)
        return;
    struct import import = {.path = path, .span = parser_span_from(p, first)};
    LIST_APPEND(p->arena, p->unit->imports, p->unit->n_imports, import);
}

/* `rul a {` on a line of its own: no clause looks like that, so that it is a declaration whose
 * keyword is misspelt. */
static bool at_misspelt_declaration(const struct parser *p)
{
    const struct token *token = parser_token(p);
    return token->kind == TOKEN_WORD && (token->flags & TOKEN_NEWLINE) &&
           p->at + 2 < p->tokens->n &&
           (token[1].kind == TOKEN_WORD || token[1].kind == TOKEN_STRING) &&
           token[2].kind == TOKEN_LBRACE;
}

static int depth_change(const struct parser *p, uint32_t at)
{
    uint8_t kind = p->tokens->v[at].kind;
    return kind == TOKEN_LBRACE ? 1 : kind == TOKEN_RBRACE ? -1 : 0;
}

/* A word that opens its line, with no space before it: clauses are indented. */
static bool at_margin(const struct parser *p)
{
    const struct token *token = parser_token(p);
    return token->kind == TOKEN_WORD && token->start > 0 &&
           p->source->text.p[token->start - 1] == '\n';
}

/* Over the next statement that does not belong to the one that failed. */
static void resynchronise(struct parser *p, uint32_t failed_at)
{
    int depth = 0; /* of braces since the statement that failed */
    if (p->at == failed_at)
        parser_take(p);
    for (uint32_t i = failed_at; i < p->at; i++)
        depth += depth_change(p, i);
    while (!parser_at(p, TOKEN_END) && !parser_at_declaration(p) && !at_misspelt_declaration(p) &&
           !(depth == 0 && at_margin(p))) {
        depth += depth_change(p, p->at);
        parser_take(p);
    }
    p->panic = false;
    p->depth = 0;
    p->in_given = false;
}

/* file = "dvp" "1" { package | import | declaration } */
static void parse_file(struct parser *p)
{
    parser_mark(p, TOKEN_STATEMENT | TOKEN_TOP);
    parse_edition(p);
    while (!parser_at(p, TOKEN_END)) {
        uint32_t before = p->at;
        parser_mark(p, TOKEN_STATEMENT | TOKEN_TOP);
        if (parser_at_word(p, "package"))
            parse_package(p);
        else if (parser_at_word(p, "import"))
            parse_import(p);
        else
            parse_declaration(p);
        if (p->panic)
            resynchronise(p, before);
    }
}

struct unit *parse(struct arena *arena, struct source *source, struct tokens *tokens,
                   struct regex_store *regexes, struct diags *diags)
{
    struct parser p = {
        .arena = arena,
        .source = source,
        .diags = diags,
        .tokens = tokens,
        .regexes = regexes,
        .unit = ARENA_NEW(arena, struct unit),
        .error = ARENA_NEW(arena, struct expr),
    };
    if (!p.unit || !p.error || tokens->n == 0)
        return NULL;
    p.error->kind = EXPR_ERROR;
    p.error->type.base = TYPE_ERROR;
    p.unit->source = source;
    p.unit->tokens = tokens;
    p.unit->failed = source->broken;
    parse_file(&p);
    return arena_is_exhausted(arena) ? NULL : p.unit;
}
