/* SPDX-License-Identifier: Apache-2.0 */
/* What a row of a bundle's tables says, as a number: its columns with every row that they lead to
 * in place of its number, so that two bundles that say the same have the same. Where a declaration
 * stands, its documentation, and what the compiler made of all rules together (the index) do not
 * count; other routes and detectors stand by their names. */
#ifndef LANG_CHANGE_CONTENTS_H
#define LANG_CHANGE_CONTENTS_H

#include "bundle/loaded.h"

struct contents {
    const struct dvara_bundle *bundle;
    uint64_t *blocks; /* by block; 0: not made yet */
};

/* In the arena. False: out of memory. */
bool contents_init(struct contents *contents, const struct dvara_bundle *bundle,
                   struct arena *arena);
uint64_t contents_of(const struct contents *contents, enum bundle_table table, uint32_t row);

/* The row's numbers that are not 0, by the names of their columns, a line each. */
void contents_print(const struct dvara_bundle *bundle, enum bundle_table table, uint32_t row,
                    struct buf *out);

#endif
