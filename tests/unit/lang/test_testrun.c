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

TEST(a_bundle_judges_its_own_tests_as_the_source_does)
{
    struct compiled c;
    struct buf of_source, of_bundle;
    struct testrun_result source;
    struct dvara_tests_result bundle;
    compiled_init(&c, policy);
    buf_init(&of_source, 1 << 20);
    buf_init(&of_bundle, 1 << 20);
    ck_assert_int_eq(testrun(c.program, c.bundle, (struct dvara_str){NULL, 0}, &of_source, &source),
                     DVARA_OK);
    ck_assert_int_eq(dvara_bundle_test(c.bundle, &of_bundle, &bundle), DVARA_OK);
    ck_assert_uint_eq(bundle.passed, 5);
    ck_assert_uint_eq(bundle.failed, 2);
    ck_assert_uint_eq(source.passed, bundle.passed);
    ck_assert_uint_eq(source.failed, bundle.failed);
    ck_assert_str_eq(of_source.p ? (buf_byte(&of_source, 0), of_source.p) : "",
                     of_bundle.p ? (buf_byte(&of_bundle, 0), of_bundle.p) : "");
    ck_assert_ptr_nonnull(strstr(of_bundle.p, "case \"wrong\""));
    buf_clear(&of_source);
    buf_clear(&of_bundle);
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

SUITE(a_bundle_judges_its_own_tests_as_the_source_does, a_bundle_without_tests_has_none_to_fail)
