/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/lexer.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "dvara/limits.h"
#include "lang/diag.h"
#include "lang/list.h"
#include "lang/literal.h"

#include <assert.h>

struct lexer {
    struct arena *arena;
    const struct source *source;
    struct diags *diags;
    struct dvara_str text;
    size_t at;
    bool newline; /* since the last token */
    struct tokens out;
};

static const struct {
    struct dvara_str spelling;
    uint8_t kind;
} punctuation[] = {
#define PUNCTUATION(id, spelling_)                                                                 \
    {.spelling = {.p = spelling_, .n = sizeof(spelling_) - 1}, .kind = TOKEN_##id},
#include "lang/tokens.def"
};

static const struct {
    struct dvara_str spelling;
    const char *ours;
} foreign[] = {
#define FOREIGN(spelling_, ours_)                                                                  \
    {.spelling = {.p = spelling_, .n = sizeof(spelling_) - 1}, .ours = ours_},
#include "lang/tokens.def"
};

static const struct dvara_str reserved[] = {
#define RESERVED(spelling) {.p = spelling, .n = sizeof(spelling) - 1},
#include "lang/tokens.def"
};

static const char *const kind_names[TOKEN_COUNT] = {
#define TOKEN(id, what) [TOKEN_##id] = what,
#include "lang/tokens.def"
#define PUNCTUATION(id, spelling) [TOKEN_##id] = "`" spelling "`",
#include "lang/tokens.def"
};

const char *token_kind_name(enum token_kind kind)
{
    assert(kind < TOKEN_COUNT);
    return kind_names[kind];
}

bool word_is_reserved(struct dvara_str word)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (dvara_str_eq(reserved[i], word))
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}
static bool is_word_start(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_' || is_upper(c);
}
static bool is_word(char c)
{
    return is_word_start(c) || is_digit(c);
}

static char peek(const struct lexer *lexer, size_t ahead)
{
    return lexer->at + ahead < lexer->text.n ? lexer->text.p[lexer->at + ahead] : 0;
}

static struct dvara_str rest(const struct lexer *lexer)
{
    return dvara_str_slice(lexer->text, lexer->at, lexer->text.n);
}

static struct span place(const struct lexer *lexer, size_t start, size_t end)
{
    return (struct span){lexer->source->number, (uint32_t)start, (uint32_t)end};
}

/* A token from the current position on; moves behind it. */
static struct token *push(struct lexer *lexer, uint8_t kind, size_t length, uint8_t flags)
{
    struct token token = {
        .kind = kind,
        .flags = (uint8_t)(flags | (lexer->newline ? TOKEN_NEWLINE : 0)),
        .start = (uint32_t)lexer->at,
        .end = (uint32_t)(lexer->at + length),
    };
    uint32_t before = lexer->out.n;
    LIST_APPEND(lexer->arena, lexer->out.v, lexer->out.n, token);
    lexer->at += length;
    lexer->newline = false;
    return lexer->out.n > before ? &lexer->out.v[before] : NULL;
}

static void lex_comment(struct lexer *lexer)
{
    size_t end = lexer->at;
    while (end < lexer->text.n && lexer->text.p[end] != '\n')
        end++;
    size_t next = end;
    if (end > lexer->at && lexer->text.p[end - 1] == '\r')
        end--;
    struct comment comment = {
        .start = (uint32_t)lexer->at,
        .end = (uint32_t)end,
        .token = lexer->out.n,
        .own_line = lexer->newline,
    };
    LIST_APPEND(lexer->arena, lexer->out.comments, lexer->out.n_comments, comment);
    lexer->at = next;
}

static void lex_word(struct lexer *lexer)
{
    size_t n = 0;
    bool upper = false;
    for (; is_word(peek(lexer, n)); n++)
        upper |= is_upper(peek(lexer, n));
    struct dvara_str word = dvara_str_from(lexer->text.p + lexer->at, n);
    uint8_t flags = word_is_reserved(word) ? TOKEN_RESERVED : 0;
    if (upper) {
        struct dvara_str lower = arena_copy(lexer->arena, word);
        char *p = arena_alloc(lexer->arena, n);
        for (size_t i = 0; p && i < n; i++)
            p[i] = (char)(is_upper(word.p[i]) ? word.p[i] | 0x20 : word.p[i]);
        if (p)
            lower = dvara_str_from(p, n);
        struct span span = place(lexer, lexer->at, lexer->at + n);
        struct diag *diag = diag_add(lexer->diags, span, MESSAGE_UPPER_CASE, word);
        diag_fix(lexer->diags, diag, span, lower, "write `%.*s`", DVARA_STR_ARG(lower));
        flags |= TOKEN_UPPER | (word_is_reserved(lower) ? TOKEN_RESERVED : 0);
    }
    push(lexer, TOKEN_WORD, n, flags);
}

