/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "lang/format.h"
#include "policyc/command.h"
#include "policyc/file.h"
#include "policyc/front.h"

#include <stdio.h>

/* The formatted text of the largest file allowed fits many times. */
enum { FORMATTED_BYTES_MAX = 16 << 20 };

static bool has_errors(const struct diags *diags, const struct source *source)
{
    for (uint32_t i = 0; i < diags->n; i++)
        if (diags->v[i]->span.file == source->number && diags->v[i]->severity == SEVERITY_ERROR)
            return true;
    return diags->n_dropped > 0;
}

static int put_file(const struct source *source, struct dvara_str text, bool check)
{
    if (!source->real_path.p && !check)
        return fwrite(text.p, 1, text.n, stdout) == text.n ? EXIT_CLEAN : EXIT_USAGE;
    if (dvara_str_eq(text, source->text))
        return EXIT_CLEAN;
    (void)printf("%.*s\n", DVARA_STR_ARG(source->path));
    if (check)
        return EXIT_DIAGNOSTICS;
    return file_replace(source->path, text) ? EXIT_CLEAN : EXIT_USAGE;
}

static int format_unit(const struct unit *unit, bool check)
{
    struct buf out;
    buf_init(&out, FORMATTED_BYTES_MAX);
    format(unit->source, unit->tokens, &out);
    int code = buf_failed(&out) ? EXIT_INTERNAL : put_file(unit->source, buf_str(&out), check);
    buf_clear(&out);
    return code;
}

static int format_all(struct front *front, bool check)
{
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < front->program->n_units; i++) {
        const struct unit *unit = front->program->units[i];
        if (unit->failed || has_errors(&front->diags, unit->source))
            continue;
        int code = format_unit(unit, check);
        worst = code > worst ? code : worst;
    }
    return worst;
}

static int run(int argc, char **argv)
{
    struct front front;
    bool check = false;
    const struct option_row rows[] = {{.name = "--check", .flag = &check}};
    front_init(&front);
    int code = front_arguments(&front, argc, argv, rows, 1);
    if (code == EXIT_CLEAN)
        code = front_parse(&front);
    if (code == EXIT_CLEAN) {
        int reported = front_report(&front);
        int formatted = format_all(&front, check);
        code = reported > formatted ? reported : formatted;
    }
    front_clear(&front);
    return code;
}

const struct command command_fmt = {
    .name = "fmt",
    .synopsis = "fmt [--check] [options] PATH…",
    .summary = "Rewrites policies in the one style",
    .help =
        "  --check             change nothing; name the files that would change and exit "
        "1\n" FRONT_HELP
        "\nThe names of the files that change are printed. `-` reads standard input and prints\n"
        "the result. A file with a syntax error is reported and left as it is.\n",
    .run = run,
};
