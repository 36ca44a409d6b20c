/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/testrun.h"

#include "base/arena.h"
#include "base/buf.h"
#include "lang/testrow.h"
#include "trial/trial.h"

struct testrun {
    const struct program *program;
    const struct dvara_bundle *bundle;
    struct evaluator *evaluator;
    struct buf *out;
    struct testrun_result *result;
};

/* One decision and the expectations of the test and of the row (NULL: the test has no cases). */
static enum dvara_status run_row(struct testrun *run, const struct decl *decl,
                                 const struct test_case *row)
{
    struct arena arena;
    struct frozen_test test;
    struct given given;
    struct trial trial = {.n_failed = 0};
    arena_init(&arena, TRIAL_MEMORY);
    enum dvara_status status = DVARA_NO_MEMORY;
    if (testrow_make(&arena, run->program, decl, row, &test, &given) &&
        given_finish(&given, run->bundle))
        status = trial_judge(run->evaluator, run->bundle, &test, &given, &trial);
    if (status == DVARA_OK)
        trial_print(run->bundle, &trial, run->out);
    run->result->passed += trial.n_failed == 0;
    run->result->failed += trial.n_failed > 0;
    arena_clear(&arena);
    return status;
}

static enum dvara_status run_test(struct testrun *run, const struct decl *decl)
{
    enum dvara_status status = DVARA_OK;
    if (decl->test.n_cases == 0)
        return run_row(run, decl, NULL);
    for (size_t i = 0; status == DVARA_OK && i < decl->test.n_cases; i++)
        status = run_row(run, decl, &decl->test.cases[i]);
    return status;
}

static bool is_wanted(struct dvara_str name, struct dvara_str only)
{
    return only.n == 0 || (name.n >= only.n && memmem(name.p, name.n, only.p, only.n));
}

enum dvara_status testrun(const struct program *program, const struct dvara_bundle *bundle,
                          struct dvara_str only, struct buf *out, struct testrun_result *ret_result)
{
    struct testrun run = {.program = program, .bundle = bundle, .out = out, .result = ret_result};
    const struct decls *tests = &program->by_kind[DECL_TEST];
    *ret_result = (struct testrun_result){.passed = 0};
    enum dvara_status status = evaluator_new(bundle, &run.evaluator);
    for (size_t i = 0; status == DVARA_OK && i < tests->n; i++) {
        if (is_wanted(tests->v[i]->name, only))
            status = run_test(&run, tests->v[i]);
    }
    evaluator_free(run.evaluator);
    return status;
}
