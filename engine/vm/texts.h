/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the texts of an exchange: what was found in them, what matched, what was parsed.
 */
#ifndef VM_TEXTS_H
#define VM_TEXTS_H

#include "base/json.h"
#include "dvara/pii.h"

/* What was found in the texts of one place; spans live in the run's arena. */
struct run_scan {
    bool done;
    uint8_t error;             /* enum dvara_error_kind */
    struct dvara_spans *spans; /* one a leaf */
    size_t n;
};

/* What the parts of a live answer showed so far. */
struct run_live {
    uint8_t *held;    /* by memo slot of atoms: it held for some part */
    int64_t *counts;  /* by group: findings */
    uint8_t *matched; /* by pattern, of `text` */
    struct dvara_str text;
    size_t hold; /* bytes at the end of the window that may begin what is looked for */
};

/* Texts that were matched against all patterns, newest first. */
struct run_matches {
    struct dvara_str text;
    uint8_t *matched; /* NULL: the scan failed */
    struct run_matches *next;
};

/* The last JSON text that was parsed. */
struct run_json {
    struct dvara_str text;
    bool good;
    struct json_doc doc;
};

#endif
