/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/testrun.h"

#include "dvara/tests.h"
#include "unit/lang/compiled.h"
#include "unit/suite.h"

/* Each row of `given` that tests speak of, and one expectation in three that fails. */
static const char policy[] =
    "dvp 1\n"
    "default allow\n"
    "runtime list closed = []\n"
    "provider local { zone \"onprem\" }\n"
    "detector badge { pattern /EMP-[0-9]{6}/ max_span 10 }\n"
    "group staff = badge\n"
    "rule off { on request when tenant.id in closed deny code \"closed\" }\n"
    "rule hide { on request, response when pii.found(staff) redact staff with label }\n"
    "rule away { on target when target.zone != \"onprem\" exclude }\n"
    "rule pay { on tool when (json(tool.args, \"/n\") ?? \"\") == \"9\" deny code \"nine\" }\n"
    "rule seed { on request when (request.body(\"/seed\") ?? \"\") == \"7\" warn \"seven\" }\n"
    "route r { match request.model == \"m\" target \"openai/a\" target \"local/b\" }\n"
    "test \"closed\" { given { tenant: { id: \"t9\" }, lists: { closed: [\"t9\"] } }\n"
    "  expect deny code \"closed\" by off }\n"
    "test \"route\" { given { request: { model: \"m\" },\n"
    "  targets: { \"local/b\": { healthy: false } } } expect route r expect target \"local/b\"\n"
    "  expect excluded \"openai/a\" by away expect target \"openai/a\" }\n"
    "test \"texts\" { given { request: { model: \"m\", messages: [{ role: \"user\", text: "
    "\"EMP-123456\" }] } }\n"
    "  cases { \"prompt\" { expect prompt \"<BADGE>\" expect redacted staff }\n"
    "    \"stream\" { given { response: { stream: [\"x EMP-65\", \"4321 y\"] } }\n"
    "      expect text \"x <BADGE> y\" }\n"
    "    \"wrong\" { expect not redacted staff } } }\n"
    "test \"tool\" { given { request: { model: \"m\", body: { seed: 7 } }, tool: { name: "
    "\"p\", args: "
    "\"{\\\"n\\\":9}\" } }\n"
    "  expect deny code \"nine\" expect warned }\n"
    "test \"fault\" { given { tool: { name: \"p\", args: \"{}\" }, faults: [\"json\"] }\n"
    "  expect errors expect deny by pay }\n";

/* The place of each failure, a line each, in the order of the tests. */
static void print_places(const struct testrun_results *results, struct buf *out)
{
    for (size_t i = 0; i < results->n; i++) {
        for (size_t k = 0; k < results->v[i].n_failures; k++)
            buf_printf(out, "test.dvp:%u:%u: test \"%.*s\"", results->v[i].failures[k].line,
                       results->v[i].failures[k].col, DVARA_STR_ARG(results->v[i].name));
    }
}

TEST(a_bundle_judges_its_own_tests_as_the_source_does)
{
    struct compiled c;
    struct buf places, told;
    struct testrun_results source;
    struct dvara_tests_result bundle;
    struct dvara_str none = {NULL, 0};
    compiled_init(&c, policy);
    buf_init(&places, 1 << 20);
    buf_init(&told, 1 << 20);
    ck_assert_int_eq(testrun(c.program, c.bundle, none, NULL, &c.arena, &source), DVARA_OK);
    ck_assert_int_eq(dvara_bundle_test(c.bundle, &told, &bundle), DVARA_OK);
    ck_assert_uint_eq(bundle.passed, 5);
    ck_assert_uint_eq(bundle.failed, 2);
    ck_assert_uint_eq(source.passed, bundle.passed);
    ck_assert_uint_eq(source.failed, bundle.failed);
    print_places(&source, &places);
    struct dvara_str left = buf_str(&places), of_bundle = buf_str(&told);
    for (size_t n = 0; left.n; left = dvara_str_slice(left, n, left.n)) {
        const char *next = left.n > 1 ? memmem(left.p + 1, left.n - 1, "test.dvp:", 9) : NULL;
        n = next ? (size_t)(next - left.p) : left.n;
        ck_assert_ptr_nonnull(memmem(of_bundle.p, of_bundle.n, left.p, n));
    }
    buf_clear(&places);
    buf_clear(&told);
    compiled_clear(&c);
}

TEST(judging_every_rule_gives_the_same_decision)
{
    struct compiled c;
    struct coverage coverage;
    struct testrun_results results;
    struct dvara_str none = {NULL, 0};
    compiled_init(&c, policy);
    ck_assert(coverage_init(&coverage, c.program, c.bundle, &c.arena));
    ck_assert_int_eq(testrun(c.program, c.bundle, none, &coverage, &c.arena, &results), DVARA_OK);
    ck_assert_uint_eq(results.passed, 5);
    struct coverage_sums sums = coverage_sums(&coverage);
    ck_assert_uint_eq(sums.rules, 5);
    ck_assert_uint_eq(sums.matched, 5);
    ck_assert_uint_eq(sums.outcomes, 10);
    ck_assert_uint_eq(sums.reached, 9); /* the call's arguments were nine, or no JSON */
    compiled_clear(&c);
}

TEST(the_first_failure_is_enough_to_kill)
{
    struct compiled c;
    bool fails = false;
    compiled_init(&c, policy);
    ck_assert_int_eq(testrun_fails(c.program, c.bundle, DVARA_STR("route"), &fails), DVARA_OK);
    ck_assert(fails);
    ck_assert_int_eq(testrun_fails(c.program, c.bundle, DVARA_STR("tool"), &fails), DVARA_OK);
    ck_assert(!fails);
    compiled_clear(&c);
}

TEST(a_bundle_without_tests_has_none_to_fail)
{
    struct compiled c;
    struct buf out;
    struct dvara_tests_result result;
    compiled_init(&c, "dvp 1\ndefault allow\n");
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(dvara_bundle_test(c.bundle, &out, &result), DVARA_OK);
    ck_assert_uint_eq(result.passed + result.failed + out.n, 0);
    buf_clear(&out);
    compiled_clear(&c);
}

SUITE(a_bundle_judges_its_own_tests_as_the_source_does, judging_every_rule_gives_the_same_decision,
      the_first_failure_is_enough_to_kill, a_bundle_without_tests_has_none_to_fail)
