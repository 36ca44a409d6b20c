/* SPDX-License-Identifier: Apache-2.0 */
/* What every command that reads policies does: options, the front half of the compiler, printing
 * its diagnostics. */
#ifndef LANG_POLICYC_FRONT_H
#define LANG_POLICYC_FRONT_H

#include "base/arena.h"
#include "lang/compile.h"
#include "lang/report.h"
#include "policyc/arguments.h"

struct front {
    struct arena arena;
    struct diags diags;
    struct program *program; /* NULL after a failure */
    struct dvara_str libraries[LIBRARIES_MAX];
    size_t n_libraries;
    bool may_lack_libraries; /* a --library that there is not is told, and no reason to stop */
    const char *format;      /* --format */
    const char *fail_level;  /* --fail-level */
    const char *shown;       /* --shown */
    struct report_options report;
    enum severity fail;
    struct operands operands;
};

/* Rows for every such command: --format, --library, --fail-level, --shown. */
enum { FRONT_OPTIONS = 4 };
void front_options(struct front *front, struct option_row ret_rows[FRONT_OPTIONS]);
#define FRONT_HELP                                                                                 \
    "  --library DIR       look imports up there too (may repeat)\n"                               \
    "  --format F          human (default), compact, json, sarif, github or junit\n"               \
    "  --fail-level L      exit 1 from this severity on: note, warning (default) or error\n"       \
    "  --shown N           print at most so many diagnostics (default 20)\n"

void front_init(struct front *front);
void front_clear(struct front *front);
/* Reads the command line with the command's own rows beside the front's. EXIT_CLEAN or EXIT_USAGE.
 */
int front_arguments(struct front *front, int argc, char **argv, const struct option_row *own,
                    size_t n_own);
/* For a command that reads its command line itself: --fail-level and --format, and the shipped
 * library behind --library's. EXIT_CLEAN or EXIT_USAGE. */
int front_settle(struct front *front, const char *command);
/* Reads, binds, checks and folds the operands. EXIT_CLEAN, EXIT_USAGE (no path was given) or
 * EXIT_INTERNAL (out of memory); what is wrong with the policy is in front->diags. */
int front_compile(struct front *front);
/* Only reads and parses the operands, without what they import. The same exit codes. */
int front_parse(struct front *front);
/* Prints diagnostics (for programs to standard output, for people to standard error) and gives the
 * exit code. */
int front_report(struct front *front);

#endif
