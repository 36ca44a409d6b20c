/* SPDX-License-Identifier: Apache-2.0 */
/* The value in `password = "value"`, `api_key: value`, `"client_secret": "value"`: what stands
 * behind an assignment to a name that says credential. Values that programs and documents put there
 * without a secret (variables, calls, types, placeholders, plain words) are none. */
#include "pii/validators.h"

#include "pattern/text.h"
#include "pii/secret.h"

enum {
    NAME_MAX_BYTES = 64, /* of the name before the assignment */
    SPACES_MAX = 3,
    VALUE_MIN = 8,
    VALUE_MAX = 512,
    OPEN_MIN = 12 /* an unquoted value */
};

/* What the assignment looks like from its value backwards. */
struct assignment {
    struct dvara_str name;
    char quote; /* 0: none */
};

static size_t skip_spaces(struct dvara_str text, size_t at)
{
    for (int i = 0; i < SPACES_MAX && at > 0 && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t');
         i++)
        at--;
    return at;
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'' || c == '`';
}

static bool is_name(char c)
{
    return text_is_alnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

/* Reads back over a quote, `=`, `:`, `:=` or `=>`, a quote, a name. */
static bool read_back(struct dvara_str text, size_t start, struct assignment *assignment)
{
    size_t at = start;
    *assignment = (struct assignment){0};
    if (at > 0 && is_quote(text.p[at - 1]))
        assignment->quote = text.p[--at];
    /* An escaped quote: JSON in a string. */
    if (at > 0 && assignment->quote && text.p[at - 1] == '\\')
        at--;
    at = skip_spaces(text, at);
    size_t operator_end = at;
    while (at > 0 && operator_end - at < 2 && strchr("=:>", text.p[at - 1]))
        at--;
    if (at == operator_end || text.p[operator_end - 1] == ' ')
        return false;
    struct dvara_str operator= dvara_str_slice(text, at, operator_end);
    if (operator.n == 2 && !dvara_str_eq(operator, DVARA_STR(":=")) &&
        !dvara_str_eq(operator, DVARA_STR("=>")))
        return false;
    if (operator.p[0] == '>' ||(at > 0 && strchr("=!<>", text.p[at - 1])))
        return false;
    at = skip_spaces(text, at);
    while (at > 0 && (is_quote(text.p[at - 1]) || text.p[at - 1] == ']' || text.p[at - 1] == '\\'))
        at--;
    size_t end = at;
    while (at > 0 && end - at < NAME_MAX_BYTES && is_name(text.p[at - 1]))
        at--;
    assignment->name = dvara_str_slice(text, at, end);
    return end > at;
}

static bool contains_folded(struct dvara_str s, const char *word_cstr)
{
    struct dvara_str word = dvara_str_from_cstr(word_cstr);
    for (size_t at = 0; at + word.n <= s.n; at++) {
        size_t i = 0;
        while (i < word.n && text_fold(s.p[at + i]) == word.p[i])
            i++;
        if (i == word.n)
            return true;
    }
    return false;
}

static bool contains_any(struct dvara_str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (contains_folded(s, words[i]))
            return true;
    }
    return false;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Names of passwords, which people choose; of secrets, which machines draw; and names that only
 * speak of one. */
static const char *const password_names[] = {"password", "passwd", "passphrase", "pwd"};
static const char *const secret_names[] = {"secret",     "token",       "api_key",     "apikey",
                                           "api-key",    "accesskey",   "access_key",  "access-key",
                                           "privatekey", "private_key", "private-key", "auth_key",
                                           "authkey",    "auth-key",    "credential"};
static const char *const other_names[] = {
    "_id",      "-id",    "name",      "type",        "url",    "uri",  "path",   "file",
    "endpoint", "public", "count",     "limit",       "length", "size", "index",  "expir",
    "ttl",      "_at",    "format",    "field",       "label",  "hint", "help",   "error",
    "valid",    "regex",  "pattern",   "prefix",      "method", "kind", "column", "header",
    "max_",     "min_",   "tokenizer", "token_class", "tokens", "hash"};

/* Values that stand for one. */
static const char *const stand_ins[] = {
    "example",   "placeholder", "changeme", "change_me", "change-me", "your_",     "your-",
    "dummy",     "redacted",    "xxxx",     "****",      "....",      "<",         "${",
    "{{",        "$(",          "%(",       "%s",        "not_set",   "undefined", "getenv",
    "environ",   "process.env", "secrets.", "vault:",    "1234567",   "abcdef",    "password",
    "passwd",    "secret",      "token",    "test",      "sample",    "default",   "://",
    "localhost", "foobar",      "insert",   "replace"};

static bool ends_value(int c, char quote)
{
    if (quote)
        return c < 0x20 || c == quote || c == ' ';
    return c <= ' ' || c == '"' || c == '\'' || c == '`' || c == ',' || c == ';' || c == ')' ||
           c == ']' || c == '}' || c == '<' || c == '&';
}

/* The end of the value; start: there is none. A quoted one must end with its quote. */
static size_t value_end(struct reading *reading, size_t start, char quote)
{
    size_t at = start;
    int c = reading_at(reading, at);
    while (c != READING_END && !ends_value(c, quote) && at - start <= VALUE_MAX) {
        at++;
        c = reading_at(reading, at);
    }
    if (at - start > VALUE_MAX || (quote && c != quote))
        return start;
    while (at > start && reading->text.p[at - 1] == '\\')
        at--; /* of an escaped quote */
    return at;
}

/* A mix that no word and no number has. */
static bool is_chosen(struct dvara_str value)
{
    bool letter = false, digit = false, sign = false;
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        letter |= text_is_alpha(c);
        digit |= text_is_digit(c);
        sign |= c < 0x80 && c > ' ' && !text_is_alnum(c) && !strchr("._-/:", c);
    }
    return letter && (digit || sign);
}

