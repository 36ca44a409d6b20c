/* SPDX-License-Identifier: Apache-2.0 */
/* From what stands in a run to the decision that callers read: sorted lists, one reported denial.
 */
#ifndef VM_COMBINE_H
#define VM_COMBINE_H

#include "vm/machine.h"

/* Makes run->decision anew from the run's lists. */
void combine(struct dvara_run *run);

/* Of the denials of one phase the one to report, or NULL. `from`: the first to look at. */
const struct run_denial *combine_first_denial(const struct dvara_run *run, uint32_t from);
/* The same of approvals: there is one from `from` on. combine_approval.c */
const struct run_approval *combine_first_approval(const struct dvara_run *run, uint32_t from);

/* decision->approvals and the grants. combine_approval.c */
void combine_approvals(struct dvara_run *run);

#endif
