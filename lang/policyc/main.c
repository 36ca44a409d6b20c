/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/suggest.h"
#include "policyc/command.h"

#include <stdio.h>
#include <stdbool.h>
#include <string.h>

#define COMMAND(name) extern const struct command command_##name;
#include "policyc/commands.def"

static const struct command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "policyc/commands.def"
};

enum { COMMANDS = sizeof commands / sizeof *commands };

const struct command *command_find(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static void print_help(FILE *out)
{
    (void)fputs("dvara-policyc checks, compiles and tests dvp policies.\n\n"
                "usage: dvara-policyc COMMAND [options] …\n"
                "       dvara-policyc --help | --version\n\ncommands:\n",
                out);
    for (int i = 0; i < COMMANDS; i++)
        (void)fprintf(out, "  %-15s %s\n", commands[i]->name, commands[i]->summary);
    (void)fputs(
        "\n`dvara-policyc COMMAND --help` has the options. Exit codes: 0 clean, 1 diagnostics,\n"
        "2 usage or input and output, 3 internal; eval: 0 allow, 10 deny, 11 approval.\n",
        out);
}

static void print_command_help(const struct command *command)
{
    (void)printf("usage: dvara-policyc %s\n\n%s.\n\n%s", command->synopsis, command->summary,
                 command->help);
}

static int refuse_unknown(const char *name)
{
    struct suggestion suggestion = suggest_start(dvara_str_from_cstr(name));
    for (int i = 0; i < COMMANDS; i++)
        suggest_offer(&suggestion, dvara_str_from_cstr(commands[i]->name));
    (void)fprintf(stderr, "dvara-policyc: there is no command `%s`", name);
    if (suggestion.best.p)
        (void)fprintf(stderr, "; did you mean `%.*s`?\n", DVARA_STR_ARG(suggestion.best));
    else
        (void)fputs("; see --help\n", stderr);
    return EXIT_USAGE;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            return false;
        if (strcmp(argv[i], "--help") == 0)
            return true;
    }
    return false;
}

/* The exit code. Output that did not arrive tells nothing: who reads 1 as "something was found"
 * must not look for it there. */
static int finish(int code)
{
    if (code == EXIT_INTERNAL)
        (void)fputs("dvara-policyc: ended early: out of memory, or a mistake of its own\n", stderr);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    (void)fputs("dvara-policyc: cannot write to standard output\n", stderr);
    return code == EXIT_INTERNAL ? code : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return finish(EXIT_CLEAN);
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("dvara-policyc %s\n", DVARA_VERSION);
        return finish(EXIT_CLEAN);
    }
    const struct command *command = command_find(argv[1]);
    if (!command)
        return refuse_unknown(argv[1]);
    if (asks_for_help(argc - 1, argv + 1)) {
        print_command_help(command);
        return finish(EXIT_CLEAN);
    }
    return finish(command->run(argc - 1, argv + 1));
}
