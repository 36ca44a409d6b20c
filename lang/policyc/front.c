/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/front.h"

#include "base/buf.h"
#include "policyc/command.h"
#include "policyc/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OWN_OPTIONS_MAX = 24, REPORT_BYTES_MAX = 64 << 20 };

void front_options(struct front *front, struct option_row ret_rows[FRONT_OPTIONS])
{
    ret_rows[0] = (struct option_row){.name = "--format", .value = &front->format};
    ret_rows[1] = (struct option_row){.name = "--fail-level", .value = &front->fail_level};
    ret_rows[2] = (struct option_row){.name = "--library",
                                      .list = front->libraries,
                                      .n_list = &front->n_libraries,
                                      .list_max = LIBRARIES_MAX - 1};
    ret_rows[3] = (struct option_row){.name = "--shown", .value = &front->shown};
}

void front_init(struct front *front)
{
    *front = (struct front){.fail = SEVERITY_WARNING};
    arena_init(&front->arena, COMPILE_ARENA_LIMIT);
}

void front_clear(struct front *front)
{
    arena_clear(&front->arena);
}

static enum severity severity_find(const char *name)
{
    int i = SEVERITY_NOTE;
    while (i < SEVERITY_COUNT && strcmp(severity_name((enum severity)i), name) != 0)
        i++;
    return (enum severity)i;
}

static bool read_shown(struct front *front, const char *command)
{
    char *end = NULL;
    errno = 0;
    unsigned long shown = strtoul(front->shown, &end, 10);
    if (front->shown[0] < '0' || front->shown[0] > '9' || *end || errno || shown < 1 ||
        shown > DIAGS_KEPT) {
        (void)fprintf(stderr, "dvara-policyc %s: --shown takes a number from 1 to %d\n", command,
                      DIAGS_KEPT);
        return false;
    }
    front->report.shown = (uint32_t)shown;
    return true;
}

static bool read_settings(struct front *front, const char *command)
{
    front->report.tool = arena_printf(&front->arena, "dvara-policyc %s", command);
    front->report.version = DVARA_STR(DVARA_VERSION);
    if (front->format) {
        front->report.format = report_format_find(dvara_str_from_cstr(front->format));
        if (front->report.format == REPORT_COUNT) {
            (void)fprintf(stderr,
                          "dvara-policyc %s: no format `%s`; there are human, compact, json, "
                          "sarif, github and junit\n",
                          command, front->format);
            return false;
        }
    }
    if (front->fail_level) {
        front->fail = severity_find(front->fail_level);
        if (front->fail == SEVERITY_COUNT) {
            (void)fprintf(stderr,
                          "dvara-policyc %s: no level `%s`; there are note, warning and error\n",
                          command, front->fail_level);
            return false;
        }
    }
    front->report.fail = front->fail;
    return !front->shown || read_shown(front, command);
}

/* The shipped library stands beside the program: PREFIX/share/dvara/policies for PREFIX/bin, or
 * policies/ in a folder above a build tree. */
static void add_shipped_library(struct front *front)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return;
    path[n] = 0;
    for (int level = 0; level < 5; level++) {
        char *slash = strrchr(path, '/');
        if (!slash)
            return;
        *slash = 0;
        static const char *const places[] = {"share/dvara/policies", "policies"};
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            struct dvara_str library = arena_printf(&front->arena, "%s/%s", path, places[i]);
            struct dvara_str probe = arena_printf(&front->arena, "%s/%s/pii", path, places[i]);
            struct stat info;
            if (library.p && probe.p && stat(probe.p, &info) == 0 && S_ISDIR(info.st_mode)) {
                front->libraries[front->n_libraries++] = library;
                return;
            }
        }
    }
}

/* Before the shipped one is added, which is there. */
static bool has_libraries(const struct front *front, const char *command)
{
    for (size_t i = 0; i < front->n_libraries; i++) {
        struct stat info;
        const char *path_cstr = front->libraries[i].p; /* a word of the command line */
        int error = stat(path_cstr, &info) != 0 ? errno : S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
        if (error) {
            (void)fprintf(stderr, "dvara-policyc %s: --library %s: %s\n", command, path_cstr,
                          strerror(error));
            if (!front->may_lack_libraries)
                return false;
        }
    }
    return true;
}

int front_settle(struct front *front, const char *command)
{
    if (!read_settings(front, command) || !has_libraries(front, command))
        return EXIT_USAGE;
    add_shipped_library(front);
    return EXIT_CLEAN;
}

int front_arguments(struct front *front, int argc, char **argv, const struct option_row *own,
                    size_t n_own)
{
    struct option_row rows[FRONT_OPTIONS + OWN_OPTIONS_MAX];
    front_options(front, rows);
    if (n_own > OWN_OPTIONS_MAX)
        return EXIT_INTERNAL;
    for (size_t i = 0; i < n_own; i++)
        rows[FRONT_OPTIONS + i] = own[i];
    if (!arguments_read(argc, argv, rows, FRONT_OPTIONS + n_own, &front->operands))
        return EXIT_USAGE;
    return front_settle(front, argv[0]);
}

static int out_of_memory(void)
{
    (void)fprintf(stderr,
                  "dvara-policyc: the program is too large to compile in 1 GiB of memory\n");
    return EXIT_INTERNAL;
}

static int read_program(struct front *front, bool whole)
{
    if (front->operands.n == 0) {
        (void)fprintf(stderr, "dvara-policyc: give a file or a folder; `-` is standard input\n");
        return EXIT_USAGE;
    }
    struct compile_options options = {
        .paths = front->operands.v,
        .n_paths = front->operands.n,
        .libraries = front->libraries,
        .n_libraries = front->n_libraries,
        .without_imports = !whole,
    };
    if (!diags_init(&front->diags, &front->arena))
        return out_of_memory();
    front->program = whole ? compile_front(&front->arena, &options, &front->diags)
                           : closure_read(&front->arena, &options, &front->diags);
    return front->program ? EXIT_CLEAN : out_of_memory();
}

int front_compile(struct front *front)
{
    return read_program(front, true);
}

int front_parse(struct front *front)
{
    return read_program(front, false);
}

static bool is_unreadable(const struct front *front)
{
    for (uint32_t i = 0; i < front->diags.n; i++)
        if (front->diags.v[i]->message == MESSAGE_PATH_MISSING)
            return true;
    return false;
}

int front_report(struct front *front)
{
    struct buf out;
    buf_init(&out, REPORT_BYTES_MAX);
    report_print(&out, &front->program->sources, &front->diags, &front->report);
    bool ok = report_is_for_programs(front->report.format)
                  ? file_print(&out)
                  : !buf_failed(&out) && fwrite(out.p ? out.p : "", 1, out.n, stderr) == out.n;
    buf_clear(&out);
    if (!ok || is_unreadable(front))
        return EXIT_USAGE;
    uint32_t failing = front->diags.n_errors;
    failing += front->fail <= SEVERITY_WARNING ? front->diags.n_warnings : 0;
    failing += front->fail <= SEVERITY_NOTE ? front->diags.n_notes : 0;
    return failing ? EXIT_DIAGNOSTICS : EXIT_CLEAN;
}
