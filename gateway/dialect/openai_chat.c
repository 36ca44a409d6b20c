/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/dialect/openai_chat.h"

#include "base/arena.h"
#include "dvara/limits.h"
#include "gateway/dialect/openai_chat_shape.h"

#include <string.h>

struct reading {
    const struct json_doc *doc;
    struct arena *arena;
    struct chat_request *request;
    struct chat_refusal *refusal;
    uint32_t body[SHAPE_FIELDS_MAX]; /* the root's values by field */
};

static enum dvara_status refuse(struct reading *r, struct dvara_str code, struct dvara_str param,
                                struct dvara_str message)
{
    *r->refusal = (struct chat_refusal){.code = code, .param = param, .message = message};
    return DVARA_INVALID;
}

struct chat_refusal chat_refusal_of_json(const struct json_error *error, enum dvara_status status,
                                         struct arena *arena)
{
    if (status == DVARA_TOO_LARGE)
        return (struct chat_refusal){
            .code = DVARA_STR("too_many_items"),
            .message = DVARA_STR("The body holds more values than the gateway reads. Send fewer.")};
    const char *at_cstr = error->pointer[0] ? error->pointer : "the top";
    return (struct chat_refusal){
        .code = DVARA_STR("invalid_json"),
        .message = arena_printf(arena, "The body is not valid I-JSON: %s (byte %zu, at %s).",
                                error->reason, error->offset, at_cstr)};
}

/* ---- scalars ---- */

static struct dvara_str text_at(struct reading *r, uint32_t node)
{
    return node == JSON_NONE || json_kind(r->doc, node) != JSON_STRING
               ? (struct dvara_str){0}
               : json_string(r->doc, node, r->arena);
}

static bool bool_at(const struct json_doc *doc, uint32_t node)
{
    return node != JSON_NONE && json_is_true(doc, node);
}

static struct dvara_opt_int int_at(const struct json_doc *doc, uint32_t node)
{
    struct dvara_opt_int value = {0};
    value.has = node != JSON_NONE && json_int(doc, node, &value.value) == DVARA_OK;
    return value;
}

static struct dvara_opt_float float_at(const struct json_doc *doc, uint32_t node)
{
    bool has = node != JSON_NONE && json_kind(doc, node) == JSON_NUMBER;
    return (struct dvara_opt_float){.has = has, .value = has ? json_double(doc, node) : 0};
}

/* A bound given twice holds as the smaller. */
static struct dvara_opt_int smaller(struct dvara_opt_int a, struct dvara_opt_int b)
{
    if (!a.has || !b.has)
        return a.has ? a : b;
    return a.value < b.value ? a : b;
}

static void read_scalars(struct reading *r)
{
    const struct json_doc *doc = r->doc;
    struct chat_request *q = r->request;
    const uint32_t *body = r->body;
    uint32_t options[SHAPE_FIELDS_MAX];
    q->model_node = body[OPENAI_CHAT_F_MODEL];
    q->max_tokens_node = body[OPENAI_CHAT_F_MAX_TOKENS];
    q->max_completion_tokens_node = body[OPENAI_CHAT_F_MAX_COMPLETION_TOKENS];
    q->temperature_node = body[OPENAI_CHAT_F_TEMPERATURE];
    q->user_node = body[OPENAI_CHAT_F_USER];
    q->stream_options_node = body[OPENAI_CHAT_F_STREAM_OPTIONS];
    q->store_node = body[OPENAI_CHAT_F_STORE];
    shape_read(&openai_chat_shape, OPENAI_CHAT_STREAM_OPTIONS, doc, q->stream_options_node,
               options);
    q->include_usage_node = options[OPENAI_CHAT_F_INCLUDE_USAGE];

    q->model = text_at(r, q->model_node);
    q->stream = bool_at(doc, body[OPENAI_CHAT_F_STREAM]);
    q->include_usage = bool_at(doc, q->include_usage_node);
    q->max_tokens =
        smaller(int_at(doc, q->max_tokens_node), int_at(doc, q->max_completion_tokens_node));
    q->n = int_at(doc, body[OPENAI_CHAT_F_N]);
    q->temperature = float_at(doc, q->temperature_node);
    q->top_p = float_at(doc, body[OPENAI_CHAT_F_TOP_P]);
    q->user = text_at(r, q->user_node);
}

