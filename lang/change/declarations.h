/* SPDX-License-Identifier: Apache-2.0 */
/* What two policies declare otherwise: of sources each declaration in the spelling of `fmt`, of
 * bundles what their tables tell. */
#ifndef LANG_CHANGE_DECLARATIONS_H
#define LANG_CHANGE_DECLARATIONS_H

#include "dvara/bundle.h"
#include "dvara/request.h"
#include "lang/program.h"

struct buf;

enum change_kind { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_CHANGED };

struct change {
    enum change_kind kind;
    struct dvara_str what;                  /* "rule", "let" */
    struct dvara_str name;                  /* absent of `default` */
    struct dvara_str old_text, new_text;    /* lines; absent where it is not declared */
    const struct decl *old_decl, *new_decl; /* of sources; or NULL */
    bool is_part; /* its own text did not change, what it is made of may have */
};

struct changes {
    struct change *v;
    size_t n;
};

/* By kind, then by name. False: out of memory. */
bool declarations_compare(const struct program *old, const struct program *new, struct arena *arena,
                          struct changes *ret_changes);
/* The same of bundles: rules, routes, providers, models, detectors and budgets. */
bool declarations_compare_bundles(const struct dvara_bundle *old, const struct dvara_bundle *new,
                                  struct arena *arena, struct changes *ret_changes);

/* Appends both texts as one, a line each, behind ` `, `-` or `+`. */
void declarations_print(const struct change *change, struct dvara_str indent, struct buf *out);

#endif
