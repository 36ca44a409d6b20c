/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/template.h"

#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include "dvara/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { RENDERED_MAX = 1 << 20, PPM_PER_TENTH = 1000 };

struct unit {
    int64_t size;
    const char *suffix;
};

static const struct unit durations[] = {
    {INT64_C(86400000000000), "d"},
    {INT64_C(3600000000000), "h"},
    {INT64_C(60000000000), "m"},
    {1000000000, "s"},
    {1000000, "ms"},
    {1000, "us"},
    {1, "ns"},
};

static const struct unit sizes[] = {
    {1 << 30, "GiB"}, {1000000000, "GB"}, {1 << 20, "MiB"}, {1000000, "MB"},
    {1 << 10, "KiB"}, {1000, "KB"},       {1, "B"},
};

static void print_units(struct buf *out, const struct unit *units, const char *zero, int64_t value)
{
    if (value == 0) {
        buf_append(out, dvara_str_from_cstr(zero));
        return;
    }
    while (value % units->size)
        units++;
    buf_int(out, value / units->size);
    buf_append(out, dvara_str_from_cstr(units->suffix));
}

static void print_money(struct buf *out, int64_t microusd)
{
    uint64_t amount = microusd < 0 ? 0 - (uint64_t)microusd : (uint64_t)microusd;
    uint64_t fraction = amount % 1000000;
    int digits = 6;
    while (digits > 2 && fraction % 10 == 0) {
        fraction /= 10;
        digits--;
    }
    buf_printf(out, "%s$%" PRIu64 ".%0*" PRIu64, microusd < 0 ? "-" : "", amount / 1000000, digits,
               fraction);
}

/* Whole numbers below it are exact, and short enough to be read. */
#define WHOLE_MAX 1e15

static void print_percent(struct buf *out, int64_t ppm)
{
    uint64_t amount = ppm < 0 ? 0 - (uint64_t)ppm : (uint64_t)ppm;
    uint64_t tenths = amount / PPM_PER_TENTH + (amount % PPM_PER_TENTH >= PPM_PER_TENTH / 2);
    buf_printf(out, "%s%" PRIu64, ppm < 0 && tenths ? "-" : "", tenths / 10);
    if (tenths % 10)
        buf_printf(out, ".%" PRIu64, tenths % 10);
    buf_byte(out, '%');
}

/* The fewest digits that read back as the same number; a whole one without an exponent. */
static void print_float(struct buf *out, double f)
{
    char text[40];
    if (f > -WHOLE_MAX && f < WHOLE_MAX && f == (double)(int64_t)f) {
        buf_printf(out, "%.0f", f);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, f);
        double back = strtod(text, NULL);
        if (memcmp(&back, &f, sizeof f) == 0)
            break;
    }
    buf_append(out, dvara_str_from_cstr(text));
}

void template_print(struct buf *out, uint8_t type, struct value value)
{
    switch ((enum dvara_type)type) {
    case DVARA_TYPE_BOOL:
        buf_append(out, value.i ? DVARA_STR("true") : DVARA_STR("false"));
        return;
    case DVARA_TYPE_INT:
        buf_int(out, value.i);
        return;
    case DVARA_TYPE_FLOAT:
        print_float(out, value.f);
        return;
    case DVARA_TYPE_STRING:
        buf_append(out, value.s);
        return;
    case DVARA_TYPE_DURATION:
        print_units(out, durations, "0s", value.i);
        return;
    case DVARA_TYPE_SIZE:
        print_units(out, sizes, "0B", value.i);
        return;
    case DVARA_TYPE_MONEY:
        print_money(out, value.i);
        return;
    case DVARA_TYPE_PERCENT:
        print_percent(out, value.i);
        return;
    case DVARA_TYPE_TIME:
        time_append(out, value.i, value.i % TIME_NS_PER_S ? 3 : 0);
        return;
    case DVARA_TYPE_CLOCK:
        buf_printf(out, "%02d:%02d", (int)(value.i / 60), (int)(value.i % 60));
        return;
    case DVARA_TYPE_MESSAGE:
    case DVARA_TYPE_TOOL:
    case DVARA_TYPE_COUNT:
        return;
    }
}

static bool is_escaped(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c ||
           c == 0x2028 || c == 0x2029;
}

void template_print_client(struct buf *out, struct dvara_str s)
{
    size_t at = 0;
    for (unsigned shown = 0; at < s.n && shown < DVARA_CLIENT_VALUE_SHOWN; shown++) {
        size_t start = at;
        if (utf8_sequence(s.p + at, s.n - at) == 0) {
            BUF_LIT(out, "\\u{fffd}");
            at++;
            continue;
        }
        uint32_t c = utf8_next(s, &at);
        if (is_escaped(c))
            buf_printf(out, "\\u{%x}", c);
        else
            buf_append(out, dvara_str_slice(s, start, at));
    }
}

struct dvara_str template_value(struct dvara_run *run, uint8_t type, struct value value)
{
    struct buf out;
    if (type == DVARA_TYPE_STRING)
        return value.s.p ? value.s : DVARA_STR("");
    buf_init(&out, RENDERED_MAX);
    if (type == DVARA_TYPE_PERCENT) /* templates round */
        buf_printf(&out, "%" PRId64 "ppm", value.i);
    else
        template_print(&out, type, value);
    struct dvara_str text = arena_copy(run->arena, buf_str(&out));
    run->exhausted = run->exhausted || buf_failed(&out) || dvara_str_is_absent(text);
    buf_clear(&out);
    return text.p ? text : DVARA_STR("");
}

static struct value print_part(struct dvara_run *run, const struct bundle_part *part,
                               struct buf *out)
{
    struct value v = run_block(run, part->block);
    uint8_t type = (uint8_t)run->bundle->program.tables.blocks[part->block].type;
    if (value_is_error(v))
        BUF_LIT(out, "?");
    else if (part->client && type == DVARA_TYPE_STRING)
        template_print_client(out, v.s);
    else
        template_print(out, type, v);
    return v;
}

struct value template_render(struct dvara_run *run, uint32_t index)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    const struct bundle_template *row = &t->templates[index];
    struct value error = value_bool(false);
    struct buf out;

    if (row->count == 1 && t->parts[row->first].text != BUNDLE_ABSENT)
        return value_str(run->bundle->program.strings[t->parts[row->first].text]);
    buf_init(&out, RENDERED_MAX);
    for (uint32_t i = row->first; i < row->first + row->count; i++) {
        const struct bundle_part *part = &t->parts[i];
        if (part->text != BUNDLE_ABSENT)
            buf_append(&out, run->bundle->program.strings[part->text]);
        else
            error = value_first_error(error, print_part(run, part, &out));
    }
    struct dvara_str text = arena_copy(run->arena, buf_str(&out));
    if (buf_failed(&out) || dvara_str_is_absent(text))
        error = value_error(DVARA_ERROR_STEPS);
    buf_clear(&out);
    if (value_is_error(error))
        error.s =
            dvara_str_is_absent(text) ? DVARA_STR("") : text; /* with `?` where a part erred */
    return value_is_error(error) ? error : value_str(text);
}
