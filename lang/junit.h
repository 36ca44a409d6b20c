/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit's XML as CI systems read it: suites of cases, a case passes or has one failure. The caller
 * knows a suite's numbers before it opens it. Texts are escaped here; what XML 1.0 cannot hold
 * becomes U+FFFD. */
#ifndef LANG_JUNIT_H
#define LANG_JUNIT_H

#include "dvara/str.h"

#include <stdint.h>

struct buf;

struct junit_suite {
    struct dvara_str name;
    size_t tests, failures, skipped;
};

struct junit_case {
    struct dvara_str name;
    struct dvara_str group;   /* `classname`: what the case belongs to, mostly a file */
    struct dvara_str file;    /* absent: left out, and the line with it */
    uint32_t line;            /* from 1 */
    uint64_t time_ns;         /* 0: left out */
    struct dvara_str problem; /* the failure in one line; absent: it passed */
    struct dvara_str detail;  /* the failure at length, or what a passing case printed */
    bool is_skipped;          /* `problem` says why */
};

void junit_open(struct buf *out, struct dvara_str name);
void junit_suite_open(struct buf *out, const struct junit_suite *suite);
void junit_case(struct buf *out, const struct junit_case *row);
void junit_suite_close(struct buf *out);
void junit_close(struct buf *out);

#endif
