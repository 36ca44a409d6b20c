/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/command.h"
#include "policyc/front.h"
#include "policyc/show.h"

static void print(const struct bundle_file *file, const struct bundle_program *program,
                  struct buf *out)
{
    disasm_header(file, out);
    disasm_tables(program, out);
}

static int run(int argc, char **argv)
{
    return show(argc, argv, print);
}

const struct command command_inspect = {
    .name = "inspect",
    .synopsis = "inspect BUNDLE",
    .summary = "Prints a bundle's header, signatures, sections and tables",
    .help = FRONT_HELP "Sources may stand in place of a bundle: they are compiled first.\n",
    .run = run,
};
