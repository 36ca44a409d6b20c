/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/frozen_given.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "vm/attribute.h"

#include <assert.h>
#include <math.h>

enum { PHASE_TOOL = 1, PHASE_RESPONSE = 2 };

enum frozen_field {
#define FROZEN(id, number, what) FROZEN_##id = number,
#include "trial/frozen_fields.def"
};

static_assert((int)DVARA_ATTR_COUNT < (int)FROZEN_HEADERS,
              "attributes and other fields share one number");

/* Any of the lists of facts. */
struct list {
    const void *v;
    size_t n;
};

/* ---- lists and pairs ---- */

static void put_texts(struct buf *out, struct dvara_strs texts)
{
    frozen_put_number(out, texts.n);
    for (size_t i = 0; i < texts.n; i++)
        frozen_put_text(out, texts.v[i]);
}

struct dvara_strs frozen_texts(struct frozen_bytes *bytes, struct arena *arena)
{
    size_t n = frozen_count(bytes);
    struct dvara_str *v = ARENA_ARRAY(arena, n, struct dvara_str);
    for (size_t i = 0; v && i < n; i++)
        v[i] = frozen_text(bytes);
    return (struct dvara_strs){v, v ? n : 0};
}

static void put_pairs(struct buf *out, struct dvara_pairs pairs)
{
    frozen_put_number(out, pairs.n);
    for (size_t i = 0; i < pairs.n; i++) {
        frozen_put_text(out, pairs.v[i].name);
        frozen_put_text(out, pairs.v[i].value);
    }
}

static struct dvara_pairs get_pairs(struct frozen_bytes *bytes, struct arena *arena)
{
    size_t n = frozen_count(bytes);
    struct dvara_pair *v = ARENA_ARRAY(arena, n, struct dvara_pair);
    for (size_t i = 0; v && i < n; i++) {
        v[i].name = frozen_text(bytes);
        v[i].value = frozen_text(bytes);
    }
    return (struct dvara_pairs){v, v ? n : 0};
}

static size_t record_size(uint8_t type)
{
    return type == DVARA_TYPE_MESSAGE ? sizeof(struct dvara_message) : sizeof(struct dvara_tool);
}

static void put_records(struct buf *out, struct list list, uint8_t type)
{
    frozen_put_number(out, list.n);
    for (size_t i = 0; i < list.n; i++) {
        const char *record = (const char *)list.v + i * record_size(type);
        for (uint32_t f = 0; f < DVARA_FIELD_COUNT; f++) {
            const struct field_place *row = field_place(f);
            if (row->record != type)
                continue;
            if (row->type == DVARA_TYPE_BOOL)
                frozen_put_number(out, *(const bool *)(const void *)(record + row->offset));
            else
                frozen_put_text(out,
                                *(const struct dvara_str *)(const void *)(record + row->offset));
        }
    }
}

static struct list get_records(struct frozen_bytes *bytes, struct arena *arena, uint8_t type)
{
    size_t n = frozen_count(bytes);
    char *v = arena_array(arena, n, record_size(type));
    for (size_t i = 0; v && i < n; i++) {
        char *record = v + i * record_size(type);
        for (uint32_t f = 0; f < DVARA_FIELD_COUNT; f++) {
            const struct field_place *row = field_place(f);
            if (row->record != type)
                continue;
            if (row->type == DVARA_TYPE_BOOL)
                *(bool *)(void *)(record + row->offset) = frozen_bounded(bytes, 1) != 0;
            else
                *(struct dvara_str *)(void *)(record + row->offset) = frozen_text(bytes);
        }
    }
    return (struct list){v, v ? n : 0};
}

/* ---- attributes ---- */

/* Does it stand in the facts as it is, and is it not derived from others? */
static bool is_plain(uint32_t id)
{
    return attribute_place(id)->arg == DVARA_ARG_NONE && id != DVARA_ATTR_REQUEST_TEXT;
}

static struct list list_at(const void *place)
{
    struct list list;
    memcpy(&list, place, sizeof list);
    return list;
}

