/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of chains and of the process's audit; for the .c files of this folder alone. */
#ifndef GATEWAY_AUDIT_CHAIN_STATE_H
#define GATEWAY_AUDIT_CHAIN_STATE_H

#include "base/time.h"
#include "gateway/audit/audit.h"
#include "gateway/audit/mac.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

enum { CHAIN_NAME_BYTES = 32, CHAIN_PATH_BYTES = 4096, CHAIN_OLD_FILES = 8 };

struct chain_head {
    uint64_t seq; /* of the last record; 0: none */
    unsigned char mac[AUDIT_MAC_BYTES];
};

struct audit_chain {
    struct audit_chain *next;
    struct audit *audit;
    struct worker *worker; /* NULL: a chain of main, or one that an earlier start left */
    char name[CHAIN_NAME_BYTES];
    bool is_dormant; /* no one appends; only its head goes into checkpoints */

    /* The owner's. */
    struct audit_mac *mac;
    struct metrics *metrics;
    struct buf payload;
    struct buf lines;                  /* made and not yet written: one record's, or a group's */
    struct chain_head tail;            /* after those lines; what is written is `head` */
    unsigned counts[AUDIT_TYPE_COUNT]; /* of those lines */
    bool is_grouping;
    /* Texts that records share: the tail's MAC, which the next holds as prev, and a time. */
    char tail_hex[2 * AUDIT_MAC_BYTES];
    uint64_t tail_hex_seq; /* whose it is; a seq that no record has when there is none */
    char time_text[TIME_RFC3339_SIZE];
    size_t time_length;
    int64_t time_ns;
    unsigned file_number;
    off_t size;      /* of the good part of the file */
    bool needs_heal; /* a torn line may stand behind it */
    _Atomic bool is_failing;
    struct audit_wait *waits, **waits_end;
    _Atomic unsigned wait_count;
    uint64_t suppressed; /* unauthenticated refusals without a record */
    int64_t suppressed_since_ns;

    /* Shared with the sync thread, under the lock; never held across a system call. */
    pthread_mutex_t lock;
    struct chain_head head;
    int fd;
    off_t head_size;              /* of fd up to that head */
    int old_fds[CHAIN_OLD_FILES]; /* rotated files to sync and close */
    unsigned old_count;

    /* The sync thread's. */
    uint64_t synced_head;
    off_t given_back; /* of fd, from its start: no longer in the system's memory */
    _Atomic uint64_t synced_seq;
};

struct audit {
    struct audit_options options; /* strings are the caller's and outlive this */
    unsigned char key[AUDIT_KEY_BYTES];
    EVP_PKEY *checkpoint_key;
    char checkpoint_kid[AUDIT_KID_BYTES];
    struct audit_chain *chains;
    _Atomic uint64_t unauthenticated; /* second << 8 | records in it */

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wake;
    bool should_stop, should_sync, should_checkpoint;

    /* The sync thread's: the checkpoint chain. */
    int checkpoints_fd, copy_fd;
    off_t checkpoints_size;
    uint64_t checkpoint_seq;
    unsigned char checkpoint_digest[AUDIT_MAC_BYTES];
    uint64_t
        checkpoint_sum; /* of all seqs at the last checkpoint: has anything been written since? */
    bool is_failing;
};

/* "folder/w0-000001.jsonl" */
void chain_path(const struct audit_chain *chain, unsigned number, char path[CHAIN_PATH_BYTES]);

/* Finds the end of a chain on the disk: number of its last file, good size, head, torn bytes. */
/* "w0-000001.jsonl" in its parts; false for any other name. */
bool chain_file_name(const char *file_cstr, struct dvara_str *ret_chain, unsigned *ret_number);

struct chain_end {
    unsigned file_number; /* 0: no file */
    off_t size;
    size_t torn_bytes;
    struct chain_head head;
};
enum dvara_status chain_find_end(struct audit_chain *chain, struct audit_problem *ret_problem,
                                 struct chain_end *ret_end) DVARA_MUST_CHECK;

/* Wakes the sync thread. */
void audit_wake(struct audit *audit, bool for_checkpoint);

/* Writes the pending count of refusals; on the owner's thread. */
enum dvara_status chain_flush_count(struct audit_chain *chain) DVARA_MUST_CHECK;
/* Runs on_synced of all waits up to synced_seq; on the owner's thread. */
void chain_run_waits(struct worker *worker, void *chain);

#endif
