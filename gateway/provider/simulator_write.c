/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/provider/simulator_write.h"

#include "base/json_text.h"
#include "base/utf8.h"

enum stage {
    STAGE_ROLE,
    STAGE_REASONING,
    STAGE_REFUSAL,
    STAGE_TEXT,
    STAGE_CALL_START,
    STAGE_CALL_ARGUMENTS,
    STAGE_FINISH,
    STAGE_USAGE,
    STAGE_DONE,
    STAGE_OVER
};
enum { BYTES_PER_TOKEN = 4, GARBAGE_AT = 2 };

static int64_t tokens(size_t bytes)
{
    return (int64_t)((bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN);
}

void simulator_writer_init(struct simulator_writer *writer, const struct simulator_answer *answer,
                           const struct chat_request *request, int64_t now_s)
{
    size_t prompt = request->system.n;
    size_t completion = answer->text.n + answer->reasoning.n + answer->refusal.n;
    for (size_t i = 0; i < request->messages.n; i++)
        prompt += request->messages.v[i].text.n;
    for (size_t i = 0; i < answer->n_calls; i++)
        completion += answer->calls[i].name.n + answer->calls[i].arguments.n;
    *writer = (struct simulator_writer){
        .answer = answer,
        .model = request->model,
        .created = now_s,
        .prompt_tokens = answer->prompt_tokens >= 0 ? answer->prompt_tokens : tokens(prompt),
        .completion_tokens =
            answer->completion_tokens >= 0 ? answer->completion_tokens : tokens(completion),
        .n = request->n.has && request->n.value > 1 ? request->n.value : 1,
        .include_usage = request->include_usage,
    };
    if (writer->n > SIMULATOR_CHOICES_MAX)
        writer->n = SIMULATOR_CHOICES_MAX;
}

static void write_usage(const struct simulator_writer *writer, struct buf *out)
{
    buf_printf(out, "{\"prompt_tokens\":%lld,\"completion_tokens\":%lld,\"total_tokens\":%lld}",
               (long long)writer->prompt_tokens, (long long)writer->completion_tokens,
               (long long)(writer->prompt_tokens + writer->completion_tokens));
}

static void write_start(const struct simulator_writer *writer, const char *object_cstr,
                        struct buf *out)
{
    buf_printf(out, "{\"id\":\"chatcmpl-simulated\",\"object\":\"%s\",\"created\":%lld,\"model\":",
               object_cstr, (long long)writer->created);
    json_write_string(out, writer->model);
}

static void write_member(struct buf *out, const char *name_cstr, struct dvara_str text)
{
    buf_byte(out, ',');
    json_write_member(out, name_cstr, text);
}

static void write_call(const struct simulator_tool_call *call, struct dvara_str arguments,
                       struct buf *out)
{
    BUF_LIT(out, "\"id\":");
    json_write_string(out, call->id);
    BUF_LIT(out, ",\"type\":\"function\",\"function\":{\"name\":");
    json_write_string(out, call->name.p ? call->name : DVARA_STR(""));
    write_member(out, "arguments", arguments);
    BUF_LIT(out, "}");
}

static void write_message(const struct simulator_answer *answer, struct buf *out)
{
    BUF_LIT(out, "{\"role\":\"assistant\"");
    write_member(out, "content", answer->text);
    write_member(out, "refusal", answer->refusal);
    if (answer->reasoning.n > 0)
        write_member(out, "reasoning_content", answer->reasoning);
    for (size_t i = 0; i < answer->n_calls; i++) {
        buf_append(out, i == 0 ? DVARA_STR(",\"tool_calls\":[{") : DVARA_STR(",{"));
        write_call(&answer->calls[i], answer->calls[i].arguments, out);
        BUF_LIT(out, "}");
    }
    if (answer->n_calls > 0)
        BUF_LIT(out, "]");
    BUF_LIT(out, "}");
}

static void write_error(const struct simulator_answer *answer, struct buf *out)
{
    BUF_LIT(out, "{\"error\":{\"message\":\"simulated\",\"type\":\"simulated_error\"");
    write_member(out, "param", answer->param);
    write_member(out, "code", answer->code);
    BUF_LIT(out, "}}");
}

void simulator_write_whole(const struct simulator_writer *writer, struct buf *out)
{
    const struct simulator_answer *answer = writer->answer;
    if (!dvara_str_is_absent(answer->body)) {
        buf_append(out, answer->body);
        return;
    }
    if (answer->status != 200) {
        write_error(answer, out);
        return;
    }
    write_start(writer, "chat.completion", out);
    BUF_LIT(out, ",\"choices\":[");
    for (int64_t i = 0; i < writer->n; i++) {
        buf_printf(out, "%s{\"index\":%lld,\"message\":", i ? "," : "", (long long)i);
        write_message(answer, out);
        write_member(out, "finish_reason", answer->finish_reason);
        BUF_LIT(out, ",\"logprobs\":null}");
    }
    BUF_LIT(out, "],\"usage\":");
    write_usage(writer, out);
    BUF_LIT(out, "}");
}

/* ---- Streams ---- */

static void write_event(const struct simulator_writer *writer, struct dvara_str delta,
                        struct dvara_str finish_reason, struct buf *out)
{
    for (int64_t i = 0; i < writer->n; i++) {
        BUF_LIT(out, "data: ");
        write_start(writer, "chat.completion.chunk", out);
        buf_printf(out, ",\"choices\":[{\"index\":%lld,\"delta\":{", (long long)i);
        buf_append(out, delta);
        BUF_LIT(out, "}");
        write_member(out, "finish_reason", finish_reason);
        BUF_LIT(out, "}]");
        if (writer->include_usage)
            BUF_LIT(out, ",\"usage\":null");
        BUF_LIT(out, "}\n\n");
    }
}

/* At most chunk_bytes from the offset, and at least one code point. */
static struct dvara_str next_chunk(struct simulator_writer *writer, struct dvara_str text)
{
    size_t want = (size_t)writer->answer->chunk_bytes;
    size_t end = text.n - writer->offset > want ? writer->offset + want : text.n;
    while (end < text.n && utf8_is_continuation(text.p[end]))
        end++;
    struct dvara_str chunk = dvara_str_slice(text, writer->offset, end);
    writer->offset = end;
    return chunk;
}

static bool write_text(struct simulator_writer *writer, struct dvara_str text,
                       const char *name_cstr, struct buf *delta)
{
    if (writer->offset >= text.n)
        return false;
    buf_printf(delta, "\"%s\":", name_cstr);
    json_write_string(delta, next_chunk(writer, text));
    return true;
}

static bool write_arguments(struct simulator_writer *writer, struct buf *delta)
{
    struct dvara_str all = writer->answer->calls[writer->call].arguments;
    if (writer->offset >= all.n)
        return false;
    buf_printf(delta, "\"tool_calls\":[{\"index\":%zu,\"function\":{\"arguments\":", writer->call);
    json_write_string(delta, next_chunk(writer, all));
    BUF_LIT(delta, "}}]");
    return true;
}

static bool write_call_start(struct simulator_writer *writer, struct buf *delta)
{
    if (writer->call >= writer->answer->n_calls)
        return false;
    buf_printf(delta, "\"tool_calls\":[{\"index\":%zu,", writer->call);
    write_call(&writer->answer->calls[writer->call], DVARA_STR(""), delta);
    BUF_LIT(delta, "}]");
    return true;
}

/* Writes the delta of the present stage; false when the stage has nothing (more) to say. */
static bool write_delta(struct simulator_writer *writer, struct buf *delta)
{
    const struct simulator_answer *answer = writer->answer;
    switch ((enum stage)writer->stage) {
    case STAGE_ROLE:
        BUF_LIT(delta, "\"role\":\"assistant\",\"content\":\"\"");
        return true;
    case STAGE_REASONING:
        return write_text(writer, answer->reasoning, "reasoning_content", delta);
    case STAGE_REFUSAL:
        return write_text(writer, answer->refusal, "refusal", delta);
    case STAGE_TEXT:
        return write_text(writer, answer->text, "content", delta);
    case STAGE_CALL_START:
        return write_call_start(writer, delta);
    case STAGE_CALL_ARGUMENTS:
        return write_arguments(writer, delta);
    case STAGE_FINISH:
    case STAGE_USAGE:
    case STAGE_DONE:
    case STAGE_OVER:
        break;
    }
    return false;
}

static void advance(struct simulator_writer *writer, bool wrote)
{
    bool repeats = writer->stage == STAGE_REASONING || writer->stage == STAGE_REFUSAL ||
                   writer->stage == STAGE_TEXT || writer->stage == STAGE_CALL_ARGUMENTS;
    if (wrote && repeats)
        return;
    writer->offset = 0;
    if (writer->stage == STAGE_CALL_START && !wrote) {
        writer->stage = STAGE_FINISH;
    } else if (writer->stage == STAGE_CALL_ARGUMENTS) {
        writer->call++;
        writer->stage = STAGE_CALL_START;
    } else {
        writer->stage++;
    }
}

static void write_usage_event(const struct simulator_writer *writer, struct buf *out)
{
    if (!writer->include_usage)
        return;
    BUF_LIT(out, "data: ");
    write_start(writer, "chat.completion.chunk", out);
    BUF_LIT(out, ",\"choices\":[],\"usage\":");
    write_usage(writer, out);
    BUF_LIT(out, "}\n\n");
}

static bool write_trouble(struct simulator_writer *writer, struct buf *out)
{
    const struct simulator_answer *answer = writer->answer;
    if (answer->garbage && writer->events == GARBAGE_AT)
        BUF_LIT(out, "data: this is no JSON\n\n");
    if (answer->error_after < 0 || writer->events < answer->error_after)
        return false;
    BUF_LIT(out, "data: ");
    write_error(answer, out);
    BUF_LIT(out, "\n\n");
    writer->stage = STAGE_OVER;
    return true;
}

bool simulator_write_next(struct simulator_writer *writer, struct buf *out)
{
    struct buf delta;
    bool wrote = false;
    if (writer->stage == STAGE_OVER)
        return false;
    if (write_trouble(writer, out))
        return true;
    buf_init(&delta, out->limit);
    while (!wrote && writer->stage < STAGE_FINISH) {
        wrote = write_delta(writer, &delta);
        advance(writer, wrote);
    }
    if (wrote) {
        write_event(writer, buf_str(&delta), (struct dvara_str){0}, out);
    } else if (writer->stage == STAGE_FINISH) {
        write_event(writer, DVARA_STR(""), writer->answer->finish_reason, out);
        writer->stage = STAGE_USAGE;
    } else {
        write_usage_event(writer, out);
        if (!writer->answer->no_done)
            BUF_LIT(out, "data: [DONE]\n\n");
        writer->stage = STAGE_OVER;
    }
    buf_clear(&delta);
    writer->events++;
    return true;
}