static bool differs(const struct attribute_place *row, const void *place, const void *usual)
{
    if (row->shape == DVARA_SHAPE_LIST)
        return list_at(place).n > 0;
    if (row->type == DVARA_TYPE_STRING) {
        const struct dvara_str *a = place, *b = usual;
        bool presence = dvara_str_is_absent(*a) != dvara_str_is_absent(*b);
        return !dvara_str_eq(*a, *b) || (row->shape == DVARA_SHAPE_OPT && presence);
    }
    if (row->type == DVARA_TYPE_BOOL)
        return *(const bool *)place != *(const bool *)usual;
    if (row->shape == DVARA_SHAPE_OPT)
        return row->type == DVARA_TYPE_FLOAT ? ((const struct dvara_opt_float *)place)->has
                                             : ((const struct dvara_opt_int *)place)->has;
    return memcmp(place, usual, sizeof(int64_t)) != 0;
}

static void put_number(struct buf *out, const struct attribute_place *row, const void *place)
{
    if (row->type == DVARA_TYPE_FLOAT) {
        uint64_t bits;
        memcpy(&bits, &((const struct dvara_opt_float *)place)->value, sizeof bits);
        frozen_put_number(out, bits);
    } else if (row->shape == DVARA_SHAPE_OPT) {
        frozen_put_signed(out, ((const struct dvara_opt_int *)place)->value);
    } else {
        frozen_put_signed(out, *(const int64_t *)place);
    }
}

static void put_attribute(struct buf *out, const struct attribute_place *row, const void *place)
{
    struct list list = {NULL, 0};
    if (row->shape == DVARA_SHAPE_LIST)
        list = list_at(place);
    if (row->shape == DVARA_SHAPE_LIST && row->type == DVARA_TYPE_STRING)
        put_texts(out, (struct dvara_strs){list.v, list.n});
    else if (row->shape == DVARA_SHAPE_LIST)
        put_records(out, list, row->type);
    else if (row->type == DVARA_TYPE_STRING)
        frozen_put_text(out, *(const struct dvara_str *)place);
    else if (row->type == DVARA_TYPE_BOOL)
        frozen_put_number(out, *(const bool *)place);
    else
        put_number(out, row, place);
}

static void put_attributes(struct buf *out, const struct given *given)
{
    struct given usual;
    given_start(NULL, &usual);
    for (uint32_t id = 0; id < DVARA_ATTR_COUNT; id++) {
        const struct attribute_place *row = attribute_place(id);
        const char *place = (const char *)&given->facts + row->offset;
        if (!is_plain(id) || !differs(row, place, (const char *)&usual.facts + row->offset))
            continue;
        frozen_put_number(out, (uint64_t)id + 1);
        put_attribute(out, row, place);
    }
}

static void get_number(struct frozen_bytes *bytes, const struct attribute_place *row, void *place)
{
    if (row->type == DVARA_TYPE_FLOAT) {
        struct dvara_opt_float *number = place;
        uint64_t bits = frozen_number(bytes);
        number->has = true;
        memcpy(&number->value, &bits, sizeof bits);
        bytes->failed |= !isfinite(number->value);
    } else if (row->shape == DVARA_SHAPE_OPT) {
        *(struct dvara_opt_int *)place = (struct dvara_opt_int){true, frozen_signed(bytes)};
    } else {
        *(int64_t *)place = frozen_signed(bytes);
    }
}

static void get_attribute(struct frozen_bytes *bytes, struct given *given, uint32_t id)
{
    const struct attribute_place *row = attribute_place(id);
    void *place = (char *)&given->facts + row->offset;
    if (!is_plain(id)) {
        bytes->failed = true;
    } else if (row->shape == DVARA_SHAPE_LIST) {
        struct dvara_strs texts = {NULL, 0};
        struct list list;
        if (row->type == DVARA_TYPE_STRING) {
            texts = frozen_texts(bytes, given->arena);
            list = (struct list){texts.v, texts.n};
        } else {
            list = get_records(bytes, given->arena, row->type);
        }
        memcpy(place, &list, sizeof list);
    } else if (row->type == DVARA_TYPE_STRING) {
        *(struct dvara_str *)place = frozen_text(bytes);
    } else if (row->type == DVARA_TYPE_BOOL) {
        *(bool *)place = frozen_bounded(bytes, 1) != 0;
    } else {
        get_number(bytes, row, place);
    }
}

