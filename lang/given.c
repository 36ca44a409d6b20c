/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/given.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"
#include "bundle/loaded.h"
#include "lang/literal.h"
#include "lang/suggest.h"
#include "vm/attribute.h"

enum { BODY_MAX = 32 << 20, PPM = 1000000 };

static const struct dvara_str words_of[DVARA_ATTR_COUNT] = {
#define WORDS(id, words) [DVARA_ATTR_##id] = DVARA_STR_INIT(words),
#include "lang/values.def"
};

static const char *const special_paths[] = {"request.headers", "request.metadata", "request.body",
                                            "tenant.attrs", "response.stream"};

static const char *const error_kinds[] = {
#define ERROR_KIND(id, spelling, what) spelling,
#include "dvara/words.def"
};

static const char *const field_names[] = {
#define FIELD(record, id, name, type, taint, member, doc) name,
#include "dvara/records.def"
};

/* ---- merging ---- */

static const struct expr *find(const struct expr *record, struct dvara_str key)
{
    for (size_t i = 0; record && i < record->fields.n; i++) {
        if (dvara_str_eq(record->fields.v[i].key, key))
            return record->fields.v[i].value;
    }
    return NULL;
}

const struct expr *given_merge(struct arena *arena, const struct expr *under,
                               const struct expr *over)
{
    if (!under || !over)
        return over ? over : under;
    if (under->kind != EXPR_RECORD || over->kind != EXPR_RECORD)
        return over;
    struct expr *merged = ARENA_NEW(arena, struct expr);
    if (!merged)
        return over;
    *merged = *over;
    merged->fields.v = ARENA_ARRAY(arena, under->fields.n + over->fields.n, struct record_field);
    merged->fields.n = 0;
    for (size_t i = 0; merged->fields.v && i < under->fields.n; i++) {
        struct record_field field = under->fields.v[i];
        const struct expr *other = find(over, field.key);
        field.value = (struct expr *)(uintptr_t)given_merge(arena, field.value, other);
        merged->fields.v[merged->fields.n++] = field;
    }
    for (size_t i = 0; merged->fields.v && i < over->fields.n; i++) {
        if (!find(under, over->fields.v[i].key))
            merged->fields.v[merged->fields.n++] = over->fields.v[i];
    }
    return merged;
}

/* ---- values ---- */

/* The first thing that is wrong, with the code that `check` gives a test. */
static bool refuse(struct given *given, const char *code, struct dvara_str path, const char *what)
{
    if (dvara_str_is_absent(given->error))
        given->error = arena_printf(given->arena, "%s: `%.*s` %s", code, DVARA_STR_ARG(path), what);
    return false;
}

static bool refuse_unknown(struct given *given, struct dvara_str path, const char *what,
                           struct dvara_str best)
{
    refuse(given, "E0201", path, what);
    if (!dvara_str_is_absent(best))
        given->error = arena_printf(given->arena, "%.*s; did you mean `%.*s`?",
                                    DVARA_STR_ARG(given->error), DVARA_STR_ARG(best));
    return false;
}

/* One of these words, separated by spaces, or an error E0121 that lists them. */
static bool is_word_of(struct given *given, struct dvara_str path, struct dvara_str word,
                       struct dvara_str words)
{
    struct suggestion suggestion = suggest_start(word);
    for (size_t at = 0, end; at < words.n; at = end + 1) {
        for (end = at; end < words.n && words.p[end] != ' ';)
            end++;
        struct dvara_str one = dvara_str_slice(words, at, end);
        if (dvara_str_eq(one, word))
            return true;
        suggest_offer(&suggestion, one);
    }
    struct dvara_str best = suggestion.best;
    struct dvara_str what = arena_printf(given->arena, "cannot be `%.*s`; %s%.*s%s",
                                         DVARA_STR_ARG(dvara_str_slice(word, 0, 100)),
                                         best.p ? "did you mean `" : "it is one of ",
                                         DVARA_STR_ARG(best.p ? best : words), best.p ? "`?" : "");
    given->error =
        arena_printf(given->arena, "E0121: `%.*s` %.*s", DVARA_STR_ARG(path), DVARA_STR_ARG(what));
    return false;
}

