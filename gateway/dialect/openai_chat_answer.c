/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/dialect/openai_chat.h"

#include "base/arena.h"
#include "gateway/dialect/openai_chat_shape.h"

enum reading_kind { READING_WHOLE, READING_OUTLINE, READING_CHUNK };

struct reading {
    const struct json_doc *doc;
    struct arena *arena;
    struct chat_answer *answer;
    size_t calls_size;
    uint32_t nested; /* nested documents before it belong to earlier calls */
    bool is_chunk, is_outline;
};

static struct dvara_str text_at(const struct reading *r, uint32_t node)
{
    return node == JSON_NONE || json_kind(r->doc, node) != JSON_STRING
               ? (struct dvara_str){0}
               : json_string(r->doc, node, r->arena);
}

static struct dvara_opt_int count_at(const struct json_doc *doc, uint32_t node)
{
    struct dvara_opt_int value = {0};
    value.has =
        node != JSON_NONE && json_int(doc, node, &value.value) == DVARA_OK && value.value >= 0;
    return value;
}

static struct chat_usage read_usage(const struct json_doc *doc, uint32_t node)
{
    uint32_t usage[SHAPE_FIELDS_MAX], prompt[SHAPE_FIELDS_MAX], completion[SHAPE_FIELDS_MAX];
    struct chat_usage result = {.node = node};
    if (node == JSON_NONE || json_kind(doc, node) != JSON_OBJECT)
        return result;
    shape_read(&openai_chat_shape, OPENAI_CHAT_USAGE, doc, node, usage);
    shape_read(&openai_chat_shape, OPENAI_CHAT_USAGE_DETAILS, doc,
               usage[OPENAI_CHAT_F_U_PROMPT_DETAILS], prompt);
    shape_read(&openai_chat_shape, OPENAI_CHAT_USAGE_DETAILS, doc,
               usage[OPENAI_CHAT_F_U_COMPLETION_DETAILS], completion);
    result.has = true;
    result.prompt_tokens = count_at(doc, usage[OPENAI_CHAT_F_U_PROMPT]);
    result.completion_tokens = count_at(doc, usage[OPENAI_CHAT_F_U_COMPLETION]);
    result.total_tokens = count_at(doc, usage[OPENAI_CHAT_F_U_TOTAL]);
    result.cached_tokens = count_at(doc, prompt[OPENAI_CHAT_F_UD_CACHED]);
    result.cache_write_tokens = count_at(doc, prompt[OPENAI_CHAT_F_UD_CACHE_WRITE]);
    result.reasoning_tokens = count_at(doc, completion[OPENAI_CHAT_F_UD_REASONING]);
    return result;
}

/* ---- tool calls ---- */

static struct chat_call *new_call(struct reading *r)
{
    struct chat_answer *a = r->answer;
    if (a->n_calls == r->calls_size) {
        size_t size = r->calls_size ? r->calls_size * 2 : 4;
        struct chat_call *grown = ARENA_ARRAY(r->arena, size, struct chat_call);
        if (!grown)
            return NULL;
        if (a->n_calls)
            memcpy(grown, a->calls, a->n_calls * sizeof *grown);
        a->calls = grown;
        r->calls_size = size;
    }
    return &a->calls[a->n_calls++];
}

/* The nested document of the string, which come in body order. */
static uint32_t nested_of(struct reading *r, uint32_t node)
{
    const struct chat_leaves *leaves = &r->answer->leaves;
    while (r->nested < leaves->n_nested && leaves->nested[r->nested].node < node)
        r->nested++;
    bool found = r->nested < leaves->n_nested && leaves->nested[r->nested].node == node;
    return found ? r->nested : CHAT_OUTER;
}

static void fill_call(struct reading *r, struct chat_call *call, uint32_t function, uint32_t custom)
{
    uint32_t fields[SHAPE_FIELDS_MAX];
    bool is_custom = function == JSON_NONE && custom != JSON_NONE;
    call->form = is_custom ? CHAT_CALL_CUSTOM : CHAT_CALL_FUNCTION;
    uint8_t place = is_custom ? OPENAI_CHAT_REPLY_CUSTOM : OPENAI_CHAT_REPLY_FUNCTION;
    shape_read(&openai_chat_shape, place, r->doc, is_custom ? custom : function, fields);
    call->name = text_at(r, fields[is_custom ? OPENAI_CHAT_F_RU_NAME : OPENAI_CHAT_F_RF_NAME]);
    uint32_t node = fields[is_custom ? OPENAI_CHAT_F_RU_INPUT : OPENAI_CHAT_F_RF_ARGUMENTS];
    bool is_string = node != JSON_NONE && json_kind(r->doc, node) == JSON_STRING;
    /* Not a string: judged as it stands, and never as if there were none. */
    call->arguments = is_string || node == JSON_NONE ? text_at(r, node) : json_raw(r->doc, node);
    node = is_string ? node : JSON_NONE;
    call->arguments_node = node;
    call->nested = node == JSON_NONE ? CHAT_OUTER : nested_of(r, node);
}

