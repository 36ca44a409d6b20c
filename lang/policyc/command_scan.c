/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/command.h"
#include "policyc/file.h"
#include "policyc/scan_jobs.h"
#include "policyc/scan_print.h"
#include "policyc/scan_tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { POLICIES_MAX = 256, EXCLUDES_MAX = 256, OUTPUT_MAX = 1 << 30, FLUSHED = 64 << 10 };

/* One run of the command. */
struct scan {
    const char *names, *threshold, *jobs, *format;
    bool lines, show, explain, summary, exit_zero, list, uncached;
    struct dvara_str policies[POLICIES_MAX], excludes[EXCLUDES_MAX];
    size_t n_policies, n_excludes;
    struct operands paths;
    struct front front;
    struct arena arena; /* paths */
    struct scan_walk walk;
    struct scan_detectors detectors;
    struct scan_tally tally;
    struct scan_print print;
    struct buf out;
    bool shows_progress, progress_shown, broken;

    /* Of the file being handed over. */
    size_t file;
    uint64_t bytes, lines_before, column_before;
};

static int complain(const char *what, const char *value)
{
    (void)fprintf(stderr, "dvara-policyc scan: %s `%s`\n", what, value);
    return EXIT_USAGE;
}

/* ---- the command line ---- */

static int read_arguments(struct scan *scan, int argc, char **argv)
{
    struct front *front = &scan->front;
    const struct option_row rows[] = {{.name = "--detectors", .value = &scan->names},
                                      {.name = "--threshold", .value = &scan->threshold},
                                      {.name = "--policy",
                                       .list = scan->policies,
                                       .n_list = &scan->n_policies,
                                       .list_max = POLICIES_MAX},
                                      {.name = "--library",
                                       .list = front->libraries,
                                       .n_list = &front->n_libraries,
                                       .list_max = LIBRARIES_MAX - 1},
                                      {.name = "--exclude",
                                       .list = scan->excludes,
                                       .n_list = &scan->n_excludes,
                                       .list_max = EXCLUDES_MAX},
                                      {.name = "--format", .value = &scan->format},
                                      {.name = "--fail-level", .value = &front->fail_level},
                                      {.name = "--jobs", .value = &scan->jobs},
                                      {.name = "--jsonl", .flag = &scan->lines},
                                      {.name = "--show", .flag = &scan->show},
                                      {.name = "--explain", .flag = &scan->explain},
                                      {.name = "--summary", .flag = &scan->summary},
                                      {.name = "--exit-zero", .flag = &scan->exit_zero},
                                      {.name = "--list", .flag = &scan->list},
                                      {.name = "--no-cache", .flag = &scan->uncached}};
    if (!arguments_read(argc, argv, rows, sizeof rows / sizeof *rows, &scan->paths))
        return EXIT_USAGE;
    if (scan->format)
        scan->print.format = scan_format_find(scan->format);
    if (scan->print.format == SCAN_FORMATS)
        return complain("there are the formats " SCAN_FORMAT_NAMES ", not", scan->format);
    if (scan->paths.n == 0 && !scan->list && isatty(STDIN_FILENO) == 1) {
        (void)fputs("dvara-policyc scan: give a file or a folder; `-` is standard input\n", stderr);
        return EXIT_USAGE;
    }
    return front_settle(front, "scan");
}

/* "50%", "0.5"; parts per million. */
static int read_threshold(const char *value_cstr, int64_t *ret_ppm)
{
    char *end = NULL;
    double value = strtod(value_cstr, &end);
    bool percent = *end == '%' && !end[1];
    if (end == value_cstr || (*end && !percent) || !(value >= 0) || value > (percent ? 100 : 1))
        return complain("a threshold is a percent such as 50%, or a share such as 0.5, not",
                        value_cstr);
    *ret_ppm = (int64_t)(value * (percent ? 1e4 : 1e6) + 0.5);
    return EXIT_CLEAN;
}

static int read_jobs(const char *value_cstr, unsigned *ret_jobs)
{
    char *end = NULL;
    long value = value_cstr ? strtol(value_cstr, &end, 10) : sysconf(_SC_NPROCESSORS_ONLN);
    if (value_cstr && (end == value_cstr || *end || value < 1 || value > SCAN_JOBS_MAX))
        return complain("--jobs is a number from 1 to 64, not", value_cstr);
    *ret_jobs = value < 1 ? 1 : value > SCAN_JOBS_MAX ? SCAN_JOBS_MAX : (unsigned)value;
    return EXIT_CLEAN;
}

