/* SPDX-License-Identifier: Apache-2.0 */
/* How many steps each part of a bundle can take at most: known before it runs, since code only
 * jumps forward and its one loop goes over a list with a cap. A step is an instruction, 64 bytes of
 * text touched, or an element of a quantifier (dvara/limits.h). Texts count as DVARA_MAX_SCAN,
 * lists as DVARA_MAX_LIST, messages and tools as their caps. Amounts past UINT64_MAX stay there. */
#ifndef BUNDLE_COST_H
#define BUNDLE_COST_H

#include "bundle/read.h"
#include "dvara/status.h"

struct arena;

/* One bound a rule (its condition, its values, its templates) in the arena. The program must have
 * been verified. NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status cost_rules(const struct bundle_program *program,
                                              struct arena *arena, uint64_t **ret_steps);

#endif
