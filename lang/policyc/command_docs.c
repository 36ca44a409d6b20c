/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/handbook/handbook.h"
#include "policyc/command.h"
#include "policyc/file.h"
#include "policyc/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { HANDBOOK_BYTES_MAX = 256 << 20 };

/* Into a folder it goes by the package's name. */
static struct dvara_str path_of(struct front *front, const char *output_cstr,
                                const struct handbook_form *form)
{
    struct stat info;
    struct dvara_str package = handbook_title(front->program);
    struct dvara_str suffix = handbook_form_suffix(form);
    if (!output_cstr)
        return DVARA_STR("-");
    if (stat(output_cstr, &info) != 0 || !S_ISDIR(info.st_mode))
        return dvara_str_from_cstr(output_cstr);
    return arena_printf(&front->arena, "%s/%.*s.%.*s", output_cstr, DVARA_STR_ARG(package),
                        DVARA_STR_ARG(suffix));
}

static int print(struct front *front, const char *output_cstr, const struct handbook_form *form)
{
    struct buf out;
    int code = EXIT_CLEAN;
    buf_init(&out, HANDBOOK_BYTES_MAX);
    if (!handbook_write(front->program, form, &front->arena, &out))
        code = EXIT_INTERNAL;
    else if (!file_write(path_of(front, output_cstr, form), buf_str(&out), 0644))
        code = EXIT_USAGE;
    buf_clear(&out);
    return code;
}

static int run(int argc, char **argv)
{
    const char *output_cstr = NULL, *form_cstr = "markdown";
    struct option_row rows[FRONT_OPTIONS + 2];
    struct front *front = malloc(sizeof *front);
    if (!front)
        return EXIT_INTERNAL;
    front_init(front);
    front_options(front, rows);
    for (size_t i = 0; i < FRONT_OPTIONS; i++)
        if (strcmp(rows[i].name, "--format") == 0)
            rows[i].value = &form_cstr; /* of the document; diagnostics are for people */
    rows[FRONT_OPTIONS] = (struct option_row){.name = "-o", .value = &output_cstr};
    rows[FRONT_OPTIONS + 1] = (struct option_row){.name = "--output", .value = &output_cstr};
    int code = EXIT_USAGE;
    if (arguments_read(argc, argv, rows, sizeof rows / sizeof *rows, &front->operands))
        code = front_settle(front, argv[0]);
    const struct handbook_form *form = handbook_form_find(dvara_str_from_cstr(form_cstr));
    if (code == EXIT_CLEAN && !form) {
        (void)fprintf(stderr,
                      "dvara-policyc docs: no format `%s`; there are markdown, html and json\n",
                      form_cstr);
        code = EXIT_USAGE;
    }
    if (code == EXIT_CLEAN)
        code = front_compile(front);
    if (code == EXIT_CLEAN && diags_has_errors(&front->diags))
        code = front_report(front);
    else if (code == EXIT_CLEAN)
        code = print(front, output_cstr, form);
    front_clear(front);
    free(front);
    return code;
}

const struct command command_docs = {
    .name = "docs",
    .synopsis = "docs [-o FILE|FOLDER] [--format F] [--library DIR] PATH…",
    .summary = "Prints what policies say, for people who review them",
    .help =
        "  -o FILE|FOLDER      where it goes; in a folder, by the package's name; default:\n"
        "                      standard output\n"
        "  --format F          markdown (default), html (one page, no script) or json\n"
        "  --library DIR       look imports up there too (may repeat)\n"
        "\nRules with their conditions, effects and reasons, a compliance matrix of `meta "
        "control`,\n"
        "routes, providers, models, limits, budgets, detectors, values and tests, each with its\n"
        "documentation and place. A policy with errors is reported and exits 1.\n",
    .run = run,
};
