/* SPDX-License-Identifier: Apache-2.0 */
/* From a checked and folded program to the rows, strings and code of a bundle. The same program
 * gives the same bytes, whatever the order of files and declarations: everything is made in the
 * order of names. What the bytecode cannot hold is a diagnostic. */
#ifndef LANG_CODEGEN_H
#define LANG_CODEGEN_H

#include "lang/diag.h"
#include "lang/program.h"

struct bundle_writer;

struct codegen_options {
    struct dvara_str name;     /* absent: the package */
    struct dvara_str compiler; /* "dvara-policyc 0.1.0" */
    int64_t sequence;
    int64_t not_after;         /* ns since the epoch; 0: never */
    struct dvara_str patterns; /* a section of patterns that come first, used or not: so that the
                                  databases of another bundle fit */
    /* What each detector's spans must score at least (parts per million, by decl.order); NULL: the
     * lowest threshold that any group gives it. */
    const uint32_t *floors;
    bool plain; /* nothing is shared and nothing indexed: decides alike, slower */
};

/* Fills the writer. On errors in `diags` the writer is not whole. */
void codegen(const struct program *program, const struct codegen_options *options,
             struct bundle_writer *writer, struct diags *diags);

/* The threshold that a group (or a bare detector) gives each detector, parts per million by
 * decl.order; 0: it is no member. Keeps what is lower already. `thresholds` has room for all
 * detectors of the program, and behind them for all groups. */
void codegen_thresholds(const struct program *program, const struct decl *decl,
                        uint32_t *thresholds);

#endif
