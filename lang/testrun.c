/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/testrun.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/time.h"
#include "lang/list.h"
#include "lang/testdiff.h"
#include "lang/testrow.h"
#include "lang/testtrace.h"
#include "trial/trial.h"

enum { TRACE_MAX = 1 << 20 };

struct testrun {
    const struct program *program;
    const struct dvara_bundle *bundle;
    struct dvara_str only;
    struct evaluator *evaluator;
    struct coverage *coverage; /* or NULL */
    struct arena *arena;       /* of the results */
    struct testrun_results *results;
    bool stop_at_failure;
};

/* A row of a test, its decision and what holds both. */
struct row {
    const struct decl *decl;
    const struct test_case *row; /* NULL: the test has no cases */
    struct arena arena;
    struct frozen_test test;
    struct given given;
    struct trial trial;
};

/* A decision rewrites what is given, so each has its own. */
static enum dvara_status judge(struct testrun *run, struct row *row,
                               const struct dvara_trace *trace)
{
    evaluator_trace(run->evaluator, trace);
    enum dvara_status status = DVARA_NO_MEMORY;
    if (testrow_make(&row->arena, run->program, row->decl, row->row, &row->test, &row->given) &&
        given_finish(&row->given, run->bundle))
        status = trial_judge(run->evaluator, run->bundle, &row->test, &row->given, &row->trial);
    evaluator_trace(run->evaluator, NULL);
    return status;
}

static struct dvara_str keep(struct arena *arena, struct buf *text)
{
    struct dvara_str s = arena_copy(arena, buf_str(text));
    buf_clear(text);
    return s;
}

static struct testrun_failure failure_of(struct testrun *run, const struct row *row,
                                         const struct expectation *expect)
{
    struct testrun_failure failure = {.line = expect->line, .col = expect->col};
    struct buf text;
    buf_init(&text, TRACE_MAX);
    expectation_print(expect, &text);
    failure.expected = keep(run->arena, &text);
    buf_init(&text, TRACE_MAX);
    expectation_print_actual(run->bundle, &row->trial.evaluation, expect, &text);
    failure.actual = keep(run->arena, &text);
    if (!expect->negated && (expect->kind == EXPECT_PROMPT || expect->kind == EXPECT_TEXT)) {
        buf_init(&text, TRACE_MAX);
        testdiff_print(expect->text,
                       expect->kind == EXPECT_PROMPT ? row->trial.evaluation.prompt
                                                     : row->trial.evaluation.text,
                       &text);
        failure.difference = keep(run->arena, &text);
    }
    return failure;
}

/* The rules that the failed expectations name, and those of targets where one is about a target. */
static struct testtrace_question asked(const struct row *row, struct arena *arena)
{
    struct dvara_str *v = ARENA_ARRAY(arena, row->trial.n_failed, struct dvara_str);
    struct testtrace_question question = {.rules = {v, 0}};
    for (size_t i = 0; v && i < row->trial.n_failed; i++) {
        if (!dvara_str_is_absent(row->trial.failed[i]->name))
            v[question.rules.n++] = row->trial.failed[i]->name;
        question.targets |= row->trial.failed[i]->kind == EXPECT_TARGET;
    }
    return question;
}

/* Decides again, told by a trace: the tests themselves run as the gateway does. */
static enum dvara_status explain(struct testrun *run, struct row *row,
                                 struct testrun_result *result)
{
    struct testtrace trace;
    struct buf text;
    struct testtrace_question question = asked(row, &row->arena);
    if (!testtrace_init(&trace, run->program, run->bundle, &row->arena, true))
        return DVARA_NO_MEMORY;
    enum dvara_status status = judge(run, row, &trace.trace);
    if (status != DVARA_OK)
        return status;
    buf_init(&text, TRACE_MAX);
    testtrace_print(&trace, row->trial.evaluation.decision, &question, &text);
    result->trace = keep(run->arena, &text);
    return DVARA_OK;
}

