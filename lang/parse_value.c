/* SPDX-License-Identifier: Apache-2.0 */
/* Single values: names, strings, numbers, words of closed sets. */
#include "base/arena.h"
#include "base/buf.h"
#include "dvara/limits.h"
#include "lang/list.h"
#include "lang/literal.h"
#include "lang/parse.h"
#include "lang/regex.h"
#include "lang/regex_store.h"
#include "lang/suggest.h"

bool parse_name(struct parser *p, const char *what, struct dvara_str *ret_name,
                struct span *ret_span)
{
    if (p->panic)
        return false;
    const struct token *token = parser_token(p);
    if (token->kind != TOKEN_WORD) {
        parser_expected(p, what);
        return false;
    }
    *ret_name = parser_word(p, token);
    *ret_span = parser_span(p);
    if (token->flags & TOKEN_RESERVED) {
        diag_add(p->diags, *ret_span, MESSAGE_RESERVED, *ret_name);
        p->panic = true;
        return false;
    }
    parser_take(p);
    return true;
}

/* name = word */
struct ref parse_ref(struct parser *p, const char *what)
{
    struct ref ref = {0};
    if (!parse_name(p, what, &ref.name, &ref.span))
        return (struct ref){0};
    return ref;
}

size_t parser_quote(const struct parser *p, const struct token *string, size_t *ret_close)
{
    enum { TYPOGRAPHIC = 3 }; /* bytes of a quotation mark that the lexer reported */
    bool is_raw = string->flags & TOKEN_RAW;
    bool is_ascii = (unsigned char)p->source->text.p[string->start] < 0x80;
    size_t close = is_ascii ? 1 : TYPOGRAPHIC;
    *ret_close = string->flags & TOKEN_BROKEN ? 0 : close;
    return is_raw ? 2 : close;
}

struct text parse_text(struct parser *p, const char *what)
{
    if (p->panic)
        return (struct text){0};
    const struct token *token = parser_token(p);
    if (token->kind != TOKEN_STRING) {
        parser_expected(p, what);
        return (struct text){0};
    }
    struct span span = parser_span(p);
    bool raw = token->flags & TOKEN_RAW;
    size_t close;
    size_t open = parser_quote(p, token, &close);
    struct dvara_str text = source_slice(p->source, span);
    struct dvara_str inner = dvara_str_slice(text, open, text.n - close);
    struct dvara_str decoded = string_decode(p->arena, inner, raw);
    if (decoded.n > DVARA_MAX_STRING_LITERAL)
        diag_plain(p->diags, span, MESSAGE_STRING_TOO_LONG);
    parser_take(p);
    return (struct text){decoded.p ? decoded : DVARA_STR(""), span};
}

/* strings = string { "," string } */
void parse_texts(struct parser *p, const char *what, struct texts *texts)
{
    do {
        struct text text = parse_text(p, what);
        if (p->panic)
            return;
        LIST_APPEND(p->arena, texts->v, texts->n, text);
    } while (parser_take_if(p, TOKEN_COMMA));
}

/* What kind of number the text was probably meant to be, for the help of a mismatch. */
static void help_with_number(struct parser *p, struct diag *diag, enum token_kind kind)
{
    const struct token *token = parser_token(p);
    if (token->kind != TOKEN_INT)
        return;
    struct span end = {p->source->number, token->end, token->end};
    struct span start = {p->source->number, token->start, token->start};
    struct dvara_str text = source_slice(p->source, parser_span(p));
    if (kind == TOKEN_DURATION)
        diag_fix(p->diags, diag, end, DVARA_STR("s"), "did you mean `%.*ss`?", DVARA_STR_ARG(text));
    else if (kind == TOKEN_PERCENT)
        diag_fix(p->diags, diag, end, DVARA_STR("%"), "did you mean `%.*s%%`?",
                 DVARA_STR_ARG(text));
    else if (kind == TOKEN_SIZE)
        diag_fix(p->diags, diag, end, DVARA_STR("B"), "did you mean `%.*sB`?", DVARA_STR_ARG(text));
    else if (kind == TOKEN_MONEY)
        diag_fix(p->diags, diag, start, DVARA_STR("$"), "did you mean `$%.*s`?",
                 DVARA_STR_ARG(text));
}

struct number parse_number(struct parser *p, enum token_kind kind, const char *what)
{
    if (p->panic)
        return (struct number){0};
    uint32_t first = p->at;
    bool negative = kind == TOKEN_INT && parser_take_if(p, TOKEN_MINUS);
    const struct token *token = parser_token(p);
    if (token->kind != kind) {
        bool is_value = token->kind >= TOKEN_STRING && token->kind <= TOKEN_CLOCK;
        if (!is_value) {
            parser_expected(p, what);
            return (struct number){0};
        }
        struct diag *diag =
            diag_add(p->diags, parser_span(p), MESSAGE_EXPECTED_TYPE, dvara_str_from_cstr(what),
                     token_name(p->arena, p->source, token));
        help_with_number(p, diag, kind);
        parser_take(p);
        p->decl->failed = true;
        return (struct number){0};
    }
    parser_take(p);
    return (struct number){
        .i = negative ? -token->i : token->i,
        .has = true,
        .span = parser_span_from(p, first),
    };
}

