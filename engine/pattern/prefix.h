/* SPDX-License-Identifier: Apache-2.0 */
/* What every match of a pattern begins with, where that can be read off its source: a live text is
 * looked at only where one of these stands. */
#ifndef PATTERN_PREFIX_H
#define PATTERN_PREFIX_H

#include "pattern/sources.h"

#include <stdbool.h>
#include <stddef.h>

enum { PREFIX_MAX = 32, PREFIX_BYTES = 8 };

struct prefix {
    char p[PREFIX_BYTES]; /* in lower case where the pattern has no case */
    size_t n;             /* two at least */
};

/* Literal beginnings, one of which every match has. 0: not known. */
size_t prefix_list(const struct pattern_source *source, struct prefix ret_v[PREFIX_MAX]);
/* Does the pattern begin with \b? */
bool prefix_is_bounded(const struct pattern_source *source);

#endif
