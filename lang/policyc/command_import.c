/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "lang/import/import.h"
#include "policyc/command.h"
#include "policyc/file.h"
#include "policyc/front.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_BYTES_MAX = 64 << 20 };

struct job {
    struct front *front;
    const struct import_format *format;
    struct dvara_str source; /* as given */
    const char *output_cstr; /* a folder, or NULL: standard output */
    struct buf input, policy, limits, config, report;
};

static int complain(const char *what_cstr)
{
    (void)fprintf(stderr, "dvara-policyc import: %s\n", what_cstr);
    return EXIT_USAGE;
}

/* The report names the file without its folders: it may be shown around. */
static struct dvara_str base_name(struct dvara_str path)
{
    size_t from = path.n;
    while (from > 0 && path.p[from - 1] != '/')
        from--;
    return dvara_str_eq(path, DVARA_STR("-")) ? DVARA_STR("standard input")
                                              : dvara_str_slice(path, from, path.n);
}

static bool write_into(struct job *job, const char *name_cstr, const struct buf *bytes)
{
    if (bytes->n == 0)
        return true;
    if (!job->output_cstr) {
        (void)printf("# ---- %s ----\n", name_cstr);
        return fwrite(bytes->p, 1, bytes->n, stdout) == bytes->n;
    }
    struct dvara_str path = arena_printf(&job->front->arena, "%s/%s", job->output_cstr, name_cstr);
    return path.p && file_write(path, buf_str(bytes), 0644);
}

/* A file of an import before this one would be compiled with what this one wrote. */
static void tell_left(const struct job *job)
{
    struct dvara_str path = arena_printf(&job->front->arena, "%s/limits.dvp", job->output_cstr);
    if (job->limits.n == 0 && path.p && access(path.p, F_OK) == 0)
        (void)fprintf(stderr,
                      "dvara-policyc import: %s was there before; this import makes no limits\n",
                      path.p);
}

static int write_all(struct job *job)
{
    if (job->output_cstr && mkdir(job->output_cstr, 0755) != 0 && errno != EEXIST) {
        (void)fprintf(stderr, "dvara-policyc import: %s: %s\n", job->output_cstr, strerror(errno));
        return EXIT_USAGE;
    }
    bool ok = write_into(job, "policy.dvp", &job->policy) &&
              write_into(job, "limits.dvp", &job->limits) &&
              write_into(job, "dvara.yaml", &job->config);
    if (ok && job->output_cstr)
        tell_left(job);
    return ok ? EXIT_CLEAN : EXIT_USAGE;
}

static int tell(struct job *job, enum dvara_status status, const struct node_problem *problem)
{
    (void)fwrite(job->report.p ? job->report.p : "", 1, job->report.n, stderr);
    switch (status) {
    case DVARA_OK:
        return write_all(job);
    case DVARA_INVALID:
        (void)fprintf(stderr, "%.*s:%u: error: %s\n", DVARA_STR_ARG(job->source),
                      problem->line ? problem->line : 1, problem->text);
        return EXIT_DIAGNOSTICS;
    case DVARA_UNSUPPORTED:
        (void)complain("the policy made of it does not compile; is the shipped library there?");
        return EXIT_INTERNAL;
    default:
        (void)complain("out of memory");
        return EXIT_INTERNAL;
    }
}

static int import(struct job *job)
{
    struct node_problem problem;
    const struct import_files files = {&job->policy, &job->limits, &job->config, &job->report};
    const struct compile_options options = {.libraries = job->front->libraries,
                                            .n_libraries = job->front->n_libraries};
    if (!file_read(job->source, &job->input))
        return EXIT_USAGE;
    if (job->input.n > NODE_INPUT_MAX)
        return complain("the file has more than 4 MiB");
    enum dvara_status status = import_run(job->format, base_name(job->source), buf_str(&job->input),
                                          &options, &job->front->arena, &files, &problem);
    return tell(job, status, &problem);
}

static int read_arguments(struct job *job, int argc, char **argv)
{
    struct option_row rows[FRONT_OPTIONS + 2];
    struct operands *operands = &job->front->operands;
    front_options(job->front, rows);
    rows[FRONT_OPTIONS] = (struct option_row){.name = "-o", .value = &job->output_cstr};
    rows[FRONT_OPTIONS + 1] = (struct option_row){.name = "--output", .value = &job->output_cstr};
    if (!arguments_read(argc, argv, rows, sizeof rows / sizeof *rows, operands))
        return EXIT_USAGE;
    if (front_settle(job->front, argv[0]) != EXIT_CLEAN)
        return EXIT_USAGE;
    if (operands->n != 2)
        return complain("give the format and one file: import litellm config.yaml");
    job->format = import_format_find(operands->v[0]);
    job->source = operands->v[1];
    if (job->format)
        return EXIT_CLEAN;
    struct dvara_str names = import_format_names();
    (void)fprintf(stderr, "dvara-policyc import: no format `%.*s`; there are %.*s\n",
                  DVARA_STR_ARG(operands->v[0]), DVARA_STR_ARG(names));
    return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    struct job job = {.front = malloc(sizeof *job.front)};
    struct buf *const buffers[] = {&job.input, &job.policy, &job.limits, &job.config, &job.report};
    if (!job.front)
        return EXIT_INTERNAL;
    front_init(job.front);
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        buf_init(buffers[i], OUTPUT_BYTES_MAX);
    int code = read_arguments(&job, argc, argv);
    if (code == EXIT_CLEAN)
        code = import(&job);
    if (job.input.p)
        explicit_bzero(job.input.p, job.input.size); /* it may hold credentials */
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        buf_clear(buffers[i]);
    front_clear(job.front);
    free(job.front);
    return code;
}

const struct command command_import = {
    .name = "import",
    .synopsis = "import litellm|dvara|portkey FILE [-o FOLDER]",
    .summary = "Writes another gateway's configuration as a policy and a dvara.yaml",
    .help =
        "  -o FOLDER           policy.dvp, dvara.yaml and, where there are any, limits.dvp go "
        "there;\n"
        "                      default: standard output, one after the other\n"
        "  --library DIR       look imports up there too (may repeat)\n"
        "\nWhat could not be carried stands as a comment where it belongs, and a line of each on\n"
        "standard error. No credential is copied, only names of environment variables.\n"
        "Exit codes: 0 written, 1 the file is no such configuration, 2 usage or input and "
        "output.\n",
    .run = run,
};
