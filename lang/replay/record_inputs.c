/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/replay/record_inputs.h"

#include "base/arena.h"
#include "base/time.h"
#include "dvara/limits.h"
#include "dvara/record.h"
#include "vm/attribute.h"

/* ---- members ---- */

void reader_refuse(struct record_reader *reader, struct dvara_str name, const char *wanted)
{
    if (reader->error.p)
        return;
    reader->error = arena_printf(reader->arena, "`%.*s` is not %s", DVARA_STR_ARG(name), wanted);
    if (!reader->error.p)
        reader->error = DVARA_STR("a member is not what it should be");
}

uint32_t reader_member(struct record_reader *reader, uint32_t object, struct dvara_str name,
                       enum json_kind kind)
{
    static const char *const words[JSON_KIND_COUNT] = {"null",  "a bool", "a number", "a text",
                                                       "a key", "a list", "an object"};
    uint32_t at = object == JSON_NONE ? JSON_NONE : json_find(reader->doc, object, name);
    if (at == JSON_NONE || json_kind(reader->doc, at) == JSON_NULL)
        return JSON_NONE;
    if (json_kind(reader->doc, at) == kind)
        return at;
    reader_refuse(reader, name, words[kind]);
    return JSON_NONE;
}

size_t reader_count(const struct record_reader *reader, uint32_t list)
{
    return list == JSON_NONE ? 0 : json_count(reader->doc, list);
}

uint32_t reader_first(const struct record_reader *reader, uint32_t list)
{
    return list == JSON_NONE ? JSON_NONE : json_first(reader->doc, list);
}

struct dvara_str reader_text(struct record_reader *reader, uint32_t object, struct dvara_str name)
{
    uint32_t at = reader_member(reader, object, name, JSON_STRING);
    return at == JSON_NONE ? (struct dvara_str){0} : json_string(reader->doc, at, reader->arena);
}

struct dvara_opt_int reader_number(struct record_reader *reader, uint32_t object,
                                   struct dvara_str name)
{
    struct dvara_opt_int number = {.has = false};
    uint32_t at = reader_member(reader, object, name, JSON_NUMBER);
    if (at == JSON_NONE)
        return number;
    number.has = json_int(reader->doc, at, &number.value) == DVARA_OK;
    if (!number.has)
        reader_refuse(reader, name, "a whole number");
    return number;
}

static struct dvara_opt_float real(struct record_reader *reader, uint32_t object,
                                   struct dvara_str name)
{
    uint32_t at = reader_member(reader, object, name, JSON_NUMBER);
    if (at == JSON_NONE)
        return (struct dvara_opt_float){.has = false};
    return (struct dvara_opt_float){true, json_double(reader->doc, at)};
}

struct dvara_strs reader_texts(struct record_reader *reader, uint32_t object, struct dvara_str name)
{
    uint32_t at, list = reader_member(reader, object, name, JSON_ARRAY);
    struct dvara_str *v = ARENA_ARRAY(reader->arena, reader_count(reader, list), struct dvara_str);
    size_t n = 0;
    for (at = reader_first(reader, list); v && at != JSON_NONE; at = json_next(reader->doc, at)) {
        if (json_kind(reader->doc, at) != JSON_STRING)
            reader_refuse(reader, name, "a list of texts");
        else
            v[n++] = json_string(reader->doc, at, reader->arena);
    }
    return (struct dvara_strs){v, v ? n : 0};
}

static struct dvara_pairs pairs(struct record_reader *reader, uint32_t object,
                                struct dvara_str name)
{
    uint32_t at, map = reader_member(reader, object, name, JSON_OBJECT);
    struct dvara_pair *v = ARENA_ARRAY(reader->arena, reader_count(reader, map), struct dvara_pair);
    size_t n = 0;
    for (at = reader_first(reader, map); v && at != JSON_NONE; at = json_next(reader->doc, at)) {
        if (json_kind(reader->doc, at + 1) != JSON_STRING)
            reader_refuse(reader, name, "texts by their names");
        else
            v[n++] = (struct dvara_pair){json_string(reader->doc, at, reader->arena),
                                         json_string(reader->doc, at + 1, reader->arena)};
    }
    return (struct dvara_pairs){v, v ? n : 0};
}