/* ---- choices made by name ---- */

static struct dvara_str named(struct reading *r, uint32_t object)
{
    return text_at(r, json_find(r->doc, object, DVARA_STR("name")));
}

/* A string as it stands; an object by the tool it names, else by its type. */
static struct dvara_str tool_choice(struct reading *r, uint32_t node)
{
    if (node == JSON_NONE || json_kind(r->doc, node) == JSON_STRING)
        return text_at(r, node);
    uint32_t fields[SHAPE_FIELDS_MAX];
    shape_read(&openai_chat_shape, OPENAI_CHAT_TOOL_CHOICE, r->doc, node, fields);
    if (fields[OPENAI_CHAT_F_CHOICE_FUNCTION] != JSON_NONE)
        return named(r, fields[OPENAI_CHAT_F_CHOICE_FUNCTION]);
    if (fields[OPENAI_CHAT_F_CHOICE_CUSTOM] != JSON_NONE)
        return named(r, fields[OPENAI_CHAT_F_CHOICE_CUSTOM]);
    struct dvara_str name = named(r, node); /* the older function_call */
    return dvara_str_is_absent(name) ? text_at(r, fields[OPENAI_CHAT_F_CHOICE_TYPE]) : name;
}

static void read_choices(struct reading *r)
{
    uint32_t choice = r->body[OPENAI_CHAT_F_TOOL_CHOICE];
    uint32_t format = r->body[OPENAI_CHAT_F_RESPONSE_FORMAT];
    if (choice == JSON_NONE)
        choice = r->body[OPENAI_CHAT_F_FUNCTION_CHOICE];
    r->request->tool_choice = tool_choice(r, choice);
    if (format != JSON_NONE)
        r->request->response_format = text_at(r, json_find(r->doc, format, DVARA_STR("type")));
}

static enum dvara_status read_metadata(struct reading *r)
{
    uint32_t node = r->body[OPENAI_CHAT_F_METADATA];
    size_t count = node == JSON_NONE ? 0 : json_count(r->doc, node);
    if (count == 0)
        return DVARA_OK;
    struct dvara_pair *pairs = ARENA_ARRAY(r->arena, count, struct dvara_pair);
    if (!pairs)
        return DVARA_NO_MEMORY;
    size_t n = 0;
    for (uint32_t key = json_first(r->doc, node); key != JSON_NONE; key = json_next(r->doc, key)) {
        struct dvara_str value = text_at(r, key + 1);
        if (json_kind(r->doc, key + 1) != JSON_STRING)
            value = json_raw(r->doc, key + 1);
        pairs[n++] =
            (struct dvara_pair){.name = json_string(r->doc, key, r->arena), .value = value};
    }
    r->request->metadata = (struct dvara_pairs){.v = pairs, .n = n};
    return DVARA_OK;
}

/* ---- tools ---- */

static const struct {
    const char *prefix;
    uint32_t features;
} server_tools[] = {
    {"mcp", 1u << CHAT_FEATURE_MCP_SERVER},
    {"web_search", 1u << CHAT_FEATURE_WEB_SEARCH | 1u << CHAT_FEATURE_SERVER_TOOL},
    {"file_search", 1u << CHAT_FEATURE_VECTOR_STORE | 1u << CHAT_FEATURE_SERVER_TOOL},
    {"code_interpreter", 1u << CHAT_FEATURE_CONTAINER | 1u << CHAT_FEATURE_SERVER_TOOL},
    {"", 1u << CHAT_FEATURE_SERVER_TOOL},
};

static uint32_t tool_features(struct dvara_str type)
{
    if (dvara_str_is_absent(type) || dvara_str_eq(type, DVARA_STR("function")) ||
        dvara_str_eq(type, DVARA_STR("custom")))
        return 0;
    size_t i = 0;
    while (!dvara_str_starts_with(type, dvara_str_from_cstr(server_tools[i].prefix)))
        i++; /* the last row takes all */
    return server_tools[i].features;
}

