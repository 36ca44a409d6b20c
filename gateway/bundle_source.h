/* SPDX-License-Identifier: Apache-2.0 */
/* Where a bundle comes from and what must hold before it may run: the file, the compiler's output,
 * or the one built in; signature, name and sequence; the providers it names; nothing it needs that
 * this version lacks. */
#ifndef GATEWAY_BUNDLE_SOURCE_H
#define GATEWAY_BUNDLE_SOURCE_H

#include "dvara/bundle.h"
#include "gateway/config.h"

struct bundle_problem {
    char text[4096]; /* sentences, perhaps the compiler's diagnostics */
};

/* Reads, compiles or takes the bundle that the config names, and checks all of it. `state` of
 * sequences seen is read from the store folder, not written. */
enum dvara_status bundle_source_load(const struct config *config,
                                     struct bundle_problem *ret_problem,
                                     struct dvara_bundle **ret_bundle,
                                     struct buf *ret_bytes) DVARA_MUST_CHECK;

/* The last good one from the store folder. NOT_FOUND: there is none. */
enum dvara_status bundle_source_load_last(const struct config *config,
                                          struct bundle_problem *ret_problem,
                                          struct dvara_bundle **ret_bundle) DVARA_MUST_CHECK;

/* After a swap: keeps the bytes as the last good bundle, and the sequence as the highest seen. */
enum dvara_status bundle_source_keep(const struct config *config, const struct dvara_bundle *bundle,
                                     struct dvara_str bytes) DVARA_MUST_CHECK;

/* Changes with every change of the file, or of any file of the folder. 0: nothing is there. */
uint64_t bundle_source_fingerprint(const struct config *config);

#endif
