/* SPDX-License-Identifier: Apache-2.0 */
/* An SMT solver in a child process that reads SMT-LIB 2.6 from its standard input: limited in time
 * and memory, killed with its parent. Whatever it does, it can only make an answer unknown. */
#ifndef LANG_LOGIC_SOLVER_H
#define LANG_LOGIC_SOLVER_H

#include "dvara/status.h"
#include "dvara/str.h"

#include <stdint.h>

struct buf;

struct solver_options {
    struct dvara_str path; /* of the program; absent: `z3`, looked up in PATH */
    uint64_t timeout_ns;   /* of one question; 0: SOLVER_TIMEOUT_NS */
};

#define SOLVER_TIMEOUT_NS UINT64_C(10000000000)
enum {
    SOLVER_MEMORY_MAX =
        2 << 10, /* MiB of address space: what a question of this size needs, twice */
    SOLVER_ANSWER_MAX = 4 << 20 /* bytes of output: models are lists of short values */
};

/* Runs it over the whole script and appends what it prints. NOT_FOUND: there is no such program.
 * AGAIN: its time was up and it was killed. IO: it died without a word, or printed more than a
 * model can be. NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status solver_run(const struct solver_options *options,
                                              struct dvara_str script, struct buf *out);

#endif
