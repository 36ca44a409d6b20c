/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoints.jsonl of a running process, and the thread that syncs chains and appends to it. For
 * the .c files of this folder alone. */
#ifndef GATEWAY_AUDIT_CHECKPOINT_LOG_H
#define GATEWAY_AUDIT_CHECKPOINT_LOG_H

#include "gateway/audit/chain_state.h"

/* Opens the file and continues it; a torn last line is cut off. The heads of all chains are known:
 * CORRUPT when one ends before the last checkpoint says. */
enum dvara_status checkpoint_log_open(struct audit *audit,
                                      struct audit_problem *ret_problem) DVARA_MUST_CHECK;

/* Appends a checkpoint over these heads (sorted by chain) and syncs it. */
struct checkpoint_head;
enum dvara_status checkpoint_log_append(struct audit *audit, struct checkpoint_head *heads,
                                        size_t count) DVARA_MUST_CHECK;

/* One round of the sync thread: all chains to the disk, waits woken, and with `with_checkpoint` the
 * heads signed if a record came since the last. False when something could not be written. */
bool audit_sync(struct audit *audit, bool with_checkpoint);

#endif
