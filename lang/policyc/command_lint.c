/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/command.h"
#include "policyc/front.h"

static int run(int argc, char **argv)
{
    struct front front;
    front_init(&front);
    int code = front_arguments(&front, argc, argv, NULL, 0);
    if (code == EXIT_CLEAN)
        code = front_compile(&front);
    if (code == EXIT_CLEAN && !diags_has_errors(&front.diags))
        lint(front.program, &front.diags);
    if (code == EXIT_CLEAN)
        code = front_report(&front);
    front_clear(&front);
    return code;
}

const struct command command_lint = {
    .name = "lint",
    .synopsis = "lint [options] PATH…",
    .summary = "Reports errors, and what is probably not meant",
    .help = FRONT_HELP,
    .run = run,
};
