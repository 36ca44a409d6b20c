/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/operator.h"

#include "base/time.h"
#include "dvara/limits.h"
#include "vm/attribute.h"
#include "vm/json_value.h"
#include "vm/scan.h"
#include "vm/text.h"

#include <math.h>

static uint64_t text_steps(struct dvara_str s)
{
    return s.n / DVARA_STEP_TEXT_BYTES;
}

static double float_of(uint8_t op, double b, double c)
{
    switch (op) {
    case OP_ADD:
        return b + c;
    case OP_SUB:
        return b - c;
    case OP_MUL:
        return b * c;
    default:
        return op == OP_NEG ? -b : fabs(b);
    }
}

/* True: it overflows. */
static bool whole_of(uint8_t op, int64_t b, int64_t c, int64_t *ret)
{
    switch (op) {
    case OP_ADD:
        return __builtin_add_overflow(b, c, ret);
    case OP_SUB:
        return __builtin_sub_overflow(b, c, ret);
    case OP_MUL:
    case OP_SCALE:
        return __builtin_mul_overflow(b, c, ret);
    default:
        *ret = b;
        return (op == OP_NEG || b < 0) && __builtin_sub_overflow((int64_t)0, b, ret);
    }
}

void operator_arithmetic(const struct dvara_run *run, uint8_t op, uint8_t type,
                         const struct value *b, const struct value *c, struct value *ret)
{
    int64_t i = 0;
    if (type == DVARA_TYPE_FLOAT) {
        double f = float_of(op, b->f, c->f);
        memcpy(&i, &f, sizeof i);
        if (isfinite(f) && !run_has_fault(run, DVARA_ERROR_ARITHMETIC))
            set_number(ret, i);
        else
            set_error(ret, DVARA_ERROR_ARITHMETIC);
        return;
    }
    if (whole_of(op, b->i, c->i, &i) || run_has_fault(run, DVARA_ERROR_ARITHMETIC))
        set_error(ret, DVARA_ERROR_ARITHMETIC);
    else
        set_number(ret, i);
}

/* <0, 0, >0 */
int operator_order(uint8_t type, const struct value *b, const struct value *c)
{
    if (type == DVARA_TYPE_STRING || type == DVARA_TYPE_FLOAT)
        return value_compare(type, *b, *c);
    return (b->i > c->i) - (b->i < c->i);
}

static inline bool are_equal(uint8_t type, const struct value *b, const struct value *c)
{
    if (type == DVARA_TYPE_STRING)
        return dvara_str_eq(b->s, c->s);
    return type == DVARA_TYPE_FLOAT ? value_equal(type, *b, *c) : b->i == c->i;
}

bool operator_compares(uint8_t op, uint8_t type, const struct value *b, const struct value *c)
{
    if (op == OP_EQ || op == OP_NE)
        return are_equal(type, b, c) == (op == OP_EQ);
    int order = operator_order(type, b, c);
    if (op == OP_LT)
        return order < 0;
    if (op == OP_LE)
        return order <= 0;
    return op == OP_GT ? order > 0 : order >= 0;
}

struct value operator_runtime_list(const struct dvara_run *run, uint32_t index)
{
    const struct bundle_runtime *row = &run->bundle->program.tables.runtimes[index];
    struct dvara_str name = run->bundle->program.strings[row->name];
    if (run_has_fault(run, DVARA_ERROR_LIST))
        return value_error(DVARA_ERROR_LIST);
    for (size_t i = 0; i < run->facts->n_lists; i++) {
        const struct dvara_list_state *list = &run->facts->lists[i];
        if (dvara_str_eq(list->name, name))
            return list->values.n > DVARA_MAX_LIST ? value_error(DVARA_ERROR_LIST)
                                                   : value_of_list(list->values.v, list->values.n);
    }
    return (struct value){.l = run->bundle->lists[row->list].values};
}

struct value operator_field(struct value record, uint8_t id)
{
    const struct field_place *row = field_place(id);
    const char *place = (const char *)record.record + row->offset;
    if (row->type == DVARA_TYPE_BOOL)
        return value_bool(*(const bool *)place);
    struct dvara_str s = *(const struct dvara_str *)(const void *)place;
    return value_str(dvara_str_is_absent(s) ? DVARA_STR("") : s);
}

struct value operator_in_list(struct dvara_run *run, uint8_t type, struct value b,
                              struct value_list list)
{
    for (size_t i = 0; i < list.n; i++) {
        if (!run_charge(run, 1))
            return value_error(DVARA_ERROR_STEPS);
        if (value_equal(type, b, list_item(list, type, i)))
            return value_bool(true);
    }
    return value_bool(false);
}

struct value operator_search(struct dvara_run *run, uint8_t op, struct dvara_str b,
                             struct dvara_str c)
{
    if (!run_charge(run, text_steps(b)))
        return value_error(DVARA_ERROR_STEPS);
    if (op == OP_STARTS_WITH)
        return value_bool(dvara_str_starts_with(b, c));
    if (op == OP_ENDS_WITH)
        return value_bool(dvara_str_ends_with(b, c));
    return scan_contains(run, b, c);
}

