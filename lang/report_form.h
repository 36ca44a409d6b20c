/* SPDX-License-Identifier: Apache-2.0 */
/* What the forms of a report share: report.c prints for people, report_json.c, report_sarif.c,
 * report_github.c and report_junit.c for programs. */
#ifndef LANG_REPORT_FORM_H
#define LANG_REPORT_FORM_H

#include "lang/report.h"

struct report {
    struct buf *out;
    const struct sources *sources;
    const struct diag **v; /* what is shown, sorted */
    uint32_t n;
    uint32_t hidden; /* how many are not */
    const struct report_options *options;
};

struct report_place {
    struct dvara_str path;
    uint32_t line, col, end_line, end_col; /* from 1; columns in code points; the end exclusive */
};

const struct source *report_source(const struct report *report, struct span span);
struct report_place report_place(const struct report *report, struct span span);
/* A terminal must not obey what a policy holds: controls come as a replacement character. */
void report_visible(struct buf *out, struct dvara_str text);

typedef void report_printer(const struct report *report);
report_printer report_json;
report_printer report_sarif;
report_printer report_github;
report_printer report_junit;

#endif
