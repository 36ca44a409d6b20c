/* SPDX-License-Identifier: Apache-2.0 */
/* What only the back half of the compiler and the policy's own tests can tell the linter. */
#ifndef LANG_POLICYC_MEASURE_H
#define LANG_POLICYC_MEASURE_H

#include "policyc/front.h"

/* Compiles front->program, which has no errors, and runs its tests, if it has any. What cannot be
 * told stays NULL; nothing is printed. */
void measure(struct front *front, struct lint_facts *ret_facts);

#endif
