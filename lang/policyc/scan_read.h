/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of files, cut into blocks. One thread each. */
#ifndef LANG_POLICYC_SCAN_READ_H
#define LANG_POLICYC_SCAN_READ_H

#include "policyc/scan_pool.h"

struct scan_reader {
    struct scan_pool *pool;
    struct scan_means means;
    struct buf bytes;
};

DVARA_MUST_CHECK enum dvara_status scan_reader_init(struct scan_reader *reader,
                                                    struct scan_pool *pool);
void scan_reader_clear(struct scan_reader *reader);
/* Does the work and puts what it gives into the pool. */
void scan_reader_run(struct scan_reader *reader, const struct scan_task *task);

#endif