static void lex_number(struct lexer *lexer)
{
    struct number_literal number = number_read(rest(lexer));
    struct span span = place(lexer, lexer->at, lexer->at + number.length);
    if (number.problem) {
        struct dvara_str spelling = source_slice(lexer->source, span);
        struct diag *diag = diag_add(lexer->diags, span,
                                     number.is_range ? MESSAGE_NUMBER_RANGE : MESSAGE_BAD_NUMBER,
                                     spelling, dvara_str_from_cstr(number.problem));
        struct dvara_str suggestion = dvara_str_from_cstr(number.suggestion);
        if (suggestion.n)
            diag_fix(lexer->diags, diag, span, suggestion, "did you mean `%s`?", number.suggestion);
    }
    struct token *token =
        push(lexer, number.kind, number.length, number.problem ? TOKEN_BROKEN : 0);
    if (token && number.kind == TOKEN_FLOAT)
        token->f = number.f;
    else if (token)
        token->i = number.i;
}

/* Over the character behind the backslash, and over the braces of a code point. */
static size_t bad_escape_end(const struct lexer *lexer, size_t start, size_t end)
{
    size_t at = start + 1;
    at += at < end ? utf8_sequence(lexer->text.p + at, end - at) : 0;
    bool is_code_point = at < end && lexer->text.p[at - 1] == 'u' && lexer->text.p[at] == '{';
    const char *close = is_code_point ? memchr(lexer->text.p + at, '}', end - at) : NULL;
    return close && (size_t)(close - lexer->text.p) < at + 16 ? (size_t)(close - lexer->text.p) + 1
                                                              : at;
}

static void check_escapes(struct lexer *lexer, size_t start, size_t end)
{
    for (size_t i = start; i < end;) {
        if (lexer->text.p[i] != '\\') {
            i++;
            continue;
        }
        uint32_t code;
        size_t next = escape_read(dvara_str_slice(lexer->text, 0, end), i, &code);
        if (next == 0) {
            next = bad_escape_end(lexer, i, end);
            struct span span = place(lexer, i, next);
            struct diag *diag =
                diag_add(lexer->diags, span, MESSAGE_BAD_ESCAPE, source_slice(lexer->source, span));
            diag_help(
                lexer->diags, diag,
                "escapes are `\\n \\t \\r \\\" \\\\ \\u{1F600}`; a raw string r\"…\" has none");
        }
        i = next;
    }
}

/* From `open` bytes on to the closing quote on this line; the length with both quotes. */
static size_t string_length(const struct lexer *lexer, size_t open, bool raw, bool *ret_closed)
{
    size_t n = open;
    *ret_closed = false;
    for (;; n++) {
        char c = peek(lexer, n);
        if (lexer->at + n >= lexer->text.n || c == '\n')
            break;
        if (c == '"') {
            *ret_closed = true;
            return n + 1;
        }
        if (c == '\\' && !raw && peek(lexer, n + 1) != '\n' && lexer->at + n + 1 < lexer->text.n)
            n++;
    }
    while (n > open && (peek(lexer, n - 1) == '\r' || lexer->at + n > lexer->text.n))
        n--;
    return n;
}

static void lex_string(struct lexer *lexer, bool raw)
{
    size_t open = raw ? 2 : 1;
    bool closed;
    size_t n = string_length(lexer, open, raw, &closed);
    uint8_t flags = raw ? TOKEN_RAW : 0;
    if (!closed) {
        struct diag *diag = diag_add(lexer->diags, place(lexer, lexer->at, lexer->at + n),
                                     MESSAGE_UNTERMINATED, DVARA_STR("string"), DVARA_STR("\""));
        diag_help(lexer->diags, diag,
                  "a string ends on the line it begins; write `\\n` for a newline");
        flags |= TOKEN_BROKEN;
    } else if (!raw) {
        check_escapes(lexer, lexer->at + open, lexer->at + n - 1);
    }
    push(lexer, TOKEN_STRING, n, flags);
}