static bool walk(struct scan *scan)
{
    struct scan_walk *found = &scan->walk;
    const char **excludes = ARENA_ARRAY(&scan->arena, scan->n_excludes, const char *);
    for (size_t i = 0; excludes && i < scan->n_excludes; i++)
        excludes[i] = scan->excludes[i].p; /* arguments end with a NUL */
    *found = (struct scan_walk){
        .arena = &scan->arena, .excludes = excludes, .n_excludes = scan->n_excludes};
    for (size_t i = 0; i < scan->paths.n; i++)
        scan_walk(found, scan->paths.v[i]);
    if (scan->paths.n == 0)
        scan_walk(found, DVARA_STR("-"));
    scan->tally.folders = found->skipped_folders;
    scan->tally.special = found->skipped_special;
    scan->tally.errors = found->errors;
    return !arena_is_exhausted(&scan->arena);
}

/* ---- what comes ---- */

static void hide_progress(struct scan *scan)
{
    if (scan->progress_shown)
        (void)fputs("\r\033[K", stderr);
    scan->progress_shown = false;
}

static void flush(struct scan *scan)
{
    struct buf *out = &scan->out;
    if (out->n || buf_failed(out))
        hide_progress(scan);
    if (!file_print(out))
        scan->broken = true;
    buf_reset(out);
}

static void on_block(void *user, const struct scan_path *path, bool lines,
                     const struct scan_result *result)
{
    struct scan *scan = user;
    for (size_t i = 0; i < result->n; i++) {
        const struct scan_finding *finding = &result->v[i];
        uint64_t base = lines ? 0 : scan->bytes;
        struct scan_place place = {.path_cstr = path->path_cstr,
                                   .from = finding->from,
                                   .to = finding->to,
                                   .start = base + finding->start,
                                   .end = base + finding->end,
                                   .finding = finding};
        place.from.column += 1 + (finding->from.line ? 0 : scan->column_before);
        place.to.column += 1 + (finding->to.line ? 0 : scan->column_before);
        place.from.line += 1 + scan->lines_before;
        place.to.line += 1 + scan->lines_before;
        scan_tally_add(&scan->tally, scan->file, &finding->span);
        scan_print_finding(&scan->print, &place, &scan->out);
        if (scan->out.n > FLUSHED)
            flush(scan);
    }
    scan->bytes += result->bytes;
    scan->column_before = result->tail + (result->lines ? 0 : scan->column_before);
    scan->lines_before += result->lines;
    scan->tally.bytes += result->bytes;
    scan->tally.unscanned += result->unscanned;
    scan->tally.plain_lines += result->plain_lines;
    if (result->unscanned)
        (void)fprintf(stderr,
                      "dvara-policyc scan: %s: %llu bytes have too many candidates to be "
                      "scanned\n",
                      path->path_cstr, (unsigned long long)result->unscanned);
}

static void on_end(void *user, const struct scan_path *path, enum scan_outcome outcome, int error)
{
    struct scan *scan = user;
    flush(scan);
    switch (outcome) {
    case SCAN_READ:
        scan->tally.files++;
        break;
    case SCAN_BINARY:
        scan->tally.binary++;
        break;
    case SCAN_FAILED:
        hide_progress(scan);
        (void)fprintf(stderr, "dvara-policyc scan: %s: %s\n", path->path_cstr, strerror(error));
        scan->tally.errors++;
        break;
    }
    scan->file++;
    scan->bytes = scan->lines_before = scan->column_before = 0;
}

static void on_wait(void *user, size_t files_done, uint64_t bytes)
{
    struct scan *scan = user;
    struct buf line;
    if (!scan->shows_progress)
        return;
    buf_init(&line, FLUSHED);
    scan_tally_progress(&scan->tally, files_done, scan->walk.n, bytes, &line);
    (void)fprintf(stderr, "\r\033[K%.*s", DVARA_STR_ARG(buf_str(&line)));
    scan->progress_shown = true;
    buf_clear(&line);
}

/* ---- the run ---- */

static int list(struct scan *scan)
{
    for (size_t i = 0; i < scan->detectors.n; i++) {
        const struct decl *decl = scan->detectors.decls[i];
        struct dvara_str doc = decl->doc;
        const char *feed = doc.n ? memchr(doc.p, '\n', doc.n) : NULL;
        doc.n = feed ? (size_t)(feed - doc.p) : doc.n;
        buf_printf(&scan->out, "%-28.*s %.*s\n", DVARA_STR_ARG(decl->name), DVARA_STR_ARG(doc));
    }
    flush(scan);
    return scan->broken ? EXIT_USAGE : EXIT_CLEAN;
}

static int exit_code(const struct scan *scan)
{
    uint64_t failing = 0;
    for (int i = (int)scan->front.fail; i < SEVERITY_COUNT; i++)
        failing += scan->tally.by_severity[i];
    if (scan->broken || scan->tally.errors || scan->tally.unscanned)
        return EXIT_USAGE;
    return failing && !scan->exit_zero ? EXIT_DIAGNOSTICS : EXIT_CLEAN;
}

