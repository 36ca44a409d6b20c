/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/evaluate_print.h"

#include "unit/lang/compiled.h"
#include "unit/suite.h"
#include "vm/attribute.h"

#include <stdio.h>

/* A condition that errs when the fault of its kind is given. */
static const struct {
    enum dvara_error_kind kind;
    const char *condition, *fault;
} kinds[] = {
    {DVARA_ERROR_SCAN, "request.text matches /never/", "scan"},
    {DVARA_ERROR_CANDIDATES, "pii.found(word)", "candidates"},
    {DVARA_ERROR_STEPS, "len(request.model) > 99", "steps"},
    {DVARA_ERROR_STORE, "session.cost > $1.00", "store"},
    {DVARA_ERROR_ADDRESS, "request.ip within \"10.0.0.0/8\"", "address"},
    {DVARA_ERROR_JSON, "(json(request.text, \"/a\") ?? \"\") == \"never\"", "json"},
    {DVARA_ERROR_LIST, "\"never\" in tenant.tags", "list"},
    {DVARA_ERROR_ARITHMETIC, "request.prompt_tokens + 1 > 100", "arithmetic"},
};

/* How each effect stands in a rule and shows in a decision; phases other than request are apart. */
static const struct {
    enum dvara_effect kind;
    const char *phase, *text;
} effects[] = {
    {DVARA_EFFECT_DENY, "request", "deny code \"c\""},
    {DVARA_EFFECT_EXCLUDE, "target", "exclude"},
    {DVARA_EFFECT_ALLOW, "request", "allow"},
    {DVARA_EFFECT_CAP, "request", "cap max_tokens 5"},
    {DVARA_EFFECT_SET_MODEL, "request", "set model \"gpt-set\""},
    {DVARA_EFFECT_SET_TEMPERATURE, "request", "set temperature 0.5"},
    {DVARA_EFFECT_SET_USER, "request", "set user \"u\""},
    {DVARA_EFFECT_SET_HEADER, "request", "set header \"x-a\" \"h\""},
    {DVARA_EFFECT_USE_ROUTE, "request", "use route other"},
    {DVARA_EFFECT_WARN, "request", "warn \"w\""},
    {DVARA_EFFECT_TAG, "request", "tag \"k\" \"v\""},
};

static const char *const modes[] = {"enforce", "report", "shadow"};

/* Does the effect show in the decision? */
static bool shows(enum dvara_effect kind, const struct dvara_decision *d)
{
    switch (kind) {
    case DVARA_EFFECT_DENY:
        return dvara_str_eq(d->code, DVARA_STR("c"));
    case DVARA_EFFECT_EXCLUDE:
        return d->n_excluded > 0;
    case DVARA_EFFECT_ALLOW:
        return d->verdict == DVARA_VERDICT_ALLOW;
    case DVARA_EFFECT_CAP:
        return d->max_tokens.has && d->max_tokens.value == 5;
    case DVARA_EFFECT_SET_MODEL:
        return d->model_was_set;
    case DVARA_EFFECT_SET_TEMPERATURE:
        return d->set_temperature.has;
    case DVARA_EFFECT_SET_USER:
        return d->set_user.n > 0;
    case DVARA_EFFECT_SET_HEADER:
        return d->n_headers > 0;
    case DVARA_EFFECT_USE_ROUTE:
        return d->route != DVARA_NO_ROUTE;
    case DVARA_EFFECT_WARN:
        return d->n_warnings > 0 && dvara_str_eq(d->warnings[0], DVARA_STR("w"));
    case DVARA_EFFECT_TAG:
        return d->n_tags > 0;
    default:
        return false;
    }
}

static void write_policy(char *out, size_t size, size_t kind, size_t effect, size_t mode)
{
    (void)snprintf(
        out, size,
        "dvp 1\ndefault %s\ndetector word { pattern /\\bsecret-[0-9]{4}\\b/ max_span 32 }\n"
        "route other { target \"openai/gpt-4o\" }\n"
        "rule r { on %s when %s %s mode %s }\n",
        effects[effect].kind == DVARA_EFFECT_ALLOW ? "deny" : "allow", effects[effect].phase,
        kinds[kind].condition, effects[effect].text, modes[mode]);
}

