/* SPDX-License-Identifier: Apache-2.0 */
/* The offsets of a time zone from the system's zone files: they go into the bundle, so that a
 * decision does not depend on the files of the machine that makes it. */
#ifndef LANG_ZONE_H
#define LANG_ZONE_H

#include "dvara/str.h"

#include <stdint.h>

struct arena;

struct zone_shifts {
    struct {
        int64_t at, offset; /* seconds since the epoch; seconds east of UTC from then on */
    } * v;
    size_t n;
};

/* From 1970 to 2100, later ones as the last. False: there is no such zone. Not for several threads:
 * it sets and restores TZ. */
bool zone_read(struct arena *arena, struct dvara_str name, struct zone_shifts *ret_shifts);

struct suggestion;

/* Offers every name that the system's copy of the database lists (tzdata.zi), copied into the
 * arena; none without it. */
void zone_suggest(struct arena *arena, struct suggestion *suggestion);

#endif
