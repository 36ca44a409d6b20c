/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/lsp/documents.h"

#include "base/arena.h"

#include <limits.h>
#include <stdlib.h>

static void close_at(struct documents *documents, size_t i)
{
    struct document *document = &documents->v[i];
    buf_clear(&document->path);
    buf_clear(&document->uri);
    buf_clear(&document->text);
    documents->v[i] = documents->v[--documents->n];
}

void documents_clear(struct documents *documents)
{
    while (documents->n)
        close_at(documents, documents->n - 1);
    free(documents->v);
    documents->v = NULL;
}

struct document *documents_find(const struct documents *documents, struct dvara_str path)
{
    for (size_t i = 0; i < documents->n; i++)
        if (dvara_str_eq(buf_str(&documents->v[i].path), path))
            return &documents->v[i];
    return NULL;
}

static struct document *add(struct documents *documents)
{
    if (documents->n == DOCUMENTS_MAX)
        return NULL;
    void *grown = realloc(documents->v, (documents->n + 1) * sizeof *documents->v);
    if (!grown)
        return NULL;
    documents->v = grown;
    struct document *document = &documents->v[documents->n++];
    buf_init(&document->path, PATH_MAX);
    buf_init(&document->uri, (size_t)PATH_MAX * 4);
    buf_init(&document->text, DOCUMENT_BYTES_MAX);
    return document;
}

struct document *documents_open(struct documents *documents, struct dvara_str path,
                                struct dvara_str uri, struct dvara_str text)
{
    struct document *document = documents_find(documents, path);
    if (!document)
        document = add(documents);
    if (!document)
        return NULL;
    buf_reset(&document->path);
    buf_reset(&document->uri);
    buf_reset(&document->text);
    buf_append(&document->path, path);
    buf_append(&document->uri, uri);
    buf_append(&document->text, text);
    if (buf_failed(&document->path) || buf_failed(&document->uri) || buf_failed(&document->text)) {
        close_at(documents, (size_t)(document - documents->v));
        return NULL;
    }
    return document;
}

void documents_close(struct documents *documents, struct dvara_str path)
{
    struct document *document = documents_find(documents, path);
    if (document)
        close_at(documents, (size_t)(document - documents->v));
}

bool document_splice(struct document *document, size_t start, size_t end, struct dvara_str text)
{
    struct buf *old = &document->text;
    struct buf made;
    buf_init(&made, DOCUMENT_BYTES_MAX);
    buf_append(&made, dvara_str_slice(buf_str(old), 0, start));
    buf_append(&made, text);
    buf_append(&made, dvara_str_slice(buf_str(old), end, old->n));
    if (buf_failed(&made)) {
        buf_clear(&made);
        return false;
    }
    buf_clear(old);
    *old = made;
    return true;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    int letter = c | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

struct dvara_str path_from_uri(struct arena *arena, struct dvara_str uri)
{
    static const struct dvara_str scheme = {.p = "file://", .n = 7};
    char path[PATH_MAX], real[PATH_MAX];
    size_t n = 0;
    if (!dvara_str_starts_with(uri, scheme))
        return (struct dvara_str){0};
    size_t at = scheme.n;
    while (at < uri.n && uri.p[at] != '/')
        at++; /* an authority: this host's */
    for (; at < uri.n && n + 1 < sizeof path; at++) {
        int high = uri.p[at] == '%' && at + 2 < uri.n ? hex(uri.p[at + 1]) : -1;
        int low = high >= 0 ? hex(uri.p[at + 2]) : -1;
        path[n++] = low >= 0 ? (char)(high * 16 + low) : uri.p[at];
        at += low >= 0 ? 2 : 0;
    }
    path[n] = '\0';
    if (n == 0 || memchr(path, '\0', n))
        return (struct dvara_str){0};
    return arena_copy(arena,
                      realpath(path, real) ? dvara_str_from_cstr(real) : dvara_str_from(path, n));
}

void write_uri(struct buf *out, struct dvara_str path)
{
    static const char plain[] = "/-._~";
    BUF_LIT(out, "file://");
    for (size_t i = 0; i < path.n; i++) {
        unsigned char c = (unsigned char)path.p[i];
        bool is_word = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (is_word || (c && strchr(plain, c)))
            buf_byte(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}
