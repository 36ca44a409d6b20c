/* SPDX-License-Identifier: Apache-2.0 */
/* What an import may name. */
#ifndef LANG_LSP_COMPLETE_IMPORT_H
#define LANG_LSP_COMPLETE_IMPORT_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct import_names {
    struct dvara_str *v; /* in the order of folders, and by name in each */
    size_t n;
};

/* The policies below `folder`, as `prefix` and their path there; without the `.dvp` where `bare`. A
 * folder that cannot be read has none. */
void import_names_add(struct import_names *names, struct arena *arena, struct dvara_str folder,
                      struct dvara_str prefix, bool bare);

#endif
