/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/literal.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "dvara/words.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static bool is_run(char c)
{
    return is_digit(c) || is_letter(c) || c == '_' || (c & 0x80);
}

struct unit {
    struct dvara_str spelling;
    uint8_t kind;
    int64_t factor;
};

static const struct unit units[] = {
#define UNIT(spelling_, id, factor_)                                                               \
    {.spelling = {.p = spelling_, .n = sizeof(spelling_) - 1},                                     \
     .kind = TOKEN_##id,                                                                           \
     .factor = factor_},
#include "lang/tokens.def"
};

static const struct {
    struct dvara_str spelling;
    const char *ours;
} misspelt[] = {
#define MISSPELT(spelling_, ours_)                                                                 \
    {.spelling = {.p = spelling_, .n = sizeof(spelling_) - 1}, .ours = ours_},
#include "lang/tokens.def"
};

static const struct unit *unit_find(struct dvara_str spelling)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (dvara_str_eq(units[i].spelling, spelling))
            return &units[i];
    return NULL;
}

static const char *misspelt_find(struct dvara_str spelling)
{
    for (size_t i = 0; i < sizeof misspelt / sizeof *misspelt; i++)
        if (dvara_str_eq(misspelt[i].spelling, spelling))
            return misspelt[i].ours;
    return NULL;
}

static char at(struct dvara_str text, size_t i)
{
    return i < text.n ? text.p[i] : 0;
}

/* Digits with single underscores between them: the end, and whether the underscores are right. */
static size_t digits_end(struct dvara_str text, size_t from, bool *ret_ok)
{
    size_t i = from;
    bool ok = is_digit(at(text, i));
    while (is_digit(at(text, i)) || at(text, i) == '_') {
        if (at(text, i) == '_' &&
            !(i > from && is_digit(text.p[i - 1]) && is_digit(at(text, i + 1))))
            ok = false;
        i++;
    }
    *ret_ok = ok;
    return i;
}

/* The digits' value times scale; false when over 2^63-1. */
static bool integer(struct dvara_str digits, int64_t scale, int64_t *ret_value)
{
    int64_t value = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] == '_')
            continue;
        if (__builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_add_overflow(value, (int64_t)(digits.p[i] - '0'), &value))
            return false;
    }
    return !__builtin_mul_overflow(value, scale, ret_value);
}

/* whole.fraction as a whole number of 1/scale; at most `decimals` digits of fraction. */
static const char *decimal(struct dvara_str whole, struct dvara_str fraction, int decimals,
                           int64_t scale, int64_t *ret_value)
{
    if (fraction.n > (size_t)decimals)
        return decimals == 6 ? "money has at most 6 decimals"
                             : "a percentage has at most 4 decimals";
    int64_t value;
    if (!integer(whole, scale, &value))
        return "the number is too large";
    int64_t unit = scale;
    for (size_t i = 0; i < fraction.n; i++) {
        unit /= 10;
        if (__builtin_add_overflow(value, unit * (fraction.p[i] - '0'), &value))
            return "the number is too large";
    }
    *ret_value = value;
    return NULL;
}

static struct number_literal bad(size_t length, uint8_t kind, const char *problem)
{
    return (struct number_literal){.length = (uint32_t)length, .kind = kind, .problem = problem};
}

static struct number_literal too_large(size_t length, uint8_t kind)
{
    struct number_literal number = bad(length, kind, "the number is too large");
    number.is_range = true;
    return number;
}

static size_t run_end(struct dvara_str text, size_t from)
{
    while (is_run(at(text, from)) || (at(text, from) == '.' && is_run(at(text, from + 1))))
        from++;
    return from;
}

static void suggest(struct number_literal *number, struct dvara_str digits, const char *suffix)
{
    (void)snprintf(number->suggestion, sizeof number->suggestion, "%.*s%s", DVARA_STR_ARG(digits),
                   suffix);
}

