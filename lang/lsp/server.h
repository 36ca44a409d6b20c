/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the server: its state, one call, and the handlers of methods.def. */
#ifndef LANG_LSP_SERVER_H
#define LANG_LSP_SERVER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "lang/lsp/analysis.h"
#include "lang/lsp/documents.h"
#include "lang/lsp/lsp.h"
#include "lang/lsp/place.h"

/* A file whose diagnostics the editor shows. */
struct published {
    struct buf path;
    bool is_current; /* told in this round */
};

struct lsp {
    struct lsp_options options;
    struct documents documents;
    struct regex_store *regexes;
    struct buf workspace; /* empty: none */
    enum place_unit unit;
    struct analysis analysis; /* of the program last asked about */
    bool has_analysis;
    struct buf
        changed; /* a document of the program whose diagnostics are not told yet; empty: none */
    struct published *published;
    size_t n_published;
    bool is_initialized, is_shut_down, is_over;
};

/* One message being answered. */
struct call {
    struct lsp *lsp;
    struct json_doc message;
    struct arena arena;
    struct buf *out;   /* the result's JSON */
    const char *error; /* set: answered with it instead */
};

#define REQUEST(method, handler) void handler(struct call *call);
#include "lang/lsp/methods.def"
#define NOTIFICATION(method, handler) void handler(struct call *call);
#include "lang/lsp/methods.def"

/* What a pointer into the message names, such as "/params/textDocument/uri": absent, or -1, where
 * there is no string, no number. */
struct dvara_str call_string(struct call *call, const char *pointer);
int64_t call_int(struct call *call, const char *pointer);
/* The real path of params.textDocument. */
struct dvara_str call_path(struct call *call);

/* What params.textDocument and params.position name. False: no such document. */
struct spot {
    const struct analysis *analysis;
    const struct unit *unit;
    uint32_t offset;
};
bool call_spot(struct call *call, struct spot *ret_spot);
/* The unit of params.textDocument alone. */
bool call_unit(struct call *call, struct spot *ret_spot);

/* The analysis of the program of `path`, made anew when something changed. */
const struct analysis *server_analysis(struct lsp *lsp, struct dvara_str path);
struct analysis_options server_options(const struct lsp *lsp);
/* What was known is stale; `path`'s program is to be told about. */
void server_touch(struct lsp *lsp, struct dvara_str path);

/* Before every element of a list but the first. */
static inline void write_comma(struct buf *out, bool has_one)
{
    if (has_one)
        buf_byte(out, ',');
}
/* {"uri":…,"range":…} */
void write_location(struct call *call, const struct source *source, struct span span);
/* The URI under which the editor knows the file. */
void write_file(struct buf *out, const struct lsp *lsp, struct dvara_str path);
/* A frame around one message. */
void write_frame(struct buf *out, struct dvara_str body);

#endif
