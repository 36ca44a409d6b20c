/* SPDX-License-Identifier: Apache-2.0 */
/* Which conditions an index reaches, and that no key keeps a rule from holding. */
#include "bundle/loaded.h"
#include "unit/lang/compiled.h"
#include "unit/suite.h"

#include <stdio.h>

enum { NONE = -1, POLICY_MAX = 32 << 10 };

static const struct row {
    const char *condition;
    int keys; /* NONE: no index reaches the rule */
} rows[] = {
    {"request.model == \"a\"", 1},
    {"\"a\" == request.model", 1},
    {"request.model != \"a\"", 1},
    {"not (request.model == \"a\")", 1},
    {"request.model in [\"a\", \"b\", \"gpt-4o\"]", 3},
    {"request.model not in [\"a\"]", NONE},
    {"\"vip\" in tenant.tags", 1},
    {"tenant.tags contains \"vip\"", 1},
    {"request.model contains \"a\"", 1},
    {"request.model starts_with \"gpt-\"", 1},
    {"request.model starts_with \"\"", NONE},
    {"request.model ends_with \"4o\"", 1},
    {"request.model glob \"gpt-4*\"", 1},
    {"request.model glob \"gpt-4o\"", 1},
    {"request.model glob \"*4o\"", 1},
    {"request.model glob \"?pt-4o\"", 1},
    {"request.model glob \"{gpt-4,gpt-5}*\"", 2},
    {"request.model glob \"{gpt-4,*}o\"", 2},
    {"request.model glob \"[g]pt-4o\"", 1},
    {"request.model glob [\"gpt-4*\", \"a\"]", 2},
    {"request.model glob [\"gpt-4*\", \"*a\"]", 2},
    {"request.model == \"a\" or request.model == \"gpt-4o\"", 2},
    {"request.model == \"a\" or tenant.id == \"acme\"", 2},
    {"request.model == \"a\" or request.stream", 2},
    {"request.model == \"gpt-4o\" and request.stream", 1},
    {"not request.stream and request.model == \"gpt-4o\"", 1},
    {"request.model in [\"a\", \"gpt-4o\"] and tenant.id == \"acme\"", 1},
    {"request.model starts_with \"gpt\" and tenant.id == \"acme\"", 1},
    {"(request.model == \"a\" or tenant.id == \"acme\") and not request.stream", 2},
    {"(request.model == \"a\" and request.stream) or tenant.id == \"acme\"", 2},
    {"(request.model == \"a\" or request.stream) and (tenant.id == \"b\" or request.stream)", 2},
    {"(request.model == \"a\" or request.stream) and tenant.id == \"acme\"", 1},
    {"not (request.model != \"gpt-4o\" or request.stream)", 1},
    {"named", 1},
    {"named and request.stream", 1},
    {"either", 2},
    {"request.model in names", 2},
    {"request.model == picked", 1},
    {"has request.user and request.user == \"u\"", 1},
    {"(request.user ?? \"u\") == \"u\"", 2},
    {"request.text contains \"x\"", NONE},
    {"request.model glob \"*\"", NONE},
    {"request.model glob [\"gpt-4*\", \"?\"]", NONE},
    {"request.ip within \"10.0.0.0/8\" and request.model == \"gpt-4o\"", 1},
    {"request.ip within \"10.0.0.0/8\" or request.model == \"gpt-4o\"", 2},
    {"any t in request.tools { t.name == \"fs\" }", 1},
    {"any t in request.tools { t.name glob \"fs_*\" and t.name != \"fs_x\" }", 1},
    {"any t in request.tools { t.description contains \"x\" }", NONE},
    {"not (none t in request.tools { t.name in [\"fs\", \"net\"] })", 2},
    {"none t in request.tools { t.name == \"fs\" }", NONE},
    {"all t in request.tools { t.name == \"fs\" }", NONE},
    {"any m in request.messages { m.has_image }", 1},
    {"any m in request.messages { m.has_image } and any n in request.messages { not n.has_image }",
     1},
    {"any g in tenant.tags { g starts_with \"v\" }", 1},
    {"any g in tenant.tags { g == \"vip\" or g == tenant.id }", NONE},
    {"any t in request.tools { any g in tenant.tags { g == t.name or g == \"vip\" } }", NONE},
    {"any t in request.tools { t.name == \"fs\" and any g in tenant.tags { g == \"vip\" } }", 1},
    {"request.stream", 1},
    {"not request.stream", 1},
    {"has request.user", 1},
    {"not has request.user", 1},
    {"not (has request.user and request.user == \"u\")", 2},
    {"(request.max_tokens ?? 0) > 100", 1},
    {"(request.max_tokens ?? 1000) > 100", 2},
    {"100 < (request.max_tokens ?? 0)", 1},
    {"has request.max_tokens and request.max_tokens >= 5 and request.max_tokens < 9", 1},
    {"(request.max_tokens ?? 0) != 7", 3},
    {"(request.n ?? 1) in [2, 3]", 2},
    {"(request.temperature ?? 1.0) >= 0.5", 2},
    {"(request.temperature ?? 1) < -0.5", 1},
    {"request.size > 1KB", 1},
    {"request.prompt_tokens * 2 > 9", 1},
    {"request.prompt_tokens > (request.max_tokens ?? 0)", NONE},
    {"hour(\"UTC\") >= 9", 1},
    {"weekday(\"UTC\") in [\"sat\", \"sun\"]", 2},
    {"request.ip within \"10.0.0.0/8\"", 1},
    {"request.ip within [\"10.0.0.0/8\", \"fe80::/10\"]", 2},
    {"(request.header(\"x-team\") ?? \"none\") == \"a\"", 1},
    {"(tenant.attr(\"plan\") ?? \"free\") == \"free\"", 2},
    {"lower(request.model) == \"gpt-4o\"", 1},
    {"len(tenant.models) > 0 and request.model not in tenant.models", 1},
    {"len(request.messages) > 3", 1},
    {"len(request.text) > 3", NONE},
    {"request.model not in [\"a\", \"b\"]", NONE},
};