/* ---- inputs ---- */

static int64_t time_of(struct record_reader *reader, struct dvara_str name, struct dvara_str text)
{
    int64_t ns = 0;
    if (dvara_str_is_absent(text) || time_parse(text, &ns) != DVARA_OK)
        reader_refuse(reader, name, "a time");
    return ns;
}

static void read_input(struct record_reader *reader, uint32_t object, struct record *record,
                       size_t i)
{
    char *member = (char *)&record->facts + dvara_inputs[i].offset;
    struct dvara_str path = dvara_inputs[i].path;
    struct dvara_str time = record->time;
    switch (dvara_inputs[i].shape) {
    case DVARA_INPUT_TEXT:
        *(struct dvara_str *)(void *)member = reader_text(reader, object, path);
        break;
    case DVARA_INPUT_TEXTS:
        *(struct dvara_strs *)(void *)member = reader_texts(reader, object, path);
        break;
    case DVARA_INPUT_PAIRS:
        *(struct dvara_pairs *)(void *)member = pairs(reader, object, path);
        break;
    case DVARA_INPUT_NUMBER:
        *(int64_t *)(void *)member = reader_number(reader, object, path).value;
        break;
    case DVARA_INPUT_TIME:
        if (reader_member(reader, object, path, JSON_STRING) != JSON_NONE)
            time = reader_text(reader, object, path);
        *(int64_t *)(void *)member = time_of(reader, path, time);
        break;
    }
}

static void know(struct record *record, struct dvara_str path)
{
    for (uint32_t id = 0; id < DVARA_ATTR_COUNT; id++) {
        if (dvara_str_eq(dvara_str_from_cstr(attribute_place(id)->path), path))
            record->known[id] = true;
    }
}

/* Of a key that names none. */
static const struct dvara_str usual_scopes[] = {
#define SCOPE_0(name)
#define SCOPE_1(name)                     DVARA_STR_INIT(name),
#define SCOPE(id, name, by_default, what) SCOPE_##by_default(name)
#include "dvara/scopes.def"
#undef SCOPE_0
#undef SCOPE_1
};

/* What a record leaves out because it is as always (docs/operate/audit.md). */
static void fill_usual(struct record *record)
{
    struct dvara_facts *facts = &record->facts;
    if (dvara_str_is_absent(facts->tenant.name))
        facts->tenant.name = facts->tenant.id;
    if (dvara_str_is_absent(facts->key.name))
        facts->key.name = facts->key.id;
    if (dvara_str_is_absent(facts->tenant.status))
        facts->tenant.status = DVARA_STR("active");
    if (facts->key.scopes.n == 0)
        facts->key.scopes =
            (struct dvara_strs){usual_scopes, sizeof usual_scopes / sizeof *usual_scopes};
}

/* ---- what the client sent ---- */

/* The planner asks what the request needs of a model; rules do not see these stand-ins. */
static void fill_needs(struct record_reader *reader, uint32_t object, struct record *record)
{
    static const struct dvara_tool some_tool;
    struct dvara_strs needs = reader_texts(reader, object, DVARA_STR("needs"));
    struct dvara_opt_int images = reader_number(reader, object, DVARA_STR("images"));
    for (size_t i = 0; i < needs.n; i++) {
        if (dvara_str_eq(needs.v[i], DVARA_STR("tools")))
            record->facts.request.tools = (struct dvara_tools){&some_tool, 1};
        if (dvara_str_eq(needs.v[i], DVARA_STR("json_schema")))
            record->facts.request.response_format = DVARA_STR("json_schema");
    }
    if (images.value < 0 || images.value > DVARA_MAX_MESSAGES)
        reader_refuse(reader, DVARA_STR("images"), "a number of messages");
    size_t n = images.value > 0 && images.value <= DVARA_MAX_MESSAGES ? (size_t)images.value : 0;
    struct dvara_message *v = ARENA_ARRAY(reader->arena, n, struct dvara_message);
    for (size_t i = 0; v && i < n; i++)
        v[i].has_image = true;
    record->facts.request.messages = (struct dvara_messages){v, v ? n : 0};
}