/* `\/` is a slash; flags are i, s and x, each once. */
static void lex_regex(struct lexer *lexer)
{
    size_t n = 1;
    while (lexer->at + n < lexer->text.n && peek(lexer, n) != '/' && peek(lexer, n) != '\n')
        n += peek(lexer, n) == '\\' && peek(lexer, n + 1) != '\n' ? 2 : 1;
    if (lexer->at + n > lexer->text.n)
        n = lexer->text.n - lexer->at;
    if (peek(lexer, n) != '/') {
        if (peek(lexer, n - 1) == '\r' && n > 1)
            n--;
        struct diag *diag =
            diag_add(lexer->diags, place(lexer, lexer->at, lexer->at + n), MESSAGE_UNTERMINATED,
                     DVARA_STR("regular expression"), DVARA_STR("/"));
        diag_help(lexer->diags, diag, "there is no division: `/` begins a regular expression");
        push(lexer, TOKEN_REGEX, n, TOKEN_BROKEN);
        return;
    }
    n++;
    size_t flags = n;
    const char *letters = "isx";
    unsigned seen = 0;
    for (; is_word(peek(lexer, n)); n++) {
        const char *letter = strchr(letters, peek(lexer, n));
        unsigned bit = letter ? 1u << (letter - letters) : 0;
        if (!bit || (seen & bit)) {
            while (is_word(peek(lexer, n)))
                n++;
            struct span span = place(lexer, lexer->at + flags, lexer->at + n);
            diag_add(lexer->diags, span, MESSAGE_REGEX_FLAGS, source_slice(lexer->source, span));
            break;
        }
        seen |= bit;
    }
    push(lexer, TOKEN_REGEX, n, 0);
}

static bool lex_foreign(struct lexer *lexer)
{
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (!dvara_str_starts_with(rest(lexer), foreign[i].spelling))
            continue;
        size_t n = foreign[i].spelling.n;
        struct span span = place(lexer, lexer->at, lexer->at + n);
        struct diag *diag =
            diag_add(lexer->diags, span, MESSAGE_UNKNOWN_CHARACTER, foreign[i].spelling);
        if (foreign[i].ours[0])
            diag_help(lexer->diags, diag, "did you mean `%s`?", foreign[i].ours);
        push(lexer, TOKEN_BAD, n, TOKEN_BROKEN);
        return true;
    }
    return false;
}

static bool lex_punctuation(struct lexer *lexer)
{
    for (size_t i = 0; i < sizeof punctuation / sizeof *punctuation; i++) {
        if (dvara_str_starts_with(rest(lexer), punctuation[i].spelling)) {
            push(lexer, punctuation[i].kind, punctuation[i].spelling.n, 0);
            return true;
        }
    }
    return false;
}

/* 'text' of other languages: one mistake, a string of the same text. */
static bool lex_single_quoted(struct lexer *lexer)
{
    size_t n = 1;
    if (peek(lexer, 0) != '\'')
        return false;
    while (lexer->at + n < lexer->text.n && !strchr("'\n\"\\", peek(lexer, n)))
        n++;
    if (lexer->at + n >= lexer->text.n || peek(lexer, n) != '\'')
        return false;
    struct span span = place(lexer, lexer->at, lexer->at + n + 1);
    struct dvara_str inner = dvara_str_slice(lexer->text, lexer->at + 1, lexer->at + n);
    struct dvara_str fixed = arena_printf(lexer->arena, "\"%.*s\"", DVARA_STR_ARG(inner));
    struct diag *diag =
        diag_add(lexer->diags, span, MESSAGE_UNKNOWN_CHARACTER, source_slice(lexer->source, span));
    diag_fix(lexer->diags, diag, span, fixed, "write `%.*s`", DVARA_STR_ARG(fixed));
    push(lexer, TOKEN_STRING, n + 1, 0);
    return true;
}