static struct number_literal money_read(struct dvara_str text)
{
    bool ok = true;
    bool fraction_ok = true;
    size_t whole = digits_end(text, 1, &ok);
    size_t end = whole;
    if (at(text, whole) == '.' && is_digit(at(text, whole + 1)))
        end = digits_end(text, whole + 1, &fraction_ok);
    size_t run = run_end(text, end);
    if (!ok || !fraction_ok || run > end)
        return bad(run > 1 ? run : 1, TOKEN_MONEY, "money is written `$12.50`");
    struct dvara_str fraction = end > whole ? dvara_str_slice(text, whole + 1, end) : DVARA_STR("");
    struct number_literal number = {.length = (uint32_t)end, .kind = TOKEN_MONEY};
    number.problem = decimal(dvara_str_slice(text, 1, whole), fraction, 6, 1000000, &number.i);
    number.is_range = number.problem != NULL;
    return number;
}

static struct number_literal clock_read(struct dvara_str text)
{
    size_t end = run_end(text, 3);
    int hours = (text.p[0] - '0') * 10 + text.p[1] - '0';
    bool exact = end == 5 && is_digit(text.p[3]) && is_digit(text.p[4]) && at(text, 5) != ':';
    if (!exact)
        return bad(end, TOKEN_CLOCK, "a time of day is written `09:00`");
    int minutes = (text.p[3] - '0') * 10 + text.p[4] - '0';
    if (hours > 23 || minutes > 59)
        return bad(5, TOKEN_CLOCK, "a time of day is between 00:00 and 23:59");
    return (struct number_literal){.length = 5, .kind = TOKEN_CLOCK, .i = hours * 60 + minutes};
}

/* 1h30m: descending units, each once. `pairs` is the whole run. */
static const char *compound(struct dvara_str run, int64_t *ret_value)
{
    int64_t total = 0;
    int64_t last = INT64_MAX;
    for (size_t i = 0; i < run.n;) {
        bool ok;
        size_t digits = digits_end(run, i, &ok);
        size_t letters = digits;
        while (is_letter(at(run, letters)))
            letters++;
        const struct unit *unit = unit_find(dvara_str_slice(run, digits, letters));
        if (!ok || !unit || unit->kind != TOKEN_DURATION)
            return "a number has no such suffix";
        if (unit->factor >= last)
            return "the units of a duration stand in descending order, each once: `1h30m`";
        int64_t part;
        if (!integer(dvara_str_slice(run, i, digits), unit->factor, &part) ||
            __builtin_add_overflow(total, part, &total))
            return "the duration is too large";
        last = unit->factor;
        i = letters;
    }
    *ret_value = total;
    return NULL;
}

/* An integer with a suffix; `digits` is where the suffix begins, `end` where the run ends. */
static struct number_literal suffixed(struct dvara_str text, size_t digits, size_t end)
{
    struct dvara_str suffix = dvara_str_slice(text, digits, end);
    struct dvara_str number_text = dvara_str_slice(text, 0, digits);
    const struct unit *unit = unit_find(suffix);
    struct number_literal number = {.length = (uint32_t)end, .kind = TOKEN_INT};
    if (unit) {
        number.kind = unit->kind;
        return integer(number_text, unit->factor, &number.i) ? number : too_large(end, unit->kind);
    }
    bool has_digits = false;
    for (size_t i = 0; i < suffix.n; i++)
        has_digits |= is_digit(suffix.p[i]);
    if (has_digits) {
        const char *problem = compound(dvara_str_slice(text, 0, end), &number.i);
        if (!problem) {
            number.kind = TOKEN_DURATION;
            return number;
        }
        return bad(end, TOKEN_DURATION, problem);
    }
    number = bad(end, TOKEN_INT, "a number has no such suffix");
    const char *ours = misspelt_find(suffix);
    if (ours) {
        suggest(&number, number_text, ours);
        number.kind = unit_find(dvara_str_from_cstr(ours))->kind;
    }
    return number;
}

