/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/restore.h"

#include "pattern/text.h"
#include "pii/marks.h"
#include "pii/vault.h"

#include <openssl/crypto.h>

enum { TEXT_MAX = 64 << 20, BODY_MAX = VAULT_LABEL_MAX + 1 + VAULT_NUMBER_DIGITS };

enum outcome { NO_TOKEN, TOKEN, CANNOT_KNOW };

struct token {
    size_t end;
    struct dvara_str value;
};

/* What a bracket may look like: as issued, escaped for markdown, for HTML, for JSON. */
static const char *const open_brackets[] = {"<", "\\<", "&lt;", "\\u003c", "\\u003C"};
static const char *const close_brackets[] = {">", "\\>", "&gt;", "\\u003e", "\\u003E"};
enum { BRACKETS = 5 };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Takes one of the brackets at `*at`. CANNOT_KNOW: the text ends inside one. */
static enum outcome take_bracket(struct dvara_str text, size_t *at, const char *const *brackets)
{
    for (size_t i = 0; i < BRACKETS; i++) {
        size_t n = strlen(brackets[i]);
        size_t left = text.n - *at;
        if (left >= n && memcmp(text.p + *at, brackets[i], n) == 0) {
            *at += n;
            return TOKEN;
        }
        if (left && left < n && memcmp(text.p + *at, brackets[i], left) == 0)
            return CANNOT_KNOW;
    }
    return *at == text.n ? CANNOT_KNOW : NO_TOKEN;
}

/* LABEL_12 with `\_` for `_`, without the backslashes. Stops at the first byte that is no part. */
static size_t take_body(struct dvara_str text, size_t *at, char body[BODY_MAX])
{
    size_t n = 0;
    while (*at < text.n && n < BODY_MAX) {
        char c = text.p[*at];
        if (c == '\\' && *at + 1 < text.n && text.p[*at + 1] == '_')
            c = text.p[++*at];
        if (c != '_' && !text_is_alnum((unsigned char)c))
            break;
        body[n++] = c;
        ++*at;
    }
    return n;
}

/* Label and number of a body; false when it has not that shape. */
static bool split_body(struct dvara_str body, struct dvara_str *ret_label, uint32_t *ret_number)
{
    size_t digit = body.n;
    while (digit && text_is_digit((unsigned char)body.p[digit - 1]))
        digit--;
    if (digit < 2 || digit == body.n || body.n - digit > VAULT_NUMBER_DIGITS ||
        body.p[digit - 1] != '_' || body.p[digit] == '0')
        return false;
    *ret_label = dvara_str_slice(body, 0, digit - 1);
    *ret_number = 0;
    for (size_t i = digit; i < body.n; i++)
        *ret_number = *ret_number * 10 + (uint32_t)(body.p[i] - '0');
    return true;
}

static bool is_upper_case(struct dvara_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 'a' && s.p[i] <= 'z')
            return false;
    }
    return true;
}

static bool stands_in_word(struct dvara_str text, size_t at)
{
    return at > 0 &&
           (text.p[at - 1] == '_' || text.p[at - 1] == '\\' || text_word_before(text, at));
}

/* The token whose text begins at `at`, if one does. Without both brackets it must be in upper case
 * and stand alone: `email_1` may be a name in a program. */
static enum outcome read_token(const struct dvara_vault *vault, struct dvara_str text, size_t at,
                               bool final, struct token *ret_token)
{
    char body[BODY_MAX];
    size_t start = at;
    enum outcome open = take_bracket(text, &at, open_brackets);
    if (open == CANNOT_KNOW)
        return final ? NO_TOKEN : CANNOT_KNOW;
    if (open == NO_TOKEN && stands_in_word(text, start))
        return NO_TOKEN;
    size_t n = take_body(text, &at, body);
    struct dvara_str whole = dvara_str_from(body, n);
    bool cut = at == text.n || (text.p[at] == '\\' && at + 1 == text.n);
    if (cut && !final)
        return vault_may_begin(vault, whole) ? CANNOT_KNOW : NO_TOKEN;
    struct dvara_str label;
    uint32_t number;
    if (!split_body(whole, &label, &number))
        return NO_TOKEN;
    ret_token->value = vault_value(vault, label, number);
    if (dvara_str_is_absent(ret_token->value))
        return NO_TOKEN;
    enum outcome close = take_bracket(text, &at, close_brackets);
    if (close == CANNOT_KNOW && !final)
        return CANNOT_KNOW;
    ret_token->end = at;
    if (open == TOKEN && close == TOKEN)
        return TOKEN;
    return is_upper_case(label) && !text_word_at(text, at) ? TOKEN : NO_TOKEN;
}

static bool holds(struct dvara_str s, const char *needle)
{
    return memmem(s.p, s.n, needle, strlen(needle)) != NULL;
}

/* A scheme that needs no // to make a link. */
static bool holds_scheme(struct dvara_str word)
{
    static const char *const schemes[] = {
        "http:", "https:", "mailto:", "tel:", "sms:",    "data:", "ftp:",        "file:", "ws:",
        "wss:",  "urn:",   "blob:",   "www.", "callto:", "geo:",  "javascript:", "cid:",  "xmpp:"};
    for (size_t at = 0; at < word.n; at++) {
        for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
            size_t k = 0;
            while (schemes[i][k] && at + k < word.n && text_fold(word.p[at + k]) == schemes[i][k])
                k++;
            if (!schemes[i][k])
                return true;
        }
    }
    return false;
}

