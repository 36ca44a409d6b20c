/* SPDX-License-Identifier: Apache-2.0 */
/* One command of dvara-policyc a file (command_NAME.c), one row each in commands.def. main parses
 * nothing but the command's name; each command reads its own options with arguments.h. */
#ifndef LANG_POLICYC_COMMAND_H
#define LANG_POLICYC_COMMAND_H

/* Exit codes of the program. */
enum {
    EXIT_CLEAN = 0,       /* no diagnostic at or above the fail level */
    EXIT_DIAGNOSTICS = 1, /* some were, or a test failed */
    EXIT_USAGE = 2,       /* the command line, or a file could not be read or written */
    EXIT_INTERNAL = 3,    /* out of memory, or a bug */
    EXIT_DENY = 10,       /* eval */
    EXIT_APPROVAL = 11    /* eval */
};

struct command {
    const char *name;
    const char *synopsis; /* "check [--format F] PATH…" */
    const char *summary;  /* one line */
    const char *help;     /* options and what is printed */
    /* argv[0] is the command's name; returns the exit code. */
    int (*run)(int argc, char **argv);
};

/* The rows of commands.def; NULL if there is none of that name. */
const struct command *command_find(const char *name);

#endif