static struct number_literal float_read(struct dvara_str text, size_t end)
{
    char digits[400]; /* longer than any float that needs its digits */
    size_t n = 0;
    for (size_t i = 0; i < end; i++) {
        if (text.p[i] == '_')
            continue;
        if (n == sizeof digits - 1)
            return too_large(end, TOKEN_FLOAT);
        digits[n++] = text.p[i];
    }
    digits[n] = 0;
    double value = strtod(digits, NULL);
    if (value > 1.7976931348623157e308)
        return too_large(end, TOKEN_FLOAT);
    return (struct number_literal){.length = (uint32_t)end, .kind = TOKEN_FLOAT, .f = value};
}

static size_t exponent_end(struct dvara_str text, size_t from)
{
    size_t i = from;
    if (at(text, i) != 'e')
        return from;
    i++;
    if (at(text, i) == '+' || at(text, i) == '-')
        i++;
    if (!is_digit(at(text, i)))
        return from;
    while (is_digit(at(text, i)))
        i++;
    return i;
}

static struct number_literal percent_read(struct dvara_str text, size_t whole, size_t end)
{
    struct dvara_str fraction = end > whole ? dvara_str_slice(text, whole + 1, end) : DVARA_STR("");
    size_t run = run_end(text, end + 1);
    if (run > end + 1)
        return bad(run, TOKEN_PERCENT, "a percentage ends with `%`");
    struct number_literal number = {.length = (uint32_t)end + 1, .kind = TOKEN_PERCENT};
    number.problem = decimal(dvara_str_slice(text, 0, whole), fraction, 4, 10000, &number.i);
    number.is_range = number.problem != NULL;
    return number;
}

struct number_literal number_read(struct dvara_str text)
{
    if (text.p[0] == '$')
        return money_read(text);
    bool ok = true;
    bool fraction_ok = true;
    size_t whole = digits_end(text, 0, &ok);
    if (at(text, whole) == ':' && whole <= 2 && is_digit(at(text, whole + 1)))
        return whole == 2 && ok
                   ? clock_read(text)
                   : bad(run_end(text, whole + 1), TOKEN_CLOCK, "a time of day is written `09:00`");
    size_t fraction = whole;
    if (at(text, whole) == '.' && is_digit(at(text, whole + 1)))
        fraction = digits_end(text, whole + 1, &fraction_ok);
    size_t end = exponent_end(text, fraction);
    bool is_float = end > whole;
    if (!ok || !fraction_ok)
        return bad(run_end(text, end), is_float ? TOKEN_FLOAT : TOKEN_INT,
                   "`_` stands singly between digits");
    if (at(text, end) == '%' && end == fraction)
        return percent_read(text, whole, end);
    if (at(text, end) == '.' && end == whole && !is_run(at(text, end + 1)) &&
        at(text, end + 1) != '.') {
        struct number_literal number =
            bad(end + 1, TOKEN_FLOAT, "digits stand on both sides of the point");
        suggest(&number, dvara_str_slice(text, 0, end), ".0");
        return number;
    }
    size_t run = run_end(text, end);
    if (is_float && run > end)
        return bad(run, TOKEN_FLOAT, "a suffix takes a whole number");
    if (is_float)
        return float_read(text, end);
    if (run > end)
        return suffixed(text, whole, run);
    struct number_literal number = {.length = (uint32_t)end, .kind = TOKEN_INT};
    return integer(dvara_str_slice(text, 0, end), 1, &number.i) ? number
                                                                : too_large(end, TOKEN_INT);
}

