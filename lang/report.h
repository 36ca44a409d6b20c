/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics as text. Sorts them first; prints at most DIAGS_SHOWN and says how many more there
 * are. */
#ifndef LANG_REPORT_H
#define LANG_REPORT_H

#include "lang/diag.h"

struct buf;

/* human: with the source line and help; compact: one line each; json: one object. */
enum report_format { REPORT_HUMAN, REPORT_COMPACT, REPORT_JSON, REPORT_GITHUB, REPORT_COUNT };

struct report_options {
    enum report_format format;
    enum severity least; /* what is less severe is not printed */
    uint32_t shown;      /* at most so many; 0: DIAGS_SHOWN */
};

void report_print(struct buf *out, const struct sources *sources, struct diags *diags,
                  const struct report_options *options);
/* The format of that name, or REPORT_COUNT. */
enum report_format report_format_find(struct dvara_str name);
const char *severity_name(enum severity severity);

#endif
