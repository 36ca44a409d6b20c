/* SPDX-License-Identifier: Apache-2.0 */
/* Which conditions an index reaches, and that no key keeps a rule from holding. */
#include "bundle/loaded.h"
#include "unit/lang/compiled.h"
#include "unit/suite.h"

#include <stdio.h>

enum { NONE = -1, POLICY_MAX = 32 << 10, MANY = 600 };

static const struct row {
    const char *condition;
    int keys;   /* that an index reaches, or that are tested; NONE: the rule is always tried */
    int truths; /* keys that are predicates */
} rows[] = {
    {"request.model == \"a\"", 1, 0},
    {"\"a\" == request.model", 1, 0},
    {"request.model != \"a\"", 1, 0},
    {"not (request.model == \"a\")", 1, 0},
    {"request.model in [\"a\", \"b\", \"gpt-4o\"]", 3, 0},
    {"request.model not in [\"a\"]", 0, 1},
    {"\"vip\" in tenant.tags", 1, 0},
    {"tenant.tags contains \"vip\"", 1, 0},
    {"request.model contains \"a\"", 1, 0},
    {"request.model starts_with \"gpt-\"", 1, 0},
    {"request.model starts_with \"\"", 0, 1},
    {"request.model ends_with \"4o\"", 1, 0},
    {"request.model glob \"gpt-4*\"", 1, 0},
    {"request.model glob \"gpt-4o\"", 1, 0},
    {"request.model glob \"*4o\"", 1, 0},
    {"request.model glob \"?pt-4o\"", 1, 0},
    {"request.model glob \"{gpt-4,gpt-5}*\"", 2, 0},
    {"request.model glob \"{gpt-4,*}o\"", 2, 0},
    {"request.model glob \"[g]pt-4o\"", 1, 0},
    {"request.model glob [\"gpt-4*\", \"a\"]", 2, 0},
    {"request.model glob [\"gpt-4*\", \"*a\"]", 2, 0},
    {"request.model == \"a\" or request.model == \"gpt-4o\"", 2, 0},
    {"request.model == \"a\" or tenant.id == \"acme\"", 2, 0},
    {"request.model == \"a\" or request.stream", 2, 0},
    {"request.model == \"gpt-4o\" and request.stream", 1, 0},
    {"not request.stream and request.model == \"gpt-4o\"", 1, 0},
    {"request.model in [\"a\", \"gpt-4o\"] and tenant.id == \"acme\"", 1, 0},
    {"request.model starts_with \"gpt\" and tenant.id == \"acme\"", 1, 0},
    {"(request.model == \"a\" or tenant.id == \"acme\") and not request.stream", 2, 0},
    {"(request.model == \"a\" and request.stream) or tenant.id == \"acme\"", 2, 0},
    {"(request.model == \"a\" or request.stream) and (tenant.id == \"b\" or request.stream)", 2, 0},
    {"(request.model == \"a\" or request.stream) and tenant.id == \"acme\"", 1, 0},
    {"not (request.model != \"gpt-4o\" or request.stream)", 1, 0},
    {"named", 1, 0},
    {"named and request.stream", 1, 0},
    {"either", 2, 0},
    {"request.model in names", 2, 0},
    {"request.model == picked", 1, 0},
    {"has request.user and request.user == \"u\"", 1, 0},
    {"(request.user ?? \"u\") == \"u\"", 2, 0},
    {"request.text contains \"x\"", 0, 1},
    {"request.model glob \"*\"", 0, 1},
    {"request.model glob [\"gpt-4*\", \"?\"]", 0, 1},
    {"request.ip within \"10.0.0.0/8\" and request.model == \"gpt-4o\"", 1, 0},
    {"request.ip within \"10.0.0.0/8\" or request.model == \"gpt-4o\"", 2, 0},
    {"any t in request.tools { t.name == \"fs\" }", 1, 0},
    {"any t in request.tools { t.name glob \"fs_*\" and t.name != \"fs_x\" }", 1, 0},
    {"any t in request.tools { t.description contains \"x\" }", 0, 1},
    {"not (none t in request.tools { t.name in [\"fs\", \"net\"] })", 2, 0},
    {"none t in request.tools { t.name == \"fs\" }", 0, 1},
    {"all t in request.tools { t.name == \"fs\" }", 0, 1},
    {"any m in request.messages { m.has_image }", 1, 0},
    {"any m in request.messages { m.has_image } and any n in request.messages { not n.has_image }",
     1, 0},
    {"any g in tenant.tags { g starts_with \"v\" }", 1, 0},
    {"any g in tenant.tags { g == \"vip\" or g == tenant.id }", 0, 1},
    {"any t in request.tools { any g in tenant.tags { g == t.name or g == \"vip\" } }", 0, 1},
    {"any t in request.tools { t.name == \"fs\" and any g in tenant.tags { g == \"vip\" } }", 1, 0},
    {"request.stream", 1, 0},
    {"not request.stream", 1, 0},
    {"has request.user", 1, 0},
    {"not has request.user", 1, 0},
    {"not (has request.user and request.user == \"u\")", 2, 0},
    {"(request.max_tokens ?? 0) > 100", 1, 0},
    {"(request.max_tokens ?? 1000) > 100", 2, 0},
    {"100 < (request.max_tokens ?? 0)", 1, 0},
    {"has request.max_tokens and request.max_tokens >= 5 and request.max_tokens < 9", 1, 0},
    {"(request.max_tokens ?? 0) != 7", 3, 0},
    {"(request.n ?? 1) in [2, 3]", 2, 0},
    {"(request.temperature ?? 1.0) >= 0.5", 2, 0},
    {"(request.temperature ?? 1) < -0.5", 1, 0},
    {"request.size > 1KB", 1, 0},
    {"request.prompt_tokens * 2 > 9", 1, 0},
    {"request.prompt_tokens > (request.max_tokens ?? 0)", 0, 1},
    {"hour(\"UTC\") >= 9", 1, 0},
    {"weekday(\"UTC\") in [\"sat\", \"sun\"]", 2, 0},
    {"request.ip within \"10.0.0.0/8\"", 1, 0},
    {"request.ip within [\"10.0.0.0/8\", \"fe80::/10\"]", 2, 0},
    {"(request.header(\"x-team\") ?? \"none\") == \"a\"", 1, 0},
    {"(tenant.attr(\"plan\") ?? \"free\") == \"free\"", 2, 0},
    {"lower(request.model) == \"gpt-4o\"", 1, 0},
    {"len(tenant.models) > 0 and request.model not in tenant.models", 1, 0},
    {"len(request.messages) > 3", 1, 0},
    {"len(request.text) > 3", 0, 1},
    {"request.model not in [\"a\", \"b\"]", 0, 1},
    {"request.model == \"a\" or request.text contains \"x\"", 1, 1},
    {"request.text contains \"x\" and request.model == \"a\"", 1, 0},
    {"request.text contains \"x\" or request.text contains \"y\"", 0, 2},
    {"request.text contains \"x\" and request.prompt_tokens > (request.max_tokens ?? 0)", 0, 1},
    {"(request.n ?? 1) * 7 == request.prompt_tokens - 3", 0, 1},
    {"not has request.user or request.user == tenant.id", NONE, NONE},
    {"has request.user and request.user == tenant.id", 1, 0},
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

/* Beside the rule with the condition, one that is always tried: two lists have more keys than a
 * rule may. */
static void policy_of(const char *condition, char text[POLICY_MAX])
{
    char many[MANY * 8] = "\"m0\"";
    size_t at = strlen(many);
    for (int i = 1; i < MANY; i++)
        at += (size_t)snprintf(many + at, sizeof many - at, ",\"m%d\"", i);
    (void)snprintf(
        text, POLICY_MAX,
        "dvp 1\ndefault allow\n"
        "let named = request.model == \"gpt-4o\"\n"
        "let either = named or tenant.id == \"acme\"\n"
        "let names = [\"a\", \"gpt-4o\"]\nlet picked = \"gpt-4o\"\nlet many = [%s]\n"
        "rule keyed { on request when %s tag \"k\" \"1\" }\n"
        "rule plain { on request when (%s) or key.id in many or key.name in many tag \"k\" \"2\" "
        "}\n",
        many, condition, condition);
}

static const struct bundle_rule *rule_named(const struct compiled *c, struct dvara_str name)
{
    const struct bundle_program *program = &c->bundle->program;
    for (uint32_t i = 0; i < program->tables.n_rules; i++)
        if (dvara_str_eq(bundle_text(c->bundle, program->tables.rules[i].name), name))
            return &program->tables.rules[i];
    ck_abort_msg("no rule %.*s", DVARA_STR_ARG(name));
}

static uint32_t count_truths(const struct compiled *c, const struct bundle_rule *rule)
{
    const struct bundle_tables *t = &c->bundle->program.tables;
    uint32_t n = 0;
    for (uint32_t i = rule->key_first; i < rule->key_first + rule->key_count; i++)
        n += bundle_key_row(t->keys[i].kind)->reads == BUNDLE_READS_TRUTH;
    return n;
}

TEST(a_condition_has_the_fewest_keys_of_which_one_must_hold)
{
    char text[POLICY_MAX];
    struct compiled c;
    policy_of(rows[_i].condition, text);
    compiled_init(&c, text);
    const struct bundle_rule *keyed = rule_named(&c, DVARA_STR("keyed"));
    bool indexed = (keyed->flags & BUNDLE_RULE_INDEXED) != 0;
    int truths = indexed ? (int)count_truths(&c, keyed) : NONE;
    int keys = indexed ? (int)keyed->key_count - truths : NONE;
    ck_assert_msg(keys == rows[_i].keys && truths == rows[_i].truths, "%d and %d keys: %s", keys,
                  truths, rows[_i].condition);
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

TEST(a_list_over_the_bound_is_asked_as_a_whole)
{
    char text[POLICY_MAX];
    struct compiled c;
    for (size_t n = 1024; n <= 1025; n++) {
        list_of(n, text);
        compiled_init(&c, text);
        const struct bundle_rule *keyed = rule_named(&c, DVARA_STR("keyed"));
        ck_assert_uint_eq(keyed->key_count, n == 1024 ? n : 1);
        ck_assert_uint_eq(count_truths(&c, keyed), n == 1024 ? 0 : 1);
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
    tcase_add_test(tcase, a_list_over_the_bound_is_asked_as_a_whole);
    tcase_add_test(tcase, a_condition_that_is_false_is_never_tried);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
