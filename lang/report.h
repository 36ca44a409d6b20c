/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics as text. Sorts them first; prints at most so many and says how many more there are.
 */
#ifndef LANG_REPORT_H
#define LANG_REPORT_H

#include "lang/diag.h"

struct buf;

/* human: with the source line and help; compact: one line each; json: one object; sarif: for code
 * scanning; github: workflow commands; junit: a suite a file. */
enum report_format {
    REPORT_HUMAN,
    REPORT_COMPACT,
    REPORT_JSON,
    REPORT_SARIF,
    REPORT_GITHUB,
    REPORT_JUNIT,
    REPORT_COUNT
};

struct report_options {
    enum report_format format;
    enum severity least;   /* what is less severe is not printed */
    enum severity fail;    /* junit: from here on a diagnostic is a failure */
    uint32_t shown;        /* at most so many; 0: DIAGS_SHOWN */
    struct dvara_str tool; /* "dvara-policyc lint": sarif and junit name it */
    struct dvara_str version;
};

void report_print(struct buf *out, const struct sources *sources, struct diags *diags,
                  const struct report_options *options);
/* The format of that name, or REPORT_COUNT. */
enum report_format report_format_find(struct dvara_str name);
/* Is it read by a program, and so goes to standard output? */
static inline bool report_is_for_programs(enum report_format format)
{
    return format >= REPORT_JSON;
}
const char *severity_name(enum severity severity);

#endif