static void check_row(size_t kind, size_t effect, size_t mode)
{
    char policy[1024], json[256];
    struct compiled c;
    enum dvara_on_error on_error =
        (enum dvara_on_error)effect_place(effects[effect].kind)->on_error;
    bool enforced = mode == DVARA_MODE_ENFORCE;
    write_policy(policy, sizeof policy, kind, effect, mode);
    (void)snprintf(
        json, sizeof json,
        "{\"request\":{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"text\":\"x\"}]},"
        "\"faults\":[\"%s\"]}",
        kinds[kind].fault);
    compiled_init(&c, policy);
    const struct dvara_decision *d = compiled_decide(&c, json);
    ck_assert_msg(d->n_errors == 1 && d->errors[0].kind == kinds[kind].kind, "%s", policy);
    bool applies = enforced && on_error == DVARA_ON_ERROR_APPLY;
    /* With no steps left a cap's own expression errs too, which denies. */
    bool spent = applies && kinds[kind].kind == DVARA_ERROR_STEPS &&
                 effects[effect].kind == DVARA_EFFECT_CAP;
    applies = applies && !spent;
    ck_assert_msg(shows(effects[effect].kind, d) == applies, "%s", policy);
    bool refuses = spent || (enforced && on_error == DVARA_ON_ERROR_DENY);
    ck_assert_msg(dvara_str_eq(d->code, DVARA_STR("policy_error")) == refuses, "%s", policy);
    compiled_clear(&c);
}

TEST(an_erring_rule_does_what_its_effects_row_says_in_every_mode)
{
    for (size_t effect = 0; effect < sizeof effects / sizeof *effects; effect++) {
        for (size_t mode = 0; mode < sizeof modes / sizeof *modes; mode++)
            check_row((size_t)_i, effect, mode);
    }
}

/* T, F and E as atoms. */
static const char *const atoms[] = {"request.model == \"gpt-4o\"", "request.model == \"x\"",
                                    "request.ip within \"10.0.0.0/8\""};
enum { T, F, E };

static int outcome(const char *condition)
{
    char policy[4096];
    struct compiled c;
    (void)snprintf(policy, sizeof policy,
                   "dvp 1\ndefault allow\nlet t = %s\nlet f = %s\nlet e = %s\n"
                   "rule r { on request when %s deny }\n",
                   atoms[T], atoms[F], atoms[E], condition);
    compiled_init(&c, policy);
    const struct dvara_decision *d =
        compiled_decide(&c, "{\"request\":{\"model\":\"gpt-4o\",\"ip\":\"bad\",\"tools\":[{"
                            "\"name\":\"a\"},{\"name\":\"b\"}]}}");
    int value = d->n_errors ? E : d->n_matched ? T : F;
    compiled_clear(&c);
    return value;
}

TEST(conditions_follow_kleenes_strong_tables)
{
    static const int and[3][3] = {{T, F, E}, {F, F, F}, {E, F, E}};
    static const int or [3][3] = {{T, T, T}, {T, F, E}, {T, E, E}};
    static const int not [3] = {F, T, E};
    char text[512];
    for (int a = T; a <= E; a++) {
        (void)snprintf(text, sizeof text, "not (%s)", atoms[a]);
        ck_assert_int_eq(outcome(text), not [a]);
        for (int b = T; b <= E; b++) {
            (void)snprintf(text, sizeof text, "(%s) and (%s)", atoms[a], atoms[b]);
            ck_assert_msg(outcome(text) == and[a][b], "%s", text);
            (void)snprintf(text, sizeof text, "(%s) or (%s)", atoms[a], atoms[b]);
            ck_assert_msg(outcome(text) == or [a][b], "%s", text);
        }
    }
}

static const struct {
    const char *condition;
    int value;
} quantifiers[] = {
    {"any x in request.tools { x.name == \"a\" or e }", T},
    {"any x in request.tools { x.name == \"z\" or e }", E},
    {"all x in request.tools { x.name == \"a\" and e }", F},
    {"all x in request.tools { x.name != \"z\" and e }", E},
    {"none x in request.tools { x.name == \"a\" or e }", F},
    {"none x in request.tools { x.name == \"z\" and e }", T},
    {"none x in request.tools { e }", E},
    {"(count x in request.tools { x.name == \"a\" }) == 1", T},
    {"(count x in request.tools { x.name == \"a\" or e }) == 1", E},
    {"any x in request.messages { e }", F},
    {"all x in request.messages { e }", T},
    {"none x in request.messages { e }", T},
    {"(count x in request.messages { e }) == 0", T},
};

TEST(quantifiers_err_unless_decided_otherwise)
{
    for (size_t i = 0; i < sizeof quantifiers / sizeof *quantifiers; i++)
        ck_assert_msg(outcome(quantifiers[i].condition) == quantifiers[i].value, "%s",
                      quantifiers[i].condition);
}