/* A scalar as types.def stores it; amounts may be strings in the spelling of the language (JSON).
 */
static bool read_number(const struct expr *value, uint8_t type, int64_t *ret_i)
{
    static const uint8_t kinds[DVARA_TYPE_COUNT] = {
        [DVARA_TYPE_INT] = EXPR_INT,         [DVARA_TYPE_DURATION] = EXPR_DURATION,
        [DVARA_TYPE_SIZE] = EXPR_SIZE,       [DVARA_TYPE_MONEY] = EXPR_MONEY,
        [DVARA_TYPE_PERCENT] = EXPR_PERCENT,
    };
    static const uint8_t tokens[DVARA_TYPE_COUNT] = {
        [DVARA_TYPE_INT] = TOKEN_INT,         [DVARA_TYPE_DURATION] = TOKEN_DURATION,
        [DVARA_TYPE_SIZE] = TOKEN_SIZE,       [DVARA_TYPE_MONEY] = TOKEN_MONEY,
        [DVARA_TYPE_PERCENT] = TOKEN_PERCENT,
    };
    bool minus = value->kind == EXPR_MINUS;
    value = minus ? value->operand : value;
    if (value->kind == EXPR_STRING && type != DVARA_TYPE_INT) {
        struct dvara_str text = value->string;
        minus = text.n && text.p[0] == '-';
        text = dvara_str_slice(text, minus, text.n);
        struct number_literal number = number_read(text);
        if (number.problem || number.kind != tokens[type] || number.length != text.n)
            return false;
        *ret_i = minus ? -number.i : number.i;
        return true;
    }
    if (value->kind != kinds[type])
        return false;
    *ret_i = minus ? -value->i : value->i;
    return true;
}

static bool read_float(const struct expr *value, double *ret_f)
{
    double sign = value->kind == EXPR_MINUS ? -1 : 1;
    value = value->kind == EXPR_MINUS ? value->operand : value;
    if (value->kind != EXPR_FLOAT && value->kind != EXPR_INT)
        return false;
    *ret_f = sign * (value->kind == EXPR_INT ? (double)value->i : value->f);
    return true;
}

static bool read_strings(struct arena *arena, const struct expr *value, struct dvara_strs *ret)
{
    if (value->kind != EXPR_LIST)
        return false;
    struct dvara_str *v = ARENA_ARRAY(arena, value->items.n, struct dvara_str);
    for (size_t i = 0; i < value->items.n; i++) {
        if (!v || value->items.v[i]->kind != EXPR_STRING)
            return false;
        v[i] = value->items.v[i]->string;
    }
    *ret = (struct dvara_strs){v, value->items.n};
    return true;
}

static bool read_pairs(struct arena *arena, const struct expr *value, bool lower,
                       struct dvara_pairs *ret)
{
    if (value->kind != EXPR_RECORD)
        return false;
    struct dvara_pair *v = ARENA_ARRAY(arena, value->fields.n, struct dvara_pair);
    for (size_t i = 0; i < value->fields.n; i++) {
        const struct record_field *field = &value->fields.v[i];
        struct dvara_str name = arena_copy(arena, field->key);
        if (!v || field->value->kind != EXPR_STRING || dvara_str_is_absent(name))
            return false;
        char *p = (char *)(uintptr_t)name.p; /* our own copy */
        for (size_t k = 0; lower && k < name.n; k++)
            p[k] = (char)(p[k] >= 'A' && p[k] <= 'Z' ? p[k] | 0x20 : p[k]);
        v[i] = (struct dvara_pair){name, field->value->string};
    }
    *ret = (struct dvara_pairs){v, value->fields.n};
    return true;
}

