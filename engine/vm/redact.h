/* SPDX-License-Identifier: Apache-2.0 */
/* What the redactions of a run come to: counts per detector, and the spans of each text. */
#ifndef VM_REDACT_H
#define VM_REDACT_H

#include "vm/machine.h"

/* Counts what stands to be redacted in the phase's own texts. A text that cannot be scanned denies
 * with `policy_error` in the name of the rules that redact it: it cannot be redacted either. */
void redact_summarise(struct dvara_run *run, enum dvara_phase phase);

#endif