struct value operator_glob(struct dvara_run *run, struct dvara_str text, uint32_t index)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    const struct bundle_globs *globs = &t->globs[index];
    for (uint32_t i = globs->first; i < globs->first + globs->count; i++) {
        if (!run_charge(run, 1 + text_steps(text)))
            return value_error(DVARA_ERROR_STEPS);
        if (text_glob(run->bundle->program.strings[t->patterns[i].text], text))
            return value_bool(true);
    }
    return value_bool(false);
}

/* Do the first `bits` bits agree? */
static bool net_has(const struct bundle_net *net, const unsigned char address[16])
{
    const uint32_t words[4] = {net->word0, net->word1, net->word2, net->word3};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t bits = net->bits > 32 * i ? net->bits - 32 * i : 0;
        const unsigned char *p = address + 4 * i;
        uint32_t word = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        uint32_t mask = bits == 0 ? 0 : bits >= 32 ? UINT32_MAX : ~(UINT32_MAX >> bits);
        if ((word ^ words[i]) & mask)
            return false;
    }
    return true;
}

struct value operator_within(struct dvara_run *run, struct dvara_str text, uint32_t index)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    const struct bundle_nets *nets = &t->netses[index];
    unsigned char address[16];
    if (run_has_fault(run, DVARA_ERROR_ADDRESS) || !text_address(text, address))
        return value_error(DVARA_ERROR_ADDRESS);
    for (uint32_t i = nets->first; i < nets->first + nets->count; i++) {
        if (!run_charge(run, 1))
            return value_error(DVARA_ERROR_STEPS);
        if (net_has(&t->nets[i], address))
            return value_bool(true);
    }
    return value_bool(false);
}

struct value operator_count_points(struct dvara_run *run, struct dvara_str s)
{
    int64_t n = 0;
    if (!run_charge(run, text_steps(s)))
        return value_error(DVARA_ERROR_STEPS);
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return value_int(n);
}

struct value operator_change(struct dvara_run *run, uint8_t op, struct dvara_str s)
{
    if (!run_charge(run, text_steps(s)))
        return value_error(DVARA_ERROR_STEPS);
    if (op == OP_TRIM)
        return value_str(text_trim(s));
    struct dvara_str out = op == OP_LOWER ? text_lower(s, run->arena) : text_upper(s, run->arena);
    return dvara_str_is_absent(out) ? value_error(DVARA_ERROR_STEPS) : value_str(out);
}

struct value operator_first(struct value_list list, uint8_t type)
{
    return list.n ? list_item(list, type, 0) : (struct value){.state = VALUE_ABSENT};
}

static int64_t local_seconds(const struct dvara_run *run, uint32_t zone)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    const struct bundle_zone *row = &t->zones[zone];
    int64_t ns = run->facts->request.time;
    int64_t seconds = ns / TIME_NS_PER_S - (ns % TIME_NS_PER_S < 0);
    uint32_t low = row->first, high = row->first + row->count;
    while (high - low > 1) { /* the last shift at or before; before the first, the first */
        uint32_t middle = low + (high - low) / 2;
        if (t->shifts[middle].at <= seconds)
            low = middle;
        else
            high = middle;
    }
    return seconds + t->shifts[low].offset;
}

struct value operator_calendar(struct dvara_run *run, uint8_t op, uint32_t zone)
{
    static const char days[7][4] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    struct civil c = text_civil(local_seconds(run, zone));
    if (op == OP_HOUR)
        return value_int(c.hour);
    if (op == OP_WEEKDAY)
        return value_str(dvara_str_from(days[c.weekday], 3));
    struct dvara_str s = arena_printf(run->arena, "%04d-%02u-%02u", (int)c.year, c.month, c.day);
    return dvara_str_is_absent(s) ? value_error(DVARA_ERROR_STEPS) : value_str(s);
}

struct value operator_between(struct dvara_run *run, uint32_t index)
{
    const struct bundle_period *period = &run->bundle->program.tables.periods[index];
    struct civil c = text_civil(local_seconds(run, period->zone));
    uint32_t now = c.hour * 60 + c.minute;
    if (period->from < period->to)
        return value_bool(now >= period->from && now < period->to);
    return value_bool(now >= period->from || now < period->to);
}

struct value operator_json(struct dvara_run *run, struct dvara_str text, uint32_t pointer)
{
    struct run_json *kept = &run->json;
    if (run_has_fault(run, DVARA_ERROR_JSON))
        return value_error(DVARA_ERROR_JSON);
    if (kept->text.p != text.p || kept->text.n != text.n || !text.p) {
        if (!run_charge(run, text_steps(text)))
            return value_error(DVARA_ERROR_STEPS);
        kept->text = text;
        kept->good = json_parse(text, 0, run->arena, &kept->doc, NULL) == DVARA_OK;
    }
    if (!kept->good)
        return value_error(DVARA_ERROR_JSON);
    return json_value(&kept->doc, run->bundle->program.strings[pointer], run->arena);
}