/* `\/` is a slash, everything else stays. */
static struct dvara_str unescape_slashes(struct arena *arena, struct dvara_str inner)
{
    char *out = arena_alloc(arena, inner.n + 1);
    if (!out)
        return inner;
    size_t n = 0;
    for (size_t i = 0; i < inner.n; i++) {
        if (inner.p[i] == '\\' && i + 1 < inner.n) {
            if (inner.p[i + 1] != '/')
                out[n++] = '\\';
            i++;
        }
        out[n++] = inner.p[i];
    }
    return dvara_str_from(out, n);
}

static uint8_t regex_flags(struct dvara_str letters)
{
    uint8_t flags = 0;
    for (size_t i = 0; i < letters.n; i++) {
        flags |= letters.p[i] == 'i' ? REGEX_I : 0;
        flags |= letters.p[i] == 's' ? REGEX_S : 0;
        flags |= letters.p[i] == 'x' ? REGEX_X : 0;
    }
    return flags;
}

struct regex parse_regex(struct parser *p)
{
    if (p->panic)
        return (struct regex){0};
    const struct token *token = parser_token(p);
    if (token->kind != TOKEN_REGEX) {
        parser_expected(p, "a regular expression such as `/EMP-[0-9]+/`");
        return (struct regex){0};
    }
    struct span span = parser_span(p);
    struct dvara_str text = source_slice(p->source, span);
    size_t end = text.n;
    if (token->flags & TOKEN_BROKEN)
        p->decl->failed = true;
    else
        while (text.p[end - 1] != '/')
            end--;
    size_t close = token->flags & TOKEN_BROKEN ? end : end - 1;
    struct dvara_str inner = dvara_str_slice(text, 1, close);
    if (inner.n > DVARA_MAX_STRING_LITERAL)
        diag_plain(p->diags, span, MESSAGE_STRING_TOO_LONG);
    parser_take(p);
    struct regex regex = {
        .text = unescape_slashes(p->arena, inner),
        .flags = regex_flags(dvara_str_slice(text, end, text.n)),
        .span = span,
    };
    if (p->regexes)
        regex.facts = regex_store_facts(p->regexes, regex.text, regex.flags);
    if (!regex.facts)
        regex.facts = ARENA_NEW(p->arena, struct regex_facts);
    return regex;
}

struct dvara_str choice_text(struct arena *arena, const char *const *words, int n_words)
{
    struct buf buf;
    buf_init(&buf, 4096);
    for (int i = 0; i < n_words; i++)
        buf_printf(&buf, "%s`%s`", i == 0 ? "" : i + 1 == n_words ? " or " : ", ", words[i]);
    struct dvara_str text = arena_copy(arena, buf_str(&buf));
    buf_clear(&buf);
    return text;
}

/* A word on the same line that begins no clause stands for one of the set. */
static bool at_wrong_word(const struct parser *p)
{
    const struct token *token = parser_token(p);
    return token->kind == TOKEN_WORD && !(token->flags & (TOKEN_NEWLINE | TOKEN_RESERVED)) &&
           !parser_at_clause(p);
}

static void go_on(struct parser *p)
{
    p->panic = false;
    p->decl->unbound = true;
    parser_take(p);
}

static int word_index(const char *const *words, int n_words, struct dvara_str word)
{
    int i = 0;
    while (i < n_words && !dvara_str_eq(word, dvara_str_from_cstr(words[i])))
        i++;
    return i;
}

int parse_choice(struct parser *p, const char *const *words, int n_words, const char *what)
{
    if (p->panic)
        return -1;
    for (int i = 0; i < n_words; i++)
        if (parser_take_word(p, words[i]))
            return i;
    struct dvara_str choices = choice_text(p->arena, words, n_words);
    if (!parser_at(p, TOKEN_WORD)) {
        parser_expected(p, choices.p ? choices.p : what);
        return -1;
    }
    struct dvara_str word = parser_word(p, parser_token(p));
    struct diag *diag = diag_add(p->diags, parser_span(p), MESSAGE_UNKNOWN_WORD, word,
                                 dvara_str_from_cstr(what), choices);
    struct suggestion suggestion = suggest_for(p->diags, word);
    for (int i = 0; i < n_words; i++)
        suggest_offer(&suggestion, dvara_str_from_cstr(words[i]));
    p->panic = true;
    if (!suggestion.best.p)
        return -1;
    diag_fix(p->diags, diag, parser_span(p), suggestion.best, "did you mean `%.*s`?",
             DVARA_STR_ARG(suggestion.best));
    if (!at_wrong_word(p))
        return -1;
    go_on(p);
    return word_index(words, n_words, suggestion.best);
}

int parse_choice_or(struct parser *p, const char *const *words, int n_words, int fallback,
                    const char *what)
{
    bool may_go_on = !p->panic && at_wrong_word(p);
    int i = parse_choice(p, words, n_words, what);
    if (i >= 0 || !may_go_on)
        return i;
    go_on(p);
    return fallback;
}
