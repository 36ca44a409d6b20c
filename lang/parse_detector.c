/* SPDX-License-Identifier: Apache-2.0 */
/* detector = "detector" name "{" { clause } "}" */
#include "base/arena.h"
#include "lang/list.h"
#include "lang/parse.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

/* "pattern" regex { "," regex } */
static void parse_pattern(struct parser *p, struct decl *decl)
{
    do {
        struct regex regex = parse_regex(p);
        if (p->panic)
            return;
        LIST_APPEND(p->arena, decl->detector.patterns, decl->detector.n_patterns, regex);
    } while (parser_take_if(p, TOKEN_COMMA));
}

/* "context" strings [ "within" int ] */
static void parse_context(struct parser *p, struct decl *decl)
{
    parse_texts(p, "context words in quotes", &decl->detector.context);
    if (parser_take_word(p, "within"))
        decl->detector.within = parse_number(p, TOKEN_INT, "a number of code points such as `50`");
}

static void parse_against(struct parser *p, struct decl *decl)
{
    parse_texts(p, "context words in quotes", &decl->detector.against);
}

static void parse_keyword(struct parser *p, struct decl *decl)
{
    parse_texts(p, "keywords in quotes", &decl->detector.keywords);
}

/* "validate" name: checked against the table of validators by `check` */
static void parse_validate(struct parser *p, struct decl *decl)
{
    parse_name(p, "the name of a check such as `luhn`", &decl->detector.validate.s,
               &decl->detector.validate.span);
}

static void parse_entropy(struct parser *p, struct decl *decl)
{
    if (p->panic)
        return;
    const struct token *token = parser_token(p);
    if (token->kind != TOKEN_INT && token->kind != TOKEN_FLOAT) {
        parser_expected(p, "bits a character such as `3.5`");
        return;
    }
    decl->detector.entropy = token->kind == TOKEN_INT ? (double)token->i : token->f;
    decl->detector.entropy_span = parser_span(p);
    parser_take(p);
}

/* "except" (string | regex) { "," (string | regex) } */
static void parse_except(struct parser *p, struct decl *decl)
{
    do {
        struct detector_except except = {.span = parser_span(p)};
        if (parser_at(p, TOKEN_REGEX))
            except.regex = parse_regex(p);
        else
            except.text = parse_text(p, "a string or a regular expression").s;
        if (p->panic)
            return;
        LIST_APPEND(p->arena, decl->detector.excepts, decl->detector.n_excepts, except);
    } while (parser_take_if(p, TOKEN_COMMA));
}

/* "score" percent [ "to" percent ] */
static void parse_score(struct parser *p, struct decl *decl)
{
    decl->detector.score_low = parse_number(p, TOKEN_PERCENT, "a percentage such as `60%`");
    decl->detector.score_high = decl->detector.score_low;
    if (parser_take_word(p, "to"))
        decl->detector.score_high = parse_number(p, TOKEN_PERCENT, "a percentage such as `95%`");
}

static void parse_max_span(struct parser *p, struct decl *decl)
{
    decl->detector.max_span = parse_number(p, TOKEN_INT, "a number of code points such as `64`");
}

static void parse_mask(struct parser *p, struct decl *decl)
{
    decl->detector.mask_none = parser_expect_word(p, "none");
}

void parse_detector(struct parser *p, struct decl *decl)
{
    static const struct clause clauses[] = {
        {.word = "pattern", .parse = parse_pattern},
        {.word = "context", .once = true, .parse = parse_context},
        {.word = "validate", .once = true, .parse = parse_validate},
        {.word = "against", .once = true, .parse = parse_against},
        {.word = "keyword", .once = true, .parse = parse_keyword},
        {.word = "entropy", .once = true, .parse = parse_entropy},
        {.word = "except", .parse = parse_except},
        {.word = "score", .once = true, .parse = parse_score},
        {.word = "max_span", .once = true, .parse = parse_max_span},
        {.word = "mask", .once = true, .parse = parse_mask},
    };
    parse_name(p, "a name", &decl->name, &decl->name_span);
    parse_block(p, decl, clauses, COUNT(clauses));
    if (decl->detector.n_patterns == 0 && !decl->failed && !p->panic) {
        diag_add(p->diags, decl->name_span, MESSAGE_MISSING_CLAUSE, DVARA_STR("detector"),
                 decl->name, DVARA_STR("`pattern`"));
        decl->failed = true;
    }
}