/* A host, then a path or query: evil.example/?q= is a link to many readers. */
static bool looks_like_address(struct dvara_str word)
{
    const char *dot = memchr(word.p, '.', word.n);
    if (!dot)
        return false;
    struct dvara_str rest = dvara_str_slice(word, (size_t)(dot - word.p) + 1, word.n);
    return rest.n && text_is_alnum((unsigned char)rest.p[0]) &&
           (holds(rest, "/") || holds(rest, "?"));
}

static bool is_in_word_link(struct dvara_str text, size_t at)
{
    size_t floor = at > RESTORE_CONTEXT ? at - RESTORE_CONTEXT : 0;
    size_t start = at;
    while (start > floor && !is_space(text.p[start - 1]))
        start--;
    if (start == floor && floor > 0)
        return true; /* in doubt */
    struct dvara_str word = dvara_str_slice(text, start, at);
    return word.n && (holds(word, "//") || holds(word, "](") || holds(word, "=\"") ||
                      holds(word, "='") || holds_scheme(word) || looks_like_address(word));
}

/* Inside an open tag, an attribute's open quote or a link's open target, white space or not. */
static bool is_in_open_construct(struct dvara_str text, size_t at)
{
    size_t floor = at > RESTORE_CONTEXT ? at - RESTORE_CONTEXT : 0;
    bool closed_tag = false;
    bool closed_link = false;
    bool closed_double = false;
    bool closed_single = false;
    for (size_t i = at; i-- > floor;) {
        char c = text.p[i];
        char next = i + 1 < at ? text.p[i + 1] : '\0';
        char before = i > floor ? text.p[i - 1] : '\0';
        if (c == '<' && !closed_tag &&
            (text_is_alpha((unsigned char)next) || next == '/' || next == '!'))
            return true;
        if (c == '(' && before == ']' && !closed_link)
            return true;
        if ((c == '"' && before == '=' && !closed_double) ||
            (c == '\'' && before == '=' && !closed_single))
            return true;
        closed_tag = closed_tag || c == '>';
        closed_link = closed_link || c == ')';
        closed_double = closed_double || c == '"';
        closed_single = closed_single || c == '\'';
    }
    return false;
}

static bool may_restore(const struct restorer *restorer, size_t at)
{
    struct dvara_str text = buf_str(&restorer->text);
    return restorer->in_urls || (!is_in_word_link(text, at) && !is_in_open_construct(text, at));
}

/* A token without brackets is in upper case: nearly every capital of prose is passed here, without
 * a look at its neighbours. */
static bool may_begin_token(const struct dvara_vault *vault, struct dvara_str text, size_t at)
{
    char c = text.p[at];
    if (!text_is_upper((unsigned char)c))
        return c == '<' || c == '&' || c == '\\';
    return vault_has_initial(vault, c) && !stands_in_word(text, at);
}

static void run(struct restorer *restorer, bool final, struct buf *out)
{
    struct dvara_str text = buf_str(&restorer->text);
    size_t passed = restorer->done;
    size_t at;
    for (at = restorer->done; (at = marks_next_token_start(text, at)) < text.n;) {
        struct token token = {0};
        enum outcome outcome = NO_TOKEN;
        if (may_begin_token(restorer->vault, text, at))
            outcome = read_token(restorer->vault, text, at, final, &token);
        if (outcome == CANNOT_KNOW)
            break;
        if (outcome == TOKEN && may_restore(restorer, at)) {
            buf_append(out, dvara_str_slice(text, passed, at));
            buf_append(out, token.value);
            restorer->restored++;
            passed = token.end;
        }
        at = outcome == TOKEN ? token.end : at + 1;
    }
    buf_append(out, dvara_str_slice(text, passed, at));
    restorer->done = at;
}

void restorer_init(struct restorer *restorer, const struct dvara_vault *vault, bool in_urls)
{
    *restorer = (struct restorer){.vault = vault, .in_urls = in_urls};
    buf_init(&restorer->text, TEXT_MAX);
}

void restorer_clear(struct restorer *restorer)
{
    if (restorer->text.p)
        OPENSSL_cleanse(restorer->text.p, restorer->text.size);
    buf_clear(&restorer->text);
}

static void forget(struct restorer *restorer)
{
    /* Twice the context: moved rarely, and one byte more than the context stays to show its start.
     */
    if (restorer->done <= 4 * RESTORE_CONTEXT)
        return;
    size_t drop = restorer->done - RESTORE_CONTEXT - 1;
    buf_consume(&restorer->text, drop);
    restorer->done -= drop;
}

void restorer_feed(struct restorer *restorer, struct dvara_str text, struct buf *out)
{
    buf_append(&restorer->text, text);
    if (buf_failed(&restorer->text)) {
        out->failed = true;
        return;
    }
    run(restorer, false, out);
    forget(restorer);
}

void restorer_finish(struct restorer *restorer, struct buf *out)
{
    run(restorer, true, out);
}

size_t dvara_restore(struct dvara_vault *vault, struct dvara_str text, bool in_urls,
                     struct buf *out)
{
    if (dvara_vault_is_empty(vault)) {
        buf_append(out, text);
        return 0;
    }
    struct restorer restorer;
    restorer_init(&restorer, vault, in_urls);
    /* The text is only read: lend it instead of copying. */
    restorer.text = (struct buf){.n = text.n};
    memcpy(&restorer.text.p, &text.p, sizeof text.p);
    run(&restorer, true, out);
    return restorer.restored;
}