/* As sent: the effective one unless a rule set it. */
static struct dvara_str sent_model(struct record_reader *reader, uint32_t object,
                                   const struct record *record)
{
    struct dvara_str said = reader_text(reader, object, DVARA_STR("request.model"));
    if (!dvara_str_is_absent(said))
        return said;
    return record->set & RECORD_SET_MODEL ? record->asked_model : record->model;
}

static void fill_sent(struct record_reader *reader, uint32_t payload, uint32_t object,
                      struct record *record)
{
    struct dvara_facts *facts = &record->facts;
    uint32_t stream = reader_member(reader, payload, DVARA_STR("stream"), JSON_BOOL);
    facts->request.stream = stream != JSON_NONE && json_is_true(reader->doc, stream);
    facts->request.asked_model = record->asked_model;
    facts->request.model = sent_model(reader, object, record);
    facts->request.max_tokens = reader_number(reader, object, DVARA_STR("request.max_tokens"));
    facts->request.n = reader_number(reader, object, DVARA_STR("request.n"));
    facts->request.temperature = real(reader, object, DVARA_STR("request.temperature"));
    facts->request.top_p = real(reader, object, DVARA_STR("request.top_p"));
    facts->request.id = record->id;
    facts->request.trace_id = reader_text(reader, 0, DVARA_STR("trace_id"));
    facts->session.id = reader_text(reader, 0, DVARA_STR("session"));
    if (!(record->set & RECORD_SET_MAX_TOKENS))
        record->max_tokens = facts->request.max_tokens;
    fill_needs(reader, object, record);
}

/* Known beside the inputs. */
static const enum dvara_attribute others[] = {
    DVARA_ATTR_REQUEST_STREAM,     DVARA_ATTR_REQUEST_MAX_TOKENS, DVARA_ATTR_REQUEST_TEMPERATURE,
    DVARA_ATTR_REQUEST_TOP_P,      DVARA_ATTR_REQUEST_N,          DVARA_ATTR_REQUEST_ID,
    DVARA_ATTR_REQUEST_TRACE_ID,   DVARA_ATTR_SESSION_ID,         DVARA_ATTR_TARGET_PROVIDER,
    DVARA_ATTR_TARGET_MODEL,       DVARA_ATTR_TARGET_REGION,      DVARA_ATTR_TARGET_ZONE,
    DVARA_ATTR_TARGET_INPUT_PRICE, DVARA_ATTR_TARGET_OUTPUT_PRICE};

void record_inputs(struct record_reader *reader, uint32_t payload, struct record *record)
{
    uint32_t object = reader_member(reader, payload, DVARA_STR("inputs"), JSON_OBJECT);
    if (object == JSON_NONE)
        return;
    record->has_inputs = true;
    for (size_t i = 0; i < DVARA_INPUT_COUNT; i++) {
        read_input(reader, object, record, i);
        know(record, dvara_inputs[i].path);
    }
    fill_usual(record);
    fill_sent(reader, payload, object, record);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        record->known[others[i]] = true;
    record->known[DVARA_ATTR_REQUEST_MODEL] =
        !(record->set & RECORD_SET_MODEL ? record->asked_model_is_cut : record->model_is_cut);
    record->known[DVARA_ATTR_REQUEST_ASKED_MODEL] = !record->asked_model_is_cut;
}
