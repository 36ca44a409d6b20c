/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/dialect/openai_chat.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_text.h"
#include "base/number.h"

void openai_chat_write_error(struct buf *out, const struct chat_error *error)
{
    BUF_LIT(out, "{\"error\":{\"message\":");
    json_write_string(out, error->message);
    BUF_LIT(out, ",\"type\":");
    json_write_string(out, chat_error_type(error->status));
    BUF_LIT(out, ",\"param\":");
    json_write_or_null(out, error->param);
    BUF_LIT(out, ",\"code\":");
    json_write_or_null(out, error->code);
    if (!dvara_str_is_absent(error->trace_id)) {
        BUF_LIT(out, ",\"trace_id\":");
        json_write_string(out, error->trace_id);
    }
    if (!dvara_str_is_absent(error->rule)) {
        BUF_LIT(out, ",\"rule\":");
        json_write_string(out, error->rule);
    }
    if (!dvara_str_is_absent(error->approval)) {
        BUF_LIT(out, ",\"approval\":");
        buf_append(out, error->approval);
    }
    BUF_LIT(out, "}}");
}

void openai_chat_write_error_event(struct buf *out, const struct chat_error *error)
{
    BUF_LIT(out, "data: ");
    openai_chat_write_error(out, error);
    BUF_LIT(out, "\n\n");
}

static void begin_chunk(struct buf *out, const struct openai_chat_stream_id *stream,
                        uint32_t choice)
{
    BUF_LIT(out, "data: {\"id\":");
    json_write_string(out, stream->id);
    BUF_LIT(out, ",\"object\":\"chat.completion.chunk\",\"created\":");
    buf_int(out, stream->created);
    BUF_LIT(out, ",\"model\":");
    json_write_string(out, stream->model);
    BUF_LIT(out, ",\"choices\":[{\"index\":");
    buf_int(out, choice);
    BUF_LIT(out, ",\"delta\":{");
}

static void end_chunk(struct buf *out)
{
    BUF_LIT(out, "},\"finish_reason\":null}]}\n\n");
}

void openai_chat_write_filter_event(struct buf *out, const struct openai_chat_stream_id *stream,
                                    uint32_t choice)
{
    begin_chunk(out, stream, choice);
    BUF_LIT(out, "},\"finish_reason\":\"content_filter\"}]}\n\n");
}

void openai_chat_write_text_event(struct buf *out, const struct openai_chat_stream_id *stream,
                                  uint32_t choice, enum chat_channel channel, uint32_t part,
                                  struct dvara_str text)
{
    static const struct {
        struct dvara_str before, between, after;
    } ways[CHAT_CHANNEL_COUNT] = {
#define TEXT_WAY(channel, before_, between_, after_)                                               \
    [CHAT_CHANNEL_##channel] = {.before = {before_, sizeof(before_) - 1},                          \
                                .between = {between_, sizeof(between_) - 1},                       \
                                .after = {after_, sizeof(after_) - 1}},
#include "gateway/dialect/openai_chat_ways.def"
    };
    if (ways[channel].before.n == 0)
        channel = CHAT_CHANNEL_CONTENT; /* of what nothing ever waits */
    begin_chunk(out, stream, choice);
    buf_append(out, ways[channel].before);
    if (ways[channel].between.n > 0) {
        buf_int(out, part);
        buf_append(out, ways[channel].between);
    }
    json_write_string(out, text);
    buf_append(out, ways[channel].after);
    end_chunk(out);
}

void openai_chat_write_member_event(struct buf *out, const struct openai_chat_stream_id *stream,
                                    uint32_t choice, struct dvara_str before, struct dvara_str text,
                                    struct dvara_str after)
{
    begin_chunk(out, stream, choice);
    buf_append(out, before);
    json_write_string(out, text);
    buf_append(out, after);
    end_chunk(out);
}

