/* SPDX-License-Identifier: Apache-2.0 */
/* The texts that the editor has open, by path; and the way between URIs and paths. */
#ifndef LANG_LSP_DOCUMENTS_H
#define LANG_LSP_DOCUMENTS_H

#include "base/buf.h"
#include "dvara/str.h"

#include <stdint.h>

struct arena;

struct document {
    struct buf path; /* absolute, links resolved where the file exists */
    struct buf uri;  /* as the editor writes it */
    struct buf text;
    int64_t version;
};

struct documents {
    struct document *v;
    size_t n;
};

enum { DOCUMENTS_MAX = 4096, DOCUMENT_BYTES_MAX = 8 << 20 };

void documents_clear(struct documents *documents);
struct document *documents_find(const struct documents *documents, struct dvara_str path);
/* Adds it, or replaces its text. NULL: too many, or out of memory. */
struct document *documents_open(struct documents *documents, struct dvara_str path,
                                struct dvara_str uri, struct dvara_str text);
void documents_close(struct documents *documents, struct dvara_str path);
/* Replaces bytes [start, end). False: out of memory, or over DOCUMENT_BYTES_MAX. */
bool document_splice(struct document *document, size_t start, size_t end, struct dvara_str text);

/* The path of a file: URI, real where it exists; absent for other schemes. */
struct dvara_str path_from_uri(struct arena *arena, struct dvara_str uri);
void write_uri(struct buf *out, struct dvara_str path);

#endif
