/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/example_time.h"

#include "base/arena.h"
#include "base/time.h"
#include "lang/zone.h"
#include "vm/text.h"

enum { MINUTES_TRIED = 9 * 1440, ZONES_MAX = 16 };
static const int64_t first_second = INT64_C(1767225600); /* 2026-01-01T00:00:00Z */

struct wanted {
    struct zone_shifts shifts;
    enum asked_kind kind;
    int64_t number;
    struct dvara_str date;
};

static size_t wanted_of(struct arena *arena, const struct script *script,
                        const struct answer *answer, struct wanted *v)
{
    size_t n = 0;
    for (size_t i = 0; i < script->n_asked && n < ZONES_MAX; i++) {
        const struct asked *asked = &script->asked[i];
        bool of_time = asked->kind == ASKED_CLOCK || asked->kind == ASKED_WEEKDAY ||
                       (asked->kind == ASKED_DATE && answer->values[i].s.n == 10);
        if (!of_time || !zone_read(arena, asked->arg, &v[n].shifts))
            continue;
        v[n].kind = asked->kind;
        v[n].number = answer->values[i].i;
        v[n++].date = answer->values[i].s;
    }
    return n;
}

static struct civil civil_at(const struct zone_shifts *shifts, int64_t seconds)
{
    size_t at = 0;
    while (at + 1 < shifts->n && shifts->v[at + 1].at <= seconds)
        at++;
    return text_civil(seconds + (shifts->n ? shifts->v[at].offset : 0));
}

static bool shows(struct arena *arena, const struct wanted *wanted, int64_t seconds)
{
    struct civil c = civil_at(&wanted->shifts, seconds);
    if (wanted->kind == ASKED_CLOCK)
        return c.hour * 60 + c.minute == wanted->number;
    if (wanted->kind == ASKED_WEEKDAY)
        return c.weekday == wanted->number;
    struct dvara_str date = arena_printf(arena, "%04d-%02u-%02u", (int)c.year, c.month, c.day);
    return dvara_str_eq(date, wanted->date);
}

/* A day before a date that is asked for, so that every zone's day is looked through. */
static int64_t start_of(const struct wanted *v, size_t n)
{
    int64_t ns;
    char text[] = "0000-00-00T00:00:00Z";
    for (size_t i = 0; i < n; i++) {
        if (v[i].kind != ASKED_DATE)
            continue;
        memcpy(text, v[i].date.p, 10);
        if (time_parse(dvara_str_from(text, sizeof text - 1), &ns) == DVARA_OK)
            return ns / TIME_NS_PER_S - 86400;
    }
    return first_second;
}

struct dvara_str example_time(struct arena *arena, const struct script *script,
                              const struct answer *answer)
{
    struct wanted v[ZONES_MAX];
    char text[TIME_RFC3339_SIZE];
    size_t n = wanted_of(arena, script, answer, v);
    int64_t start = start_of(v, n);
    for (int64_t minute = 0; n && minute < MINUTES_TRIED; minute++) {
        size_t shown = 0;
        while (shown < n && shows(arena, &v[shown], start + 60 * minute))
            shown++;
        if (shown < n)
            continue;
        size_t length = time_format((start + 60 * minute) * TIME_NS_PER_S, 0, text);
        return arena_copy(arena, dvara_str_from(text, length));
    }
    return (struct dvara_str){NULL, 0};
}