static bool read_call(struct reading *r, uint32_t choice, uint32_t object, uint32_t ordinal)
{
    uint32_t fields[SHAPE_FIELDS_MAX];
    struct chat_call *call = new_call(r);
    if (!call)
        return false;
    shape_read(&openai_chat_shape, OPENAI_CHAT_REPLY_CALL, r->doc, object, fields);
    *call = (struct chat_call){.choice = choice,
                               .index = shape_index(r->doc, object, ordinal),
                               .id = text_at(r, fields[OPENAI_CHAT_F_RC_ID]),
                               .node = object};
    fill_call(r, call, fields[OPENAI_CHAT_F_RC_FUNCTION], fields[OPENAI_CHAT_F_RC_CUSTOM]);
    return true;
}

/* The older form: one call, no number. */
static bool read_function_call(struct reading *r, uint32_t choice, uint32_t object)
{
    struct chat_call *call = new_call(r);
    if (!call)
        return false;
    *call = (struct chat_call){.choice = choice, .node = object};
    fill_call(r, call, object, JSON_NONE);
    call->form = CHAT_CALL_OLDER;
    return true;
}

static bool read_calls(struct reading *r, uint32_t choice, uint32_t message)
{
    uint32_t fields[SHAPE_FIELDS_MAX];
    shape_read(&openai_chat_shape, OPENAI_CHAT_REPLY, r->doc, message, fields);
    uint32_t list = fields[OPENAI_CHAT_F_R_TOOL_CALLS];
    uint32_t ordinal = 0;
    if (list != JSON_NONE && json_kind(r->doc, list) == JSON_ARRAY)
        for (uint32_t i = json_first(r->doc, list); i != JSON_NONE; i = json_next(r->doc, i))
            if (!read_call(r, choice, i, ordinal++))
                return false;
    uint32_t old = fields[OPENAI_CHAT_F_R_FUNCTION_CALL];
    return old == JSON_NONE || json_kind(r->doc, old) != JSON_OBJECT ||
           read_function_call(r, choice, old);
}

/* ---- choices ---- */

static bool read_choice(struct reading *r, uint32_t object, uint32_t ordinal,
                        struct chat_choice *choice)
{
    uint32_t fields[SHAPE_FIELDS_MAX];
    shape_read(&openai_chat_shape, OPENAI_CHAT_CHOICE, r->doc, object, fields);
    uint32_t message = fields[r->is_chunk ? OPENAI_CHAT_F_C_DELTA : OPENAI_CHAT_F_C_MESSAGE];
    if (message == JSON_NONE) /* some say message in their last chunk */
        message = fields[r->is_chunk ? OPENAI_CHAT_F_C_MESSAGE : OPENAI_CHAT_F_C_DELTA];
    *choice = (struct chat_choice){.index = shape_index(r->doc, object, ordinal),
                                   .node = object,
                                   .message_node = message,
                                   .finish_node = fields[OPENAI_CHAT_F_C_FINISH],
                                   .finish_reason = text_at(r, fields[OPENAI_CHAT_F_C_FINISH]),
                                   .logprobs_node = fields[OPENAI_CHAT_F_C_LOGPROBS]};
    return message == JSON_NONE || r->is_outline || read_calls(r, choice->index, message);
}

static enum dvara_status read_choices(struct reading *r, uint32_t list)
{
    struct chat_answer *a = r->answer;
    size_t count =
        list != JSON_NONE && json_kind(r->doc, list) == JSON_ARRAY ? json_count(r->doc, list) : 0;
    if (count == 0)
        return DVARA_OK;
    a->choices = ARENA_ARRAY(r->arena, count, struct chat_choice);
    if (!a->choices)
        return DVARA_NO_MEMORY;
    uint32_t ordinal = 0;
    for (uint32_t i = json_first(r->doc, list); i != JSON_NONE; i = json_next(r->doc, i)) {
        if (json_kind(r->doc, i) != JSON_OBJECT)
            return DVARA_INVALID;
        if (!read_choice(r, i, ordinal++, &a->choices[a->n_choices++]))
            return DVARA_NO_MEMORY;
    }
    return DVARA_OK;
}

