/* SPDX-License-Identifier: Apache-2.0 */
/* Telling a trace, if there is one. */
#ifndef VM_TRACE_H
#define VM_TRACE_H

#include "dvara/trace.h"
#include "vm/machine.h"

static inline enum dvara_truth trace_truth(struct value v)
{
    return value_is_error(v) ? DVARA_ERRED : v.i ? DVARA_TRUE : DVARA_FALSE;
}

static inline void trace_rule(const struct dvara_run *run, uint32_t rule, enum dvara_phase phase,
                              struct value holds)
{
    if (run->trace)
        run->trace->rule(run->trace->user, rule, phase,
                         phase == DVARA_PHASE_TARGET ? run->target : (struct dvara_str){NULL, 0},
                         trace_truth(holds));
}

/* An error of what is not known yet is no outcome. */
static inline void trace_atom(const struct dvara_run *run, uint32_t block, struct value v)
{
    if (run->trace && !(run->partial && value_is_error(v)))
        run->trace->atom(run->trace->user, run->bundle->memo[block], (enum dvara_phase)run->phase,
                         trace_truth(v));
}

#endif
