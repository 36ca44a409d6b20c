/* SPDX-License-Identifier: Apache-2.0 */
/* Another gateway's configuration as a policy and a dvara.yaml. What comes out compiles; what could
 * not be carried stands as a comment where it would have been, and in the report. No credential is
 * copied: only names of environment variables are written. */
#ifndef LANG_IMPORT_IMPORT_H
#define LANG_IMPORT_IMPORT_H

#include "dvara/status.h"
#include "lang/compile.h"
#include "lang/import/node.h"

struct buf;
struct import_format;

/* "litellm", "dvara", "portkey"; NULL if there is none of that name. */
const struct import_format *import_format_find(struct dvara_str name);
/* "`litellm`, `dvara`, `portkey`". */
struct dvara_str import_format_names(void);

struct import_files {
    struct buf *policy; /* policy.dvp */
    struct buf *limits; /* limits.dvp: what gateways do not enforce yet; stays empty without it */
    struct buf *config; /* dvara.yaml */
    struct buf *report; /* a line a setting that was not carried, and the sums */
};

/* INVALID: the text is no such configuration; *ret_problem says where and why. NO_MEMORY.
 * UNSUPPORTED: the policy does not compile, which is a mistake of ours; the diagnostics are in
 * `report`. `options` has the libraries that imports are looked up in. */
DVARA_MUST_CHECK enum dvara_status import_run(const struct import_format *format,
                                              struct dvara_str source, struct dvara_str text,
                                              const struct compile_options *options,
                                              struct arena *arena, const struct import_files *files,
                                              struct node_problem *ret_problem);

#endif