static const char *const requests[] = {
    "{\"request\":{\"model\":\"gpt-4o\"}}",
    "{\"request\":{\"model\":\"gpt-4o\",\"user\":\"u\",\"ip\":\"10.1.1.1\"},\"tenant\":{\"id\":"
    "\"acme\"}}",
    "{\"request\":{\"model\":\"a\",\"ip\":\"bad\"},\"tenant\":{\"id\":\"b\",\"tags\":[\"x\","
    "\"vip\"]}}",
    "{\"request\":{\"model\":\"\",\"stream\":false},\"tenant\":{\"id\":\"acme\",\"tags\":[]}}",
    "{\"request\":{\"model\":\"g\"},\"tenant\":{\"tags\":[\"vip\",\"vip\"]}}",
    "{\"request\":{\"tools\":[{\"name\":\"a\",\"description\":\"x\"},{\"name\":\"fs\"}],"
    "\"messages\":[{\"role\":\"user\",\"text\":\"a\",\"has_image\":true},"
    "{\"role\":\"user\",\"text\":\"b\"}]},\"tenant\":{\"tags\":[\"vip\"]}}",
    "{\"request\":{\"tools\":[{\"name\":\"fs_x\"},{\"name\":\"fs_y\"}]}}",
    "{\"request\":{\"model\":\"gpt-5-a\",\"ip\":\"bad\",\"messages\":[{\"role\":\"user\",\"text\":"
    "\"x\"}]},"
    "\"faults\":[\"list\"]}",
};

static void policy_of(const char *condition, char text[POLICY_MAX])
{
    (void)snprintf(
        text, POLICY_MAX,
        "dvp 1\ndefault allow\n"
        "let named = request.model == \"gpt-4o\"\n"
        "let either = named or tenant.id == \"acme\"\n"
        "let names = [\"a\", \"gpt-4o\"]\nlet picked = \"gpt-4o\"\n"
        "rule keyed { on request when %s tag \"k\" \"1\" }\n"
        "rule plain { on request when (%s) or len(request.text) > 99 tag \"k\" \"2\" }\n",
        condition, condition);
}

