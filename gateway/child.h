/* SPDX-License-Identifier: Apache-2.0 */
/* Runs dvara-policyc as a confined child: no network, no exec, no new processes, no file but those
 * named and the system's libraries, nothing to write to but two pipes; empty environment, closed
 * descriptors, limits on time, memory and output. Sources come from people; what reads them should
 * be able to do nothing else.
 *
 * How: PR_SET_NO_NEW_PRIVS, a Landlock ruleset for paths, a seccomp filter that is a list of what
 * is allowed (child_syscalls.def). The filter admits one execveat, of a descriptor number that no
 * later code can have again. */
#ifndef GATEWAY_CHILD_H
#define GATEWAY_CHILD_H

#include "base/buf.h"
#include "dvara/status.h"

#include <stddef.h>
#include <stdint.h>

enum { CHILD_ARGUMENTS_MAX = 32, CHILD_PATHS_MAX = 16 };

struct child_job {
    const char *program_cstr;
    const char *arguments_cstr[CHILD_ARGUMENTS_MAX]; /* after the program's name; NULL ends them */
    const char *readable_cstr[CHILD_PATHS_MAX];      /* files and folders; NULL ends them */
    struct dvara_str input;                          /* its standard input */
    uint64_t time_ns;                                /* processor time; twice that by the clock */
    uint64_t memory_bytes;
};

/* Appends what the child wrote to standard output; its ceiling is the buffer's. `errors` likewise
 * gets standard error, cut at its ceiling. *ret_exit is the exit code.
 * UNSUPPORTED: this kernel cannot confine it. IO: it could not be started, or was ended by a
 * signal. TOO_LARGE: it wrote, or took, too much. */
enum dvara_status child_run(const struct child_job *job, struct buf *output, struct buf *errors,
                            int *ret_exit) DVARA_MUST_CHECK;

#endif
