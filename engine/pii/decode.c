/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/decode.h"

#include "pattern/text.h"
#include "pii/marks.h"

enum { ENTITY_MAX = 10, NUMERIC_MAX = 7 };

static int hex_value(unsigned char c)
{
    if (text_is_digit(c))
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n hexadecimal digits at `at`. */
static bool read_hex(struct dvara_str text, size_t at, size_t n, uint32_t *ret_value)
{
    uint32_t value = 0;
    if (at > text.n || n > text.n - at)
        return false;
    for (size_t i = at; i < at + n; i++) {
        int digit = hex_value((unsigned char)text.p[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (uint32_t)digit;
    }
    *ret_value = value;
    return true;
}

static bool read_percent(struct dvara_str text, size_t at, struct escape *escape)
{
    *escape = (struct escape){.start = at, .end = at + 3, .is_byte = true};
    return read_hex(text, at + 1, 2, &escape->value);
}

/* &#65; &#x41; with or without the semicolon. */
static bool read_numeric(struct dvara_str text, size_t at, struct escape *escape)
{
    size_t digits = at + 2;
    bool hex = digits < text.n && (text.p[digits] | 32) == 'x';
    uint32_t value = 0;
    digits += hex ? 1 : 0;
    size_t end = digits;
    for (; end < text.n && end - digits < NUMERIC_MAX; end++) {
        int digit = hex_value((unsigned char)text.p[end]);
        if (digit < 0 || (!hex && digit > 9))
            break;
        value = value * (hex ? 16 : 10) + (uint32_t)digit;
    }
    bool right = end > digits && value > 0 && value <= 0x10FFFF;
    bool open = end == text.n && value <= 0x10FFFF;
    if (end < text.n && text.p[end] == ';')
        end++;
    *escape = (struct escape){.start = at, .end = end, .value = value, .is_open = open};
    return right;
}

/* &commat; and the like; one that the text's end cuts is `is_open`. */
static bool read_entity(struct dvara_str text, size_t at, struct escape *escape)
{
    static const struct {
        struct dvara_str name;
        uint32_t value;
    } names[] = {{{.p = "commat;", .n = 7}, '@'},  {{.p = "period;", .n = 7}, '.'},
                 {{.p = "nbsp;", .n = 5}, ' '},    {{.p = "amp;", .n = 4}, '&'},
                 {{.p = "hyphen;", .n = 7}, '-'},  {{.p = "dash;", .n = 5}, '-'},
                 {{.p = "minus;", .n = 6}, '-'},   {{.p = "ndash;", .n = 6}, '-'},
                 {{.p = "colon;", .n = 6}, ':'},   {{.p = "sol;", .n = 4}, '/'},
                 {{.p = "lowbar;", .n = 7}, '_'},  {{.p = "plus;", .n = 5}, '+'},
                 {{.p = "quot;", .n = 5}, '"'},    {{.p = "lt;", .n = 3}, '<'},
                 {{.p = "gt;", .n = 3}, '>'},      {{.p = "apos;", .n = 5}, '\''},
                 {{.p = "zwnj;", .n = 5}, 0x200C}, {{.p = "zwj;", .n = 4}, 0x200D},
                 {{.p = "shy;", .n = 4}, 0xAD},    {{.p = "ensp;", .n = 5}, ' '},
                 {{.p = "emsp;", .n = 5}, ' '},    {{.p = "thinsp;", .n = 7}, ' '},
                 {{.p = "lpar;", .n = 5}, '('},    {{.p = "rpar;", .n = 5}, ')'},
                 {{.p = "Tab;", .n = 4}, '\t'},    {{.p = "NewLine;", .n = 8}, '\n'},
                 {{.p = "equals;", .n = 7}, '='}};
    if (at + 1 < text.n && text.p[at + 1] == '#')
        return read_numeric(text, at, escape);
    struct dvara_str rest = dvara_str_slice(text, at + 1, at + 1 + ENTITY_MAX);
    *escape = (struct escape){.start = at, .end = text.n};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (dvara_str_starts_with(rest, names[i].name)) {
            *escape = (struct escape){
                .start = at, .end = at + 1 + names[i].name.n, .value = names[i].value};
            return true;
        }
        escape->is_open = escape->is_open || dvara_str_starts_with(names[i].name, rest);
    }
    return false;
}

/* \u0041, a pair of surrogates included. */
static bool read_unicode(struct dvara_str text, size_t at, struct escape *escape)
{
    uint32_t low;
    escape->end = at + 6;
    if (!read_hex(text, at + 2, 4, &escape->value))
        return false;
    if (escape->value < 0xD800 || escape->value > 0xDFFF)
        return escape->value > 0;
    if (escape->value > 0xDBFF || at + 12 > text.n || text.p[at + 6] != '\\' ||
        text.p[at + 7] != 'u' || !read_hex(text, at + 8, 4, &low) || low < 0xDC00 || low > 0xDFFF)
        return false;
    escape->value = 0x10000 + ((escape->value - 0xD800) << 10) + (low - 0xDC00);
    escape->end = at + 12;
    return true;
}

static bool read_backslash(struct dvara_str text, size_t at, struct escape *escape)
{
    static const char letters[] = "nrt\"\\/bf";
    static const char values[] = "\n\r\t\"\\/\b\f";
    *escape = (struct escape){.start = at, .end = at + 2};
    if (at + 1 >= text.n || !text.p[at + 1])
        return false;
    char c = text.p[at + 1];
    if (c == 'u')
        return read_unicode(text, at, escape);
    if (c == 'x') {
        escape->end = at + 4;
        escape->is_byte = true;
        return read_hex(text, at + 2, 2, &escape->value);
    }
    const char *letter = strchr(letters, c);
    if (!letter)
        return false;
    escape->value = (unsigned char)values[letter - letters];
    escape->is_layout = c != '\\' && c != '/';
    return true;
}

/* Is text[at, text.n) the beginning of n hexadecimal digits? */
static bool is_cut_hex(struct dvara_str text, size_t at, size_t n)
{
    uint32_t value;
    return at > text.n || (text.n - at < n && read_hex(text, at, text.n - at, &value));
}

/* \ud83d is half of a pair: is the other half cut? */
static bool is_cut_pair(struct dvara_str text, size_t at)
{
    uint32_t high;
    size_t low = at + 6;
    if (!read_hex(text, at + 2, 4, &high) || high < 0xD800 || high > 0xDBFF)
        return false;
    return low >= text.n ||
           (text.p[low] == '\\' &&
            (low + 1 == text.n || (text.p[low + 1] == 'u' && is_cut_hex(text, low + 2, 4))));
}

/* What begins at `at` is no escape. Could it become one if the text went on? */
static bool may_become(struct dvara_str text, size_t at, const struct escape *escape)
{
    if (text.p[at] == '%')
        return is_cut_hex(text, at + 1, 2);
    if (text.p[at] == '&')
        return escape->is_open;
    if (at + 1 == text.n)
        return true;
    char c = text.p[at + 1];
    return (c == 'x' && is_cut_hex(text, at + 2, 2)) ||
           (c == 'u' && (is_cut_hex(text, at + 2, 4) || is_cut_pair(text, at)));
}

/* Do so many backslashes stand before `at` that it is not told what they escape? */
static bool is_in_a_row(struct dvara_str text, size_t at)
{
    size_t before = 0;
    while (before < at && before < BACKSLASHES_MAX && text.p[at - 1 - before] == '\\')
        before++;
    return before == BACKSLASHES_MAX;
}

bool decode_next(struct dvara_str text, size_t at, struct escape *ret_escape, size_t *ret_open)
{
    *ret_open = text.n;
    for (at = marks_next_escape(text, at); at < text.n; at = marks_next_escape(text, at + 1)) {
        char c = text.p[at];
        if (c == '\\' && is_in_a_row(text, at))
            continue;
        if (c == '%'   ? read_percent(text, at, ret_escape)
            : c == '&' ? read_entity(text, at, ret_escape)
                       : read_backslash(text, at, ret_escape))
            return true;
        if (*ret_open == text.n && may_become(text, at, ret_escape))
            *ret_open = at;
    }
    return false;
}
