/* SPDX-License-Identifier: Apache-2.0 */
/* Which of what rules may rewrite each block reads, a bit each: records and replays must know
 * whether an atom's truth is of the request as sent or as it was left. */
#ifndef BUNDLE_REWRITABLE_H
#define BUNDLE_REWRITABLE_H

#include "bundle/loaded.h"

enum {
    REWRITABLE_MAX_TOKENS = 1,
    REWRITABLE_TEMPERATURE = 2,
    REWRITABLE_USER = 4,
    REWRITABLE_FIRST_HEADER = 3, /* its bit's number; one each, the last for all that are left */
    REWRITABLE_HEADERS = 29
};

/* Fills bundle->rewritable. False: out of memory. */
bool rewritable_note(struct dvara_bundle *bundle);

/* The bit of a header; 0: no block reads it. */
uint32_t rewritable_header(const struct dvara_bundle *bundle, struct dvara_str name);

#endif
