/* SPDX-License-Identifier: Apache-2.0 */
/* The walls around a confined child (child.h): a Landlock ruleset for paths and a seccomp filter
 * for system calls. Made before the fork; entered after it with plain system calls only. */
#ifndef GATEWAY_CHILD_CAGE_H
#define GATEWAY_CHILD_CAGE_H

#include "dvara/status.h"

#include <linux/filter.h>

/* The one descriptor that may be executed. It stands above the child's own limit of descriptors and
 * is closed by the exec, so nothing can have that number again. */
enum { CAGE_EXEC_FD = 200, CAGE_RULESET_FD = 201, CAGE_DESCRIPTORS = 64, CAGE_FILTER_MAX = 256 };

struct cage {
    int ruleset_fd; /* Landlock */
    struct sock_filter filter[CAGE_FILTER_MAX];
    unsigned short filter_count;
};

/* `readable_cstr` ends with NULL; paths that do not exist are left out. UNSUPPORTED: no Landlock.
 */
enum dvara_status cage_new(const char *const *readable_cstr, const char *program_cstr,
                           struct cage *ret_cage) DVARA_MUST_CHECK;
void cage_clear(struct cage *cage);

/* In the child. False: it must not go on. */
_Bool cage_enter(const struct cage *cage);

#endif