static struct dvara_tool read_tool(struct reading *r, uint32_t object)
{
    uint32_t fields[SHAPE_FIELDS_MAX];
    shape_read(&openai_chat_shape, OPENAI_CHAT_TOOL, r->doc, object, fields);
    struct dvara_str type = text_at(r, fields[OPENAI_CHAT_F_TOOL_TYPE]);
    r->request->feature_set |= tool_features(type);
    uint32_t inner = fields[OPENAI_CHAT_F_TOOL_FUNCTION];
    if (inner == JSON_NONE)
        inner = fields[OPENAI_CHAT_F_TOOL_CUSTOM];
    if (inner == JSON_NONE)
        inner = object; /* the older `functions`, and server tools */
    struct dvara_tool tool = {.name = named(r, inner),
                              .description =
                                  text_at(r, json_find(r->doc, inner, DVARA_STR("description")))};
    if (dvara_str_is_absent(tool.name))
        tool.name = dvara_str_is_absent(type) ? DVARA_STR("") : type;
    if (dvara_str_is_absent(tool.description))
        tool.description = DVARA_STR("");
    return tool;
}

static size_t count_of(const struct json_doc *doc, uint32_t node)
{
    return node == JSON_NONE ? 0 : json_count(doc, node);
}

static enum dvara_status read_tools(struct reading *r)
{
    const uint32_t lists[] = {r->body[OPENAI_CHAT_F_TOOLS], r->body[OPENAI_CHAT_F_FUNCTIONS]};
    size_t count = count_of(r->doc, lists[0]) + count_of(r->doc, lists[1]);
    if (count == 0)
        return DVARA_OK;
    struct dvara_tool *tools = ARENA_ARRAY(r->arena, count, struct dvara_tool);
    if (!tools)
        return DVARA_NO_MEMORY;
    size_t n = 0;
    for (size_t k = 0; k < 2; k++)
        for (uint32_t i = lists[k] == JSON_NONE ? JSON_NONE : json_first(r->doc, lists[k]);
             i != JSON_NONE; i = json_next(r->doc, i))
            tools[n++] = read_tool(r, i);
    r->request->tools = (struct dvara_tools){.v = tools, .n = n};
    return DVARA_OK;
}

/* ---- messages ---- */

/* Joins slices by LF; one alone is borrowed. */
struct joiner {
    struct dvara_str *parts;
    size_t n;
    size_t bytes;
};

static struct dvara_str join(const struct joiner *joiner, struct arena *arena)
{
    if (joiner->n == 0)
        return DVARA_STR("");
    if (joiner->n == 1)
        return joiner->parts[0];
    char *p = arena_alloc(arena, joiner->bytes + joiner->n);
    if (!p)
        return (struct dvara_str){0};
    size_t n = 0;
    for (size_t i = 0; i < joiner->n; i++) {
        if (i)
            p[n++] = '\n';
        memcpy(p + n, joiner->parts[i].p, joiner->parts[i].n);
        n += joiner->parts[i].n;
    }
    return dvara_str_from(p, n);
}

static void join_add(struct joiner *joiner, struct dvara_str part)
{
    joiner->parts[joiner->n++] = part;
    joiner->bytes += part.n;
}

enum role_class { ROLE_UNKNOWN, ROLE_SYSTEM, ROLE_SPEAKER, ROLE_ASSISTANT };

