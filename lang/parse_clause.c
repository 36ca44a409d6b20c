/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of clauses: `{ clause … }` in any order, with tables that say which there are. */
#include "lang/parse.h"
#include "lang/suggest.h"

#include <assert.h>

enum { CLAUSES_MAX = 32 };

struct block {
    struct parser *p;
    struct decl *decl;
    const struct clause *clauses;
    int n_clauses;
    struct span open;
    bool excused;                  /* the block's `}` may have closed another brace: reported */
    struct span seen[CLAUSES_MAX]; /* end 0: not yet */
};

bool parser_at_clause(const struct parser *p)
{
    for (int i = 0; i < p->n_clauses; i++)
        if (parser_at_word(p, p->clauses[i].word))
            return true;
    return false;
}

static int clause_at(const struct block *block)
{
    if (!parser_at(block->p, TOKEN_WORD))
        return -1;
    for (int i = 0; i < block->n_clauses; i++)
        if (parser_at_word(block->p, block->clauses[i].word))
            return i;
    return -1;
}

/* How far into its line a token stands that begins it; 0: it begins none, or nothing is before it.
 */
static uint32_t indent(const struct parser *p, const struct token *token)
{
    uint32_t start = token->start;
    if (!(token->flags & TOKEN_NEWLINE))
        return 0;
    while (start > 0 && p->source->text.p[start - 1] != '\n')
        start--;
    return token->start - start;
}

/* Does the cursor stand at a clause that begins its line, and at no key or path of that name? */
static bool at_clause_line(const struct block *block)
{
    const struct parser *p = block->p;
    uint8_t next = parser_next(p)->kind;
    return (parser_token(p)->flags & TOKEN_NEWLINE) && clause_at(block) >= 0 && next != TOKEN_DOT &&
           next != TOKEN_COLON && next != TOKEN_COMMA;
}

static int brace_change(const struct token *token)
{
    return token->kind == TOKEN_LBRACE ? 1 : token->kind == TOKEN_RBRACE ? -1 : 0;
}

/* From the clause that began at token `first` and failed, to the next clause that begins a line,
 * the block's end, or the next declaration. Only braces are counted: a `(` or `[` that is not
 * closed may be the mistake. A brace may be, too: a clause that is indented no deeper than the one
 * that failed is the next whatever is open, and where the block's own `}` closed that brace, what
 * is missing was said. */
static void skip_statement(struct block *block, uint32_t first)
{
    struct parser *p = block->p;
    uint32_t margin = indent(p, &p->tokens->v[first]);
    int open = 0;
    for (uint32_t i = first; i < p->at; i++)
        open += open + brace_change(&p->tokens->v[i]) < 0 ? 0 : brace_change(&p->tokens->v[i]);
    bool was_open = open > 0;
    for (;; parser_take(p)) {
        const struct token *token = parser_token(p);
        if (token->kind == TOKEN_RBRACE && open == 0)
            return;
        bool is_next = (token->flags & TOKEN_NEWLINE) && parser_at_declaration(p);
        if (token->kind == TOKEN_END || is_next) {
            block->excused = was_open;
            return;
        }
        bool is_aligned = margin > 0 && indent(p, token) <= margin;
        if ((open == 0 || is_aligned) && at_clause_line(block))
            return;
        open += brace_change(token);
    }
}

/* Words inside a clause, and behind what each of them stands. */
static const struct inner_word {
    enum decl_kind kind;
    const char *word;
    const char *behind;
} inner_words[] = {
    {DECL_RULE, "code", "`deny`"},
    {DECL_RULE, "status", "`deny`"},
    {DECL_RULE, "quorum", "`require approval by \"…\"`"},
    {DECL_RULE, "ttl", "`require approval by \"…\"`"},
    {DECL_RULE, "bind", "`require approval by \"…\"`"},
    {DECL_RULE, "hold", "`require approval by \"…\"`"},
    {DECL_RULE, "grant", "`require approval by \"…\"`"},
    {DECL_RULE, "with", "`redact NAME`"},
    {DECL_RULE, "restore", "`redact NAME`"},
    {DECL_ROUTE, "window", "`strategy WORD`"},
    {DECL_ROUTE, "explore", "`strategy WORD`"},
    {DECL_ROUTE, "weight", "`target \"…\"`"},
    {DECL_ROUTE, "backoff", "`retry N on …`"},
    {DECL_ROUTE, "over", "`abort when …`"},
    {DECL_ROUTE, "min", "`abort when … over D`"},
    {DECL_LIMIT, "burst", "`requests N per D` or `tokens N per D`"},
    {DECL_DETECTOR, "within", "`context \"…\"`"},
};

/* Behind a complete clause a word that is misspelt may belong to it: an operator, or a part of an
 * effect, a target, a rate. */
static void offer_inner_words(struct suggestion *suggestion, enum decl_kind kind)
{
    for (int op = 0; op < BINARY_COUNT; op++)
        suggest_offer(suggestion, dvara_str_from_cstr(binary_spelling((enum binary)op)));
    suggest_offer(suggestion, DVARA_STR("has"));
    for (size_t i = 0; i < sizeof inner_words / sizeof *inner_words; i++)
        if (inner_words[i].kind == kind)
            suggest_offer(suggestion, dvara_str_from_cstr(inner_words[i].word));
}

