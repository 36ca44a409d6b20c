/* SPDX-License-Identifier: Apache-2.0 */
/* The front half of one compile: text to a checked, folded tree. One function a phase; each appends
 * to `diags` and goes on. The tree after a phase that reported errors is still well-formed (broken
 * parts are EXPR_ERROR or decl.failed), but only a program without errors may be given to the code
 * generator. */
#ifndef LANG_COMPILE_H
#define LANG_COMPILE_H

#include "lang/diag.h"
#include "lang/program.h"

enum { COMPILE_ARENA_LIMIT = 1 << 30 }; /* 1 MiB of the densest text needs about 200 MiB */

struct pattern_source;

/* Texts that stand for files: an editor's, not saved yet. True: ret_text is the file's. */
struct overlay {
    bool (*read)(void *user, struct dvara_str real_path, struct dvara_str *ret_text);
    void *user;
};

struct compile_options {
    const struct dvara_str *paths; /* files, folders (their *.dvp, recursively), "-" */
    size_t n_paths;
    const struct dvara_str *libraries; /* folders that `import "pii/identity"` is looked up in */
    size_t n_libraries;
    bool without_imports;               /* the given paths alone */
    const struct overlay *overlay;      /* NULL: the files' own texts */
    const struct pattern_source *known; /* patterns of `matches` that are known to compile */
    size_t n_known;
    struct regex_store *regexes; /* NULL: asked anew; what was asked before stays known in it */
};

/* Reads and parses the given paths and all they import: lex and parse per file. A path that cannot
 * be read is an error with code E0104 (import) or E0105 (given path). */
struct program *closure_read(struct arena *arena, const struct compile_options *options,
                             struct diags *diags);
/* The same for one text from memory (tests, `-`); its imports are looked up in the libraries only.
 */
struct program *closure_from_text(struct arena *arena, struct dvara_str name, struct dvara_str text,
                                  const struct compile_options *options, struct diags *diags);

/* Names over all files: duplicates, unknown names, cycles; resolves paths to attributes. */
void bind_names(struct program *program, struct diags *diags);
/* Types, narrowing, phases, taint, strata, values of clauses. */
void check(struct program *program, struct diags *diags);
/* Constants; overflow in them. After check; declarations that failed are left out. */
void fold(struct program *program, struct diags *diags);
/* The value of an operator or function whose operands' values are known, text functions too, or
 * NULL; expr->value is filled. */
const struct constant *fold_one(struct arena *arena, struct expr *expr);
/* The rows of lints.def, and `# dvp:allow`. Only after a check without errors. */
void lint(struct program *program, struct diags *diags);

/* What a compile and a run of the tests tell of each rule, by its decl.order; NULL: not known. */
struct lint_facts {
    const bool *indexed; /* the bundle's index reaches it */
    const bool *matched; /* it held in some test */
};
/* The same, and the lints that need them. */
void lint_measured(struct program *program, struct diags *diags, const struct lint_facts *facts);

/* closure_read, bind, check and, if there was no error, fold. NULL only when out of memory. */
struct program *compile_front(struct arena *arena, const struct compile_options *options,
                              struct diags *diags);

#endif
