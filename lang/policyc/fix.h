/* SPDX-License-Identifier: Apache-2.0 */
/* `lint --fix`: the edits of the diagnostics' first helps, written into the given files. */
#ifndef LANG_POLICYC_FIX_H
#define LANG_POLICYC_FIX_H

#include "policyc/front.h"

/* Edits that overlap an earlier one wait for the next run; E0204 is left to a person, since a
 * default decides what absence means. ret_count is how many were applied. EXIT_CLEAN, EXIT_USAGE (a
 * file could not be written) or EXIT_INTERNAL. */
int fix_apply(struct front *front, size_t *ret_count);

#endif
