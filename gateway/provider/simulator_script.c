/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/provider/simulator_script.h"

#include "base/time.h"

#include <stdio.h>

enum {
    SCRIPT_BYTES_MAX = 1 << 20, /* rows are written by hand */
    CHUNK_BYTES_DEFAULT = 16,   /* about four tokens: looks like a provider's stream */
    PPM = 1000000
};

#define PREFIX "simulate:"

static struct simulator_answer plain(const struct config_provider *provider)
{
    return (struct simulator_answer){
        .status = 200,
        .finish_reason = DVARA_STR("stop"),
        .latency_ms = (int64_t)(provider->simulator.latency_ns / (uint64_t)TIME_NS_PER_MS),
        .interval_ms = (int64_t)(provider->simulator.token_interval_ns / (uint64_t)TIME_NS_PER_MS),
        .chunk_bytes = CHUNK_BYTES_DEFAULT,
        .prompt_tokens = -1,
        .completion_tokens = -1,
        .cut_after = -1,
        .error_after = -1,
    };
}

static struct simulator_answer broken(const struct config_provider *provider, const char *why_cstr)
{
    struct simulator_answer answer = plain(provider);
    answer.status = 500;
    answer.code = dvara_str_from_cstr(why_cstr);
    return answer;
}

static void read_text(const struct json_doc *doc, uint32_t row, struct dvara_str name,
                      struct arena *arena, struct dvara_str *value)
{
    uint32_t node = json_find(doc, row, name);
    if (node != JSON_NONE && json_kind(doc, node) == JSON_STRING)
        *value = json_string(doc, node, arena);
}

static void read_int(const struct json_doc *doc, uint32_t row, struct dvara_str name,
                     int64_t *value)
{
    uint32_t node = json_find(doc, row, name);
    int64_t number;
    if (node != JSON_NONE && json_int(doc, node, &number) == DVARA_OK && number >= 0)
        *value = number;
}

static bool read_flag(const struct json_doc *doc, uint32_t row, struct dvara_str name)
{
    uint32_t node = json_find(doc, row, name);
    return node != JSON_NONE && json_is_true(doc, node);
}

static void read_calls(const struct json_doc *doc, uint32_t row, struct arena *arena,
                       struct simulator_answer *answer)
{
    uint32_t list = json_find(doc, row, DVARA_STR("tool_calls"));
    if (list == JSON_NONE || json_kind(doc, list) != JSON_ARRAY)
        return;
    for (uint32_t at = json_first(doc, list);
         at != JSON_NONE && answer->n_calls < SIMULATOR_CALLS_MAX; at = json_next(doc, at)) {
        struct simulator_tool_call *call = &answer->calls[answer->n_calls];
        *call = (struct simulator_tool_call){.id = arena_printf(arena, "call_%zu", answer->n_calls),
                                             .arguments = DVARA_STR("{}")};
        read_text(doc, at, DVARA_STR("id"), arena, &call->id);
        read_text(doc, at, DVARA_STR("name"), arena, &call->name);
        read_text(doc, at, DVARA_STR("arguments"), arena, &call->arguments);
        answer->n_calls++;
    }
    if (answer->n_calls > 0)
        answer->finish_reason = DVARA_STR("tool_calls");
}

static void read_row(const struct json_doc *doc, uint32_t row, struct arena *arena,
                     struct simulator_answer *answer)
{
    read_text(doc, row, DVARA_STR("text"), arena, &answer->text);
    read_text(doc, row, DVARA_STR("reasoning"), arena, &answer->reasoning);
    read_text(doc, row, DVARA_STR("refusal"), arena, &answer->refusal);
    read_calls(doc, row, arena, answer);
    read_text(doc, row, DVARA_STR("finish_reason"), arena, &answer->finish_reason);
    read_text(doc, row, DVARA_STR("code"), arena, &answer->code);
    read_text(doc, row, DVARA_STR("param"), arena, &answer->param);
    read_text(doc, row, DVARA_STR("body"), arena, &answer->body);
    read_int(doc, row, DVARA_STR("status"), &answer->status);
    read_int(doc, row, DVARA_STR("retry_after_ms"), &answer->retry_after_ms);
    read_int(doc, row, DVARA_STR("latency_ms"), &answer->latency_ms);
    read_int(doc, row, DVARA_STR("token_interval_ms"), &answer->interval_ms);
    read_int(doc, row, DVARA_STR("chunk_bytes"), &answer->chunk_bytes);
    read_int(doc, row, DVARA_STR("prompt_tokens"), &answer->prompt_tokens);
    read_int(doc, row, DVARA_STR("completion_tokens"), &answer->completion_tokens);
    read_int(doc, row, DVARA_STR("cut_after_events"), &answer->cut_after);
    read_int(doc, row, DVARA_STR("error_after_events"), &answer->error_after);
    answer->no_done = read_flag(doc, row, DVARA_STR("no_done"));
    answer->garbage = read_flag(doc, row, DVARA_STR("garbage"));
    if (answer->chunk_bytes == 0)
        answer->chunk_bytes = CHUNK_BYTES_DEFAULT;
    if (answer->status < 200 || answer->status > 599)
        answer->status = 500;
}

