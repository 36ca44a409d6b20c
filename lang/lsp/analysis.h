/* SPDX-License-Identifier: Apache-2.0 */
/* One compile of the program that a document belongs to: the folder it stands in, or the outermost
 * one above it that also holds policies, up to the workspace's. */
#ifndef LANG_LSP_ANALYSIS_H
#define LANG_LSP_ANALYSIS_H

#include "base/arena.h"
#include "lang/compile.h"
#include "lang/suggest.h"

struct documents;

struct analysis_options {
    const struct documents *documents;
    struct regex_store *regexes; /* NULL: none */
    struct dvara_str workspace;  /* absolute; absent: none */
    const struct dvara_str *libraries;
    size_t n_libraries;
};

struct analysis {
    struct arena arena;
    struct diags diags;
    struct program *program; /* NULL: out of memory */
    struct dvara_str root;   /* in the arena */
};

/* The folder that stands for the program of `path`, in `arena`. */
struct dvara_str analysis_root(struct arena *arena, const struct analysis_options *options,
                               struct dvara_str path);

/* Compiles and lints. `path` is a document that may not be on disk. analysis_clear frees it. */
void analysis_make(struct analysis *analysis, const struct analysis_options *options,
                   struct dvara_str path);
/* Only as far as names and types, with `text` as the document's, and a probe in it. */
void analysis_probe(struct analysis *analysis, const struct analysis_options *options,
                    struct dvara_str path, struct dvara_str text, struct probe *probe);
/* Parses one text alone. */
void analysis_parse(struct analysis *analysis, struct dvara_str path, struct dvara_str text);
void analysis_clear(struct analysis *analysis);

/* The document's unit, or NULL. */
const struct unit *analysis_unit(const struct analysis *analysis, struct dvara_str path);

#endif
