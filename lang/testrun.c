/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/testrun.h"

#include "base/arena.h"
#include "base/buf.h"
#include "lang/expectation.h"

enum { TEST_MEMORY = 256 << 20 };

struct testrun {
    const struct program *program;
    const struct dvara_bundle *bundle;
    struct evaluator *evaluator;
    struct buf *out;
    struct testrun_result *result;
};

static void print_place(struct testrun *run, struct span span)
{
    const struct source *source = run->program->sources.v[span.file];
    struct position at = source_position(source, span.start);
    buf_printf(run->out, "%.*s:%u:%u: ", DVARA_STR_ARG(source->path), at.line, at.col);
}

static void print_name(struct testrun *run, const struct decl *decl, const struct test_case *row)
{
    buf_printf(run->out, "test \"%.*s\"", DVARA_STR_ARG(decl->name));
    if (row)
        buf_printf(run->out, ", case \"%.*s\"", DVARA_STR_ARG(row->name.s));
    BUF_LIT(run->out, ": ");
}

static void print_matched(struct testrun *run, const struct dvara_decision *d)
{
    BUF_LIT(run->out, "  matched:");
    for (size_t i = 0; i < d->n_matched; i++)
        buf_printf(run->out, " %.*s",
                   DVARA_STR_ARG(dvara_bundle_rule(run->bundle, d->matched[i].rule).name));
    if (d->n_matched == 0)
        BUF_LIT(run->out, " no rule");
    for (size_t i = 0; i < d->n_errors; i++)
        buf_printf(run->out, "%s %.*s", i ? "," : "; erred:",
                   DVARA_STR_ARG(dvara_bundle_rule(run->bundle, d->errors[i].rule).name));
    buf_byte(run->out, '\n');
}

static void print_failure(struct testrun *run, const struct decl *decl, const struct test_case *row,
                          const struct expect *expect, const struct evaluation *evaluation)
{
    print_place(run, expect->span);
    print_name(run, decl, row);
    BUF_LIT(run->out, "failed\n  expected: ");
    expectation_print(expect, run->out);
    BUF_LIT(run->out, "\n  actual:   ");
    expectation_print_actual(run->bundle, evaluation, expect, run->out);
    buf_byte(run->out, '\n');
    print_matched(run, evaluation->decision);
}

static bool meets(struct testrun *run, const struct decl *decl, const struct test_case *row,
                  const struct expect *expects, size_t n, const struct evaluation *evaluation)
{
    bool good = true;
    for (size_t i = 0; i < n; i++) {
        if (expectation_holds(run->bundle, evaluation, &expects[i]))
            continue;
        print_failure(run, decl, row, &expects[i], evaluation);
        good = false;
    }
    return good;
}

/* One decision and the expectations of the test and of the row (NULL: the test has no cases). */
static enum dvara_status run_row(struct testrun *run, const struct decl *decl,
                                 const struct test_case *row)
{
    struct arena arena;
    struct given given;
    struct evaluation evaluation;
    arena_init(&arena, TEST_MEMORY);
    const struct expr *record = given_merge(&arena, decl->test.given, row ? row->given : NULL);
    enum dvara_status status = DVARA_OK;
    bool good = given_read(&arena, run->bundle, record, &given);
    if (!good) {
        print_place(run, decl->name_span);
        print_name(run, decl, row);
        buf_printf(run->out, "%.*s\n", DVARA_STR_ARG(given.error));
    } else {
        status = evaluate(run->evaluator, &given, &evaluation);
    }
    if (good && status == DVARA_OK) {
        good = meets(run, decl, row, decl->test.expects, decl->test.n_expects, &evaluation);
        if (row)
            good = meets(run, decl, row, row->expects, row->n_expects, &evaluation) && good;
    }
    run->result->passed += good;
    run->result->failed += !good;
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