static bool read_record(const struct expr *value, uint8_t type, char *place)
{
    if (value->kind != EXPR_RECORD)
        return false;
    for (size_t i = 0; i < value->fields.n; i++) {
        struct dvara_str key = value->fields.v[i].key;
        const struct expr *field = value->fields.v[i].value;
        bool found = false;
        for (uint32_t f = 0; f < DVARA_FIELD_COUNT && !found; f++) {
            const struct field_place *row = field_place(f);
            if (row->record != type || !dvara_str_eq(dvara_str_from_cstr(field_names[f]), key))
                continue;
            found = true;
            if (row->type == DVARA_TYPE_BOOL && field->kind == EXPR_BOOL)
                *(bool *)(void *)(place + row->offset) = field->boolean;
            else if (row->type == DVARA_TYPE_STRING && field->kind == EXPR_STRING)
                *(struct dvara_str *)(void *)(place + row->offset) = field->string;
            else
                return false;
        }
        if (!found)
            return false;
    }
    return true;
}

static bool read_records(struct arena *arena, const struct expr *value, uint8_t type,
                         struct dvara_strs *ret)
{
    size_t size =
        type == DVARA_TYPE_MESSAGE ? sizeof(struct dvara_message) : sizeof(struct dvara_tool);
    if (value->kind != EXPR_LIST)
        return false;
    char *v = arena_array(arena, value->items.n, size);
    for (size_t i = 0; i < value->items.n; i++) {
        if (!v || !read_record(value->items.v[i], type, v + i * size))
            return false;
    }
    *ret = (struct dvara_strs){(const void *)v, value->items.n};
    return true;
}

/* ---- attributes ---- */

static bool set_optional(const struct attribute_place *row, const struct expr *value, void *place)
{
    if (row->type == DVARA_TYPE_STRING) {
        *(struct dvara_str *)place = value->string;
        return value->kind == EXPR_STRING;
    }
    if (row->type == DVARA_TYPE_FLOAT) {
        struct dvara_opt_float *f = place;
        f->has = true;
        return read_float(value, &f->value);
    }
    struct dvara_opt_int *i = place;
    i->has = true;
    return read_number(value, row->type, &i->value);
}

static bool set_one(const struct attribute_place *row, const struct expr *value, void *place)
{
    if (row->type == DVARA_TYPE_STRING) {
        if (value->kind == EXPR_STRING)
            *(struct dvara_str *)place = value->string;
        return value->kind == EXPR_STRING;
    }
    if (row->type == DVARA_TYPE_BOOL) {
        *(bool *)place = value->boolean;
        return value->kind == EXPR_BOOL;
    }
    return read_number(value, row->type, place);
}

/* The attribute of that path that stands as it is in the facts. */
static bool set_attribute(struct given *given, struct dvara_str path, const struct expr *value,
                          bool *ret_good)
{
    for (uint32_t id = 0; id < DVARA_ATTR_COUNT; id++) {
        const struct attribute_place *row = attribute_place(id);
        if (row->arg != DVARA_ARG_NONE || id == DVARA_ATTR_REQUEST_TEXT ||
            id == DVARA_ATTR_REQUEST_TIME || !dvara_str_eq(path, dvara_str_from_cstr(row->path)))
            continue;
        char *place = (char *)&given->facts + row->offset;
        if (row->shape == DVARA_SHAPE_LIST && row->type == DVARA_TYPE_STRING)
            *ret_good = read_strings(given->arena, value, (struct dvara_strs *)(void *)place);
        else if (row->shape == DVARA_SHAPE_LIST)
            *ret_good =
                read_records(given->arena, value, row->type, (struct dvara_strs *)(void *)place);
        else if (row->shape == DVARA_SHAPE_OPT)
            *ret_good = set_optional(row, value, place);
        else
            *ret_good = set_one(row, value, place);
        return true;
    }
    return false;
}

static bool set_body(struct given *given, const struct expr *value)
{
    struct buf text;
    struct json_doc *doc = ARENA_NEW(given->arena, struct json_doc);
    buf_init(&text, BODY_MAX);
    given_to_json(value, &text);
    struct dvara_str copy = arena_copy(given->arena, buf_str(&text));
    bool good = value->kind == EXPR_RECORD && doc && !buf_failed(&text) &&
                json_parse(copy, 0, given->arena, doc, NULL) == DVARA_OK;
    buf_clear(&text);
    if (good)
        given->facts.request.body = doc;
    return good;
}

