/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/lsp/server.h"

#include "base/json_text.h"
#include "lang/regex_store.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { CALL_BYTES_MAX = 256 << 20, RESULT_BYTES_MAX = 64 << 20 };

struct lsp *lsp_new(const struct lsp_options *options)
{
    struct lsp *lsp = calloc(1, sizeof *lsp);
    if (!lsp)
        return NULL;
    lsp->options = *options;
    lsp->regexes = regex_store_new(); /* without it what was known is asked again */
    buf_init(&lsp->workspace, PATH_MAX);
    buf_init(&lsp->changed, PATH_MAX);
    return lsp;
}

static void forget_analysis(struct lsp *lsp)
{
    if (lsp->has_analysis)
        analysis_clear(&lsp->analysis);
    lsp->has_analysis = false;
}

void lsp_free(struct lsp *lsp)
{
    if (!lsp)
        return;
    forget_analysis(lsp);
    documents_clear(&lsp->documents);
    regex_store_free(lsp->regexes);
    for (size_t i = 0; i < lsp->n_published; i++)
        buf_clear(&lsp->published[i].path);
    free(lsp->published);
    buf_clear(&lsp->workspace);
    buf_clear(&lsp->changed);
    free(lsp);
}

bool lsp_is_over(const struct lsp *lsp)
{
    return lsp->is_over;
}

int lsp_status(const struct lsp *lsp)
{
    return lsp->is_shut_down ? 0 : 1;
}

bool lsp_has_changes(const struct lsp *lsp)
{
    return lsp->changed.n > 0;
}

struct analysis_options server_options(const struct lsp *lsp)
{
    struct dvara_str none = {0};
    return (struct analysis_options){.documents = &lsp->documents,
                                     .regexes = lsp->regexes,
                                     .workspace =
                                         lsp->workspace.n ? buf_str(&lsp->workspace) : none,
                                     .libraries = lsp->options.libraries,
                                     .n_libraries = lsp->options.n_libraries};
}

void server_touch(struct lsp *lsp, struct dvara_str path)
{
    forget_analysis(lsp);
    buf_reset(&lsp->changed);
    buf_append(&lsp->changed, path);
}

const struct analysis *server_analysis(struct lsp *lsp, struct dvara_str path)
{
    struct analysis_options options = server_options(lsp);
    if (lsp->has_analysis && analysis_unit(&lsp->analysis, path))
        return &lsp->analysis;
    forget_analysis(lsp);
    analysis_make(&lsp->analysis, &options, path);
    lsp->has_analysis = true;
    return &lsp->analysis;
}

/* ---- reading a call ---- */

static uint32_t node_at(const struct call *call, const char *pointer)
{
    return json_pointer(&call->message, dvara_str_from_cstr(pointer));
}

struct dvara_str call_string(struct call *call, const char *pointer)
{
    uint32_t node = node_at(call, pointer);
    if (node == JSON_NONE || json_kind(&call->message, node) != JSON_STRING)
        return (struct dvara_str){0};
    return json_string(&call->message, node, &call->arena);
}

int64_t call_int(struct call *call, const char *pointer)
{
    int64_t value = -1;
    uint32_t node = node_at(call, pointer);
    if (node == JSON_NONE || json_int(&call->message, node, &value) != DVARA_OK)
        return -1;
    return value;
}

struct dvara_str call_path(struct call *call)
{
    struct dvara_str uri = call_string(call, "/params/textDocument/uri");
    return uri.p ? path_from_uri(&call->arena, uri) : uri;
}

bool call_unit(struct call *call, struct spot *ret_spot)
{
    struct dvara_str path = call_path(call);
    if (!path.p)
        return false;
    ret_spot->analysis = server_analysis(call->lsp, path);
    ret_spot->unit = analysis_unit(ret_spot->analysis, path);
    return ret_spot->unit != NULL;
}

bool call_spot(struct call *call, struct spot *ret_spot)
{
    int64_t line = call_int(call, "/params/position/line");
    int64_t character = call_int(call, "/params/position/character");
    if (line < 0 || line > UINT32_MAX || character < 0 || character > UINT32_MAX ||
        !call_unit(call, ret_spot))
        return false;
    struct place place = {(uint32_t)line, (uint32_t)character};
    ret_spot->offset = place_offset(ret_spot->unit->source->text, place, call->lsp->unit);
    return true;
}

/* ---- writing ---- */

void write_file(struct buf *out, const struct lsp *lsp, struct dvara_str path)
{
    const struct document *document = documents_find(&lsp->documents, path);
    struct buf uri;
    buf_init(&uri, (size_t)PATH_MAX * 4);
    if (!document)
        write_uri(&uri, path);
    json_write_string(out, document ? buf_str(&document->uri) : buf_str(&uri));
    buf_clear(&uri);
}