/* ---- the other fields ---- */

static void put_lists(struct buf *out, const struct given *given)
{
    frozen_put_number(out, given->facts.n_lists);
    for (size_t i = 0; i < given->facts.n_lists; i++) {
        frozen_put_text(out, given->facts.lists[i].name);
        put_texts(out, given->facts.lists[i].values);
    }
}

static void get_lists(struct frozen_bytes *bytes, struct given *given)
{
    size_t n = frozen_count(bytes);
    struct dvara_list_state *v = ARENA_ARRAY(given->arena, n, struct dvara_list_state);
    for (size_t i = 0; v && i < n; i++) {
        v[i].name = frozen_text(bytes);
        v[i].values = frozen_texts(bytes, given->arena);
    }
    given->facts.lists = v;
    given->facts.n_lists = v ? n : 0;
}

static void put_targets(struct buf *out, const struct given *given)
{
    frozen_put_number(out, given->n_targets);
    for (size_t i = 0; i < given->n_targets; i++) {
        frozen_put_text(out, given->targets[i].name);
        const struct dvara_target_state *state = &given->targets[i].state;
        frozen_put_number(out, state->healthy);
        frozen_put_signed(out, state->latency_p50);
        frozen_put_signed(out, state->first_byte);
        frozen_put_signed(out, state->uptime);
        frozen_put_signed(out, state->throughput);
        frozen_put_signed(out, state->in_flight);
    }
}

static void get_targets(struct frozen_bytes *bytes, struct given *given)
{
    size_t n = frozen_count(bytes);
    given->targets = ARENA_ARRAY(given->arena, n, struct given_target);
    given->n_targets = given->targets ? n : 0;
    for (size_t i = 0; i < given->n_targets; i++) {
        given->targets[i].name = frozen_text(bytes);
        struct dvara_target_state *state = &given->targets[i].state;
        state->healthy = frozen_bounded(bytes, 1) != 0;
        state->latency_p50 = frozen_signed(bytes);
        state->first_byte = frozen_signed(bytes);
        state->uptime = frozen_signed(bytes);
        state->throughput = frozen_signed(bytes);
        state->in_flight = frozen_signed(bytes);
    }
}

static void put_budgets(struct buf *out, const struct given *given)
{
    frozen_put_number(out, given->facts.n_budgets);
    for (size_t i = 0; i < given->facts.n_budgets; i++) {
        frozen_put_text(out, given->facts.budgets[i].name);
        frozen_put_signed(out, given->facts.budgets[i].used_ppm);
        frozen_put_signed(out, given->facts.budgets[i].left_microusd);
    }
}

static void get_budgets(struct frozen_bytes *bytes, struct given *given)
{
    size_t n = frozen_count(bytes);
    struct dvara_budget_state *v = ARENA_ARRAY(given->arena, n, struct dvara_budget_state);
    for (size_t i = 0; v && i < n; i++) {
        v[i].name = frozen_text(bytes);
        v[i].used_ppm = frozen_signed(bytes);
        v[i].left_microusd = frozen_signed(bytes);
    }
    given->facts.budgets = v;
    given->facts.n_budgets = v ? n : 0;
}

static void get_body(struct frozen_bytes *bytes, struct given *given)
{
    struct dvara_str text = frozen_text(bytes);
    struct json_doc *doc = ARENA_NEW(given->arena, struct json_doc);
    if (!doc || bytes->failed || json_parse(text, 0, given->arena, doc, NULL) != DVARA_OK)
        bytes->failed = true;
    else
        given->facts.request.body = doc;
}