/* Keys of sections that are no attributes. */
static bool set_special(struct given *given, struct dvara_str path, const struct expr *value,
                        bool *ret_good)
{
    struct dvara_facts *facts = &given->facts;
    if (dvara_str_eq(path, DVARA_STR("request.headers")))
        *ret_good = read_pairs(given->arena, value, true, &facts->request.headers);
    else if (dvara_str_eq(path, DVARA_STR("request.metadata")))
        *ret_good = read_pairs(given->arena, value, false, &facts->request.metadata);
    else if (dvara_str_eq(path, DVARA_STR("tenant.attrs")))
        *ret_good = read_pairs(given->arena, value, false, &facts->tenant.attrs);
    else if (dvara_str_eq(path, DVARA_STR("request.body")))
        *ret_good = set_body(given, value);
    else if (dvara_str_eq(path, DVARA_STR("response.stream")))
        *ret_good = given->has_stream = read_strings(given->arena, value, &given->stream);
    else
        return false;
    return true;
}

/* The key of the section that is nearest to what was written. */
static struct dvara_str nearest_key(struct dvara_str section, struct dvara_str path)
{
    struct suggestion suggestion = suggest_start(path);
    for (uint32_t id = 0; id < DVARA_ATTR_COUNT; id++) {
        struct dvara_str own = dvara_str_from_cstr(attribute_place(id)->path);
        if (attribute_place(id)->arg == DVARA_ARG_NONE && id != DVARA_ATTR_REQUEST_TEXT &&
            id != DVARA_ATTR_REQUEST_TIME && dvara_str_starts_with(own, section) &&
            own.n > section.n && own.p[section.n] == '.')
            suggest_offer(&suggestion, own);
    }
    for (size_t i = 0; i < sizeof special_paths / sizeof *special_paths; i++) {
        struct dvara_str own = dvara_str_from_cstr(special_paths[i]);
        if (dvara_str_starts_with(own, section))
            suggest_offer(&suggestion, own);
    }
    return suggestion.best.p ? dvara_str_slice(suggestion.best, section.n + 1, suggestion.best.n)
                             : (struct dvara_str){0};
}

static bool read_section(struct given *given, struct dvara_str name, const struct expr *section)
{
    if (section->kind != EXPR_RECORD)
        return refuse(given, "E0203", name, "must be a record");
    for (size_t i = 0; i < section->fields.n; i++) {
        const struct record_field *field = &section->fields.v[i];
        struct dvara_str path = arena_printf(given->arena, "%.*s.%.*s", DVARA_STR_ARG(name),
                                             DVARA_STR_ARG(dvara_str_slice(field->key, 0, 200)));
        bool good = true;
        if (!set_special(given, path, field->value, &good) &&
            !set_attribute(given, path, field->value, &good))
            return refuse_unknown(given, path, "is not a key of `given`", nearest_key(name, path));
        if (!good)
            return refuse(given, "E0203", path, "has a value of the wrong type");
        if (dvara_str_eq(path, DVARA_STR("request.endpoint")) &&
            !is_word_of(given, path, field->value->string, words_of[DVARA_ATTR_REQUEST_ENDPOINT]))
            return false;
    }
    return true;
}

/* ---- top-level keys ---- */

static bool read_lists(struct given *given, const struct expr *value)
{
    if (value->kind != EXPR_RECORD)
        return false;
    struct dvara_list_state *v =
        ARENA_ARRAY(given->arena, value->fields.n, struct dvara_list_state);
    for (size_t i = 0; v && i < value->fields.n; i++) {
        v[i].name = value->fields.v[i].key;
        if (!read_strings(given->arena, value->fields.v[i].value, &v[i].values))
            return false;
    }
    given->facts.lists = v;
    given->facts.n_lists = v ? value->fields.n : 0;
    return v != NULL;
}

/* Beside `healthy`: rows of a target's state. */
static const struct {
    const char *key;
    uint8_t type;
    size_t place;
} target_keys[] = {
    {"latency_p50", DVARA_TYPE_DURATION, offsetof(struct dvara_target_state, latency_p50)},
    {"uptime", DVARA_TYPE_PERCENT, offsetof(struct dvara_target_state, uptime)},
    {"throughput", DVARA_TYPE_INT, offsetof(struct dvara_target_state, throughput)},
    {"in_flight", DVARA_TYPE_INT, offsetof(struct dvara_target_state, in_flight)},
};

