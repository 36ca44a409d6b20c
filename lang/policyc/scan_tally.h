/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan found and went through, by detector: the table of --summary, and the exit code. */
#ifndef LANG_POLICYC_SCAN_TALLY_H
#define LANG_POLICYC_SCAN_TALLY_H

#include "base/buf.h"
#include "policyc/scan_detectors.h"

struct scan_count {
    uint64_t findings, files;
    size_t last_file; /* number + 1 of the last file counted */
};

struct scan_tally {
    struct scan_count *counts; /* by detector */
    uint64_t by_severity[SEVERITY_COUNT];
    uint64_t findings, files, bytes, unscanned, plain_lines;
    uint64_t binary, folders, special, errors;
    uint64_t began_ns;
};

DVARA_MUST_CHECK enum dvara_status scan_tally_init(struct scan_tally *tally, size_t n_detectors);
void scan_tally_clear(struct scan_tally *tally);

void scan_tally_add(struct scan_tally *tally, size_t file, const struct dvara_span *span);
/* One line of what was left out; nothing if nothing was. */
void scan_tally_skipped(const struct scan_tally *tally, struct buf *out);
void scan_tally_print(const struct scan_tally *tally, const struct scan_detectors *detectors,
                      struct buf *out);
/* One line without its end: how far the scan is. */
void scan_tally_progress(const struct scan_tally *tally, size_t files_done, size_t files,
                         uint64_t bytes, struct buf *out);

#endif