static enum dvara_status fail(struct testrun *run, struct row *row, struct testrun_result *result)
{
    size_t n = row->trial.n_failed;
    result->failures = ARENA_ARRAY(run->arena, n, struct testrun_failure);
    if (!result->failures)
        return DVARA_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        result->failures[result->n_failures++] = failure_of(run, row, row->trial.failed[i]);
    return explain(run, row, result);
}

static enum dvara_status keep_result(struct testrun *run, struct row *row, uint64_t ns)
{
    struct testrun_result result = {.name = row->test.name,
                                    .row = row->test.row,
                                    .file =
                                        run->program->sources.v[row->decl->name_span.file]->path,
                                    .line = row->test.line,
                                    .ns = ns};
    enum dvara_status status = DVARA_OK;
    bool failed = row->trial.n_failed > 0;
    if (failed && !run->stop_at_failure)
        status = fail(run, row, &result);
    if (status == DVARA_OK && run->coverage)
        status = judge(run, row, &run->coverage->trace);
    LIST_APPEND(run->arena, run->results->v, run->results->n, result);
    run->results->passed += !failed;
    run->results->failed += failed;
    return arena_is_exhausted(run->arena) ? DVARA_NO_MEMORY : status;
}

static enum dvara_status run_row(struct testrun *run, const struct decl *decl,
                                 const struct test_case *test_case)
{
    struct row row = {.decl = decl, .row = test_case};
    arena_init(&row.arena, TRIAL_MEMORY);
    uint64_t start = time_monotonic_ns();
    enum dvara_status status = judge(run, &row, NULL);
    if (status == DVARA_OK)
        status = keep_result(run, &row, time_monotonic_ns() - start);
    arena_clear(&row.arena);
    return status;
}

static enum dvara_status run_test(struct testrun *run, const struct decl *decl)
{
    enum dvara_status status = DVARA_OK;
    if (decl->test.n_cases == 0)
        return run_row(run, decl, NULL);
    for (size_t i = 0; status == DVARA_OK && i < decl->test.n_cases; i++) {
        status = run_row(run, decl, &decl->test.cases[i]);
        if (run->stop_at_failure && run->results->failed)
            break;
    }
    return status;
}

static bool is_wanted(struct dvara_str name, struct dvara_str only)
{
    return only.n == 0 || (name.n >= only.n && memmem(name.p, name.n, only.p, only.n));
}

static enum dvara_status run_all(struct testrun *run)
{
    const struct decls *tests = &run->program->by_kind[DECL_TEST];
    enum dvara_status status = evaluator_new(run->bundle, &run->evaluator);
    for (size_t i = 0; status == DVARA_OK && i < tests->n; i++) {
        if (is_wanted(tests->v[i]->name, run->only))
            status = run_test(run, tests->v[i]);
        if (run->stop_at_failure && run->results->failed)
            break;
    }
    evaluator_free(run->evaluator);
    return status;
}

enum dvara_status testrun(const struct program *program, const struct dvara_bundle *bundle,
                          struct dvara_str only, struct coverage *coverage, struct arena *arena,
                          struct testrun_results *ret_results)
{
    struct testrun run = {.program = program,
                          .bundle = bundle,
                          .only = only,
                          .coverage = coverage,
                          .arena = arena,
                          .results = ret_results};
    *ret_results = (struct testrun_results){.n = 0};
    return run_all(&run);
}

enum dvara_status testrun_fails(const struct program *program, const struct dvara_bundle *bundle,
                                struct dvara_str only, bool *ret_fails)
{
    struct arena arena;
    struct testrun_results results = {.n = 0};
    struct testrun run = {.program = program,
                          .bundle = bundle,
                          .only = only,
                          .arena = &arena,
                          .results = &results,
                          .stop_at_failure = true};
    arena_init(&arena, TRIAL_MEMORY);
    enum dvara_status status = run_all(&run);
    arena_clear(&arena);
    *ret_fails = results.failed > 0;
    return status;
}
