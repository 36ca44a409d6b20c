/* SPDX-License-Identifier: Apache-2.0 */
/* Atoms that are asked together lead to the rules that their code, run one by one, says hold or
 * err. */
#include "base/buf.h"
#include "bundle/loaded.h"
#include "dvara/engine.h"
#include "dvara/trace.h"
#include "unit/lang/compiled.h"
#include "unit/suite.h"

#include <stdio.h>

enum { RULES = 60, REQUESTS = 200, TEXT_MAX = 400 };

/* `%` is the rule's number. */
static const char *const conditions[] = {
    "request.prompt_tokens * 3 == request.prompt_tokens + %",
    "request.prompt_tokens + 2 * session.requests > 3 * %",
    "request.prompt_tokens - session.requests != %",
    "not (request.prompt_tokens * % >= session.requests * 7 - %)",
    "(request.max_tokens ?? 9) * % < request.prompt_tokens",
    "len(tenant.tags) * % == request.prompt_tokens - 40",
    "-request.prompt_tokens * % > session.requests * 922337203685477",
    "session.age * % > target_age",
    "session.cost * 2 >= $0.0000% + session.cost",
    "request.prompt_tokens * session.requests > % * request.prompt_tokens",
    "request.model not in [\"m-%\", \"m-3\", \"m-4\"]",
    "request.model in tenant.models or request.model not in [\"m-%\"]",
    "request.text contains \"m-%\"",
    "request.text contains \"%\"",
    "not (request.text contains \"word-%;\")",
    "request.text contains \"\" and request.text contains \"%-\"",
    "request.text matches /m-%[;,]/",
    "request.model not in tenant.models",
    "request.text contains \"m-%\" or request.prompt_tokens - % == session.requests",
    "any t in tenant.tags { t == request.model } and len(tenant.models) != % * len(tenant.tags)",
    "(request.temperature ?? 1.0) * 2.0 > (request.top_p ?? 1.0) + %.5",
};

/* ---- requests ---- */

static uint32_t roll(uint64_t *dice, uint32_t n)
{
    *dice = *dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*dice >> 33) % n;
}

/* Mostly small; sometimes as far out as a number can be. */
static int64_t number(uint64_t *dice)
{
    static const int64_t far[] = {INT64_MAX,     INT64_MIN,     INT64_MAX - 30,  INT64_MIN + 30,
                                  INT64_MAX / 3, INT64_MIN / 2, INT64_C(1) << 60};
    uint32_t n = roll(dice, 10);
    if (n == 0)
        return far[roll(dice, sizeof far / sizeof *far)];
    return n < 8 ? (int64_t)roll(dice, 120) - 20
                 : (int64_t)roll(dice, UINT32_MAX) << roll(dice, 31);
}

static struct dvara_str text(uint64_t *dice, char *room)
{
    static const char *const pieces[] = {"m-%u;", "word-%u;", "%u", "m-%u", ",", " und "};
    size_t n = 0;
    for (uint32_t i = roll(dice, 20); i > 0 && n + 20 < TEXT_MAX; i--)
        n += (size_t)snprintf(room + n, TEXT_MAX - n, pieces[roll(dice, 6)], roll(dice, RULES));
    return dvara_str_from(room, n);
}

struct request {
    char text[TEXT_MAX], model[TEXT_MAX];
    struct dvara_str names[3];
    struct dvara_facts facts;
};

static void make(uint64_t *dice, struct request *r)
{
    static const struct dvara_str names[] = {{"m-3", 3}, {"m-4", 3}, {"gold", 4}};
    memcpy(r->names, names, sizeof names);
    r->facts = (struct dvara_facts){
        .request = {.endpoint = DVARA_STR("chat"),
                    .text = text(dice, r->text),
                    .prompt_tokens = number(dice),
                    .max_tokens = {roll(dice, 2), number(dice)},
                    .temperature = {roll(dice, 2), roll(dice, 50) / 2.0}},
        .session = {.requests = number(dice), .age = number(dice), .cost = number(dice)},
        .tenant = {.tags = {r->names, roll(dice, 4)}, .models = {r->names, roll(dice, 4)}}};
    uint32_t model = roll(dice, 4) ? roll(dice, RULES + 5) : 3;
    size_t n = (size_t)snprintf(r->model, sizeof r->model, "m-%u", model);
    r->facts.request.model = dvara_str_from(r->model, n);
    if (roll(dice, 12) == 0)
        r->facts.faults = 1u << (1 + roll(dice, DVARA_ERROR_COUNT - 1));
}

