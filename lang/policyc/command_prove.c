/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/json_text.h"
#include "bundle/format.h"
#include "lang/literal.h"
#include "lang/list.h"
#include "lang/source.h"
#include "lang/logic/invariant.h"
#include "lang/logic/record.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"
#include "policyc/file.h"

#include <stdio.h>
#include <stdlib.h>

enum { OUTPUT_MAX = 256 << 20, PROOF_MEMORY = 1 << 30 };

static const char *const words[] = {
    [PROOF_PROVED] = "proved", [PROOF_REFUTED] = "refuted", [PROOF_UNKNOWN] = "unknown"};

struct prove {
    struct front front;
    const char *only, *solver, *timeout, *smt;
    bool allow_unknown, json;
    struct witness_options options;
    struct arena arena;
    struct buf bytes, out, script;
    struct invariant_result *results;
    size_t n_results;
};

static int complain(const char *what, const char *value)
{
    (void)fprintf(stderr, "dvara-policyc prove: %s%s\n", what, value);
    return EXIT_USAGE;
}

static int read_options(struct prove *prove)
{
    const char *named = getenv("DVARA_SOLVER");
    prove->json = prove->front.report.format == REPORT_JSON;
    if (prove->front.report.format != REPORT_HUMAN && !prove->json)
        return complain("--format is human or json", "");
    if (!prove->solver && named && *named)
        prove->solver = named;
    prove->options.solver.path = dvara_str_from_cstr(prove->solver);
    if (!prove->timeout)
        return EXIT_CLEAN;
    struct dvara_str text = dvara_str_from_cstr(prove->timeout);
    struct number_literal number = number_read(text);
    bool good =
        !number.problem && number.kind == TOKEN_DURATION && number.length == text.n && number.i > 0;
    prove->options.solver.timeout_ns = good ? (uint64_t)number.i : 0;
    return good ? EXIT_CLEAN
                : complain("--timeout is a duration such as 10s or 2m, not ", prove->timeout);
}

/* Is there a solver at all? It is asked what every solver knows. */
static int try_solver(struct prove *prove)
{
    struct buf out;
    buf_init(&out, SOLVER_ANSWER_MAX * 2);
    enum dvara_status status =
        solver_run(&prove->options.solver, DVARA_STR("(check-sat)\n(exit)\n"), &out);
    buf_clear(&out);
    if (status != DVARA_NOT_FOUND)
        return EXIT_CLEAN;
    (void)fprintf(stderr,
                  "dvara-policyc prove: there is no program `%s`: install an SMT solver (Debian's "
                  "package z3), or name one with --solver\n",
                  prove->solver ? prove->solver : "z3");
    return EXIT_USAGE;
}

/* ---- for people ---- */

static void print_indented(struct dvara_str text, struct buf *out)
{
    for (size_t at = 0, end; at < text.n; at = end + 1) {
        for (end = at; end < text.n && text.p[end] != '\n';)
            end++;
        buf_printf(out, "  %.*s\n", DVARA_STR_ARG(dvara_str_slice(text, at, end)));
    }
}

static struct position place_of(const struct prove *prove, const struct decl *decl,
                                struct dvara_str *ret_path)
{
    const struct source *source = prove->front.program->sources.v[decl->name_span.file];
    *ret_path = source->path;
    return source_position(source, decl->name_span.start);
}

static void print_refuted(const struct invariant_result *result, struct buf *out)
{
    struct buf test;
    if (result->target.n)
        buf_printf(out, "  a request goes to %.*s:\n\n", DVARA_STR_ARG(result->target));
    buf_init(&test, OUTPUT_MAX);
    invariant_print_test(result, &test);
    print_indented(buf_str(&test), out);
    buf_clear(&test);
    BUF_LIT(out, "\n");
    buf_append(out, result->trace);
}

static void print_unknown(const struct invariant_result *result, struct buf *out)
{
    buf_printf(out, "  because %.*s\n", DVARA_STR_ARG(result->why));
    if (result->free.n)
        BUF_LIT(out, "  left free, since it cannot be said to a solver:\n");
    for (size_t i = 0; i < result->free.n; i++)
        buf_printf(out, "    %.*s\n", DVARA_STR_ARG(result->free.v[i]));
}