static void get_phases(struct frozen_bytes *bytes, struct given *given)
{
    uint64_t phases = frozen_bounded(bytes, PHASE_TOOL | PHASE_RESPONSE);
    given->has_tool = phases & PHASE_TOOL;
    given->has_response = phases & PHASE_RESPONSE;
}

static void get_field(struct frozen_bytes *bytes, struct given *given, uint64_t number)
{
    struct dvara_facts *facts = &given->facts;
    switch ((enum frozen_field)number) {
    case FROZEN_HEADERS:
        facts->request.headers = get_pairs(bytes, given->arena);
        return;
    case FROZEN_METADATA:
        facts->request.metadata = get_pairs(bytes, given->arena);
        return;
    case FROZEN_ATTRS:
        facts->tenant.attrs = get_pairs(bytes, given->arena);
        return;
    case FROZEN_BODY:
        get_body(bytes, given);
        return;
    case FROZEN_STREAM:
        given->stream = frozen_texts(bytes, given->arena);
        given->has_stream = true;
        return;
    case FROZEN_LISTS:
        get_lists(bytes, given);
        return;
    case FROZEN_TARGETS:
        get_targets(bytes, given);
        return;
    case FROZEN_BUDGETS:
        get_budgets(bytes, given);
        return;
    case FROZEN_FAULTS:
        facts->faults = (uint32_t)frozen_bounded(bytes, (1u << DVARA_ERROR_COUNT) - 1);
        return;
    case FROZEN_PHASES:
        get_phases(bytes, given);
        return;
    }
    bytes->failed = true;
}

static void put_pairs_field(struct buf *out, enum frozen_field field, struct dvara_pairs pairs)
{
    if (pairs.n == 0)
        return;
    frozen_put_number(out, (uint64_t)field + 1);
    put_pairs(out, pairs);
}

static void put_field_of(struct buf *out, enum frozen_field field, size_t n,
                         const struct given *given,
                         void (*put)(struct buf *out, const struct given *given))
{
    if (n == 0)
        return;
    frozen_put_number(out, (uint64_t)field + 1);
    put(out, given);
}

static void put_number_field(struct buf *out, enum frozen_field field, uint64_t number)
{
    if (number == 0)
        return;
    frozen_put_number(out, (uint64_t)field + 1);
    frozen_put_number(out, number);
}

void frozen_put_given(struct buf *out, const struct given *given)
{
    const struct dvara_facts *facts = &given->facts;
    put_attributes(out, given);
    put_pairs_field(out, FROZEN_HEADERS, facts->request.headers);
    put_pairs_field(out, FROZEN_METADATA, facts->request.metadata);
    put_pairs_field(out, FROZEN_ATTRS, facts->tenant.attrs);
    if (facts->request.body) {
        frozen_put_number(out, FROZEN_BODY + 1);
        frozen_put_text(out, facts->request.body->text);
    }
    if (given->has_stream) {
        frozen_put_number(out, FROZEN_STREAM + 1);
        put_texts(out, given->stream);
    }
    put_field_of(out, FROZEN_LISTS, facts->n_lists, given, put_lists);
    put_field_of(out, FROZEN_TARGETS, given->n_targets, given, put_targets);
    put_field_of(out, FROZEN_BUDGETS, facts->n_budgets, given, put_budgets);
    put_number_field(out, FROZEN_FAULTS, facts->faults);
    put_number_field(out, FROZEN_PHASES,
                     (given->has_tool ? PHASE_TOOL : 0u) |
                         (given->has_response ? PHASE_RESPONSE : 0u));
    frozen_put_number(out, 0);
}

void frozen_get_given(struct frozen_bytes *bytes, struct given *given)
{
    uint64_t last = 0;
    while (!bytes->failed) {
        uint64_t number = frozen_number(bytes);
        if (number == 0)
            return;
        if (number <= last)
            bytes->failed = true; /* each field once, in one order */
        else if (number - 1 < DVARA_ATTR_COUNT)
            get_attribute(bytes, given, (uint32_t)(number - 1));
        else
            get_field(bytes, given, number - 1);
        last = number;
    }
}
