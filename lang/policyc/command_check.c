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
    if (code == EXIT_CLEAN)
        code = front_report(&front);
    front_clear(&front);
    return code;
}

const struct command command_check = {
    .name = "check",
    .synopsis = "check [options] PATH…",
    .summary = "Reports every error of the policies and of all they import",
    .help = FRONT_HELP,
    .run = run,
};
