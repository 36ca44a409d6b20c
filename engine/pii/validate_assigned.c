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
    char quote;   /* '<': the text of an element; 0: none */
    bool said;    /* in a sentence: the password is … */
    bool command; /* an argument of curl or sshpass, a word of a netrc: a password by its place */
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
    return text_is_alnum((unsigned char)c) || c == '_' || c == '-' || c == '.' ||
           (unsigned char)c >= 0x80;
}

/* Back over the quotes and brackets behind a name, and the name. */
static struct dvara_str name_before(struct dvara_str text, size_t at)
{
    while (at > 0 && (is_quote(text.p[at - 1]) || text.p[at - 1] == ']' || text.p[at - 1] == '\\'))
        at--;
    size_t end = at;
    while (at > 0 && end - at < NAME_MAX_BYTES && is_name(text.p[at - 1]))
        at--;
    return dvara_str_slice(text, at, end);
}

/* Does `text` end, at `at`, in `word`, in letters of any case? */
static bool ends_in(struct dvara_str text, size_t at, const char *word_cstr)
{
    struct dvara_str word = dvara_str_from_cstr(word_cstr);
    if (at < word.n)
        return false;
    for (size_t i = 0; i < word.n; i++) {
        if (text_fold(text.p[at - word.n + i]) != word.p[i])
            return false;
    }
    return true;
}

/* `=`, `:`, `:=` or `=>` before `at`, or the `>` of an element that holds but text; its beginning,
 * or `at` when there is none. */
static size_t read_operator(struct dvara_str text, size_t at, struct assignment *assignment)
{
    size_t end = at;
    while (at > 0 && end - at < 2 && strchr("=:>", text.p[at - 1]))
        at--;
    struct dvara_str operator= dvara_str_slice(text, at, end);
    if (dvara_str_eq(operator, DVARA_STR(">")) && !assignment->quote) {
        struct dvara_str name = name_before(text, at);
        bool element = name.n && name.p > text.p && name.p[-1] == '<';
        assignment->quote = '<';
        return element ? at : end;
    }
    if (operator.n == 2 && !dvara_str_eq(operator, DVARA_STR(":=")) &&
        !dvara_str_eq(operator, DVARA_STR("=>")))
        return end;
    bool other = operator.n &&(operator.p[0] == '>' ||(at > 0 && strchr("=!<>", text.p[at - 1])));
    return other ? end : at;
}

/* `is` before `at` and white space before it; its beginning, or `at`. */
static size_t read_is(struct dvara_str text, size_t at)
{
    static const char *const verbs[] = {" is", " ist", " est", " es"};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (ends_in(text, at, verbs[i]))
            return at - strlen(verbs[i]) + 1;
    }
    return at;
}

/* In `key="ApiKey" value="…"` the name is a value itself. */
static struct dvara_str name_of_pair(struct dvara_str text, struct dvara_str name)
{
    size_t at = (size_t)(name.p - text.p);
    size_t before = skip_spaces(text, at);
    bool pair = name.n == 5 && ends_in(text, at + name.n, "value") && before < at && before > 0 &&
                is_quote(text.p[before - 1]);
    return pair ? name_before(text, before) : name;
}

/* Reads back over a quote, an operator, a quote, a name. */
static bool read_back(struct dvara_str text, size_t start, struct assignment *assignment)
{
    size_t at = start;
    *assignment = (struct assignment){0};
    if (at > 0 && is_quote(text.p[at - 1]))
        assignment->quote = text.p[--at];
    /* An escaped quote: JSON in a string. */
    if (at > 0 && assignment->quote && text.p[at - 1] == '\\')
        at--;
    size_t end = skip_spaces(text, at);
    size_t begin = read_operator(text, end, assignment);
    if (begin == end) {
        begin = end < at || assignment->quote ? read_is(text, end) : end;
        assignment->said = true;
    }
    if (begin == end)
        return false;
    assignment->name = name_of_pair(text, name_before(text, skip_spaces(text, begin)));
    return assignment->name.n > 0;
}

/* Back over a word without white space, and white space before it; `at` when there is none. */
static size_t skip_word(struct dvara_str text, size_t at)
{
    size_t end = at;
    while (at > 0 && end - at < NAME_MAX_BYTES && (unsigned char)text.p[at - 1] > ' ')
        at--;
    size_t before = skip_spaces(text, at);
    return at < end && before < at ? before : end;
}