static void print_human(const struct prove *prove, struct buf *out)
{
    for (size_t i = 0; i < prove->n_results; i++) {
        const struct invariant_result *result = &prove->results[i];
        struct dvara_str path;
        struct position place = place_of(prove, result->decl, &path);
        buf_printf(out, "%.*s:%u: %.*s: %s\n", DVARA_STR_ARG(path), place.line,
                   DVARA_STR_ARG(result->decl->name), words[result->proof]);
        if (result->proof == PROOF_REFUTED)
            print_refuted(result, out);
        else if (result->proof == PROOF_UNKNOWN)
            print_unknown(result, out);
    }
}

/* ---- for programs ---- */

static void print_text(const char *key, struct dvara_str text, struct buf *out)
{
    buf_byte(out, ',');
    json_write_member(out, key, text.n ? text : (struct dvara_str){0});
}

static void print_one(const struct prove *prove, const struct invariant_result *result,
                      struct buf *out)
{
    struct dvara_str path;
    struct buf test;
    struct position place = place_of(prove, result->decl, &path);
    buf_init(&test, OUTPUT_MAX);
    if (result->given)
        invariant_print_test(result, &test);
    BUF_LIT(out, "{\"invariant\":");
    json_write_string(out, result->decl->name);
    BUF_LIT(out, ",\"file\":");
    json_write_string(out, path);
    buf_printf(out, ",\"line\":%u,\"result\":\"%s\",\"given\":", place.line, words[result->proof]);
    if (result->given)
        record_print_json(result->given, out);
    else
        BUF_LIT(out, "null");
    print_text("target", result->target, out);
    print_text("test", buf_str(&test), out);
    print_text("trace", result->trace, out);
    print_text("reason", result->why, out);
    BUF_LIT(out, ",\"free\":[");
    for (size_t i = 0; i < result->free.n; i++) {
        if (i)
            buf_byte(out, ',');
        json_write_string(out, result->free.v[i]);
    }
    BUF_LIT(out, "]}");
    buf_clear(&test);
}

static void print_json(const struct prove *prove, const size_t *counts, struct buf *out)
{
    BUF_LIT(out, "{\"invariants\":[");
    for (size_t i = 0; i < prove->n_results; i++) {
        if (i)
            buf_byte(out, ',');
        print_one(prove, &prove->results[i], out);
    }
    buf_printf(out, "],\"proved\":%zu,\"refuted\":%zu,\"unknown\":%zu}\n", counts[PROOF_PROVED],
               counts[PROOF_REFUTED], counts[PROOF_UNKNOWN]);
}

/* ---- the whole ---- */

static bool is_wanted(const struct prove *prove, struct dvara_str name)
{
    struct dvara_str only = dvara_str_from_cstr(prove->only);
    return only.n == 0 || (name.n >= only.n && memmem(name.p, name.n, only.p, only.n));
}

static int prove_all(struct prove *prove, const struct dvara_bundle *bundle)
{
    const struct decls *invariants = &prove->front.program->by_kind[DECL_INVARIANT];
    struct witness_policy policy = {prove->front.program, bundle};
    for (size_t i = 0; i < invariants->n; i++) {
        struct invariant_result result;
        if (!is_wanted(prove, invariants->v[i]->name))
            continue;
        if (prove->smt)
            buf_printf(&prove->script, "; %.*s: unsat is proved\n(reset)\n",
                       DVARA_STR_ARG(invariants->v[i]->name));
        if (invariant_prove(&prove->arena, &prove->options, &policy, invariants->v[i], &result) !=
            DVARA_OK)
            return EXIT_INTERNAL;
        LIST_APPEND(&prove->arena, prove->results, prove->n_results, result);
    }
    if (prove->n_results == 0 && prove->only)
        return complain("no invariant's name contains ", prove->only);
    if (prove->n_results == 0)
        (void)complain("there are no invariants; one is written ",
                       "`invariant name { when … never … }`");
    return EXIT_CLEAN;
}