/* The length of a typographic quotation mark at `ahead`, 0 if there is none; single ones are U+2018
 * to U+201B, double ones U+201C to U+201F. */
static size_t quotation_mark(const struct lexer *lexer, size_t ahead, bool *ret_double)
{
    unsigned char last = (unsigned char)peek(lexer, ahead + 2);
    if (peek(lexer, ahead) != '\xe2' || peek(lexer, ahead + 1) != '\x80' || last < 0x98 ||
        last > 0x9f)
        return 0;
    *ret_double = last >= 0x9c;
    return 3;
}

/* Text in quotation marks of a word processor: one mistake, a string of the same text. */
static bool lex_typographic(struct lexer *lexer)
{
    bool is_double;
    bool closes = false;
    size_t open = quotation_mark(lexer, 0, &is_double);
    size_t n = open;
    while (n && !closes) {
        bool other;
        char c = peek(lexer, n);
        if (lexer->at + n >= lexer->text.n || c == '\n' || c == '"' || c == '\\')
            return false;
        closes = quotation_mark(lexer, n, &other) && other == is_double;
        n += closes ? open : 1;
    }
    if (!n)
        return false;
    struct span span = place(lexer, lexer->at, lexer->at + n);
    struct dvara_str inner = dvara_str_slice(lexer->text, lexer->at + open, lexer->at + n - open);
    struct dvara_str fixed = arena_printf(lexer->arena, "\"%.*s\"", DVARA_STR_ARG(inner));
    struct diag *diag =
        diag_add(lexer->diags, span, MESSAGE_UNKNOWN_CHARACTER, source_slice(lexer->source, span));
    diag_fix(lexer->diags, diag, span, fixed, "write `%.*s`", DVARA_STR_ARG(fixed));
    push(lexer, TOKEN_STRING, n, 0);
    return true;
}

static bool token_is(const struct lexer *lexer, const struct token *token, struct dvara_str word)
{
    return token->kind == TOKEN_WORD &&
           dvara_str_eq(dvara_str_slice(lexer->text, token->start, token->end), word);
}

/* `// …` of other languages, where no regular expression is wanted: one mistake, a comment. */
static bool lex_foreign_comment(struct lexer *lexer)
{
    const struct token *last = lexer->out.n ? &lexer->out.v[lexer->out.n - 1] : NULL;
    bool wants_regex = last && (token_is(lexer, last, DVARA_STR("matches")) ||
                                token_is(lexer, last, DVARA_STR("pattern")));
    if (peek(lexer, 1) != '/' || wants_regex)
        return false;
    struct span span = place(lexer, lexer->at, lexer->at + 2);
    struct diag *diag = diag_add(lexer->diags, span, MESSAGE_UNKNOWN_CHARACTER, DVARA_STR("//"));
    diag_fix(lexer->diags, diag, span, DVARA_STR("#"), "a comment begins with `#`");
    lex_comment(lexer);
    return true;
}

/* import pii/identity, at the begin of a line: one mistake, a path without its quotes. */
static bool lex_bare_import(struct lexer *lexer)
{
    const struct token *last = lexer->out.n ? &lexer->out.v[lexer->out.n - 1] : NULL;
    size_t n = 0;
    bool is_path = false;
    if (!last || !(last->flags & TOKEN_NEWLINE) || lexer->newline ||
        !token_is(lexer, last, DVARA_STR("import")))
        return false;
    for (; is_word(peek(lexer, n)) || (peek(lexer, n) && strchr("/.-", peek(lexer, n))); n++)
        is_path |= peek(lexer, n) == '/' && n > 0;
    if (!is_path || dvara_str_starts_with(rest(lexer), DVARA_STR("matches/")))
        return false;
    struct span span = place(lexer, lexer->at, lexer->at + n);
    struct dvara_str text = source_slice(lexer->source, span);
    struct dvara_str fixed = arena_printf(lexer->arena, "\"%.*s\"", DVARA_STR_ARG(text));
    struct diag *diag =
        diag_add(lexer->diags, span, MESSAGE_EXPECTED, DVARA_STR("the path of a file in quotes"),
                 arena_printf(lexer->arena, "`%.*s`", DVARA_STR_ARG(text)));
    diag_fix(lexer->diags, diag, span, fixed, "write `%.*s`", DVARA_STR_ARG(fixed));
    push(lexer, TOKEN_BAD, n, TOKEN_BROKEN);
    return true;
}