/* Every operator and function with an operand that errs: json() of a text that is none. */
#define BAD "(json(request.model, \"/a\") ?? \"x\")"
static const char *const strict[] = {
    BAD " == \"x\"",
    BAD " != \"x\"",
    BAD " < \"x\"",
    BAD " <= \"x\"",
    BAD " > \"x\"",
    BAD " >= \"x\"",
    "\"x\" == " BAD,
    BAD " in [\"x\"]",
    BAD " not in [\"x\"]",
    BAD " in tenant.tags",
    "tenant.tags contains " BAD,
    BAD " contains \"x\"",
    "\"x\" contains " BAD,
    BAD " starts_with \"x\"",
    BAD " ends_with \"x\"",
    BAD " glob \"x*\"",
    BAD " matches /x/",
    BAD " within \"10.0.0.0/8\"",
    "len(" BAD ") > 0",
    "lower(" BAD ") == \"x\"",
    "upper(" BAD ") == \"x\"",
    "trim(" BAD ") == \"x\"",
    "len(" BAD ") + 1 > 0",
    "len(" BAD ") - 1 > 0",
    "len(" BAD ") * 2 > 0",
    "-len(" BAD ") < 9",
    "abs(len(" BAD ")) > 0",
    "min(len(" BAD "), 1) > 0",
    "max(len(" BAD "), 1) > 0",
    "bucket(" BAD ", 10) >= 0",

    "(json(" BAD ", \"/a\") ?? \"\") == \"x\"",
};

TEST(an_error_goes_through_every_operator)
{
    for (size_t i = 0; i < sizeof strict / sizeof *strict; i++)
        ck_assert_msg(outcome(strict[i]) == E, "%s", strict[i]);
}

TEST(an_overflow_is_an_error_and_not_a_number)
{
    ck_assert_int_eq(outcome("(request.prompt_tokens + 9_223_372_036_854_775_807) - 1 > 0"), T);
    ck_assert_int_eq(outcome("(len(request.model) + 9_223_372_036_854_775_807) > 0"), E);
    ck_assert_int_eq(outcome("len(request.model) * 9_223_372_036_854_775_807 > 0"), E);
    ck_assert_int_eq(outcome("(-9_223_372_036_854_775_807 - len(request.model)) < 0"), E);
}

static const char stream_policy[] =
    "dvp 1\ndefault allow\ndetector code { pattern /\\bX-[0-9]{6}\\b/ max_span 16 }\n"
    "rule hide { on request, response when pii.found(code) redact code with token }\n"
    "rule stop { on response when response.text contains \"forbidden\" deny code \"stop\" }\n"
    "rule whole { on response when len(response.text) > 1000 deny code \"long\" }\n";

TEST(a_stream_cut_anywhere_gives_the_same_text)
{
    static const char answer[] = "a <CODE_1> b X-999999 c";
    for (size_t cut = 0; cut < sizeof answer; cut++) {
        char json[512];
        struct compiled c;
        compiled_init(&c, stream_policy);
        (void)snprintf(json, sizeof json,
                       "{\"request\":{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\","
                       "\"text\":\"X-123456\"}]},"
                       "\"response\":{\"stream\":[\"%.*s\",\"%s\"]}}",
                       (int)cut, answer, answer + cut);
        const struct dvara_decision *d = compiled_decide(&c, json);
        ck_assert_int_eq(d->verdict, DVARA_VERDICT_ALLOW);
        ck_assert_msg(dvara_str_eq(c.result.text, DVARA_STR("a X-123456 b <CODE> c")),
                      "cut %zu: %.*s", cut, DVARA_STR_ARG(c.result.text));
        compiled_clear(&c);
    }
}

TEST(a_denied_stream_shows_nothing_after_the_cause)
{
    struct compiled c;
    compiled_init(&c, stream_policy);
    const struct dvara_decision *d =
        compiled_decide(&c, "{\"request\":{\"model\":\"gpt-4o\"},\"response\":{\"stream\":[\"ok "
                            "forb\",\"idden text\"]}}");
    ck_assert_int_eq(d->verdict, DVARA_VERDICT_DENY);
    ck_assert(dvara_str_eq(d->code, DVARA_STR("stop")));
    ck_assert_ptr_null(memmem(c.result.text.p, c.result.text.n, "forbidden", 9));
    compiled_clear(&c);
}

static const char sought_policy[] =
    "dvp 1\ndefault allow\n"
    "rule word { on response when response.text contains \"forbidden\" deny code \"word\" }\n"
    "rule shape { on response when response.text matches /\\bzebra-[0-9]+;/ deny code \"shape\" }\n"
    "rule both { on response when response.text contains \"east\" and response.text contains "
    "\"west\" deny code \"both\" }\n";

static struct dvara_str shown_of(struct compiled *c, const char *text, size_t cut)
{
    char json[512];
    (void)snprintf(json, sizeof json,
                   "{\"request\":{\"model\":\"gpt-4o\"},"
                   "\"response\":{\"stream\":[\"%.*s\",\"%s\"]}}",
                   (int)cut, text, text + cut);
    (void)compiled_decide(c, json);
    return c->result.text;
}

