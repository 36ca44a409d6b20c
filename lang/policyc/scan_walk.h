/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a scan reads: the paths given, and what their folders hold. */
#ifndef LANG_POLICYC_SCAN_WALK_H
#define LANG_POLICYC_SCAN_WALK_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct scan_path {
    const char *path_cstr; /* as given, or folder/name; "-" is standard input */
    bool given;            /* on the command line: read even if it is binary */
};

struct scan_walk {
    struct arena *arena;
    const char *const *excludes; /* globs of names or paths that are left out */
    size_t n_excludes;
    struct scan_path *v;
    size_t n;
    uint64_t skipped_folders; /* of version control */
    uint64_t skipped_special; /* links, devices, pipes in folders */
    uint64_t errors;          /* each was named on standard error */
};

/* Appends the path, or the files below it in the order of their names. Links in folders are not
 * followed. */
void scan_walk(struct scan_walk *walk, struct dvara_str path);

#endif
