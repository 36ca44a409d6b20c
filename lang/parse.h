/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser's files share: the cursor, reporting, recovery, and one function a production.
 * After a report `panic` is set; productions then return at once without reporting, until the block
 * that owns the statement finds its next one. */
#ifndef LANG_PARSE_H
#define LANG_PARSE_H

#include "lang/diag.h"
#include "lang/parser.h"

struct parser {
    struct arena *arena;
    struct source *source;
    struct diags *diags;
    struct tokens *tokens;
    struct regex_store *regexes;
    struct unit *unit;
    uint32_t at;
    uint32_t depth; /* open brackets, braces, quantifiers, prefix operators */
    bool panic;
    bool in_given;                /* records are values */
    struct expr *error;           /* stands for any expression that did not parse */
    struct decl *decl;            /* being parsed */
    const struct clause *clauses; /* of the block being parsed */
    int n_clauses;
};

/* parser.c: the cursor. */
const struct token *parser_token(const struct parser *p);
const struct token *parser_next(const struct parser *p); /* the one after */
struct span parser_span(const struct parser *p);         /* of the current token */
struct span parser_span_from(const struct parser *p,
                             uint32_t first); /* token `first` to the last taken */
struct dvara_str parser_word(const struct parser *p, const struct token *token);
bool parser_at(const struct parser *p, enum token_kind kind);
bool parser_at_word(const struct parser *p, const char *word);
/* Adds one of the parser's marks to the current token. */
void parser_mark(struct parser *p, uint8_t flags);
void parser_take(struct parser *p);
bool parser_take_if(struct parser *p, enum token_kind kind);
bool parser_take_word(struct parser *p, const char *word);
/* parser.c: reporting; these set panic. */
void parser_expected(struct parser *p, const char *what);
bool parser_expect(struct parser *p, enum token_kind kind);
bool parser_expect_word(struct parser *p, const char *word);
/* One level deeper, or a report and false. */
bool parser_enter(struct parser *p);
void parser_leave(struct parser *p);
/* Is the current token the first of a declaration, by its shape? */
bool parser_at_declaration(const struct parser *p);

/* parse_value.c: single values. */
bool parse_name(struct parser *p, const char *what, struct dvara_str *ret_name,
                struct span *ret_span);
struct ref parse_ref(struct parser *p, const char *what);
struct text parse_text(struct parser *p, const char *what);
/* Bytes of a string's opening quote; the closing one has as many, a raw string's one. */
size_t parser_quote(const struct parser *p, const struct token *string, size_t *ret_close);
void parse_texts(struct parser *p, const char *what, struct texts *texts); /* "a", "b" appended */
struct number parse_number(struct parser *p, enum token_kind kind, const char *what);
struct regex parse_regex(struct parser *p);
/* One of a closed set of words; its index, or -1 and a report. A word that is nearly one of them is
 * reported and taken for it, so that what follows is read. */
int parse_choice(struct parser *p, const char *const *words, int n_words, const char *what);
/* The same where nothing else depends on the word: another one is reported and taken for
 * `fallback`.
 */
int parse_choice_or(struct parser *p, const char *const *words, int n_words, int fallback,
                    const char *what);
/* "`a`, `b` or `c`", for messages. */
struct dvara_str choice_text(struct arena *arena, const char *const *words, int n_words);

/* parse_clause.c: blocks of clauses. */
struct clause {
    const char *word;
    bool once;
    void (*parse)(struct parser *p, struct decl *decl); /* at the token after the word */
};
void parse_block(struct parser *p, struct decl *decl, const struct clause *clauses, int n_clauses);
/* Does the current word begin a clause of the block? */
bool parser_at_clause(const struct parser *p);

/* parse_expr.c: operators; parse_operand.c: what they stand between; parse_template.c */
struct expr *parse_expr(struct parser *p);
struct expr *expr_new(struct parser *p, enum expr_kind kind, struct span span);
struct expr *parse_postfix(struct parser *p);
struct expr *parse_record(struct parser *p);
struct template *parse_template(struct parser *p);
/* expr { "," expr }, appended; parse_meter.c */
void parse_exprs(struct parser *p, struct exprs *ret_exprs);

/* parse_decl.c, parse_detector.c, parse_rule.c, parse_route.c, parse_test.c, parse_meter.c:
 * bodies of declarations, behind the keyword. */
void parse_let(struct parser *p, struct decl *decl);
void parse_runtime_list(struct parser *p, struct decl *decl);
void parse_default(struct parser *p, struct decl *decl);
void parse_provider(struct parser *p, struct decl *decl);
void parse_model(struct parser *p, struct decl *decl);
void parse_detector(struct parser *p, struct decl *decl);
void parse_group(struct parser *p, struct decl *decl);
void parse_rule(struct parser *p, struct decl *decl);
void parse_route(struct parser *p, struct decl *decl);
void parse_test(struct parser *p, struct decl *decl);
void parse_limit(struct parser *p, struct decl *decl);
void parse_budget(struct parser *p, struct decl *decl);
void parse_invariant(struct parser *p, struct decl *decl);
void parse_declaration(struct parser *p);

#endif