void write_location(struct call *call, const struct source *source, struct span span)
{
    BUF_LIT(call->out, "{\"uri\":");
    write_file(call->out, call->lsp, source->real_path);
    BUF_LIT(call->out, ",\"range\":");
    write_range(call->out, source, span, call->lsp->unit);
    BUF_LIT(call->out, "}");
}

void write_frame(struct buf *out, struct dvara_str body)
{
    buf_printf(out, "Content-Length: %zu\r\n\r\n", body.n);
    buf_append(out, body);
}

/* ---- dispatch ---- */

typedef void handler(struct call *call);

struct method {
    const char *name;
    handler *handle;
    bool is_request;
};

static const struct method methods[] = {
#define REQUEST(method, handler) {method, handler, true},
#include "lang/lsp/methods.def"
#define NOTIFICATION(method, handler) {method, handler, false},
#include "lang/lsp/methods.def"
};

static const struct method *method_find(struct dvara_str name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (dvara_str_eq(dvara_str_from_cstr(methods[i].name), name))
            return &methods[i];
    return NULL;
}

enum {
    PARSE_ERROR = -32700,
    INVALID_REQUEST = -32600,
    METHOD_NOT_FOUND = -32601,
    NOT_INITIALIZED = -32002,
    REQUEST_FAILED = -32803
};

static void reply_error(struct buf *out, struct dvara_str id, int code, const char *text)
{
    struct buf body;
    buf_init(&body, RESULT_BYTES_MAX);
    buf_printf(&body, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":%d,\"message\":",
               DVARA_STR_ARG(id), code);
    json_write_string(&body, dvara_str_from_cstr(text));
    BUF_LIT(&body, "}}");
    write_frame(out, buf_str(&body));
    buf_clear(&body);
}

static void reply(struct buf *out, struct dvara_str id, struct dvara_str result)
{
    struct buf body;
    buf_init(&body, RESULT_BYTES_MAX + 1024);
    BUF_LIT(&body, "{\"jsonrpc\":\"2.0\",\"id\":");
    buf_append(&body, id);
    BUF_LIT(&body, ",\"result\":");
    buf_append(&body, result.n ? result : DVARA_STR("null"));
    BUF_LIT(&body, "}");
    if (buf_failed(&body))
        reply_error(out, id, REQUEST_FAILED, "the answer is too large");
    else
        write_frame(out, buf_str(&body));
    buf_clear(&body);
}

/* `id` is absent for a notification, which is never answered. */
static void run(struct call *call, const struct method *method, struct dvara_str id,
                struct buf *out)
{
    struct buf result;
    buf_init(&result, RESULT_BYTES_MAX);
    call->out = &result;
    method->handle(call);
    if (id.p && (call->error || buf_failed(&result)))
        reply_error(out, id, REQUEST_FAILED, call->error ? call->error : "out of memory");
    else if (id.p)
        reply(out, id, buf_str(&result));
    buf_clear(&result);
}

static void dispatch(struct call *call, struct buf *out)
{
    struct lsp *lsp = call->lsp;
    struct dvara_str name = call_string(call, "/method");
    uint32_t id_node = node_at(call, "/id");
    struct dvara_str id = {0};
    if (id_node != JSON_NONE)
        id = json_raw(&call->message, id_node);
    const struct method *method = name.p ? method_find(name) : NULL;
    if (!name.p) /* an answer to a request of ours: there are none */
        return;
    bool may = lsp->is_initialized || dvara_str_eq(name, DVARA_STR("initialize")) ||
               dvara_str_eq(name, DVARA_STR("exit"));
    if (!may && id.p)
        reply_error(out, id, NOT_INITIALIZED, "initialize comes first");
    else if (lsp->is_shut_down && id.p)
        reply_error(out, id, INVALID_REQUEST, "the server is shut down");
    else if (!method && id.p)
        reply_error(out, id, METHOD_NOT_FOUND, "there is no such method");
    else if (method && may && method->is_request == (id.p != NULL))
        run(call, method, id, out);
}

void lsp_receive(struct lsp *lsp, struct dvara_str message, struct buf *out)
{
    struct call call = {.lsp = lsp};
    struct json_error error;
    arena_init(&call.arena, CALL_BYTES_MAX);
    if (json_parse(message, 0, &call.arena, &call.message, &error) == DVARA_OK)
        dispatch(&call, out);
    else
        reply_error(out, DVARA_STR("null"), PARSE_ERROR, "the message is not I-JSON");
    arena_clear(&call.arena);
}
