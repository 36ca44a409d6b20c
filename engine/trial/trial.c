/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/trial.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_text.h"

enum dvara_status trial_judge(struct evaluator *evaluator, const struct dvara_bundle *bundle,
                              const struct frozen_test *test, struct given *given,
                              struct trial *ret_trial)
{
    *ret_trial = (struct trial){.test = test};
    ret_trial->failed = ARENA_ARRAY(given->arena, test->n_expects, const struct expectation *);
    if (!ret_trial->failed)
        return DVARA_NO_MEMORY;
    enum dvara_status status = evaluate(evaluator, given, &ret_trial->evaluation);
    for (size_t i = 0; status == DVARA_OK && i < test->n_expects; i++) {
        if (!expectation_holds(bundle, &ret_trial->evaluation, &test->expects[i]))
            ret_trial->failed[ret_trial->n_failed++] = &test->expects[i];
    }
    return status;
}

static void print_matched(const struct dvara_bundle *bundle, const struct dvara_decision *d,
                          struct buf *out)
{
    BUF_LIT(out, "  matched:");
    for (size_t i = 0; i < d->n_matched; i++)
        buf_printf(out, " %.*s", DVARA_STR_ARG(dvara_bundle_rule(bundle, d->matched[i].rule).name));
    if (d->n_matched == 0)
        BUF_LIT(out, " no rule");
    for (size_t i = 0; i < d->n_errors; i++)
        buf_printf(out, "%s %.*s", i ? "," : "; erred:",
                   DVARA_STR_ARG(dvara_bundle_rule(bundle, d->errors[i].rule).name));
    buf_byte(out, '\n');
}

static void print_name(const struct frozen_test *test, struct buf *out)
{
    BUF_LIT(out, "test ");
    json_write_string(out, test->name);
    if (!dvara_str_is_absent(test->row)) {
        BUF_LIT(out, ", case ");
        json_write_string(out, test->row);
    }
}

void trial_print(const struct dvara_bundle *bundle, const struct trial *trial, struct buf *out)
{
    const struct frozen_test *test = trial->test;
    for (size_t i = 0; i < trial->n_failed; i++) {
        const struct expectation *expect = trial->failed[i];
        buf_printf(out, "%.*s:%u:%u: ", DVARA_STR_ARG(test->file), expect->line, expect->col);
        print_name(test, out);
        BUF_LIT(out, ": failed\n  expected: ");
        expectation_print(expect, out);
        BUF_LIT(out, "\n  actual:   ");
        expectation_print_actual(bundle, &trial->evaluation, expect, out);
        buf_byte(out, '\n');
        print_matched(bundle, trial->evaluation.decision, out);
    }
}