static bool read_target_key(struct dvara_str key, const struct expr *value,
                            struct dvara_target_state *state)
{
    if (dvara_str_eq(key, DVARA_STR("healthy"))) {
        state->healthy = value->boolean;
        return value->kind == EXPR_BOOL;
    }
    for (size_t i = 0; i < sizeof target_keys / sizeof *target_keys; i++) {
        int64_t *place = (int64_t *)(void *)((char *)state + target_keys[i].place);
        if (dvara_str_eq(key, dvara_str_from_cstr(target_keys[i].key)))
            return read_number(value, target_keys[i].type, place) && *place >= 0;
    }
    return false;
}

static bool read_target(const struct expr *record, struct given_target *target)
{
    for (size_t i = 0; i < record->fields.n; i++) {
        if (!read_target_key(record->fields.v[i].key, record->fields.v[i].value, &target->state))
            return false;
    }
    target->state.first_byte = target->state.latency_p50;
    return true;
}

static bool read_targets(struct given *given, const struct expr *value)
{
    if (value->kind != EXPR_RECORD)
        return false;
    given->targets = ARENA_ARRAY(given->arena, value->fields.n, struct given_target);
    for (size_t i = 0; given->targets && i < value->fields.n; i++) {
        struct given_target *target = &given->targets[given->n_targets++];
        *target = (struct given_target){.name = value->fields.v[i].key,
                                        .state = {.healthy = true, .uptime = PPM}};
        if (value->fields.v[i].value->kind != EXPR_RECORD ||
            !read_target(value->fields.v[i].value, target))
            return false;
    }
    return given->targets != NULL;
}

static bool read_faults(struct given *given, const struct expr *value)
{
    struct dvara_strs words;
    if (!read_strings(given->arena, value, &words))
        return false;
    for (size_t i = 0; i < words.n; i++) {
        uint32_t kind = 1;
        while (kind < DVARA_ERROR_COUNT &&
               !dvara_str_eq(words.v[i], dvara_str_from_cstr(error_kinds[kind])))
            kind++;
        if (kind == DVARA_ERROR_COUNT)
            return is_word_of(
                given, DVARA_STR("faults"), words.v[i],
                DVARA_STR("scan candidates steps store address json list arithmetic"));
        given->facts.faults |= 1u << kind;
    }
    return true;
}

/* What is left unsaid is GIVEN_UNSAID: given_finish knows the amounts. */
static bool read_budget(const struct expr *record, struct dvara_budget_state *budget)
{
    for (size_t i = 0; i < record->fields.n; i++) {
        struct dvara_str key = record->fields.v[i].key;
        const struct expr *value = record->fields.v[i].value;
        bool used = dvara_str_eq(key, DVARA_STR("used"));
        if (!used && !dvara_str_eq(key, DVARA_STR("left")))
            return false;
        if (!(used ? read_number(value, DVARA_TYPE_PERCENT, &budget->used_ppm)
                   : read_number(value, DVARA_TYPE_MONEY, &budget->left_microusd)))
            return false;
    }
    return true;
}

static bool read_budgets(struct given *given, const struct expr *value)
{
    if (value->kind != EXPR_RECORD)
        return false;
    struct dvara_budget_state *v =
        ARENA_ARRAY(given->arena, value->fields.n, struct dvara_budget_state);
    for (size_t i = 0; v && i < value->fields.n; i++) {
        v[i] = (struct dvara_budget_state){value->fields.v[i].key, GIVEN_UNSAID, GIVEN_UNSAID};
        if (value->fields.v[i].value->kind != EXPR_RECORD ||
            !read_budget(value->fields.v[i].value, &v[i]))
            return false;
    }
    given->facts.budgets = v;
    given->facts.n_budgets = v ? value->fields.n : 0;
    return v != NULL;
}

static bool read_time(struct given *given, const struct expr *value)
{
    return value->kind == EXPR_STRING &&
           time_parse(value->string, &given->facts.request.time) == DVARA_OK;
}