/* A run of bytes that begin nothing is one mistake. */
static void lex_unknown(struct lexer *lexer)
{
    size_t n = 0;
    for (;;) {
        unsigned char c = (unsigned char)peek(lexer, n);
        bool is_unknown = c >= 0x80 || (c && strchr("@^\\~", c)) ||
                          (c < 0x20 && !strchr("\t\r\n", c)) || c == 0x7f || c == '$';
        if (lexer->at + n >= lexer->text.n || !is_unknown)
            break;
        n += c >= 0x80 ? utf8_sequence(lexer->text.p + lexer->at + n, lexer->text.n - lexer->at - n)
                       : 1;
    }
    n = n ? n : 1;
    struct span span = place(lexer, lexer->at, lexer->at + n);
    diag_add(lexer->diags, span, MESSAGE_UNKNOWN_CHARACTER, source_slice(lexer->source, span));
    push(lexer, TOKEN_BAD, n, TOKEN_BROKEN);
}

static void lex_one(struct lexer *lexer)
{
    char c = peek(lexer, 0);
    if (c == '\n') {
        lexer->newline = true;
        lexer->at++;
    } else if (c == ' ' || c == '\t' || c == '\r') {
        lexer->at++;
    } else if (c == '#') {
        lex_comment(lexer);
    } else if (c == '"') {
        lex_string(lexer, false);
    } else if (c == 'r' && peek(lexer, 1) == '"') {
        lex_string(lexer, true);
    } else if (lex_bare_import(lexer)) {
        return;
    } else if (is_word_start(c)) {
        lex_word(lexer);
    } else if (is_digit(c) || (c == '$' && is_digit(peek(lexer, 1)))) {
        lex_number(lexer);
    } else if (c == '/' && lex_foreign_comment(lexer)) {
        return;
    } else if (c == '/') {
        lex_regex(lexer);
    } else if (dvara_str_starts_with(rest(lexer), DVARA_STR("\?\?")) ||
               dvara_str_starts_with(rest(lexer), DVARA_STR("!=")) ||
               dvara_str_starts_with(rest(lexer), DVARA_STR(">="))) {
        if (dvara_str_starts_with(rest(lexer), DVARA_STR("!==")))
            lex_foreign(lexer);
        else
            lex_punctuation(lexer);
    } else if (!lex_single_quoted(lexer) && !lex_typographic(lexer) && !lex_foreign(lexer) &&
               !lex_punctuation(lexer)) {
        lex_unknown(lexer);
    }
}

bool lex(struct arena *arena, const struct source *source, struct diags *diags,
         struct tokens *ret_tokens)
{
    struct lexer lexer = {
        .arena = arena,
        .source = source,
        .diags = diags,
        .text = source->broken ? DVARA_STR("") : source->text,
        .newline = true,
    };
    while (lexer.at < lexer.text.n && !arena_is_exhausted(arena))
        lex_one(&lexer);
    /* The end is shown right behind the last token, where what is missing belongs. */
    lexer.at = lexer.out.n ? lexer.out.v[lexer.out.n - 1].end : 0;
    push(&lexer, TOKEN_END, 0, 0);
    *ret_tokens = lexer.out;
    return !arena_is_exhausted(arena);
}

struct dvara_str token_name(struct arena *arena, const struct source *source,
                            const struct token *token)
{
    struct dvara_str text =
        source_slice(source, (struct span){source->number, token->start, token->end});
    if (token->kind == TOKEN_WORD || token->kind == TOKEN_BAD || token->kind == TOKEN_INT ||
        token->kind == TOKEN_FLOAT || (token->kind >= TOKEN_DURATION && token->kind <= TOKEN_CLOCK))
        return arena_printf(arena, "`%.*s`", DVARA_STR_ARG(dvara_str_slice(text, 0, 60)));
    if (token->kind == TOKEN_STRING && text.n <= 40 && !(token->flags & TOKEN_BROKEN))
        return arena_printf(arena, "the string %.*s", DVARA_STR_ARG(text));
    return dvara_str_from_cstr(token_kind_name(token->kind));
}
