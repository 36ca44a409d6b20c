/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/lsp/complete_text.h"

#include "base/arena.h"

static struct dvara_str text_of(const struct around *around, const struct token *token)
{
    return dvara_str_slice(around->source->text, token->start, token->end);
}

/* Does a declaration begin here? The parser's mark; where it could not follow, a word that begins
 * its line at the margin. */
static bool is_top(const struct around *around, const struct token *token)
{
    bool margin = token->start == 0 || around->source->text.p[token->start - 1] == '\n';
    return token->kind == TOKEN_WORD && ((token->flags & TOKEN_TOP) || margin);
}

struct around around_of(const struct spot *spot)
{
    struct around around = {.source = spot->unit->source, .tokens = spot->unit->tokens};
    const struct tokens *tokens = around.tokens;
    around.next = (uint32_t)around.source->text.n;
    while (around.last + 1 < tokens->n && tokens->v[around.last].start < spot->offset)
        around.last++;
    around.first = around.last;
    while (around.first > 0 &&
           (around.first == around.last || !is_top(&around, &tokens->v[around.first])))
        around.first--;
    for (uint32_t i = around.last; i + 1 < tokens->n; i++) {
        if (tokens->v[i].start >= spot->offset && is_top(&around, &tokens->v[i])) {
            around.next = tokens->v[i].start;
            break;
        }
    }
    return around;
}

const struct token *around_token(const struct around *around, uint32_t n)
{
    return around->last > around->first + n ? &around->tokens->v[around->last - 1 - n] : NULL;
}

bool around_word_is(const struct around *around, uint32_t n, struct dvara_str word)
{
    const struct token *token = around_token(around, n);
    return token && token->kind == TOKEN_WORD && dvara_str_eq(text_of(around, token), word);
}

uint32_t around_phases(const struct around *around)
{
    static const struct {
        struct dvara_str word;
        uint32_t phase;
    } phases[] = {{DVARA_STR_INIT("request"), DVARA_PHASES_REQUEST},
                  {DVARA_STR_INIT("target"), DVARA_PHASES_TARGET},
                  {DVARA_STR_INIT("tool"), DVARA_PHASES_TOOL},
                  {DVARA_STR_INIT("response"), DVARA_PHASES_RESPONSE}};
    uint32_t found = 0;
    bool listed = false;
    for (uint32_t i = around->first; i < around->last; i++) {
        const struct token *token = &around->tokens->v[i];
        struct dvara_str text = text_of(around, token);
        bool was = listed;
        listed = dvara_str_eq(text, DVARA_STR("on")) || (was && token->kind == TOKEN_COMMA);
        for (size_t p = 0; was && p < sizeof phases / sizeof *phases; p++) {
            if (dvara_str_eq(text, phases[p].word)) {
                found |= phases[p].phase;
                listed = true;
            }
        }
        if (was && !listed)
            return found;
    }
    return found;
}

/* What closes the brackets that are open before the word, a rule's with an effect that any phase
 * takes, since without one it is no rule. */
static void close_brackets(const struct around *around, uint32_t to, struct buf *out)
{
    enum { DEPTH = 256 };
    char open[DEPTH];
    uint32_t n = 0;
    for (uint32_t i = around->first; i < around->last; i++) {
        const struct token *token = &around->tokens->v[i];
        if (token->start >= to)
            break;
        bool opens = token->kind == TOKEN_LBRACE || token->kind == TOKEN_LPAREN ||
                     token->kind == TOKEN_LBRACKET;
        bool closes = token->kind == TOKEN_RBRACE || token->kind == TOKEN_RPAREN ||
                      token->kind == TOKEN_RBRACKET;
        if (opens && n < DEPTH)
            open[n++] = around->source->text.p[token->start];
        n -= closes && n > 0;
    }
    bool rule = around->last > around->first &&
                dvara_str_eq(text_of(around, &around->tokens->v[around->first]), DVARA_STR("rule"));
    while (n-- > 0) {
        if (rule && n == 0)
            BUF_LIT(out, " tag \"a\" \"b\"");
        buf_byte(out, ' ');
        buf_byte(out, open[n] == '{' ? '}' : open[n] == '(' ? ')' : ']');
    }
}

size_t complete_texts(struct arena *arena, const struct around *around, uint32_t cursor,
                      uint32_t end, struct dvara_str mark,
                      struct dvara_str ret_texts[COMPLETE_TEXTS])
{
    static const struct dvara_str keys[] = {DVARA_STR_INIT(""), DVARA_STR_INIT(": 1")};
    struct dvara_str text = around->source->text;
    struct buf closed;
    buf_init(&closed, text.n + 4096);
    close_brackets(around, cursor, &closed);
    buf_byte(&closed, '\n');
    buf_append(&closed, dvara_str_slice(text, around->next, text.n));
    struct dvara_str tails[] = {dvara_str_slice(text, end, text.n), buf_str(&closed)};
    size_t n = 0;
    for (size_t i = 0; i < COMPLETE_TEXTS && !buf_failed(&closed); i++) {
        struct dvara_str whole =
            arena_printf(arena, "%.*s%.*s%.*s%.*s", (int)cursor, text.p, DVARA_STR_ARG(mark),
                         DVARA_STR_ARG(keys[i % 2]), DVARA_STR_ARG(tails[i / 2]));
        if (whole.p)
            ret_texts[n++] = whole;
    }
    buf_clear(&closed);
    return n;
}
