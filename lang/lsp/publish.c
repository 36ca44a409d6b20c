/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: those of the program that changed, a message a file. */
#include "lang/lsp/server.h"

#include "base/json_text.h"
#include "lang/lsp/diagnostic.h"

#include <limits.h>
#include <stdlib.h>

enum { PUBLISHED_MAX = 8192, BODY_BYTES_MAX = 64 << 20 };

static struct published *published_find(struct lsp *lsp, struct dvara_str path)
{
    for (size_t i = 0; i < lsp->n_published; i++)
        if (dvara_str_eq(buf_str(&lsp->published[i].path), path))
            return &lsp->published[i];
    if (lsp->n_published == PUBLISHED_MAX)
        return NULL;
    void *grown = realloc(lsp->published, (lsp->n_published + 1) * sizeof *lsp->published);
    if (!grown)
        return NULL;
    lsp->published = grown;
    struct published *made = &lsp->published[lsp->n_published++];
    *made = (struct published){.is_current = false};
    buf_init(&made->path, PATH_MAX);
    buf_append(&made->path, path);
    return made;
}

/* The diagnostics of one file; `source` NULL: there are none any more. */
static void publish_file(struct lsp *lsp, struct dvara_str path, const struct source *source,
                         struct buf *out)
{
    struct buf body;
    const struct document *document = documents_find(&lsp->documents, path);
    bool any = false;
    buf_init(&body, BODY_BYTES_MAX);
    BUF_LIT(&body, "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/publishDiagnostics\","
                   "\"params\":{\"uri\":");
    write_file(&body, lsp, path);
    if (document && document->version >= 0)
        buf_printf(&body, ",\"version\":%lld", (long long)document->version);
    BUF_LIT(&body, ",\"diagnostics\":[");
    const struct diags *diags = &lsp->analysis.diags;
    for (uint32_t i = 0; source && i < diags->n; i++) {
        if (diags->v[i]->span.file != source->number)
            continue;
        write_comma(&body, any);
        write_diagnostic(&body, lsp, diags->v[i]);
        any = true;
    }
    BUF_LIT(&body, "]}}");
    if (!buf_failed(&body))
        write_frame(out, buf_str(&body));
    buf_clear(&body);
}

static bool is_told(const struct lsp *lsp, const struct source *source)
{
    return source->real_path.p &&
           (!source->library || documents_find(&lsp->documents, source->real_path));
}

/* Files that were told about and are no longer of any program lose their diagnostics. */
static void withdraw(struct lsp *lsp, struct buf *out)
{
    struct dvara_str root = lsp->analysis.root;
    for (size_t i = lsp->n_published; i-- > 0;) {
        struct published *old = &lsp->published[i];
        bool is_ours = root.p && dvara_str_starts_with(buf_str(&old->path), root);
        if (old->is_current || !is_ours)
            continue;
        publish_file(lsp, buf_str(&old->path), NULL, out);
        buf_clear(&old->path);
        lsp->published[i] = lsp->published[--lsp->n_published];
    }
}

void lsp_publish(struct lsp *lsp, struct buf *out)
{
    if (!lsp->changed.n)
        return;
    struct arena arena;
    arena_init(&arena, PATH_MAX * 4);
    const struct analysis *analysis =
        server_analysis(lsp, arena_copy(&arena, buf_str(&lsp->changed)));
    buf_reset(&lsp->changed);
    for (size_t i = 0; i < lsp->n_published; i++)
        lsp->published[i].is_current = false;
    for (uint32_t i = 0; analysis->program && i < analysis->program->sources.n; i++) {
        const struct source *source = analysis->program->sources.v[i];
        struct published *told =
            is_told(lsp, source) ? published_find(lsp, source->real_path) : NULL;
        if (!told)
            continue;
        told->is_current = true;
        publish_file(lsp, source->real_path, source, out);
    }
    withdraw(lsp, out);
    arena_clear(&arena);
}