/* What is shown of a denied text, however it is cut, is at most what stands before the cause. */
static const struct {
    const char *text, *most, *code;
} denied_texts[] = {
    {"ok forforbidden thing", "ok for", "word"},
    {"a zebra-12345; b", "a ", "shape"},
    {"to east and to west.", "to east and to ", "both"},
};

TEST(nothing_of_what_a_live_denial_looks_for_is_shown_wherever_the_stream_is_cut)
{
    for (size_t i = 0; i < sizeof denied_texts / sizeof *denied_texts; i++) {
        const char *text = denied_texts[i].text;
        for (size_t cut = 0; cut <= strlen(text); cut++) {
            struct compiled c;
            compiled_init(&c, sought_policy);
            struct dvara_str shown = shown_of(&c, text, cut);
            ck_assert(
                dvara_str_eq(c.result.decision->code, dvara_str_from_cstr(denied_texts[i].code)));
            ck_assert_msg(dvara_str_starts_with(dvara_str_from_cstr(denied_texts[i].most), shown),
                          "cut %zu shows '%.*s'", cut, DVARA_STR_ARG(shown));
            compiled_clear(&c);
        }
    }
}

TEST(what_only_begins_like_it_is_shown_in_the_end)
{
    static const char text[] = "forbid, forbearing zebra-12 east we";
    for (size_t cut = 0; cut < sizeof text; cut++) {
        struct compiled c;
        compiled_init(&c, sought_policy);
        struct dvara_str shown = shown_of(&c, text, cut);
        ck_assert_int_eq(c.result.decision->verdict, DVARA_VERDICT_ALLOW);
        ck_assert_msg(dvara_str_eq(shown, dvara_str_from_cstr(text)), "cut %zu shows '%.*s'", cut,
                      DVARA_STR_ARG(shown));
        compiled_clear(&c);
    }
}

static const char tally_policy[] =
    "dvp 1\ndefault allow\ndetector code { pattern /\\bX-[0-9]{6}\\b/ max_span 16 }\n"
    "rule few { on response when pii.count(code) > 2 and response.text contains \"start\""
    " deny code \"few\" }\n";

TEST(findings_of_a_stream_add_up_and_each_counts_once)
{
    static const char answer[] = "start X-000001 X-000002 and X-000003 end";
    for (size_t cut = 0; cut < sizeof answer; cut++) {
        char json[512];
        struct compiled c;
        compiled_init(&c, tally_policy);
        (void)snprintf(json, sizeof json,
                       "{\"request\":{\"model\":\"gpt-4o\"},"
                       "\"response\":{\"stream\":[\"%.*s\",\"%s\"]}}",
                       (int)cut, answer, answer + cut);
        const struct dvara_decision *d = compiled_decide(&c, json);
        ck_assert_msg(d->verdict == DVARA_VERDICT_DENY, "cut %zu", cut);
        ck_assert_ptr_null(memmem(c.result.text.p, c.result.text.n, "X-000003", 8));
        compiled_clear(&c);
        compiled_init(&c, tally_policy);
        (void)snprintf(json, sizeof json,
                       "{\"request\":{\"model\":\"gpt-4o\"},"
                       "\"response\":{\"stream\":[\"%.*s\",\"%.*s\"]}}",
                       (int)(cut < 23 ? cut : 23), answer, (int)(cut < 23 ? 23 - cut : 0),
                       answer + cut);
        d = compiled_decide(&c, json);
        ck_assert_msg(d->verdict == DVARA_VERDICT_ALLOW, "two are not three, cut %zu", cut);
        compiled_clear(&c);
    }
}

int main(void)
{
    Suite *suite = suite_create(__FILE__);
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 110);
    tcase_add_loop_test(tcase, an_erring_rule_does_what_its_effects_row_says_in_every_mode, 0,
                        sizeof kinds / sizeof *kinds);
    tcase_add_test(tcase, conditions_follow_kleenes_strong_tables);
    tcase_add_test(tcase, quantifiers_err_unless_decided_otherwise);
    tcase_add_test(tcase, an_error_goes_through_every_operator);
    tcase_add_test(tcase, an_overflow_is_an_error_and_not_a_number);
    tcase_add_test(tcase, a_stream_cut_anywhere_gives_the_same_text);
    tcase_add_test(tcase, a_denied_stream_shows_nothing_after_the_cause);
    tcase_add_test(tcase,
                   nothing_of_what_a_live_denial_looks_for_is_shown_wherever_the_stream_is_cut);
    tcase_add_test(tcase, what_only_begins_like_it_is_shown_in_the_end);
    tcase_add_test(tcase, findings_of_a_stream_add_up_and_each_counts_once);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
