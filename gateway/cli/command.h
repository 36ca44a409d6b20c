/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the dvara program, as commands.def lists them. Each gets what stands after its
 * two words and returns the exit code. */
#ifndef GATEWAY_CLI_COMMAND_H
#define GATEWAY_CLI_COMMAND_H

enum { CLI_OK = 0, CLI_BAD = 1, CLI_USAGE = 2 };

#define COMMAND(noun, verb, function, arguments, what)                                             \
    int command_##function(int argc, char **argv);
#include "gateway/cli/commands.def"

#endif
