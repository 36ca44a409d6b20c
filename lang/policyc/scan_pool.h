/* SPDX-License-Identifier: Apache-2.0 */
/* What the threads of a scan share, behind one lock: which work is left, and the blocks that wait
 * to be handed over. Not for other files than scan_jobs.c, scan_read.c and scan_pool.c. */
#ifndef LANG_POLICYC_SCAN_POOL_H
#define LANG_POLICYC_SCAN_POOL_H

#include "policyc/scan_jobs.h"

#include <pthread.h>
#include <sys/types.h>

enum {
    SCAN_SLICE = 4 << 20,     /* of a large file; also one block of a stream */
    SCAN_BLOCKS_AHEAD = 1024, /* finished and not yet handed over, before threads wait */
    SCAN_SNIFFED = 8 << 10    /* a NUL in the first bytes says binary */
};

/* One path's blocks. */
struct scan_file {
    struct scan_result **blocks; /* by number; NULL: not there yet */
    size_t n_blocks, room;
    bool ended; /* n_blocks is final */
    enum scan_outcome outcome;
    int error;
};

/* A file that is read in slices by any thread. */
struct scan_large {
    size_t file;
    int fd;
    uint64_t size;
    size_t n_slices, next, done;
    struct scan_large *rest;
};

struct scan_pool {
    const struct scan_plan *plan;
    pthread_mutex_t lock;
    pthread_cond_t work, news; /* for threads; for the one that hands over */
    struct scan_file *files;
    size_t next_file, opening, printing, ahead;
    struct scan_large *large; /* first come, first served */
    uint64_t bytes;
    bool failed; /* out of memory */
};

/* One piece of work. */
struct scan_task {
    size_t file;
    struct scan_large *large; /* NULL: the whole file, to be opened */
    size_t slice;
};

DVARA_MUST_CHECK enum dvara_status scan_pool_init(struct scan_pool *pool,
                                                  const struct scan_plan *plan);
void scan_pool_clear(struct scan_pool *pool);

/* Waits for work; false: none is left. */
bool scan_pool_take(struct scan_pool *pool, struct scan_task *ret_task);
/* The file just taken will be scanned in slices by everyone; takes the descriptor. */
void scan_pool_share(struct scan_pool *pool, size_t file, int fd, uint64_t size);
/* The file just taken is opened, and is this thread's alone. */
void scan_pool_opened(struct scan_pool *pool);
/* A block of the file; the result is taken over and zeroed. */
void scan_pool_put(struct scan_pool *pool, size_t file, size_t number, struct scan_result *result);
/* No block follows. */
void scan_pool_end(struct scan_pool *pool, size_t file, enum scan_outcome outcome, int error);
/* A slice was put; the last one closes the file. */
void scan_pool_slice_done(struct scan_pool *pool, struct scan_large *large, int error);
/* Calls the plan's functions until every file was handed over. */
void scan_pool_deliver(struct scan_pool *pool);

#endif
