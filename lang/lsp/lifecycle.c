/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning, the end, and the texts in between. */
#include "lang/lsp/server.h"

#include "lang/lsp/highlight.h"

#ifndef DVARA_VERSION
#define DVARA_VERSION "0"
#endif

static void choose_unit(struct call *call)
{
    char pointer[96];
    for (int i = 0; i < 8; i++) {
        static const char form[] = "/params/capabilities/general/positionEncodings/";
        memcpy(pointer, form, sizeof form);
        pointer[sizeof form - 1] = (char)('0' + i);
        pointer[sizeof form] = '\0';
        if (dvara_str_eq(call_string(call, pointer), DVARA_STR("utf-8")))
            call->lsp->unit = PLACE_UTF8;
    }
}

void answer_initialize(struct call *call)
{
    struct lsp *lsp = call->lsp;
    struct dvara_str uri = call_string(call, "/params/workspaceFolders/0/uri");
    if (!uri.p)
        uri = call_string(call, "/params/rootUri");
    struct dvara_str path = uri.p ? path_from_uri(&call->arena, uri) : uri;
    buf_reset(&lsp->workspace);
    buf_append(&lsp->workspace, path);
    choose_unit(call);
    lsp->is_initialized = true;
    buf_printf(call->out,
               "{\"capabilities\":{\"positionEncoding\":\"%s\","
               "\"textDocumentSync\":{\"openClose\":true,\"change\":2,\"save\":true},"
               "\"hoverProvider\":true,\"definitionProvider\":true,\"referencesProvider\":true,"
               "\"documentHighlightProvider\":true,\"documentFormattingProvider\":true,"
               "\"documentSymbolProvider\":true,\"workspaceSymbolProvider\":true,"
               "\"renameProvider\":{\"prepareProvider\":true},"
               "\"completionProvider\":{\"triggerCharacters\":[\".\",\"\\\"\"]},"
               "\"codeActionProvider\":{\"codeActionKinds\":[\"quickfix\"]},",
               lsp->unit == PLACE_UTF8 ? "utf-8" : "utf-16");
    if (lsp->options.run_test)
        BUF_LIT(call->out, "\"codeLensProvider\":{},"
                           "\"executeCommandProvider\":{\"commands\":[\"dvara.runTest\"]},");
    BUF_LIT(call->out, "\"semanticTokensProvider\":{\"full\":true,\"legend\":");
    write_legend(call->out);
    BUF_LIT(call->out, "}},\"serverInfo\":{\"name\":\"dvara-policyc\"}}");
}

void answer_shutdown(struct call *call)
{
    call->lsp->is_shut_down = true;
}

void note_exit(struct call *call)
{
    call->lsp->is_over = true;
}

void note_nothing(struct call *call)
{
    (void)call;
}

void note_open(struct call *call)
{
    struct dvara_str path = call_path(call);
    struct dvara_str text = call_string(call, "/params/textDocument/text");
    struct dvara_str uri = call_string(call, "/params/textDocument/uri");
    if (!path.p || !text.p)
        return;
    struct document *document = documents_open(&call->lsp->documents, path, uri, text);
    if (document) {
        document->version = call_int(call, "/params/textDocument/version");
        server_touch(call->lsp, path);
    }
}

/* One element of contentChanges: a range's new text, or the whole text's. */
static bool apply(struct call *call, struct document *document, uint32_t change)
{
    const struct json_doc *doc = &call->message;
    uint32_t text = json_find(doc, change, DVARA_STR("text"));
    uint32_t range = json_find(doc, change, DVARA_STR("range"));
    static const char *const edges[] = {"start", "end"};
    size_t offsets[2] = {0, document->text.n};
    if (text == JSON_NONE || json_kind(doc, text) != JSON_STRING)
        return false;
    for (int i = 0; i < 2 && range != JSON_NONE; i++) {
        uint32_t edge = json_find(doc, range, dvara_str_from_cstr(edges[i]));
        uint32_t line = edge != JSON_NONE ? json_find(doc, edge, DVARA_STR("line")) : JSON_NONE;
        uint32_t character =
            edge != JSON_NONE ? json_find(doc, edge, DVARA_STR("character")) : JSON_NONE;
        int64_t l, c;
        if (line == JSON_NONE || character == JSON_NONE || json_int(doc, line, &l) != DVARA_OK ||
            json_int(doc, character, &c) != DVARA_OK || l < 0 || c < 0 || l > INT32_MAX ||
            c > INT32_MAX)
            return false;
        offsets[i] = place_offset(buf_str(&document->text),
                                  (struct place){(uint32_t)l, (uint32_t)c}, call->lsp->unit);
    }
    return offsets[0] <= offsets[1] &&
           document_splice(document, offsets[0], offsets[1], json_string(doc, text, &call->arena));
}

/* A change that cannot be applied would leave another text than the editor's: the document is
 * given up, and its file counts again. */
void note_change(struct call *call)
{
    struct dvara_str path = call_path(call);
    struct document *document = path.p ? documents_find(&call->lsp->documents, path) : NULL;
    uint32_t changes = json_pointer(&call->message, DVARA_STR("/params/contentChanges"));
    if (!document || changes == JSON_NONE || json_kind(&call->message, changes) != JSON_ARRAY)
        return;
    bool ok = true;
    for (uint32_t change = json_first(&call->message, changes); ok && change != JSON_NONE;
         change = json_next(&call->message, change))
        ok = apply(call, document, change);
    document->version = call_int(call, "/params/textDocument/version");
    if (!ok)
        documents_close(&call->lsp->documents, path);
    server_touch(call->lsp, path);
}

void note_close(struct call *call)
{
    struct dvara_str path = call_path(call);
    if (!path.p)
        return;
    documents_close(&call->lsp->documents, path);
    server_touch(call->lsp, path);
}

/* Files changed on disk: any open document's program may have. */
void note_files(struct call *call)
{
    struct lsp *lsp = call->lsp;
    if (lsp->documents.n)
        server_touch(lsp, arena_copy(&call->arena, buf_str(&lsp->documents.v[0].path)));
}