static const struct inner_word *inner_word(enum decl_kind kind, struct dvara_str word)
{
    for (size_t i = 0; i < sizeof inner_words / sizeof *inner_words; i++)
        if (inner_words[i].kind == kind &&
            dvara_str_eq(dvara_str_from_cstr(inner_words[i].word), word))
            return &inner_words[i];
    return NULL;
}

/* What other languages call a clause; absent: nothing. */
static struct dvara_str foreign_clause(const struct block *block, struct dvara_str word)
{
    static const struct {
        const char *theirs, *ours;
    } rows[] = {
        {"if", "when"},        {"where", "when"},   {"condition", "when"},
        {"then", "deny"},      {"block", "deny"},   {"reject", "deny"},
        {"message", "reason"}, {"permit", "allow"}, {"assert", "expect"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (dvara_str_eq(word, dvara_str_from_cstr(rows[i].theirs)))
            for (int k = 0; k < block->n_clauses; k++)
                if (strcmp(block->clauses[k].word, rows[i].ours) == 0)
                    return dvara_str_from_cstr(rows[i].ours);
    return (struct dvara_str){0};
}

static void suggest_clause(struct block *block, struct diag *diag, struct dvara_str word)
{
    struct parser *p = block->p;
    struct suggestion suggestion = suggest_for(p->diags, word);
    for (int i = 0; i < block->n_clauses; i++)
        suggest_offer(&suggestion, dvara_str_from_cstr(block->clauses[i].word));
    offer_inner_words(&suggestion, block->decl->kind);
    const struct inner_word *inner = inner_word(block->decl->kind, word);
    if (inner) {
        diag_help(p->diags, diag, "`%s` stands directly behind %s", inner->word, inner->behind);
        return;
    }
    struct dvara_str foreign = foreign_clause(block, word);
    struct dvara_str best = foreign.p ? foreign : suggestion.best;
    if (best.p)
        diag_fix(p->diags, diag, parser_span(p), best, "did you mean `%.*s`?", DVARA_STR_ARG(best));
}

static void report_unknown(struct block *block)
{
    struct parser *p = block->p;
    if (!parser_at(p, TOKEN_WORD)) {
        parser_expected(p, "a clause or `}`");
        return;
    }
    struct dvara_str word = parser_word(p, parser_token(p));
    struct dvara_str keyword = dvara_str_from_cstr(decl_keyword(block->decl->kind));
    struct diag *diag = diag_add(p->diags, parser_span(p), MESSAGE_UNKNOWN_CLAUSE, keyword, word);
    suggest_clause(block, diag, word);
    p->panic = true;
}

static bool check_once(struct block *block, int i)
{
    struct parser *p = block->p;
    struct span span = parser_span(p);
    if (block->clauses[i].once && block->seen[i].end) {
        struct diag *diag =
            diag_add(p->diags, span, MESSAGE_ONCE, dvara_str_from_cstr(block->clauses[i].word));
        diag_label(p->diags, diag, block->seen[i], "first here");
        block->decl->failed = true;
        return false;
    }
    if (!block->seen[i].end)
        block->seen[i] = span;
    return true;
}

static void parse_one(struct block *block)
{
    struct parser *p = block->p;
    uint32_t first = p->at;
    int i = clause_at(block);
    if (i < 0) {
        report_unknown(block);
    } else {
        const struct clause *clause = &block->clauses[i];
        check_once(block, i);
        parser_mark(p, TOKEN_STATEMENT);
        parser_take(p);
        clause->parse(p, block->decl);
    }
    if (p->panic) {
        block->decl->failed = true;
        p->panic = false;
        skip_statement(block, first);
    }
}

/* block = "{" { clause } "}" */
void parse_block(struct parser *p, struct decl *decl, const struct clause *clauses, int n_clauses)
{
    assert(n_clauses <= CLAUSES_MAX);
    struct block block = {.p = p, .decl = decl, .clauses = clauses, .n_clauses = n_clauses};
    block.open = parser_span(p);
    if (!parser_enter(p))
        return;
    p->clauses = clauses;
    p->n_clauses = n_clauses;
    uint32_t depth = p->depth;
    parser_mark(p, TOKEN_BLOCK);
    if (parser_expect(p, TOKEN_LBRACE)) {
        while (!parser_at(p, TOKEN_RBRACE) && !parser_at(p, TOKEN_END) &&
               !((parser_token(p)->flags & TOKEN_NEWLINE) && parser_at_declaration(p))) {
            uint32_t before = p->at;
            parse_one(&block);
            p->depth = depth;
            if (p->at == before)
                parser_take(p);
        }
        if (!parser_take_if(p, TOKEN_RBRACE) && !block.excused) {
            struct diag *diag = diag_add(p->diags, parser_span(p), MESSAGE_UNCLOSED, DVARA_STR("{"),
                                         DVARA_STR("}"));
            diag_label(p->diags, diag, block.open, "opened here");
            decl->failed = true; /* an excused block has failed */
        }
    }
    p->n_clauses = 0;
    parser_leave(p);
}
