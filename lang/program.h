/* SPDX-License-Identifier: Apache-2.0 */
/* The closure of the given paths and their imports, as the phases hand it on. */
#ifndef LANG_PROGRAM_H
#define LANG_PROGRAM_H

#include "lang/ast.h"

struct arena;
struct names;
struct pattern_source;
struct tokens;

struct import {
    struct text path; /* as written */
    struct span span;
    struct unit *unit; /* the file it names; NULL after an error */
};

/* One file's tree. */
struct unit {
    struct source *source;
    struct tokens *tokens;
    struct text package; /* absent if none */
    struct import *imports;
    size_t n_imports;
    struct decl **decls; /* in the file's order */
    size_t n_decls;
    bool failed;  /* something in it did not parse: names may be missing */
    uint8_t mark; /* bind: for import cycles */
};

/* A declaration of one file that another file names. */
struct use {
    const struct decl *decl;
    uint32_t file; /* the one that names it */
};

/* A place where a declaration, or the element of a quantifier, is named. */
struct mention {
    struct span span;
    const struct decl *decl;       /* or */
    const struct binding *binding; /* … */
};

struct decls {
    struct decl **v;
    size_t n;
};

struct program {
    struct arena *arena;
    struct sources sources;
    struct unit **units;
    size_t n_units;
    size_t n_roots; /* the first units are the given paths; the rest came by import */
    struct decls by_kind[DECL_COUNT]; /* bind: all files', sorted by name, then by place */
    struct decls lets; /* bind: in order of use, so that a let stands behind those it names */
    struct use *uses;  /* bind: between files */
    size_t n_uses;
    struct mention *mentions; /* bind: in the order they were found */
    size_t n_mentions;
    struct names *names; /* bind: look-up by name */
    bool incomplete;     /* a file or declaration is missing: an unknown name may be in it */
    const struct pattern_source *known; /* compile_options' */
    size_t n_known;
    struct decl *fallback; /* the `default` declaration or NULL (deny) */
};

/* The declaration of that kind, or NULL. After bind. */
struct decl *program_find(const struct program *program, enum decl_kind kind,
                          struct dvara_str name);

/* Is it bound and checked? What failed to parse is not, but for a test: nothing depends on it, and
 * its clauses stand alone. */
bool decl_is_looked_at(const struct decl *decl);

/* The label of the first given file, absent if it has no `package`. */
struct dvara_str program_package(const struct program *program);

#endif
