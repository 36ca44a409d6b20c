/* SPDX-License-Identifier: Apache-2.0 */
/* The PATTERN_DATABASES section: two sets, each as pattern_set_load takes it. */
#ifndef PATTERN_DATABASES_H
#define PATTERN_DATABASES_H

#include "dvara/status.h"
#include "dvara/str.h"

struct buf;

/* The rules' regexes and the detectors' patterns; an absent one is empty. */
struct pattern_databases {
    struct dvara_str rules, detectors;
};

void pattern_databases_join(const struct pattern_databases *databases, struct buf *out);
/* Slices of `section`. CORRUPT. */
DVARA_MUST_CHECK enum dvara_status pattern_databases_split(struct dvara_str section,
                                                           struct pattern_databases *ret_databases);

#endif