static bool contains(struct dvara_str text, struct dvara_str part)
{
    return part.n == 0 || (text.n > 0 && memmem(text.p, text.n, part.p, part.n) != NULL);
}

static bool row_matches(const struct json_doc *doc, uint32_t row,
                        const struct chat_request *request, struct dvara_str said,
                        struct arena *arena)
{
    struct dvara_str match = DVARA_STR("");
    struct dvara_str model = {0};
    read_text(doc, row, DVARA_STR("match"), arena, &match);
    read_text(doc, row, DVARA_STR("model"), arena, &model);
    return contains(said, match) &&
           (dvara_str_is_absent(model) || dvara_str_eq(model, request->model));
}

static struct dvara_str read_file(const char *path_cstr, struct arena *arena)
{
    FILE *file = fopen(path_cstr, "rbe");
    char *p = file ? arena_alloc(arena, SCRIPT_BYTES_MAX) : NULL;
    size_t n = p ? fread(p, 1, SCRIPT_BYTES_MAX, file) : 0;
    if (file)
        (void)fclose(file);
    return p ? dvara_str_from(p, n) : (struct dvara_str){0};
}

static bool from_file(const struct config_provider *provider, const struct chat_request *request,
                      struct dvara_str said, struct arena *arena, struct simulator_answer *answer)
{
    struct json_doc doc;
    struct dvara_str text = read_file(provider->simulator.script_file_cstr, arena);
    if (dvara_str_is_absent(text) || json_parse(text, 0, arena, &doc, NULL) != DVARA_OK) {
        *answer = broken(provider, "simulator_script_unreadable");
        return true;
    }
    uint32_t list = json_find(&doc, 0, DVARA_STR("answers"));
    if (list == JSON_NONE || json_kind(&doc, list) != JSON_ARRAY)
        return false;
    for (uint32_t at = json_first(&doc, list); at != JSON_NONE; at = json_next(&doc, at))
        if (row_matches(&doc, at, request, said, arena)) {
            read_row(&doc, at, arena, answer);
            return true;
        }
    return false;
}

static struct dvara_str last_user_text(const struct chat_request *request)
{
    for (size_t i = request->messages.n; i > 0; i--)
        if (dvara_str_eq(request->messages.v[i - 1].role, DVARA_STR("user")))
            return request->messages.v[i - 1].text;
    return DVARA_STR("");
}

/* A spread of errors over calls: nothing depends on which ones fail. */
static bool fails_by_chance(uint32_t rate_ppm)
{
    uint64_t x = time_monotonic_ns() * UINT64_C(0x9e3779b97f4a7c15);
    return rate_ppm > 0 && (x >> 20) % PPM < rate_ppm;
}

static struct simulator_answer refused_by_chance(const struct config_provider *provider)
{
    struct simulator_answer answer = broken(provider, "simulated_error");
    answer.status = 503;
    return answer;
}

struct simulator_answer simulator_answer_for(const struct config_provider *provider,
                                             const struct chat_request *request,
                                             struct arena *arena)
{
    struct simulator_answer answer = plain(provider);
    struct dvara_str said = last_user_text(request);
    struct json_doc doc;
    if (fails_by_chance(provider->simulator.error_rate_ppm))
        return refused_by_chance(provider);
    if (dvara_str_starts_with(said, DVARA_STR(PREFIX))) {
        struct dvara_str row = dvara_str_slice(said, sizeof(PREFIX) - 1, said.n);
        if (json_parse(row, 0, arena, &doc, NULL) != DVARA_OK)
            return broken(provider, "simulator_script_unreadable");
        read_row(&doc, 0, arena, &answer);
        return answer;
    }
    if (provider->simulator.script_file_cstr && from_file(provider, request, said, arena, &answer))
        return answer;
    answer.text = said;
    return answer;
}
