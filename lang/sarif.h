/* SPDX-License-Identifier: Apache-2.0 */
/* A log in SARIF 2.1.0 (OASIS, 27 March 2020), as code scanning reads it: one run, written front to
 * back; the rules, which are known last, stand last. Paths become URI references. */
#ifndef LANG_SARIF_H
#define LANG_SARIF_H

#include "dvara/str.h"

#include <stdint.h>

struct buf;

struct sarif {
    struct buf *out;
    bool has_result;
};

/* Lines and columns from 1, columns in code points, the end exclusive. line 0: the whole file. */
struct sarif_place {
    struct dvara_str path;
    uint32_t line, col, end_line, end_col;
};

/* Something that points elsewhere: `text` says what stands there. */
struct sarif_related {
    struct sarif_place place;
    struct dvara_str text;
};

/* One edit that a machine can apply. */
struct sarif_fix {
    struct sarif_place place;
    struct dvara_str text;
    struct dvara_str replacement;
};

struct sarif_result {
    struct dvara_str rule; /* its id */
    const char *level;     /* "error", "warning", "note" or "none" */
    struct dvara_str text;
    struct sarif_place place;
    const struct sarif_related *related;
    size_t n_related;
    const struct sarif_fix *fixes;
    size_t n_fixes;
};

struct sarif_rule {
    struct dvara_str id, name;
    struct dvara_str text; /* what it finds, in one line */
    struct dvara_str help; /* where more is said; absent: nowhere */
    const char *level;     /* its default */
};

void sarif_open(struct sarif *sarif, struct buf *out);
void sarif_result(struct sarif *sarif, const struct sarif_result *result);
/* `hidden` results were left out; the log says so when there are any. */
void sarif_close(struct sarif *sarif, struct dvara_str tool, struct dvara_str version,
                 const struct sarif_rule *rules, size_t n_rules, uint32_t hidden);

#endif