static enum role_class classify_role(struct dvara_str role)
{
    static const struct {
        const char *name;
        enum role_class class;
    } rows[] = {{"user", ROLE_SPEAKER}, {"assistant", ROLE_ASSISTANT}, {"system", ROLE_SYSTEM},
                {"tool", ROLE_SPEAKER}, {"developer", ROLE_SYSTEM},    {"function", ROLE_SPEAKER}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (dvara_str_eq(role, dvara_str_from_cstr(rows[i].name)))
            return rows[i].class;
    return ROLE_UNKNOWN;
}

/* What a message's parts are besides text; parts of kinds we do not know are opaque. */
static bool look_at_parts(struct reading *r, uint32_t content)
{
    static const struct dvara_str readable[] = {
        {"text", 4}, {"refusal", 7}, {"input_audio", 11}, {"file", 4}, {"image_url", 9}};
    bool has_image = false;
    if (content == JSON_NONE || json_kind(r->doc, content) != JSON_ARRAY)
        return false;
    for (uint32_t i = json_first(r->doc, content); i != JSON_NONE; i = json_next(r->doc, i)) {
        uint32_t type = json_find(r->doc, i, DVARA_STR("type"));
        bool known = false;
        for (size_t k = 0; k < sizeof readable / sizeof *readable; k++)
            known |= json_string_eq(r->doc, type, readable[k]);
        has_image |= json_string_eq(r->doc, type, DVARA_STR("image_url"));
        if (!known || json_string_eq(r->doc, type, DVARA_STR("file")))
            r->request->opaque_set |= 1u << CHAT_OPAQUE_FILE;
    }
    return has_image;
}

struct message_cursor {
    size_t leaf; /* leaves before it belong to earlier messages */
    struct joiner spoken, system;
    struct dvara_str *scratch; /* parts of one message: as many as leaves */
};

/* The message's content leaves, joined; marks them when the message speaks. */
static struct dvara_str message_text(struct reading *r, struct message_cursor *cursor,
                                     uint32_t object, bool speaks)
{
    struct chat_leaves *leaves = &r->request->leaves;
    struct joiner parts = {.parts = cursor->scratch};
    uint32_t end = r->doc->nodes[object].next;
    for (; cursor->leaf < leaves->n; cursor->leaf++) {
        const struct chat_place *place = &leaves->places[cursor->leaf];
        struct dvara_leaf *leaf = &leaves->v[cursor->leaf];
        uint32_t node =
            place->nested == CHAT_OUTER ? place->node : leaves->nested[place->nested].node;
        if (node >= end)
            break;
        if (node < object || place->channel != CHAT_CHANNEL_CONTENT || leaf->fixed)
            continue;
        leaf->in_request_text = speaks;
        join_add(&parts, leaf->text);
    }
    return join(&parts, r->arena);
}

static enum dvara_status read_message(struct reading *r, struct message_cursor *cursor,
                                      uint32_t object, struct dvara_message *message)
{
    uint32_t fields[SHAPE_FIELDS_MAX];
    shape_read(&openai_chat_shape, OPENAI_CHAT_MESSAGE, r->doc, object, fields);
    message->role = text_at(r, fields[OPENAI_CHAT_F_ROLE]);
    enum role_class class = classify_role(message->role);
    if (class == ROLE_UNKNOWN)
        return refuse(r, DVARA_STR("invalid_parameter"),
                      shape_param(r->doc, fields[OPENAI_CHAT_F_ROLE], r->arena),
                      DVARA_STR("The role must be system, developer, user, assistant or tool."));
    message->has_image = look_at_parts(r, fields[OPENAI_CHAT_F_CONTENT]);
    message->text = message_text(r, cursor, object, class == ROLE_SPEAKER);
    if (dvara_str_is_absent(message->text))
        return DVARA_NO_MEMORY;
    if (class == ROLE_SPEAKER)
        join_add(&cursor->spoken, message->text);
    if (class == ROLE_SYSTEM)
        join_add(&cursor->system, message->text);
    return DVARA_OK;
}

static enum dvara_status read_messages(struct reading *r)
{
    uint32_t list = r->body[OPENAI_CHAT_F_MESSAGES];
    size_t count = json_count(r->doc, list);
    if (count == 0)
        return refuse(r, DVARA_STR("invalid_parameter"), DVARA_STR("messages"),
                      DVARA_STR("There must be at least one message."));
    struct dvara_message *messages = ARENA_ARRAY(r->arena, count, struct dvara_message);
    struct message_cursor cursor = {
        .spoken.parts = ARENA_ARRAY(r->arena, count, struct dvara_str),
        .system.parts = ARENA_ARRAY(r->arena, count, struct dvara_str),
        .scratch = ARENA_ARRAY(r->arena, r->request->leaves.n + 1, struct dvara_str)};
    if (arena_is_exhausted(r->arena))
        return DVARA_NO_MEMORY;
    size_t n = 0;
    for (uint32_t i = json_first(r->doc, list); i != JSON_NONE; i = json_next(r->doc, i)) {
        enum dvara_status status = read_message(r, &cursor, i, &messages[n++]);
        if (status != DVARA_OK)
            return status;
    }
    r->request->messages = (struct dvara_messages){.v = messages, .n = n};
    r->request->text = join(&cursor.spoken, r->arena);
    if (cursor.system.n)
        r->request->system = join(&cursor.system, r->arena);
    return DVARA_OK;
}

/* ---- the whole ---- */

/* Before anything grows with them. */
static enum dvara_status check_counts(struct reading *r)
{
    static const struct {
        const char *name;
        unsigned field;
        uint32_t most;
    } rows[] = {{"messages", OPENAI_CHAT_F_MESSAGES, DVARA_MAX_MESSAGES},
                {"tools", OPENAI_CHAT_F_TOOLS, DVARA_MAX_TOOLS},
                {"functions", OPENAI_CHAT_F_FUNCTIONS, DVARA_MAX_TOOLS}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t node = r->body[rows[i].field];
        if (node != JSON_NONE && json_kind(r->doc, node) == JSON_ARRAY &&
            json_count(r->doc, node) > rows[i].most)
            return refuse(r, DVARA_STR("too_many_items"), dvara_str_from_cstr(rows[i].name),
                          arena_printf(r->arena, "At most %u %s are read in one request.",
                                       rows[i].most, rows[i].name));
    }
    return DVARA_OK;
}

static enum dvara_status check_root(struct reading *r)
{
    if (json_kind(r->doc, 0) != JSON_OBJECT)
        return refuse(r, DVARA_STR("invalid_json"), (struct dvara_str){0},
                      DVARA_STR("The body must be a JSON object."));
    uint32_t clash = shape_case_clash(&openai_chat_shape, OPENAI_CHAT_BODY, r->doc);
    if (clash != JSON_NONE)
        return refuse(
            r, DVARA_STR("invalid_json"), shape_param(r->doc, clash, r->arena),
            arena_printf(r->arena,
                         "A key differs from a known one only in case (byte %u): parameter "
                         "names are lower case.",
                         r->doc->nodes[clash].start));
    shape_read(&openai_chat_shape, OPENAI_CHAT_BODY, r->doc, 0, r->body);
    return check_counts(r);
}

static enum dvara_status read_leaves(struct reading *r)
{
    struct shape_walk walk = {.shape = &openai_chat_shape,
                              .doc = r->doc,
                              .arena = r->arena,
                              .arguments = SHAPE_ARGUMENTS_MUST_PARSE,
                              .leaves = &r->request->leaves};
    enum dvara_status status = shape_walk(&walk, OPENAI_CHAT_BODY);
    if (status != DVARA_OK)
        *r->refusal = walk.refusal;
    r->request->feature_set = walk.feature_set;
    r->request->opaque_set = walk.opaque_set;
    return status;
}

enum dvara_status openai_chat_request(const struct json_doc *doc, struct arena *arena,
                                      struct chat_request *ret_request,
                                      struct chat_refusal *ret_refusal)
{
    *ret_request = (struct chat_request){.doc = doc};
    *ret_refusal = (struct chat_refusal){0};
    struct reading r = {.doc = doc, .arena = arena, .request = ret_request, .refusal = ret_refusal};
    enum dvara_status status = check_root(&r);
    if (status == DVARA_OK)
        status = read_leaves(&r);
    if (status == DVARA_OK) {
        read_scalars(&r);
        read_choices(&r);
        status = read_metadata(&r);
    }
    if (status == DVARA_OK)
        status = read_tools(&r);
    if (status == DVARA_OK)
        status = read_messages(&r);
    if (status == DVARA_OK &&
        (!chat_request_name_sets(ret_request, arena) || arena_is_exhausted(arena)))
        status = DVARA_NO_MEMORY;
    return status;
}