static const struct bundle_rule *rule_named(const struct compiled *c, struct dvara_str name)
{
    const struct bundle_program *program = &c->bundle->program;
    for (uint32_t i = 0; i < program->tables.n_rules; i++)
        if (dvara_str_eq(bundle_text(c->bundle, program->tables.rules[i].name), name))
            return &program->tables.rules[i];
    ck_abort_msg("no rule %.*s", DVARA_STR_ARG(name));
}

TEST(a_condition_has_the_fewest_keys_of_which_one_must_hold)
{
    char text[POLICY_MAX];
    struct compiled c;
    policy_of(rows[_i].condition, text);
    compiled_init(&c, text);
    const struct bundle_rule *keyed = rule_named(&c, DVARA_STR("keyed"));
    int keys = keyed->flags & BUNDLE_RULE_INDEXED ? (int)keyed->key_count : NONE;
    ck_assert_msg(keys == rows[_i].keys, "%d keys: %s", keys, rows[_i].condition);
    ck_assert(!(rule_named(&c, DVARA_STR("plain"))->flags & BUNDLE_RULE_INDEXED));
    compiled_clear(&c);
}

TEST(a_rule_found_by_its_keys_holds_and_errs_as_one_that_is_always_tried)
{
    char text[POLICY_MAX];
    struct compiled c;
    policy_of(rows[_i].condition, text);
    compiled_init(&c, text);
    for (size_t r = 0; r < sizeof requests / sizeof *requests; r++) {
        const struct dvara_decision *d = compiled_decide(&c, requests[r]);
        ck_assert_msg(d->n_matched % 2 == 0 && d->n_errors % 2 == 0,
                      "%zu matched, %zu erred: %s on %s", d->n_matched, d->n_errors,
                      rows[_i].condition, requests[r]);
    }
    compiled_clear(&c);
}

static void list_of(size_t n, char text[POLICY_MAX])
{
    size_t at = (size_t)snprintf(text, POLICY_MAX,
                                 "dvp 1\ndefault allow\nrule keyed { on request when request.model "
                                 "in [");
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, POLICY_MAX - at, "%s\"m%zu\"", i ? ", " : "", i);
    (void)snprintf(text + at, POLICY_MAX - at, "] deny }\n");
}

TEST(a_list_over_the_bound_is_tested_and_not_indexed)
{
    char text[POLICY_MAX];
    struct compiled c;
    for (size_t n = 1024; n <= 1025; n++) {
        list_of(n, text);
        compiled_init(&c, text);
        bool indexed = (rule_named(&c, DVARA_STR("keyed"))->flags & BUNDLE_RULE_INDEXED) != 0;
        ck_assert_int_eq(indexed, n == 1024);
        const char *last = "{\"request\":{\"model\":\"m1023\"}}";
        ck_assert_int_eq(compiled_decide(&c, last)->verdict, DVARA_VERDICT_DENY);
        compiled_clear(&c);
    }
}

TEST(a_condition_that_is_false_is_never_tried)
{
    struct compiled c;
    compiled_init(&c, "dvp 1\ndefault allow\n"
                      "rule keyed { on request when 1 > 2 deny }\n");
    const struct bundle_rule *keyed = rule_named(&c, DVARA_STR("keyed"));
    ck_assert((keyed->flags & BUNDLE_RULE_INDEXED) && keyed->key_count == 0);
    const struct dvara_decision *d = compiled_decide(&c, "{\"request\":{\"model\":\"gpt-4o\"}}");
    ck_assert_int_eq(d->verdict, DVARA_VERDICT_ALLOW);
    compiled_clear(&c);
}

int main(void)
{
    enum { ROWS = sizeof rows / sizeof *rows };
    Suite *suite = suite_create(__FILE__);
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_condition_has_the_fewest_keys_of_which_one_must_hold, 0, ROWS);
    tcase_add_loop_test(tcase, a_rule_found_by_its_keys_holds_and_errs_as_one_that_is_always_tried,
                        0, ROWS);
    tcase_add_test(tcase, a_list_over_the_bound_is_tested_and_not_indexed);
    tcase_add_test(tcase, a_condition_that_is_false_is_never_tried);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
