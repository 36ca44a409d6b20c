/* SPDX-License-Identifier: Apache-2.0 */
/* What a row of a bundle's tables says, as a digest: its columns with every row that they lead to
 * in place of its number, so that two bundles that say the same have the same, and no others can be
 * made that do (SHA-256). Where a declaration
 * stands, its documentation, and what the compiler made of all rules together (the index) do not
 * count; other routes and detectors stand by their names. */
#ifndef LANG_CHANGE_CONTENTS_H
#define LANG_CHANGE_CONTENTS_H

#include "bundle/format.h"
#include "bundle/loaded.h"

struct contents_digest {
    unsigned char sha256[FORMAT_DIGEST];
    bool is_made;
};

struct contents {
    const struct dvara_bundle *bundle;
    struct contents_digest *blocks; /* by block */
    bool failed;                    /* out of memory at some time: a digest may be wrong */
};

/* In the arena. False: out of memory. */
bool contents_init(struct contents *contents, const struct dvara_bundle *bundle,
                   struct arena *arena);
struct contents_digest contents_of(struct contents *contents, enum bundle_table table,
                                   uint32_t row);

/* The row's numbers that are not 0, by the names of their columns, a line each. */
void contents_print(const struct dvara_bundle *bundle, enum bundle_table table, uint32_t row,
                    struct buf *out);

#endif
