/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/compile.h"

void lint(struct program *program, struct diags *diags)
{
    (void)program;
    (void)diags;
}