static void read_error(struct reading *r, uint32_t node)
{
    uint32_t fields[SHAPE_FIELDS_MAX];
    r->answer->is_error =
        node != JSON_NONE && (json_kind(r->doc, node) != JSON_BOOL || json_is_true(r->doc, node));
    if (!r->answer->is_error)
        return;
    if (json_kind(r->doc, node) == JSON_STRING)
        r->answer->error_message = text_at(r, node);
    shape_read(&openai_chat_shape, OPENAI_CHAT_ERROR, r->doc, node, fields);
    if (fields[OPENAI_CHAT_F_E_MESSAGE] != JSON_NONE)
        r->answer->error_message = text_at(r, fields[OPENAI_CHAT_F_E_MESSAGE]);
    r->answer->error_type = text_at(r, fields[OPENAI_CHAT_F_E_TYPE]);
    uint32_t code = fields[OPENAI_CHAT_F_E_CODE];
    r->answer->error_code = code != JSON_NONE && json_kind(r->doc, code) == JSON_NUMBER
                                ? json_raw(r->doc, code)
                                : text_at(r, code);
}

static bool has_content(const struct chat_answer *answer)
{
    for (size_t i = 0; i < answer->leaves.n; i++) {
        uint8_t channel = answer->leaves.places[i].channel;
        if (!answer->leaves.v[i].fixed && channel != CHAT_CHANNEL_OTHER &&
            channel != CHAT_CHANNEL_LOGPROBS)
            return true;
    }
    return answer->n_calls > 0;
}

static enum dvara_status read_leaves(struct reading *r)
{
    struct shape_walk walk = {.shape = &openai_chat_shape,
                              .doc = r->doc,
                              .arena = r->arena,
                              .arguments = r->is_chunk ? SHAPE_ARGUMENTS_ARE_PIECES
                                                       : SHAPE_ARGUMENTS_MAY_PARSE,
                              .leaves = &r->answer->leaves};
    return shape_walk(&walk, OPENAI_CHAT_ANSWER);
}

static enum dvara_status read_answer(const struct json_doc *doc, struct arena *arena,
                                     enum reading_kind kind, struct chat_answer *answer)
{
    bool is_chunk = kind == READING_CHUNK;
    *answer = (struct chat_answer){.doc = doc, .model_node = JSON_NONE};
    struct reading r = {.doc = doc,
                        .arena = arena,
                        .answer = answer,
                        .is_chunk = is_chunk,
                        .is_outline = kind == READING_OUTLINE};
    if (json_kind(doc, 0) != JSON_OBJECT)
        return DVARA_INVALID;
    enum dvara_status status = r.is_outline ? DVARA_OK : read_leaves(&r);
    if (status != DVARA_OK)
        return status;
    uint32_t fields[SHAPE_FIELDS_MAX];
    shape_read(&openai_chat_shape, OPENAI_CHAT_ANSWER, doc, 0, fields);
    answer->id = text_at(&r, fields[OPENAI_CHAT_F_A_ID]);
    answer->model = text_at(&r, fields[OPENAI_CHAT_F_A_MODEL]);
    answer->model_node = fields[OPENAI_CHAT_F_A_MODEL];
    answer->created = count_at(doc, fields[OPENAI_CHAT_F_A_CREATED]).value;
    answer->usage = read_usage(doc, fields[OPENAI_CHAT_F_A_USAGE]);
    read_error(&r, fields[OPENAI_CHAT_F_A_ERROR]);
    uint32_t choices = fields[OPENAI_CHAT_F_A_CHOICES];
    status = read_choices(&r, choices);
    answer->has_content = has_content(answer);
    if (status == DVARA_OK && arena_is_exhausted(arena))
        status = DVARA_NO_MEMORY;
    if (status == DVARA_OK && !is_chunk && !answer->is_error && answer->n_choices == 0)
        status = DVARA_INVALID;
    return status;
}

enum dvara_status openai_chat_answer(const struct json_doc *doc, struct arena *arena,
                                     struct chat_answer *ret_answer)
{
    return read_answer(doc, arena, READING_WHOLE, ret_answer);
}

enum dvara_status openai_chat_outline(const struct json_doc *doc, struct arena *arena,
                                      struct chat_answer *ret_answer)
{
    return read_answer(doc, arena, READING_OUTLINE, ret_answer);
}

enum dvara_status openai_chat_chunk(const struct json_doc *doc, struct arena *arena,
                                    struct chat_answer *ret_chunk)
{
    return read_answer(doc, arena, READING_CHUNK, ret_chunk);
}
