/* SPDX-License-Identifier: Apache-2.0 */
/* What `test` prints. */
#ifndef LANG_TESTREPORT_H
#define LANG_TESTREPORT_H

#include "lang/mutate.h"
#include "lang/report.h"
#include "lang/testrun.h"

struct testreport {
    const struct testrun_results *results;
    const struct coverage *coverage; /* NULL: not asked for */
    const struct mutants *mutants;   /* NULL: not asked for */
    struct dvara_str tool;           /* "dvara-policyc test" */
};

/* human: failures with their traces, coverage, mutants, and the sums; compact: a line a failure;
 * json: one object; github: an annotation a failure; junit: a suite a file. False: the format is
 * none of these. */
bool testreport_print(const struct testreport *report, enum report_format format, struct buf *out);

#endif