static int tell(struct prove *prove)
{
    size_t counts[PROOF_UNKNOWN + 1] = {0};
    for (size_t i = 0; i < prove->n_results; i++)
        counts[prove->results[i].proof]++;
    if (prove->json) {
        print_json(prove, counts, &prove->out);
    } else {
        print_human(prove, &prove->out);
        buf_printf(&prove->out, "%zu proved, %zu refuted, %zu unknown\n", counts[PROOF_PROVED],
                   counts[PROOF_REFUTED], counts[PROOF_UNKNOWN]);
    }
    bool good = !counts[PROOF_REFUTED] && (prove->allow_unknown || !counts[PROOF_UNKNOWN]);
    return good ? EXIT_CLEAN : EXIT_DIAGNOSTICS;
}

static int write_script(struct prove *prove)
{
    bool to_output = strcmp(prove->smt, "-") == 0;
    FILE *file = to_output ? stdout : fopen(prove->smt, "we");
    bool good =
        file && !buf_failed(&prove->script) &&
        fwrite(prove->script.p ? prove->script.p : "", 1, prove->script.n, file) == prove->script.n;
    if (file && !to_output)
        good = fclose(file) == 0 && good;
    return good ? EXIT_CLEAN : complain("cannot write ", prove->smt);
}

static int work(struct prove *prove)
{
    struct dvara_bundle *bundle = NULL;
    int code = read_options(prove);
    prove->options.smt = prove->smt ? &prove->script : NULL;
    if (code == EXIT_CLEAN)
        code = bundle_compile(
            &prove->front,
            &(struct codegen_options){.compiler = DVARA_STR("dvara-policyc " DVARA_VERSION)},
            &prove->bytes);
    if (code == EXIT_CLEAN)
        code = try_solver(prove);
    if (code == EXIT_CLEAN)
        code = bundle_open(buf_str(&prove->bytes), &bundle);
    if (code == EXIT_CLEAN)
        code = prove_all(prove, bundle);
    if (code == EXIT_CLEAN && prove->smt)
        code = write_script(prove);
    if (code == EXIT_CLEAN)
        code = tell(prove);
    dvara_bundle_free(bundle);
    if (!file_print(&prove->out))
        code = EXIT_USAGE;
    return code;
}

static int run(int argc, char **argv)
{
    struct prove *prove = calloc(1, sizeof *prove);
    if (!prove)
        return EXIT_INTERNAL;
    const struct option_row rows[] = {{.name = "-k", .value = &prove->only},
                                      {.name = "--solver", .value = &prove->solver},
                                      {.name = "--timeout", .value = &prove->timeout},
                                      {.name = "--smt", .value = &prove->smt},
                                      {.name = "--allow-unknown", .flag = &prove->allow_unknown}};
    front_init(&prove->front);
    arena_init(&prove->arena, PROOF_MEMORY);
    buf_init(&prove->bytes, FORMAT_MAX_BUNDLE);
    buf_init(&prove->out, OUTPUT_MAX);
    buf_init(&prove->script, OUTPUT_MAX);
    int code = front_arguments(&prove->front, argc, argv, rows, sizeof rows / sizeof *rows);
    if (code == EXIT_CLEAN)
        code = work(prove);
    buf_clear(&prove->bytes);
    buf_clear(&prove->out);
    buf_clear(&prove->script);
    arena_clear(&prove->arena);
    front_clear(&prove->front);
    free(prove);
    return code;
}

const struct command command_prove = {
    .name = "prove",
    .synopsis = "prove [-k NAME] [options] PATH…",
    .summary = "Proves the policies' invariants, or shows a request that breaks them",
    .help = FRONT_HELP
    "  -k NAME             only invariants whose name contains NAME\n"
    "  --solver PROGRAM    the SMT solver (default: DVARA_SOLVER, else z3)\n"
    "  --timeout D         of each question (default 10s)\n"
    "  --smt FILE          write the questions as SMT-LIB 2.6; - is standard output\n"
    "  --allow-unknown     what is neither proved nor refuted is no failure\n"
    "The formats are human and json. Exit code: 0 all proved, 1 one refuted or unknown, 2 no "
    "solver.\n",
    .run = run,
};