/* The member of a message or a delta that holds the call. */
static void write_call(struct buf *out, const struct chat_call *call)
{
    static const struct {
        struct dvara_str key, text_key;
        bool is_listed; /* in tool_calls; else the message's own */
    } ways[CHAT_CALL_FORM_COUNT] = {
        [CHAT_CALL_FUNCTION] = {{"function", 8}, {"arguments", 9}, true},
        [CHAT_CALL_CUSTOM] = {{"custom", 6}, {"input", 5}, true},
        [CHAT_CALL_OLDER] = {{"function_call", 13}, {"arguments", 9}, false},
    };
    if (ways[call->form].is_listed) {
        BUF_LIT(out, "\"tool_calls\":[{\"index\":");
        buf_int(out, call->index);
        BUF_LIT(out, ",\"id\":");
        json_write_string(out, call->id.p ? call->id : DVARA_STR(""));
        BUF_LIT(out, ",\"type\":");
        json_write_string(out, ways[call->form].key);
        buf_byte(out, ',');
    }
    json_write_string(out, ways[call->form].key);
    BUF_LIT(out, ":{\"name\":");
    json_write_string(out, call->name.p ? call->name : DVARA_STR(""));
    buf_byte(out, ',');
    json_write_string(out, ways[call->form].text_key);
    buf_byte(out, ':');
    json_write_string(out, call->arguments.p ? call->arguments : DVARA_STR(""));
    buf_byte(out, '}');
    if (ways[call->form].is_listed)
        BUF_LIT(out, "}]");
}

void openai_chat_write_call_event(struct buf *out, const struct openai_chat_stream_id *stream,
                                  const struct chat_call *call)
{
    begin_chunk(out, stream, call->choice);
    write_call(out, call);
    end_chunk(out);
}

void openai_chat_write_call_answer(struct buf *out, const struct chat_call *call)
{
    BUF_LIT(out, "{\"id\":\"\",\"object\":\"chat.completion\",\"created\":0,\"model\":\"\","
                 "\"choices\":[{\"index\":0,\"finish_reason\":\"tool_calls\",\"message\":"
                 "{\"role\":\"assistant\",\"content\":null,");
    write_call(out, call);
    BUF_LIT(out, "}}]}");
}

void openai_chat_write_done(struct buf *out)
{
    BUF_LIT(out, "data: [DONE]\n\n");
}

/* ---- splices ---- */

/* What `write` puts into a buffer, in the arena. Absent: out of memory. */
static struct dvara_str keep(struct buf *text, struct arena *arena)
{
    struct dvara_str copy =
        buf_failed(text) ? (struct dvara_str){0} : arena_copy(arena, buf_str(text));
    buf_clear(text);
    return copy;
}

static struct dvara_str quoted(struct dvara_str s, struct arena *arena)
{
    struct buf text;
    buf_init(&text, s.n * 6 + 2);
    json_write_string(&text, s);
    return keep(&text, arena);
}

/* The value of a root member, present or not. */
static enum dvara_status set_member(struct chat_editor *editor, const char *key_cstr,
                                    struct dvara_str raw)
{
    return dvara_str_is_absent(raw)
               ? DVARA_NO_MEMORY
               : json_edit_set(&editor->body, 0, dvara_str_from_cstr(key_cstr), raw);
}

enum dvara_status openai_chat_set_model(struct chat_editor *editor,
                                        const struct chat_request *request, struct dvara_str model)
{
    return json_edit_replace_text(&editor->body, request->model_node, model);
}

enum dvara_status openai_chat_ask_usage(struct chat_editor *editor,
                                        const struct chat_request *request)
{
    if (!request->stream || request->include_usage)
        return DVARA_OK;
    if (request->stream_options_node == JSON_NONE)
        return set_member(editor, "stream_options", DVARA_STR("{\"include_usage\":true}"));
    return json_edit_set(&editor->body, request->stream_options_node, DVARA_STR("include_usage"),
                         DVARA_STR("true"));
}

enum dvara_status openai_chat_set_max_tokens(struct chat_editor *editor,
                                             const struct chat_request *request, int64_t value)
{
    enum dvara_status status = DVARA_OK;
    struct dvara_str raw = arena_printf(editor->arena, "%lld", (long long)value);
    bool has_old = request->max_tokens_node != JSON_NONE;
    if (has_old)
        status = set_member(editor, "max_tokens", raw);
    if (status == DVARA_OK && (!has_old || request->max_completion_tokens_node != JSON_NONE))
        status = set_member(editor, "max_completion_tokens", raw);
    return status;
}

enum dvara_status openai_chat_set_temperature(struct chat_editor *editor,
                                              const struct chat_request *request, double value)
{
    (void)request;
    struct buf text;
    buf_init(&text, 64);
    number_write_double(&text, value);
    return set_member(editor, "temperature", keep(&text, editor->arena));
}

enum dvara_status openai_chat_set_user(struct chat_editor *editor,
                                       const struct chat_request *request, struct dvara_str user)
{
    (void)request;
    return set_member(editor, "user", quoted(user, editor->arena));
}
