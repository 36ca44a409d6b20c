/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of a process: its folder, its keys, all its chains, and the sync thread that puts them
 * on the disk and signs checkpoints over their heads. */
#ifndef GATEWAY_AUDIT_AUDIT_H
#define GATEWAY_AUDIT_AUDIT_H

#include "dvara/status.h"
#include "gateway/audit/chain.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audit;
struct worker;

struct audit_options {
    const char *folder_cstr, *key_file_cstr, *checkpoint_key_file_cstr;
    const char *copy_file_cstr; /* NULL: none */
    bool is_strict;
    uint64_t sync_interval_ns, checkpoint_interval_ns, rotate_bytes;
};

struct audit_problem {
    char text[512]; /* one sentence */
};

/* Makes folder and keys when missing, finds the chains that are there. */
enum dvara_status audit_open(const struct audit_options *options, struct audit_problem *ret_problem,
                             struct audit **ret_audit) DVARA_MUST_CHECK;

/* Continues the chain of that name or begins it; a torn last line is cut off and recorded. `worker`
 * is where audit_wait callbacks run (NULL: the chain is used by one thread at a time and never
 * waited on). Before audit_start. CORRUPT: the last record does not verify. */
enum dvara_status audit_chain_open(struct audit *audit, const char *name_cstr,
                                   struct worker *worker, struct audit_problem *ret_problem,
                                   struct audit_chain **ret_chain) DVARA_MUST_CHECK;

/* Signs what was written so far and starts the sync thread. */
enum dvara_status audit_start(struct audit *audit) DVARA_MUST_CHECK;

/* Ends the sync thread, so that no message goes to a worker any more. Then the workers may end. */
void audit_stop(struct audit *audit);
/* Writes the counts that are left, syncs, signs the last checkpoint, frees all. The chains are used
 * no more. IO: some of it could not be written. */
enum dvara_status audit_close(struct audit *audit) DVARA_MUST_CHECK;

/* Every chain is writable. */
bool audit_all_writable(struct audit *audit);

#endif
