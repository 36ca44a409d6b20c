/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/compile.h"

void fold(struct program *program, struct diags *diags)
{
    (void)program;
    (void)diags;
}
