/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/answer.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>

enum { NESTING_MAX = 256, STRING_MAX = 1 << 20, NUMBER_MAX = 400 };

struct reader {
    struct arena *arena;
    struct dvara_str s;
    size_t at;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct reader *r)
{
    while (r->at < r->s.n && is_space(r->s.p[r->at]))
        r->at++;
}

static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (r->at == r->s.n || r->s.p[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* To the quote that ends it; a doubled one does not. */
static bool skip_quoted(struct reader *r, char quote)
{
    for (r->at++; r->at < r->s.n; r->at++) {
        if (r->s.p[r->at] != quote)
            continue;
        bool doubled = quote == '"' && r->at + 1 < r->s.n && r->s.p[r->at + 1] == quote;
        r->at++;
        if (!doubled)
            return true;
    }
    return false;
}

static bool skip_word(struct reader *r)
{
    size_t start = r->at;
    while (r->at < r->s.n && !is_space(r->s.p[r->at]) && !memchr("()\"|", r->s.p[r->at], 4))
        r->at++;
    return r->at > start;
}

/* One expression, and its text. */
static bool skip(struct reader *r, struct dvara_str *ret_text)
{
    unsigned depth = 0;
    skip_space(r);
    size_t start = r->at;
    do {
        skip_space(r);
        if (r->at == r->s.n)
            return false;
        char c = r->s.p[r->at];
        if (c == '(' || c == ')') {
            r->at++;
            if (c == ')' && depth == 0)
                return false;
            depth = c == '(' ? depth + 1 : depth - 1;
            if (depth > NESTING_MAX)
                return false;
        } else if (c == '"' || c == '|') {
            if (!skip_quoted(r, c))
                return false;
        } else if (!skip_word(r)) {
            return false;
        }
    } while (depth > 0);
    *ret_text = dvara_str_slice(r->s, start, r->at);
    return true;
}

/* ---- values ---- */

static unsigned hex(char c)
{
    return c >= '0' && c <= '9'   ? (unsigned)(c - '0')
           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
           : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                  : 16;
}

/* \u{1f600}, \u00e9, and \x41 of older solvers. Returns bytes taken; 0: it is no escape. */
static size_t read_escape(struct dvara_str s, uint32_t *ret_point)
{
    bool old = s.n > 3 && s.p[1] == 'x';
    bool braces = s.n > 3 && s.p[1] == 'u' && s.p[2] == '{';
    size_t i = braces ? 3 : 2, most = old ? 4 : braces ? s.n : 6;
    uint32_t point = 0;
    if (s.n < 4 || (s.p[1] != 'u' && !old))
        return 0;
    for (; i < s.n && i < most && hex(s.p[i]) < 16 && point <= 0x10ffff; i++)
        point = point * 16 + hex(s.p[i]);
    if (braces && (i == s.n || s.p[i] != '}' || i == 3))
        return 0;
    if (!braces && i != most)
        return 0;
    *ret_point = point;
    return i + (braces ? 1 : 0);
}

static bool read_string(struct arena *arena, struct dvara_str text, struct dvara_str *ret)
{
    struct buf out;
    char bytes[4];
    if (text.n < 2 || text.p[0] != '"')
        return false;
    buf_init(&out, STRING_MAX);
    for (size_t i = 1; i + 1 < text.n;) {
        struct dvara_str rest = dvara_str_slice(text, i, text.n - 1);
        uint32_t point = 0;
        if (rest.n == 0)
            break;
        size_t n = rest.p[0] == '\\' ? read_escape(rest, &point) : 0;
        if (n && (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)))
            point = 0xfffd;
        if (n)
            buf_append(&out, dvara_str_from(bytes, utf8_put(bytes, point)));
        else
            buf_byte(&out, rest.p[0]);
        i += n ? n : rest.p[0] == '"' ? 2 : 1;
    }
    *ret = arena_copy(arena, buf_str(&out));
    bool good = !buf_failed(&out) && ret->p && utf8_validate(*ret, NULL);
    buf_clear(&out);
    return good;
}

static bool read_int(struct dvara_str text, int64_t *ret)
{
    uint64_t value = 0, most = INT64_MAX;
    bool minus = text.n > 2 && text.p[0] == '(';
    if (minus) {
        struct reader r = {.s = text, .at = 1};
        struct dvara_str sign;
        if (!skip(&r, &sign) || !dvara_str_eq(sign, DVARA_STR("-")) || !skip(&r, &text))
            return false;
    }
    most += minus;
    for (size_t i = 0; i < text.n; i++) {
        unsigned digit = (unsigned)(unsigned char)text.p[i] - '0';
        if (digit > 9 || value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret = minus ? (int64_t)(0 - value) : (int64_t)value;
    return text.n > 0;
}

static bool read_decimal(struct dvara_str text, double *ret)
{
    char number[NUMBER_MAX + 1];
    if (text.n == 0 || text.n > NUMBER_MAX)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if ((text.p[i] < '0' || text.p[i] > '9') && text.p[i] != '.')
            return false;
    memcpy(number, text.p, text.n);
    number[text.n] = 0;
    *ret = strtod(number, NULL);
    return true;
}

/* 1.5, (- 1.5), (/ 1.0 3.0), (- (/ 1.0 3.0)). */
static bool read_real(struct dvara_str text, unsigned depth, double *ret)
{
    struct reader r = {.s = text, .at = 1};
    struct dvara_str op, a, b;
    double x, y;
    if (text.n && text.p[0] != '(')
        return read_decimal(text, ret);
    if (depth > 4 || text.n < 2 || !skip(&r, &op) || !skip(&r, &a) || !read_real(a, depth + 1, &x))
        return false;
    if (dvara_str_eq(op, DVARA_STR("-"))) {
        *ret = -x;
        return true;
    }
    bool good =
        dvara_str_eq(op, DVARA_STR("/")) && skip(&r, &b) && read_real(b, depth + 1, &y) && y != 0;
    if (good)
        *ret = x / y;
    return good;
}

/* #x… or #b… of 128 bits. */
static bool read_bits(struct dvara_str text, struct address *ret)
{
    bool binary = text.n > 2 && text.p[1] == 'b';
    unsigned width = binary ? 1 : 4;
    struct address value = {0, 0};
    if (text.n < 3 || text.p[0] != '#' || (text.n - 2) * width != 128)
        return false;
    for (size_t i = 2; i < text.n; i++) {
        unsigned digit = hex(text.p[i]);
        if (digit >= 1u << width)
            return false;
        value.high = value.high << width | value.low >> (64 - width);
        value.low = value.low << width | digit;
    }
    *ret = value;
    return true;
}

static struct answer_value read_value(struct arena *arena, enum sort sort, struct dvara_str text)
{
    struct answer_value value = {.text = text};
    switch (sort) {
    case SORT_BOOL:
        value.boolean = dvara_str_eq(text, SCRIPT_TRUE);
        value.known = value.boolean || dvara_str_eq(text, SCRIPT_FALSE);
        break;
    case SORT_INT:
        value.known = read_int(text, &value.i);
        break;
    case SORT_REAL:
        value.known = read_real(text, 0, &value.f) && isfinite(value.f);
        break;
    case SORT_STRING:
        value.known = read_string(arena, text, &value.s);
        break;
    case SORT_ADDRESS:
        value.known = read_bits(text, &value.address);
        break;
    case SORT_COUNT:
        break;
    }
    return value;
}

/* (term value): the value. */
static bool read_pair(struct reader *r, struct dvara_str *ret_value)
{
    struct dvara_str term;
    return take(r, '(') && skip(r, &term) && skip(r, ret_value) && take(r, ')');
}

/* ((true true) (term value) …): what stands in the place of each term, and of each atom. */
static bool read_values(struct reader *r, const struct script *script, enum script_form form,
                        struct answer *answer)
{
    struct dvara_str text;
    answer->values = ARENA_ARRAY(r->arena, script->n_asked, struct answer_value);
    answer->atoms = ARENA_ARRAY(r->arena, script->n_atoms, bool);
    if (!answer->values || !answer->atoms)
        return false;
    if (script->n_asked + script->n_atoms == 0)
        return true;
    if (!take(r, '(') || !read_pair(r, &text))
        return false;
    for (size_t i = 0; i < script->n_asked; i++) {
        if (!read_pair(r, &text))
            return false;
        answer->values[i] = read_value(r->arena, script->asked[i].sort, text);
    }
    for (size_t i = 0; form == SCRIPT_ABSTRACT && i < script->n_atoms; i++) {
        if (!read_pair(r, &text))
            return false;
        answer->atoms[i] = dvara_str_eq(text, SCRIPT_TRUE);
        if (!answer->atoms[i] && !dvara_str_eq(text, SCRIPT_FALSE))
            return false;
    }
    return take(r, ')');
}

/* (|held a1| |held a7|) */
static bool read_core(struct reader *r, const struct script *script, struct answer *answer)
{
    struct dvara_str name;
    const struct dvara_str start = DVARA_STR("|held a");
    answer->core = ARENA_ARRAY(r->arena, script->n_atoms, bool);
    if (!answer->core || !take(r, '('))
        return false;
    while (!take(r, ')')) {
        int64_t number;
        if (!skip(r, &name) || !dvara_str_starts_with(name, start) || name.n <= start.n + 1)
            return false;
        if (!read_int(dvara_str_slice(name, start.n, name.n - 1), &number) ||
            (uint64_t)number >= script->n_atoms)
            return false;
        answer->core[number] = true;
    }
    return true;
}

/* The solver came to the script's end: it did not die on the way. */
static bool is_whole(struct dvara_str text)
{
    const struct dvara_str end = DVARA_STR(SCRIPT_END);
    while (text.n && (is_space(text.p[text.n - 1]) || text.p[text.n - 1] == '"'))
        text.n--;
    return dvara_str_ends_with(text, end);
}

struct answer answer_read(struct arena *arena, const struct script *script, enum script_form form,
                          struct dvara_str text)
{
    struct reader r = {.arena = arena, .s = text};
    struct answer answer = {.verdict = VERDICT_UNKNOWN};
    struct dvara_str word;
    if (!is_whole(text) || !skip(&r, &word))
        return answer;
    if (dvara_str_eq(word, DVARA_STR("unsat"))) {
        answer.verdict = VERDICT_UNSAT;
        answer.has_core = form == SCRIPT_CORE && read_core(&r, script, &answer);
        return answer;
    }
    struct dvara_str refusal; /* there is no core to give */
    bool sat = dvara_str_eq(word, DVARA_STR("sat")) && (form != SCRIPT_CORE || skip(&r, &refusal));
    if (sat && read_values(&r, script, form, &answer))
        answer.verdict = VERDICT_SAT;
    return answer;
}
