/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/format.h"
#include "lang/literal.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"
#include "policyc/diff_print.h"
#include "policyc/file.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    OLD = 0,
    NEW = 1,
    SIDES = 2,
    EXAMPLES_DEFAULT = 20,
    MEMORY = 1 << 30,
    OUTPUT_MAX = 256 << 20
};
#define TIMEOUT_DEFAULT UINT64_C(5000000000)

/* One of the policies. */
struct side {
    struct front front;
    struct buf bytes;
    struct dvara_bundle *bundle;
};

struct diff {
    struct side *sides[SIDES];
    struct operands operands;
    struct dvara_str libraries[LIBRARIES_MAX];
    size_t n_libraries;
    const char *format, *limit, *solver, *timeout;
    bool exit_zero, no_solver;
    enum diff_format print_as;
    struct example_options options;
    struct arena arena;
    struct buf out;
};

static int complain(const char *what, const char *value)
{
    (void)fprintf(stderr, "dvara-policyc diff: %s%s\n", what, value);
    return EXIT_USAGE;
}

/* ---- the command line ---- */

static int read_settings(struct diff *diff)
{
    char *end = NULL;
    const char *named = getenv("DVARA_SOLVER");
    diff->print_as = diff->format ? diff_format_find(diff->format) : DIFF_HUMAN;
    if (diff->print_as == DIFF_FORMATS)
        return complain("--format is human, json or markdown, not ", diff->format);
    diff->options.most = diff->limit ? strtoull(diff->limit, &end, 10) : EXAMPLES_DEFAULT;
    if (diff->limit && (diff->limit[0] < '0' || diff->limit[0] > '9' || *end))
        return complain("--limit is a number of examples, not ", diff->limit);
    if (!diff->solver && named && *named)
        diff->solver = named;
    diff->options.without_solver = diff->no_solver;
    diff->options.witness.solver.path = dvara_str_from_cstr(diff->solver);
    diff->options.witness.solver.timeout_ns = TIMEOUT_DEFAULT;
    if (!diff->timeout)
        return EXIT_CLEAN;
    struct dvara_str text = dvara_str_from_cstr(diff->timeout);
    struct number_literal number = number_read(text);
    if (number.problem || number.kind != TOKEN_DURATION || number.length != text.n || number.i <= 0)
        return complain("--timeout is a duration such as 10s or 2m, not ", diff->timeout);
    diff->options.witness.solver.timeout_ns = (uint64_t)number.i;
    return EXIT_CLEAN;
}

static int read_arguments(struct diff *diff, int argc, char **argv)
{
    const struct option_row rows[] = {{.name = "--library",
                                       .list = diff->libraries,
                                       .n_list = &diff->n_libraries,
                                       .list_max = LIBRARIES_MAX - 1},
                                      {.name = "--format", .value = &diff->format},
                                      {.name = "--limit", .value = &diff->limit},
                                      {.name = "--solver", .value = &diff->solver},
                                      {.name = "--timeout", .value = &diff->timeout},
                                      {.name = "--no-solver", .flag = &diff->no_solver},
                                      {.name = "--exit-zero", .flag = &diff->exit_zero}};
    if (!arguments_read(argc, argv, rows, sizeof rows / sizeof *rows, &diff->operands))
        return EXIT_USAGE;
    if (diff->operands.n != SIDES)
        return complain("give two policies, the old and the new one", "");
    return read_settings(diff);
}

/* ---- the policies ---- */

static bool is_bundle(const struct side *side)
{
    return dvara_str_ends_with(side->front.operands.v[0], DVARA_STR(".dvb"));
}

static int open_side(struct diff *diff, int which)
{
    struct side *side = calloc(1, sizeof *side);
    if (!side)
        return EXIT_INTERNAL;
    diff->sides[which] = side;
    front_init(&side->front);
    buf_init(&side->bytes, FORMAT_MAX_BUNDLE);
    side->front.operands.v[0] = diff->operands.v[which];
    side->front.operands.n = 1;
    for (size_t i = 0; i < diff->n_libraries; i++)
        side->front.libraries[i] = diff->libraries[i];
    side->front.n_libraries = diff->n_libraries;
    int code = front_settle(&side->front, "diff");
    if (code == EXIT_CLEAN)
        code = bundle_bytes(&side->front, &side->bytes);
    if (code == EXIT_CLEAN)
        code = bundle_open(buf_str(&side->bytes), &side->bundle);
    return code == EXIT_DIAGNOSTICS ? EXIT_USAGE : code; /* 1 says that something changes */
}

static void close_side(struct side *side)
{
    if (!side)
        return;
    dvara_bundle_free(side->bundle);
    buf_clear(&side->bytes);
    front_clear(&side->front);
    free(side);
}

/* ---- the whole ---- */

static int compare(struct diff *diff)
{
    struct diff_result result = {.changes = {NULL, 0}};
    struct example_side sides[SIDES];
    bool sources = !is_bundle(diff->sides[OLD]) && !is_bundle(diff->sides[NEW]);
    for (int i = 0; i < SIDES; i++)
        sides[i] =
            (struct example_side){is_bundle(diff->sides[i]) ? NULL : diff->sides[i]->front.program,
                                  diff->sides[i]->bundle};
    bool ok = sources ? declarations_compare(sides[OLD].program, sides[NEW].program, &diff->arena,
                                             &result.changes)
                      : declarations_compare_bundles(sides[OLD].bundle, sides[NEW].bundle,
                                                     &diff->arena, &result.changes);
    if (!ok || examples_find(&sides[OLD], &sides[NEW], &result.changes, &diff->options,
                             &diff->arena, &result.examples) != DVARA_OK)
        return EXIT_INTERNAL;
    diff_print(&result, diff->print_as, &diff->out);
    if (!file_print(&diff->out))
        return EXIT_USAGE;
    return result.examples.differ && !diff->exit_zero ? EXIT_DIAGNOSTICS : EXIT_CLEAN;
}

static int run(int argc, char **argv)
{
    struct diff *diff = calloc(1, sizeof *diff);
    if (!diff)
        return EXIT_INTERNAL;
    arena_init(&diff->arena, MEMORY);
    buf_init(&diff->out, OUTPUT_MAX);
    int code = read_arguments(diff, argc, argv);
    for (int i = 0; code == EXIT_CLEAN && i < SIDES; i++)
        code = open_side(diff, i);
    if (code == EXIT_CLEAN)
        code = compare(diff);
    close_side(diff->sides[OLD]);
    close_side(diff->sides[NEW]);
    buf_clear(&diff->out);
    arena_clear(&diff->arena);
    free(diff);
    return code;
}

const struct command command_diff = {
    .name = "diff",
    .synopsis = "diff [options] OLD NEW",
    .summary = "Tells two policies apart, with requests that they decide otherwise",
    .help =
        "OLD and NEW are bundles, files or folders.\n"
        "  --library DIR       look imports up there too (may repeat)\n"
        "  --format F          human (default), json, or markdown for a comment\n"
        "  --limit N           at most so many examples (default 20)\n"
        "  --no-solver         try only the requests of the policies' tests\n"
        "  --solver PROGRAM    the SMT solver (default: DVARA_SOLVER, else z3)\n"
        "  --timeout D         of each question to it (default 5s)\n"
        "  --exit-zero         exit 0 whatever changes\n"
        "Exit code: 0 as far as is known all is decided alike, 1 some request is not, 2 usage,\n"
        "or a policy does not compile, 3 internal.\n",
    .run = run,
};
