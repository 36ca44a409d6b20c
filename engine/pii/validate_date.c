/* SPDX-License-Identifier: Apache-2.0 */
/* Dates as people and ISO 8601 write them: the numbers and month names of the span in order. A
 * weekday adds nothing to a date, and is one alone. */
#include "pii/run.h"
#include "pii/validators.h"

#include "pattern/text.h"

#include <string.h>

enum { PARTS_MAX = 8, YEAR_FIRST = 1000, YEAR_LAST = 2999 };

struct part {
    unsigned value;
    unsigned digits; /* 0: a month's name */
};

struct date {
    struct part parts[PARTS_MAX];
    size_t n;
    bool named, weekday;
};

/* 1 to 12 by its first three letters in English, German, French, Spanish, Italian, Portuguese or
 * Dutch; 0 for what is none (st, nd, of, de). */
static unsigned month_of(struct dvara_str word)
{
    static const char names[] = "jan01feb02mar03apr04may05jun06jul07aug08sep09oct10nov11dec12"
                                "ene01gen01fev02mrt03abr04avr04mai05mei05mag05maj05giu06jui06lug07"
                                "ago08aou08set09okt10ott10out10dez12dic12"
                                "m\xc3\xa4"
                                "03"
                                "f\xc3\xa9"
                                "02"
                                "ao\xc3"
                                "08"
                                "d\xc3\xa9"
                                "12";
    char three[3];
    if (word.n < 3)
        return 0;
    for (size_t i = 0; i < 3; i++)
        three[i] = text_fold(word.p[i]);
    for (const char *name = names; *name; name += 5) {
        if (memcmp(name, three, 3) == 0)
            return (unsigned)(name[3] - '0') * 10 + (unsigned)(name[4] - '0');
    }
    return 0;
}

/* Are the three characters these, in either case? */
static bool is_folded(const char *p, const char *three)
{
    return text_fold(p[0]) == three[0] && text_fold(p[1]) == three[1] &&
           text_fold(p[2]) == three[2];
}

/* Monday to Sunday, in English and whole. */
static bool is_weekday(struct dvara_str word)
{
    static const char names[] = "montuewedthufrisatsun";
    if (word.n < 6 || !is_folded(word.p + word.n - 3, "day"))
        return false;
    for (const char *name = names; *name; name += 3) {
        if (is_folded(word.p, name))
            return true;
    }
    return false;
}

static bool is_letter(unsigned char c)
{
    return c >= 0x80 || text_is_alpha(c);
}

static bool add_part(struct date *date, struct part part)
{
    if (date->n == PARTS_MAX)
        return false;
    date->named |= part.digits == 0;
    date->parts[date->n++] = part;
    return true;
}

/* Numbers of up to four digits and month names, up to the time of day. */
static bool read_parts(struct dvara_str span, struct date *date)
{
    for (size_t i = 0; i < span.n;) {
        size_t begin = i;
        unsigned value = 0;
        while (i < span.n && text_is_digit((unsigned char)span.p[i]))
            value = value * 10 + (unsigned)(span.p[i++] - '0');
        if (i > begin) {
            if (i < span.n && span.p[i] == ':')
                return true; /* hours: the patterns have seen to them */
            if (i - begin > 4 || !add_part(date, (struct part){value, (unsigned)(i - begin)}))
                return false;
            continue;
        }
        while (i < span.n && is_letter((unsigned char)span.p[i]))
            i++;
        struct dvara_str word = dvara_str_slice(span, begin, i);
        unsigned month = month_of(word);
        date->weekday = date->weekday || is_weekday(word);
        if (month && !add_part(date, (struct part){month, 0}))
            return false;
        i += i == begin;
    }
    return true;
}

static unsigned year_of(struct part part)
{
    return part.digits == 4 ? part.value : part.value % 4 ? 1900 + part.value : 2000 + part.value;
}

static bool is_year(struct part part)
{
    return part.digits == 2 ||
           (part.digits == 4 && part.value >= YEAR_FIRST && part.value <= YEAR_LAST);
}

static bool exists(struct part year, struct part month, struct part day)
{
    return is_year(year) && run_is_date(year_of(year), month.value, day.value);
}

static bool is_month(struct part part)
{
    return part.digits <= 2 && part.value >= 1 && part.value <= 12;
}

/* Year, month, day in any order in which people write them. */
static bool three_hold(const struct part *p)
{
    if (p[0].digits == 4)
        return p[1].digits <= 2 && p[2].digits <= 2 && exists(p[0], p[1], p[2]);
    if (p[0].digits == 0)
        return exists(p[2], p[0], p[1]);
    if (p[1].digits == 0)
        return exists(p[2], p[1], p[0]);
    return p[0].digits <= 2 && p[1].digits <= 2 &&
           (exists(p[2], p[0], p[1]) || exists(p[2], p[1], p[0]) || exists(p[0], p[1], p[2]));
}

/* Month and year, or day and month: less than a date. */
static bool two_hold(const struct part *p)
{
    if (p[0].digits == 4 || p[1].digits == 4) {
        struct part year = p[0].digits == 4 ? p[0] : p[1];
        struct part month = p[0].digits == 4 ? p[1] : p[0];
        return is_year(year) && is_month(month);
    }
    return run_is_date(0, p[0].value, p[1].value) || run_is_date(0, p[1].value, p[0].value);
}

enum verdict check_date(struct dvara_str span)
{
    struct date date = {.n = 0};
    if (!read_parts(span, &date))
        return VERDICT_INVALID;
    if (date.n == 0)
        return date.weekday ? VERDICT_VALID : VERDICT_INVALID;
    if (date.n == 3)
        return three_hold(date.parts) ? VERDICT_VALID : VERDICT_INVALID;
    if (date.n == 2 && two_hold(date.parts))
        return date.named ? VERDICT_VALID : VERDICT_UNKNOWN;
    return VERDICT_INVALID;
}

/* A whole date, of which only context says what happened then. */
enum verdict check_birth_date(struct dvara_str span)
{
    return check_date(span) == VERDICT_VALID ? VERDICT_UNKNOWN : VERDICT_INVALID;
}
