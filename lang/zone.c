/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/zone.h"

#include "base/arena.h"
#include "lang/suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    NAME_MAX_BYTES = 64,
    STEP = 7 * 86400, /* no zone keeps an offset for less than a week */
    SHIFTS_MAX = 1024,
    LINE_BYTES = 256
};
static const int64_t end_of_table = 4102444800; /* 2100-01-01 */

/* An IANA name: no way out of the folder. */
static bool is_name(struct dvara_str s)
{
    if (s.n == 0 || s.n > NAME_MAX_BYTES || s.p[0] == '/' || s.p[0] == '.')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '/' || c == '_' || c == '-' || c == '+';
        if (!good)
            return false;
    }
    return true;
}

static int64_t offset_at(int64_t seconds)
{
    struct tm tm;
    time_t t = (time_t)seconds;
    return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

/* The first second in (low, high] at which the offset is that of `high`. */
static int64_t find_shift(int64_t low, int64_t high)
{
    int64_t offset = offset_at(high);
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (offset_at(middle) == offset)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static bool read_shifts(struct arena *arena, struct zone_shifts *shifts)
{
    shifts->v = arena_array(arena, SHIFTS_MAX, sizeof *shifts->v);
    if (!shifts->v)
        return false;
    int64_t offset = offset_at(0);
    shifts->v[0].at = INT64_MIN;
    shifts->v[0].offset = offset;
    shifts->n = 1;
    for (int64_t at = STEP; at < end_of_table && shifts->n < SHIFTS_MAX; at += STEP) {
        if (offset_at(at) == offset)
            continue;
        offset = offset_at(at);
        shifts->v[shifts->n].at = find_shift(at - STEP, at);
        shifts->v[shifts->n++].offset = offset;
    }
    return true;
}

static void set_zone(const char *name_cstr)
{
    if (name_cstr)
        setenv("TZ", name_cstr, 1);
    else
        unsetenv("TZ");
    tzset();
}

bool zone_read(struct arena *arena, struct dvara_str name, struct zone_shifts *ret_shifts)
{
    if (!is_name(name))
        return false;
    struct dvara_str path = arena_printf(arena, "/usr/share/zoneinfo/%.*s", DVARA_STR_ARG(name));
    struct dvara_str copy = arena_copy(arena, name);
    bool utc = dvara_str_eq(name, DVARA_STR("UTC"));
    if (!path.p || !copy.p || (!utc && access(path.p, R_OK) != 0))
        return false;
    const char *old_cstr = getenv("TZ");
    struct dvara_str old =
        old_cstr ? arena_copy(arena, dvara_str_from_cstr(old_cstr)) : (struct dvara_str){0};
    set_zone(copy.p);
    bool good = read_shifts(arena, ret_shifts);
    set_zone(old.p);
    return good;
}

/* The word of a line from its byte `at` on. */
static struct dvara_str word_at(const char *line_cstr, size_t at)
{
    return dvara_str_from(line_cstr + at, strcspn(line_cstr + at, " \n"));
}

/* A line that names a zone: "Z NAME …", or "L TARGET NAME" of another name for one. */
static struct dvara_str zone_of(const char *line_cstr)
{
    struct dvara_str none = {0};
    if (line_cstr[0] && line_cstr[1] != ' ')
        return none;
    struct dvara_str first = line_cstr[0] ? word_at(line_cstr, 2) : none;
    if (line_cstr[0] == 'L' && first.n && first.p[first.n] == ' ')
        return word_at(line_cstr, 2 + first.n + 1);
    return line_cstr[0] == 'Z' ? first : none;
}

void zone_suggest(struct arena *arena, struct suggestion *suggestion)
{
    FILE *file = fopen("/usr/share/zoneinfo/tzdata.zi", "re");
    char line[LINE_BYTES];
    if (!file)
        return;
    while (fgets(line, sizeof line, file)) {
        struct dvara_str name = zone_of(line);
        if (name.n)
            suggest_offer(suggestion, arena_copy(arena, name));
    }
    (void)fclose(file);
}