struct top {
    const char *key;
    bool (*read)(struct given *given, const struct expr *value);
};

static const struct top tops[] = {
    {"lists", read_lists},    {"targets", read_targets}, {"faults", read_faults},
    {"budget", read_budgets}, {"time", read_time},
};

static const char *const sections[] = {"request", "tenant", "key", "session", "tool", "response"};

static bool read_top(struct given *given, const struct record_field *field)
{
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (!dvara_str_eq(field->key, dvara_str_from_cstr(sections[i])))
            continue;
        given->has_tool = given->has_tool || i == 4;
        given->has_response = given->has_response || i == 5;
        return read_section(given, field->key, field->value);
    }
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        if (dvara_str_eq(field->key, dvara_str_from_cstr(tops[i].key)))
            return tops[i].read(given, field->value) ||
                   refuse(given, "E0203", field->key, "has a value of the wrong shape");
    }
    struct suggestion suggestion = suggest_start(field->key);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        suggest_offer(&suggestion, dvara_str_from_cstr(sections[i]));
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        suggest_offer(&suggestion, dvara_str_from_cstr(tops[i].key));
    return refuse_unknown(given, dvara_str_slice(field->key, 0, 200), "is not a key of `given`",
                          suggestion.best);
}

/* ---- the whole ---- */

bool given_fill(struct arena *arena, const struct expr *record, struct given *ret_given)
{
    struct given *given = ret_given;
    given_start(arena, given);
    if (record && record->kind != EXPR_RECORD)
        return refuse(given, "E0203", DVARA_STR("given"), "must be a record");
    for (size_t i = 0; record && i < record->fields.n; i++) {
        if (!read_top(given, &record->fields.v[i]))
            return false;
    }
    return !arena_is_exhausted(arena);
}

/* Lists are the bundle's; a test's are looked up by `check`. */
static bool are_declared(struct given *given, const struct dvara_bundle *bundle)
{
    const struct bundle_tables *t = &bundle->program.tables;
    for (size_t i = 0; i < given->facts.n_lists; i++) {
        struct dvara_str name = given->facts.lists[i].name;
        struct suggestion suggestion = suggest_start(name);
        bool known = false;
        for (uint32_t k = 0; k < t->n_runtimes && !known; k++) {
            known = dvara_str_eq(bundle_text(bundle, t->runtimes[k].name), name);
            suggest_offer(&suggestion, bundle_text(bundle, t->runtimes[k].name));
        }
        if (!known)
            return refuse_unknown(given, name, "is no runtime list of the bundle", suggestion.best);
    }
    return true;
}

static bool are_targets(struct given *given)
{
    for (size_t i = 0; i < given->n_targets; i++) {
        struct dvara_str name = given->targets[i].name;
        const char *slash = name.n ? memchr(name.p, '/', name.n) : NULL;
        struct dvara_str provider = dvara_str_slice(name, 0, slash ? (size_t)(slash - name.p) : 0);
        struct suggestion suggestion = suggest_start(provider);
        bool known = false;
        if (!slash)
            return refuse(given, "E0203", name, "is no target: write `provider/model`");
        for (size_t k = 0; k < given->providers.n && !known; k++) {
            known = dvara_str_eq(given->providers.v[k], provider);
            suggest_offer(&suggestion, given->providers.v[k]);
        }
        if (!known)
            return refuse_unknown(given, name, "is a target of a provider that is not declared",
                                  suggestion.best);
    }
    return true;
}

bool given_read(struct arena *arena, const struct dvara_bundle *bundle, const struct expr *record,
                struct given *ret_given)
{
    const struct expr *answer;
    if (!given_fill(arena, record, ret_given))
        return false;
    answer = find(record, DVARA_STR("response"));
    if (answer && find(answer, DVARA_STR("text")) && find(answer, DVARA_STR("stream")))
        return refuse(ret_given, "E0203", DVARA_STR("response"),
                      "has `text` or `stream`, not both");
    return are_declared(ret_given, bundle) && given_finish(ret_given, bundle) &&
           are_targets(ret_given);
}
