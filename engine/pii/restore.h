/* SPDX-License-Identifier: Apache-2.0 */
/* Putting tokens back, in whole texts and piece by piece. Not for other folders. */
#ifndef PII_RESTORE_H
#define PII_RESTORE_H

#include "base/buf.h"
#include "dvara/pii.h"

struct restorer {
    const struct dvara_vault *vault;
    bool in_urls;
    struct buf text; /* what came, tokens not restored: passed on up to `done`, waiting after it */
    size_t done;
    size_t restored;
};

enum {
    RESTORE_CONTEXT = 1024 /* bytes before a token that may show a link or tag around it; a longer
                              unbroken run before it is in doubt */
};

void restorer_init(struct restorer *restorer, const struct dvara_vault *vault, bool in_urls);
void restorer_clear(struct restorer *restorer); /* wipes */
/* Appends text; passes on to `out` all that no token's text could still claim. */
void restorer_feed(struct restorer *restorer, struct dvara_str text, struct buf *out);
void restorer_finish(struct restorer *restorer, struct buf *out);
static inline size_t restorer_held(const struct restorer *restorer)
{
    return restorer->text.n - restorer->done;
}

#endif