/* `curl -u name:value`, `sshpass -p value`, `login name password value`. */
static bool read_command(struct dvara_str text, size_t start, struct assignment *assignment)
{
    size_t at = start;
    *assignment = (struct assignment){.command = true};
    if (at > 0 && text.p[at - 1] == ':') {
        size_t word = skip_word(text, at);
        return word < at && (ends_in(text, word, " -u") || ends_in(text, word, " --user"));
    }
    if (at > 0 && is_quote(text.p[at - 1]))
        assignment->quote = text.p[--at];
    size_t before = skip_spaces(text, at);
    if (ends_in(text, before, "sshpass -p"))
        return true;
    if (before == at || assignment->quote || !ends_in(text, before, "password"))
        return false;
    size_t name = skip_spaces(text, before - strlen("password"));
    size_t login = skip_word(text, name);
    return login < name && ends_in(text, login, "login");
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
static const char *const password_names[] = {
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "passwort",
    "kennwort",
    "mot_de_passe",
    "contrase\xc3\xb1"
    "a",
    "contrase\xc3\x91"
    "a",
    "contrasena",
    "senha",
    "wachtwoord",
    "parola",
    "has\xc5\x82o",
    "l\xc3\xb6senord",
    "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c",
    "\xd0\x9f\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c",
    "\xd0\x9f\xd0\x90\xd0\xa0\xd0\x9e\xd0\x9b\xd0\xac",
    "\xe5\xaf\x86\xe7\xa0\x81",
    "\xe5\xaf\x86\xe7\xa2\xbc",
    "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89",
    "\xeb\xb9\x84\xeb\xb0\x80\xeb\xb2\x88\xed\x98\xb8",
    "passcode",
    "heslo",
    "salasana",
    "adgangskode",
    "passord",
    "lozinka",
    "geslo",
    "sifre",
    "clave",
    "sandi",
    "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd0\xb0",
    "\xd0\x9f\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd0\xb0",
    "\xd0\xbb\xd0\xbe\xd0\xb7\xd0\xb8\xd0\xbd\xd0\xba\xd0\xb0",
    "\xd0\x9b\xd0\xbe\xd0\xb7\xd0\xb8\xd0\xbd\xd0\xba\xd0\xb0",
    "parol\xc4\x83",
    "Parol\xc4\x83",
    "\xc5\x9fifre",
    "\xc5\x9eifre",
    "jelsz\xc3\xb3",
    "Jelsz\xc3\xb3",
    "\xce\xba\xcf\x89\xce\xb4\xce\xb9\xce\xba\xcf\x8c\xcf\x82",
    "\xce\x9a\xcf\x89\xce\xb4\xce\xb9\xce\xba\xcf\x8c\xcf\x82",
    "\xd7\xa1\xd7\x99\xd7\xa1\xd7\x9e\xd7\x94",
    "\xd7\xa1\xd7\x99\xd7\xa1\xd7\x9e\xd7\x90",
    "\xd8\xa7\xd9\x84\xd9\x85\xd8\xb1\xd9\x88\xd8\xb1",
    "\xd8\xa7\xd9\x84\xd8\xb3\xd8\xb1",
    "kh\xe1\xba\xa9u"};
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

/* What code has behind such a name, with digits in it. */
static const char *const code_words[] = {"sha1",   "sha256", "sha384", "sha512", "base64", "utf8",
                                         "utf16",  "md5",    "int32",  "int64",  "oauth2", "pbkdf2",
                                         "bcrypt", "argon2", "ipv4",   "ipv6",   "x509",   "pkcs"};

/* Values that stand for one. */
static const char *const stand_ins[] = {
    "example",     "placeholder", "changeme", "change_me", "change-me", "your_",    "your-",
    "dummy",       "redacted",    "xxxx",     "****",      "....",      "${",       "{{",
    "$(",          "%(",          "%s",       "not_set",   "undefined", "getenv",   "environ",
    "process.env", "secrets.",    "vault:",   "1234567",   "abcdef",    "password", "passwd",
    "secret",      "token",       "test",     "sample",    "default",   "://",      "localhost",
    "foobar",      "insert",      "replace"};

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

/* <your password>, %PASSWORD%, {{ password }}. */
static bool is_stand_in(struct dvara_str value)
{
    char last = value.p[value.n - 1];
    return contains_any(value, stand_ins, COUNT(stand_ins)) || value.p[0] == '<' ||
           (value.p[0] == '%' && last == '%');
}

/* Signs that no path, name or number has. */
static size_t count_signs(struct dvara_str value)
{
    size_t n = 0;
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        n += c < 0x80 && c > ' ' && !text_is_alnum(c) && !strchr("._-/:", c);
    }
    return n;
}

