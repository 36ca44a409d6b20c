/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling under limits of processor time and memory: a pattern of a few characters can ask for
 * minutes and gigabytes. The work is done in a child process, since a compiler of patterns cannot
 * be told to stop; its memory goes with it. Where no child can be made (the gateway's confined one
 * may not, and has limits of its own) it is done here. */
#ifndef PATTERN_BUILD_LIMITED_H
#define PATTERN_BUILD_LIMITED_H

#include "pattern/build/build.h"

struct pattern_limits {
    unsigned seconds;    /* of processor time */
    size_t memory_bytes; /* of data, with what the process holds already */
};

/* Of a whole bundle, and of the pattern that is looked for when those are spent. */
#define PATTERN_LIMITS     ((struct pattern_limits){.seconds = 120, .memory_bytes = (size_t)4 << 30})
#define PATTERN_LIMITS_ONE ((struct pattern_limits){.seconds = 10, .memory_bytes = (size_t)1 << 30})

/* pattern_databases_build within `all`. When that is not enough, each pattern is compiled alone
 * within `one`: TOO_LARGE, and ret_error names the first that needs more, or says that no single
 * one does. IO: the child could not be heard. */
DVARA_MUST_CHECK enum dvara_status
pattern_databases_build_within(struct pattern_limits all, struct pattern_limits one,
                               struct dvara_str rule_sources, struct dvara_str detectors,
                               struct buf *out, struct pattern_build_error *ret_error);

/* pattern_check within `one`; TOO_LARGE: ret_error says that it takes more. Only a pattern that
 * repeats something a hundred times or more is checked in a child. */
DVARA_MUST_CHECK enum dvara_status pattern_check_within(struct pattern_limits one,
                                                        const struct pattern_source *source,
                                                        struct pattern_facts *ret_facts,
                                                        struct pattern_build_error *ret_error);

#endif
