/* SPDX-License-Identifier: Apache-2.0 */
/* What the store folder remembers of bundles: the highest sequence seen of each name, and the bytes
 * of the last good one. */
#ifndef GATEWAY_BUNDLE_STATE_H
#define GATEWAY_BUNDLE_STATE_H

#include "base/buf.h"
#include "gateway/config.h"

/* 0 when the name was never seen. */
enum dvara_status bundle_state_sequence(const struct config *config, struct dvara_str name,
                                        uint64_t *ret_sequence) DVARA_MUST_CHECK;
enum dvara_status bundle_state_write_sequence(const struct config *config, struct dvara_str name,
                                              uint64_t sequence) DVARA_MUST_CHECK;

/* The store folder is ours alone, so the databases in these bytes may be trusted. */
enum dvara_status bundle_state_read_last(const struct config *config,
                                         struct buf *ret_bytes) DVARA_MUST_CHECK;
enum dvara_status bundle_state_write_last(const struct config *config,
                                          struct dvara_str bytes) DVARA_MUST_CHECK;

#endif