/* A mix that no word and no number has. */
static bool is_chosen(struct dvara_str value)
{
    struct secret_mix mix = secret_mix_of(value);
    return mix.lower + mix.upper && (mix.digits || count_signs(value)) &&
           secret_entropy(value) > 2.5;
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
    return strchr("/$@-.&*~?", value.p[0]) != NULL;
}

/* DB_PASSWORD: the name of a variable of the environment, whose value is text and no code. */
static bool is_of_environment(struct dvara_str name)
{
    bool upper = false;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] >= 'a' && name.p[i] <= 'z')
            return false;
        upper |= text_is_upper((unsigned char)name.p[i]);
    }
    return upper;
}

/* A password that stands bare where code could: what is no name of code. */
static bool is_bare_password(const struct assignment *assignment, struct dvara_str value)
{
    struct secret_mix mix = secret_mix_of(value);
    bool mixed = mix.changes * 5 >= value.n * 2;
    bool open = is_of_environment(assignment->name) || assignment->command;
    if (is_code(value) || contains_any(value, code_words, COUNT(code_words)))
        return false;
    if (open && mix.digits + mix.others == 0)
        return mixed && value.n >= OPEN_MIN;
    if (!is_chosen(value))
        return false;
    if (open)
        return true;
    return mix.digits && (mixed || count_signs(value));
}

/* What is drawn from all signs of the keyboard: not words, paths or addresses. */
static bool is_drawn_with_signs(struct dvara_str value)
{
    struct secret_mix mix = secret_mix_of(value);
    return value.n >= 16 && mix.lower && mix.upper && mix.digits && count_signs(value) >= 2 &&
           secret_entropy(value) >= 3.5;
}

/* What is drawn from letters, with a digit by luck: names of code have a capital to three small
 * letters, or repeat their letters more often. */
static bool is_drawn_of_letters(struct dvara_str value)
{
    struct secret_mix mix = secret_mix_of(value);
    if (value.n < 20 || !mix.lower || !mix.upper || mix.others)
        return false;
    double entropy = secret_entropy(value);
    return (mix.changes * 20 >= value.n * 7 && entropy >= 3.8) ||
           (mix.digits && mix.changes * 4 >= value.n && entropy >= 4.1);
}

/* Names that other names hold as letters: DB_PASS, smtp.pw, passe. */
static bool ends_in_short_name(struct dvara_str name)
{
    static const char *const words[] = {"pass", "passe", "pw"};
    for (size_t i = 0; i < COUNT(words); i++) {
        size_t n = strlen(words[i]);
        bool alone = name.n == n || (name.n > n && strchr("_-.", name.p[name.n - n - 1]));
        if (alone && ends_in(name, name.n, words[i]))
            return true;
    }
    return false;
}

static enum verdict judge(const struct assignment *assignment, struct dvara_str value)
{
    struct dvara_str name = assignment->name;
    bool password = assignment->command || ends_in_short_name(name) ||
                    contains_any(name, password_names, COUNT(password_names));
    if (dvara_str_eq(name, DVARA_STR("auth")))
        return assignment->quote && value.n >= OPEN_MIN ? check_basic_auth(value) : VERDICT_INVALID;
    if (!password && !contains_any(name, secret_names, COUNT(secret_names)))
        return VERDICT_INVALID;
    if (contains_any(name, other_names, COUNT(other_names)) || is_stand_in(value))
        return VERDICT_INVALID;
    if (secret_is_random(value))
        return VERDICT_VALID;
    bool right;
    if (!password)
        right = assignment->quote && (is_drawn_with_signs(value) || is_drawn_of_letters(value));
    else
        right = assignment->quote && !assignment->said ? is_chosen(value)
                                                       : is_bare_password(assignment, value);
    return right ? VERDICT_UNKNOWN : VERDICT_INVALID;
}

static enum verdict read_value(struct reading *reading, size_t start,
                               const struct assignment *assignment)
{
    size_t end = value_end(reading, start, assignment->quote);
    if (end - start < VALUE_MIN)
        return VERDICT_INVALID;
    reading->end = end;
    return judge(assignment, dvara_str_slice(reading->text, start, end));
}

static enum verdict read_assigned(struct reading *reading, size_t start)
{
    struct assignment assignment;
    enum verdict verdict = VERDICT_INVALID;
    if (read_back(reading->text, start, &assignment))
        verdict = read_value(reading, start, &assignment);
    if (verdict == VERDICT_INVALID && read_command(reading->text, start, &assignment))
        verdict = read_value(reading, start, &assignment);
    return verdict;
}

const struct locator locate_assigned = {.read = read_assigned,
                                        .behind = true,
                                        .max_span = VALUE_MAX + 1,
                                        .start = "!#-&*-~",
                                        .inside = "!#-&(-_a-~"};
