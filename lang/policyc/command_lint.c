/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/command.h"
#include "policyc/fix.h"
#include "policyc/front.h"
#include "policyc/measure.h"

#include <stdio.h>

static int fix(struct front *front)
{
    size_t count;
    int code = fix_apply(front, &count);
    if (code == EXIT_CLEAN && count)
        (void)fprintf(stderr, "dvara-policyc lint: %zu fixed; run it again\n", count);
    return code;
}

static void lint_whole(struct front *front)
{
    struct lint_facts facts;
    measure(front, &facts);
    lint_measured(front->program, &front->diags, &facts);
}

static int run(int argc, char **argv)
{
    struct front front;
    bool wants_fix = false;
    const struct option_row rows[] = {{.name = "--fix", .flag = &wants_fix}};
    front_init(&front);
    int code = front_arguments(&front, argc, argv, rows, 1);
    if (code == EXIT_CLEAN)
        code = front_compile(&front);
    if (code == EXIT_CLEAN && !diags_has_errors(&front.diags))
        lint_whole(&front);
    if (code == EXIT_CLEAN && wants_fix)
        code = fix(&front);
    if (code == EXIT_CLEAN)
        code = front_report(&front);
    front_clear(&front);
    return code;
}

const struct command command_lint = {
    .name = "lint",
    .synopsis = "lint [--fix] [options] PATH…",
    .summary = "Reports errors, and what is probably not meant",
    .help =
        "  --fix               write the fixes that need no judgement into the files\n" FRONT_HELP,
    .run = run,
};