static size_t code_point_escape(struct dvara_str text, size_t at_brace, uint32_t *ret_code)
{
    uint32_t code = 0;
    size_t i = at_brace + 1;
    for (; i < text.n && i - at_brace <= 6 && text.p[i] != '}'; i++) {
        char c = text.p[i];
        uint32_t digit;
        if (is_digit(c))
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = (uint32_t)(c - 'A') + 10;
        else
            return 0;
        code = code * 16 + digit;
    }
    bool whole = i > at_brace + 1 && i < text.n && text.p[i] == '}';
    if (!whole || code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *ret_code = code;
    return i + 1;
}

size_t escape_read(struct dvara_str text, size_t at_backslash, uint32_t *ret_code)
{
    switch (at(text, at_backslash + 1)) {
    case 'n':
        *ret_code = '\n';
        break;
    case 't':
        *ret_code = '\t';
        break;
    case 'r':
        *ret_code = '\r';
        break;
    case '"':
        *ret_code = '"';
        break;
    case '\\':
        *ret_code = '\\';
        break;
    case 'u':
        return at(text, at_backslash + 2) == '{'
                   ? code_point_escape(text, at_backslash + 2, ret_code)
                   : 0;
    default:
        return 0;
    }
    return at_backslash + 2;
}

struct dvara_str string_decode(struct arena *arena, struct dvara_str inner, bool raw)
{
    if (raw || inner.n == 0 || !memchr(inner.p, '\\', inner.n))
        return inner;
    char *out = arena_alloc(arena, inner.n);
    if (!out)
        return DVARA_STR("");
    size_t n = 0;
    for (size_t i = 0; i < inner.n;) {
        uint32_t code;
        size_t end = inner.p[i] == '\\' ? escape_read(inner, i, &code) : 0;
        if (end == 0) {
            out[n++] = inner.p[i++];
            continue;
        }
        n += utf8_put(out + n, code);
        i = end;
    }
    return dvara_str_from(out, n);
}

/* The value in its largest exact unit; durations may be compound. */
static void print_units(uint8_t kind, int64_t value, char *out)
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int n = snprintf(out, LITERAL_MAX, "%s", value < 0 ? "-" : "");
    const struct unit *best = NULL;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].kind == kind && rest % (uint64_t)units[i].factor == 0 && rest &&
            (!best || units[i].factor > best->factor))
            best = &units[i];
    if (best)
        (void)snprintf(out + n, (size_t)(LITERAL_MAX - n), "%llu%s",
                       (unsigned long long)(rest / (uint64_t)best->factor), best->spelling.p);
    else
        (void)snprintf(out + n, (size_t)(LITERAL_MAX - n), "%llu%s", (unsigned long long)rest,
                       kind == TOKEN_SIZE ? "B"
                       : rest             ? "ns"
                                          : "s");
}

/* value / scale with no needless zeros, but at least `least` decimals. */
static void print_decimal(int64_t value, int64_t scale, int decimals, int least, char *out)
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char fraction[8];
    (void)snprintf(fraction, sizeof fraction, "%0*u", decimals, (unsigned)(rest % (uint64_t)scale));
    int n = decimals;
    while (n > least && fraction[n - 1] == '0')
        n--;
    (void)snprintf(out, LITERAL_MAX, "%s%llu%s%.*s", value < 0 ? "-" : "",
                   (unsigned long long)(rest / (uint64_t)scale), n ? "." : "", n, fraction);
}

const char *literal_print(uint8_t type, int64_t value, char ret_text[LITERAL_MAX])
{
    char number[LITERAL_MAX];
    switch (type) {
    case DVARA_TYPE_BOOL:
        (void)snprintf(ret_text, LITERAL_MAX, "%s", value ? "true" : "false");
        break;
    case DVARA_TYPE_DURATION:
        print_units(TOKEN_DURATION, value, ret_text);
        break;
    case DVARA_TYPE_SIZE:
        print_units(TOKEN_SIZE, value, ret_text);
        break;
    case DVARA_TYPE_MONEY:
        print_decimal(value, 1000000, 6, 2, number);
        (void)snprintf(ret_text, LITERAL_MAX, "%s$%.40s", value < 0 ? "-" : "",
                       number + (value < 0));
        break;
    case DVARA_TYPE_PERCENT:
        print_decimal(value, 10000, 4, 0, number);
        (void)snprintf(ret_text, LITERAL_MAX, "%.40s%%", number);
        break;
    case DVARA_TYPE_CLOCK:
        (void)snprintf(ret_text, LITERAL_MAX, "%02u:%02u", (unsigned)(value / 60) % 100u,
                       (unsigned)(value % 60));
        break;
    default: /* INT and whatever else is stored as one */
        (void)snprintf(ret_text, LITERAL_MAX, "%lld", (long long)value);
        break;
    }
    return ret_text;
}
