/* SPDX-License-Identifier: Apache-2.0 */
/* The threads of a scan: files are read and scanned by several, large ones in slices, and what they
 * give is handed over in the order of the files, on the caller's thread. */
#ifndef LANG_POLICYC_SCAN_JOBS_H
#define LANG_POLICYC_SCAN_JOBS_H

#include "policyc/scan_block.h"
#include "policyc/scan_walk.h"

enum { SCAN_JOBS_MAX = 64 };

enum scan_outcome {
    SCAN_READ,
    SCAN_BINARY, /* holds a NUL early and was met in a folder: not scanned */
    SCAN_FAILED  /* could not be read to its end; `error` is errno */
};

struct scan_plan {
    const struct scan_path *paths;
    size_t n_paths;
    const struct dvara_detectors *detectors;
    unsigned jobs;
    bool all_lines;   /* every file is JSON Lines; else those named so */
    bool keep_values; /* findings carry their bytes */
    bool explain;     /* findings say why */

    /* Blocks of one file come in order, then its end. */
    void (*on_block)(void *user, const struct scan_path *path, bool lines,
                     const struct scan_result *result);
    void (*on_end)(void *user, const struct scan_path *path, enum scan_outcome outcome, int error);
    /* Now and then, while nothing comes. */
    void (*on_wait)(void *user, size_t files_done, uint64_t bytes);
    void *user;
};

/* Is the file read as JSON Lines? By its name: .jsonl, .ndjson. */
bool scan_reads_lines(const struct scan_plan *plan, const struct scan_path *path);

DVARA_MUST_CHECK enum dvara_status scan_jobs(const struct scan_plan *plan);

#endif
