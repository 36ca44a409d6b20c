/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: a table of options a command, and the operands. */
#ifndef LANG_POLICYC_ARGUMENTS_H
#define LANG_POLICYC_ARGUMENTS_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>

enum { OPERANDS_MAX = 4096, LIBRARIES_MAX = 64 };

struct option_row {
    const char *name;       /* "--format", or "-k" */
    const char **value;     /* takes a value, stored here; or NULL */
    bool *flag;             /* takes none, set to true; or NULL */
    struct dvara_str *list; /* may be given several times; or NULL */
    size_t *n_list;
    size_t list_max;
};

struct operands {
    struct dvara_str v[OPERANDS_MAX];
    size_t n;
};

/* argv[0] is the command's name. `--name value` and `--name=value`; `--` ends the options; `-`
 * alone is an operand. False: a message is on standard error. */
bool arguments_read(int argc, char **argv, const struct option_row *rows, size_t n_rows,
                    struct operands *operands);

#endif