/* Code: a call, an index, an operator, a path. */
static bool is_code(struct dvara_str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (strchr("()[]{}", value.p[i]))
            return true;
        if (value.p[i] == '.' && i > 0 && i + 1 < value.n &&
            text_is_alpha((unsigned char)value.p[i - 1]) &&
            text_is_alpha((unsigned char)value.p[i + 1]) && !secret_is_random(value))
            return true;
    }
    return value.p[0] == '/' || value.p[0] == '$' || value.p[0] == '@' || value.p[0] == '-' ||
           value.p[0] == '.';
}

static enum verdict judge(const struct assignment *assignment, struct dvara_str value)
{
    bool password = contains_any(assignment->name, password_names, COUNT(password_names));
    if (!password && !contains_any(assignment->name, secret_names, COUNT(secret_names)))
        return VERDICT_INVALID;
    if (contains_any(assignment->name, other_names, COUNT(other_names)) ||
        contains_any(value, stand_ins, COUNT(stand_ins)))
        return VERDICT_INVALID;
    bool random = secret_is_random(value);
    if (!assignment->quote && (value.n < OPEN_MIN || is_code(value)) && !random)
        return VERDICT_INVALID;
    if (random)
        return VERDICT_VALID;
    bool chosen = password && assignment->quote && is_chosen(value) && secret_entropy(value) > 2.5;
    return chosen ? VERDICT_UNKNOWN : VERDICT_INVALID;
}

static enum verdict read_assigned(struct reading *reading, size_t start)
{
    struct assignment assignment;
    if (!read_back(reading->text, start, &assignment))
        return VERDICT_INVALID;
    size_t end = value_end(reading, start, assignment.quote);
    if (end - start < VALUE_MIN)
        return VERDICT_INVALID;
    reading->end = end;
    return judge(&assignment, dvara_str_slice(reading->text, start, end));
}

const struct locator locate_assigned = {.read = read_assigned,
                                        .behind = true,
                                        .max_span = VALUE_MAX + 1,
                                        .start = "!#-&*-~",
                                        .inside = "!#-&(-_a-~"};
