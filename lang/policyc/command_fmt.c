/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "lang/format.h"
#include "policyc/command.h"
#include "policyc/front.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* The formatted text of the largest file allowed fits many times. */
enum { FORMATTED_BYTES_MAX = 16 << 20 };

static bool has_errors(const struct diags *diags, const struct source *source)
{
    for (uint32_t i = 0; i < diags->n; i++)
        if (diags->v[i]->span.file == source->number && diags->v[i]->severity == SEVERITY_ERROR)
            return true;
    return diags->n_dropped > 0;
}

/* Beside the file and then in its place: a crash leaves the old text or the new one. */
static bool replace_file(const char *path, struct dvara_str text)
{
    struct stat info;
    char *beside = NULL;
    if (stat(path, &info) != 0 || asprintf(&beside, "%s.fmt", path) < 0)
        return false;
    FILE *file = fopen(beside, "w");
    bool ok = file && fwrite(text.p, 1, text.n, file) == text.n;
    ok = file && fclose(file) == 0 && ok;
    ok = ok && chmod(beside, info.st_mode & 07777) == 0 && rename(beside, path) == 0;
    int error = errno;
    if (!ok && file)
        (void)remove(beside);
    free(beside);
    errno = error;
    return ok;
}

static int put_file(struct front *front, const struct source *source, struct dvara_str text,
                    bool check)
{
    if (!source->real_path.p && !check)
        return fwrite(text.p, 1, text.n, stdout) == text.n ? EXIT_CLEAN : EXIT_USAGE;
    if (dvara_str_eq(text, source->text))
        return EXIT_CLEAN;
    (void)printf("%.*s\n", DVARA_STR_ARG(source->path));
    if (check)
        return EXIT_DIAGNOSTICS;
    struct dvara_str path_cstr = arena_copy(&front->arena, source->path);
    if (path_cstr.p && replace_file(path_cstr.p, text))
        return EXIT_CLEAN;
    (void)fprintf(stderr, "dvara-policyc fmt: %.*s: %s\n", DVARA_STR_ARG(source->path),
                  strerror(errno));
    return EXIT_USAGE;
}

static int format_unit(struct front *front, const struct unit *unit, bool check)
{
    struct buf out;
    buf_init(&out, FORMATTED_BYTES_MAX);
    format(unit->source, unit->tokens, &out);
    int code =
        buf_failed(&out) ? EXIT_INTERNAL : put_file(front, unit->source, buf_str(&out), check);
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
        int code = format_unit(front, unit, check);
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