/* ---- judging ---- */

enum { ATOMS = 4 * RULES, NOT_ASKED = 9 };

struct outcome {
    uint8_t matched[RULES], erred[RULES];
    uint8_t recorded[ATOMS]; /* as a record tells of them */
    enum dvara_verdict verdict;
};

static void no_rule(void *user, uint32_t rule, enum dvara_phase phase, struct dvara_str target,
                    enum dvara_truth truth)
{
    (void)user, (void)rule, (void)phase, (void)target, (void)truth;
}

static void no_atom(void *user, uint32_t index, enum dvara_phase phase, enum dvara_truth truth)
{
    (void)user, (void)index, (void)phase, (void)truth;
}

static struct outcome judge(struct dvara_vm *vm, struct dvara_facts facts, bool every_rule,
                            size_t n_recorded)
{
    struct outcome outcome = {.verdict = DVARA_VERDICT_ALLOW};
    struct dvara_trace trace = {.every_rule = true, .rule = no_rule, .atom = no_atom};
    struct arena arena;
    arena_init(&arena, 64 << 20);
    struct dvara_run *run = dvara_run_new(vm, &facts, &arena);
    if (every_rule)
        dvara_run_trace(run, &trace);
    dvara_run_request(run);
    const struct dvara_decision *d = dvara_run_decision(run);
    for (size_t i = 0; i < d->n_matched; i++)
        outcome.matched[d->matched[i].rule] = 1;
    for (size_t i = 0; i < d->n_errors; i++)
        outcome.erred[d->errors[i].rule] = (uint8_t)(1 + d->errors[i].kind);
    outcome.verdict = d->verdict;
    for (size_t i = 0; i < n_recorded && i < ATOMS; i++) {
        struct dvara_atom_truth atom;
        outcome.recorded[i] = dvara_run_recorded_atom(run, i, &atom) ? atom.truth : NOT_ASKED;
    }
    arena_clear(&arena);
    return outcome;
}

TEST(what_is_asked_together_decides_as_each_rules_own_code)
{
    struct compiled c;
    struct dvara_vm *vm = NULL;
    uint64_t dice = (uint64_t)_i;
    size_t held = 0, left = 0;
    compiled_many(&c, "let target_age = 3s\n", conditions[_i], RULES);
    ck_assert_uint_eq(c.bundle->index.strata[STRATUM_REQUEST].always.n, 0);
    ck_assert_int_eq(dvara_vm_new(c.bundle, &vm), DVARA_OK);
    size_t n = dvara_bundle_recorded_atoms(c.bundle);
    /* of several predicates some may not be needed */
    bool is_lazy = strstr(conditions[_i], " and ") || strstr(conditions[_i], " or ");
    for (int i = 0; i < REQUESTS; i++) {
        struct request r;
        make(&dice, &r);
        struct outcome fast = judge(vm, r.facts, false, n), whole = judge(vm, r.facts, true, n);
        for (uint32_t k = 0; k < RULES; k++) {
            ck_assert_msg(fast.matched[k] == whole.matched[k] && fast.erred[k] == whole.erred[k],
                          "%s, rule %u, request %d: %d, not %d", conditions[_i], k, i,
                          fast.matched[k], whole.matched[k]);
            held += whole.matched[k];
            left += !whole.matched[k];
        }
        ck_assert_int_eq(fast.verdict, whole.verdict);
        /* a rule without steps does not come to its atoms */
        bool asks = !is_lazy && !(r.facts.faults & 1u << DVARA_ERROR_STEPS);
        for (size_t k = 0; asks && k < n && k < ATOMS; k++)
            ck_assert_msg(fast.recorded[k] == whole.recorded[k],
                          "%s, atom %zu, request %d: %d, not %d", conditions[_i], k, i,
                          fast.recorded[k], whole.recorded[k]);
    }
    ck_assert_uint_gt(held, 0); /* the requests tell the rules apart */
    ck_assert_uint_gt(left, 0);
    dvara_vm_free(vm);
    compiled_clear(&c);
}

int main(void)
{
    Suite *suite = suite_create(__FILE__);
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, what_is_asked_together_decides_as_each_rules_own_code, 0,
                        sizeof conditions / sizeof *conditions);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
