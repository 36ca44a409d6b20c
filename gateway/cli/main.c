/* SPDX-License-Identifier: Apache-2.0 */
/* dvara: finds the command and runs it. */
#include "gateway/cli/command.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *noun, *verb, *arguments, *what;
    int (*run)(int argc, char **argv);
} commands[] = {
#define COMMAND(noun, verb, function, arguments, what)                                             \
    {noun, verb, arguments, what, command_##function},
#include "gateway/cli/commands.def"
};

static int help(FILE *out, int code)
{
    fprintf(out, "Usage: dvara COMMAND …\n\nCommands:\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(out, "  %s %s %s\n      %s\n", commands[i].noun, commands[i].verb,
                commands[i].arguments, commands[i].what);
    fprintf(out, "\nWith --help a command tells its options; dvara --version tells the version.\n");
    return code;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        printf("dvara %s\n", DVARA_VERSION);
        return CLI_OK;
    }
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return help(stdout, CLI_OK);
    for (size_t i = 0; argc >= 3 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].noun) == 0 && strcmp(argv[2], commands[i].verb) == 0)
            return commands[i].run(argc - 2, argv + 2);
    if (argc == 3 && strcmp(argv[2], "--help") == 0)
        return help(stdout, CLI_OK);
    return help(stderr, CLI_USAGE);
}
