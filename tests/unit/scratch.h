/* SPDX-License-Identifier: Apache-2.0 */
/* A folder for the files that a program of unit tests makes. SUITE makes it before the tests, which
 * run in children, and removes it with all it holds after them, whatever they died of. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SCRATCH_VARIABLE "DVARA_UNIT_SCRATCH"

static inline int scratch_remove_entry(const char *path, const struct stat *info, int kind,
                                       struct FTW *place)
{
    (void)info, (void)kind, (void)place;
    return remove(path);
}

static inline void scratch_open(char folder[32])
{
    (void)snprintf(folder, 32, "/tmp/dvara-unit-XXXXXX");
    if (!mkdtemp(folder) || setenv(SCRATCH_VARIABLE, folder, 1) != 0)
        abort();
}

static inline void scratch_close(const char *folder)
{
    (void)nftw(folder, scratch_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* A new folder of the test's own. */
static inline void scratch_folder(char *ret_folder, size_t size)
{
    (void)snprintf(ret_folder, size, "%s/XXXXXX", getenv(SCRATCH_VARIABLE));
    if (!mkdtemp(ret_folder))
        abort();
}

#endif