static void conclude(struct scan *scan)
{
    flush(scan);
    hide_progress(scan);
    scan_tally_skipped(&scan->tally, &scan->out);
    if (scan->summary)
        scan_tally_print(&scan->tally, &scan->detectors, &scan->out);
    (void)fwrite(scan->out.p ? scan->out.p : "", 1, scan->out.n, stderr);
    buf_reset(&scan->out);
}

static int scan_all(struct scan *scan, unsigned jobs)
{
    if (scan_tally_init(&scan->tally, scan->detectors.n) != DVARA_OK || !walk(scan))
        return EXIT_INTERNAL;
    scan->print.show = scan->show;
    scan->print.explain = scan->explain;
    scan->print.detectors = &scan->detectors;
    scan->shows_progress = isatty(STDERR_FILENO) == 1;
    struct scan_plan plan = {.paths = scan->walk.v,
                             .n_paths = scan->walk.n,
                             .detectors = scan->detectors.detectors,
                             .jobs = jobs,
                             .all_lines = scan->lines,
                             .keep_values = scan->show,
                             .explain = scan->explain,
                             .on_block = on_block,
                             .on_end = on_end,
                             .on_wait = on_wait,
                             .user = scan};
    scan_print_begin(&scan->print, &scan->out);
    enum dvara_status status = scan_jobs(&plan);
    if (status == DVARA_OK)
        status = scan_print_end(&scan->print);
    conclude(scan);
    if (status != DVARA_OK) {
        (void)fprintf(stderr, "dvara-policyc scan: %s\n", dvara_status_sentence(status));
        return EXIT_INTERNAL;
    }
    return exit_code(scan);
}

static int start(struct scan *scan, int argc, char **argv)
{
    struct scan_choice choice = {.policies = scan->policies, .threshold_ppm = -1};
    unsigned jobs = 1;
    int code = read_arguments(scan, argc, argv);
    choice.n_policies = scan->n_policies;
    choice.names = scan->names;
    choice.uncached = scan->uncached;
    choice.names_only = scan->list;
    if (code == EXIT_CLEAN && scan->threshold)
        code = read_threshold(scan->threshold, &choice.threshold_ppm);
    if (code == EXIT_CLEAN)
        code = read_jobs(scan->jobs, &jobs);
    if (code == EXIT_CLEAN)
        code = scan_detectors_load(&scan->front, &choice, &scan->detectors);
    if (code != EXIT_CLEAN)
        return code;
    return scan->list ? list(scan) : scan_all(scan, jobs);
}

static int run(int argc, char **argv)
{
    enum { PATHS_MEMORY = 1 << 30 };
    struct scan *scan = calloc(1, sizeof *scan);
    if (!scan)
        return EXIT_INTERNAL;
    front_init(&scan->front);
    arena_init(&scan->arena, PATHS_MEMORY);
    buf_init(&scan->out, OUTPUT_MAX);
    int code = start(scan, argc, argv);
    scan_tally_clear(&scan->tally);
    scan_detectors_clear(&scan->detectors);
    buf_clear(&scan->out);
    arena_clear(&scan->arena);
    front_clear(&scan->front);
    free(scan);
    return code;
}

const struct command command_scan = {
    .name = "scan",
    .synopsis = "scan [--detectors all|NAME,…] [options] [FILE|FOLDER|-]…",
    .summary = "Finds personal data and credentials in files",
    .help =
        "  --detectors NAMES   detectors and groups, with commas between; all (default): every "
        "one\n"
        "  --threshold P       findings that score at least P (50%): 0% shows everything\n"
        "  --policy PATH       detectors of these policies and what they import, not the shipped\n"
        "                      library's (may repeat)\n"
        "  --library DIR       look imports up there too (may repeat)\n"
        "  --jsonl             every input is JSON Lines; else files named .jsonl or .ndjson are\n"
        "  --exclude GLOB      leave out what has such a name or path (may repeat)\n"
        "  --format F          json (default, one object a line), human or sarif\n"
        "  --show              print what was found, which is not done otherwise\n"
        "  --explain           also which pattern, what its check said, which context word\n"
        "  --summary           a table at the end, on standard error\n"
        "  --list              print the detectors chosen, and scan nothing\n"
        "  --no-cache          compile the detectors anew; else what was compiled is kept in\n"
        "                      $XDG_CACHE_HOME/dvara\n"
        "  --jobs N            threads; default: one a processor\n"
        "  --fail-level L      exit 1 from this severity on: note (under 50%), warning (from 50%,\n"
        "                      default) or error (from 80%)\n"
        "  --exit-zero         exit 0 whatever is found\n"
        "Folders are read whole, but for binary files and folders of version control; without a\n"
        "path standard input is read. Exit code: 0 nothing found, 1 something was, 2 usage, or\n"
        "what could not be read (the rest is scanned), 3 internal.\n",
    .run = run,
};
