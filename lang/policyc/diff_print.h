/* SPDX-License-Identifier: Apache-2.0 */
/* What `diff` says, in each of its formats. */
#ifndef LANG_POLICYC_DIFF_PRINT_H
#define LANG_POLICYC_DIFF_PRINT_H

#include "base/buf.h"
#include "lang/change/examples.h"

enum diff_format { DIFF_HUMAN, DIFF_JSON, DIFF_MARKDOWN, DIFF_FORMATS };

/* DIFF_FORMATS: there is none of that name. */
enum diff_format diff_format_find(const char *name_cstr);

struct diff_result {
    struct changes changes;
    struct examples examples;
};

void diff_print(const struct diff_result *result, enum diff_format format, struct buf *out);

#endif
