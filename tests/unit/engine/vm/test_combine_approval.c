/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/combine.h"

#include "base/arena.h"
#include "unit/suite.h"

enum { RULES = 6, STRINGS = 8, TIMES = 3000 };

/* A bundle of rules with one effect each: approvals, then a cache. */
struct fixture {
    struct arena arena;
    struct bundle_rule rules[RULES];
    struct bundle_effect effects[RULES];
    struct dvara_str strings[STRINGS];
    uint32_t stamps[RULES];
    struct dvara_bundle bundle;
    struct dvara_vm vm;
    struct dvara_run run;
    uint64_t dice;
};

static uint32_t below(struct fixture *f, uint32_t n)
{
    f->dice = f->dice * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(f->dice >> 33) % n;
}

static void fixture_init(struct fixture *f, uint64_t seed)
{
    static const char *const names[STRINGS] = {"ops", "legal", "board", "a", "b", "c", "d", "e"};
    *f = (struct fixture){.dice = seed};
    arena_init(&f->arena, 1 << 22);
    for (size_t i = 0; i < STRINGS; i++)
        f->strings[i] = dvara_str_from_cstr(names[i]);
    for (uint32_t i = 0; i < RULES; i++) {
        f->rules[i].priority = (int64_t)below(f, 3) - 1;
        f->effects[i] = (struct bundle_effect){.kind = DVARA_EFFECT_APPROVAL,
                                               .name = below(f, 3),
                                               .quorum = 1 + below(f, 3),
                                               .ttl = 10 * below(f, 3),
                                               .hold = 10 * below(f, 3),
                                               .option = below(f, 2),
                                               .bind_count = below(f, 2)};
    }
    f->bundle.program.tables.rules = f->rules;
    f->bundle.program.tables.n_rules = RULES;
    f->bundle.program.tables.effects = f->effects;
    f->bundle.program.strings = f->strings;
    f->bundle.program.n_strings = STRINGS;
    f->vm.bundle = &f->bundle;
    f->vm.stamps = f->stamps;
}

static void start(struct fixture *f)
{
    f->run = (struct dvara_run){.bundle = &f->bundle, .vm = &f->vm, .arena = &f->arena};
    struct run_setting none = {.rule = BUNDLE_ABSENT};
    f->run.set_model = f->run.set_temperature = f->run.set_user = f->run.route = none;
}

/* What rule `rule` asks for, in the phase that its number says. */
static void ask(struct fixture *f, uint32_t rule)
{
    struct dvara_run *run = &f->run;
    uint8_t phase = rule % 2 ? DVARA_PHASE_TOOL : DVARA_PHASE_REQUEST;
    struct run_approval approval = {rule, rule, phase, f->strings[rule]};
    struct run_cache cache = {rule, rule % 3 == 0, 60 + 10 * (rule % 4)};
    RUN_PUSH(run, approvals, approval);
    RUN_PUSH(run, caches, cache);
    if (f->effects[rule].bind_count) {
        struct run_bind bind = {phase, {f->strings[rule], f->strings[rule % 3]}};
        RUN_PUSH(run, binds, bind);
    }
}

static void same_grant(const struct dvara_grant *a, const struct dvara_grant *b)
{
    ck_assert_int_eq(a->hold, b->hold);
    ck_assert(a->session == b->session && a->whole == b->whole);
    ck_assert_uint_eq(a->n_binds, b->n_binds);
    for (size_t i = 0; i < a->n_binds; i++)
        ck_assert(dvara_str_eq(a->binds[i].name, b->binds[i].name) &&
                  dvara_str_eq(a->binds[i].value, b->binds[i].value));
}

static void same(const struct dvara_decision *a, const struct dvara_decision *b)
{
    ck_assert_int_eq(a->verdict, b->verdict);
    ck_assert(dvara_str_eq(a->reason, b->reason));
    ck_assert_uint_eq(a->n_approvals, b->n_approvals);
    for (size_t i = 0; i < a->n_approvals; i++) {
        ck_assert(dvara_str_eq(a->approvals[i].by, b->approvals[i].by));
        ck_assert_uint_eq(a->approvals[i].phase, b->approvals[i].phase);
        ck_assert_uint_eq(a->approvals[i].quorum, b->approvals[i].quorum);
        ck_assert_int_eq(a->approvals[i].ttl, b->approvals[i].ttl);
    }
    same_grant(&a->request_grant, &b->request_grant);
    same_grant(&a->tool_grant, &b->tool_grant);
    ck_assert_int_eq(a->cache_ttl.value, b->cache_ttl.value);
    ck_assert(a->cache_ttl.has == b->cache_ttl.has && a->cache_any == b->cache_any);
}

/* Commutative, associative and idempotent: any order, any grouping, any number of times. */
TEST(what_rules_ask_for_combines_alike_in_any_order_and_as_often_as_it_is_said)
{
    for (uint64_t seed = 1; seed <= TIMES; seed++) {
        struct fixture f;
        fixture_init(&f, seed);
        uint32_t n = 1 + below(&f, RULES);
        start(&f);
        for (uint32_t i = 0; i < n; i++)
            ask(&f, i);
        combine(&f.run);
        struct dvara_decision first = f.run.decision;
        ck_assert_int_eq(first.verdict, DVARA_VERDICT_APPROVAL);
        start(&f);
        uint32_t turn = below(&f, n);
        for (uint32_t i = 0; i < n; i++) {
            ask(&f, n - 1 - (i + turn) % n);
            if (below(&f, 2))
                ask(&f, below(&f, n)); /* again */
            if (below(&f, 3) == 0)
                combine(&f.run); /* in the middle */
        }
        combine(&f.run);
        same(&first, &f.run.decision);
        arena_clear(&f.arena);
    }
}

TEST(the_shortest_time_the_largest_quorum_and_the_narrowest_grant_win)
{
    struct fixture f;
    fixture_init(&f, 1);
    for (uint32_t i = 0; i < RULES; i++)
        f.effects[i] = (struct bundle_effect){.name = 0, .quorum = 1, .option = 1, .bind_count = 1};
    f.effects[0].ttl = 900;
    f.effects[2].ttl = 60;
    f.effects[2].quorum = 3;
    f.effects[4].hold = 5;
    start(&f);
    ask(&f, 0);
    ask(&f, 2);
    ask(&f, 4);
    combine(&f.run);
    const struct dvara_decision *d = &f.run.decision;
    ck_assert_uint_eq(d->n_approvals, 1);
    ck_assert_int_eq(d->approvals[0].ttl, 60);
    ck_assert_uint_eq(d->approvals[0].quorum, 3);
    ck_assert_int_eq(d->request_grant.hold, 5);
    ck_assert(d->request_grant.session && !d->request_grant.whole);
    ck_assert_uint_eq(d->request_grant.n_binds, 3);
    ck_assert(!d->tool_grant.session);
    f.effects[4].option = 0; /* `grant once` wins */
    f.effects[4].bind_count = 0;
    combine(&f.run);
    ck_assert(!d->request_grant.session && d->request_grant.whole);
    arena_clear(&f.arena);
}

TEST(no_cache_wins_over_every_time)
{
    struct fixture f;
    fixture_init(&f, 1);
    start(&f);
    f.run.caches = NULL;
    struct run_cache cache = {0, true, 300};
    struct dvara_run *run = &f.run;
    RUN_PUSH(run, caches, cache);
    combine(run);
    ck_assert(run->decision.cache_ttl.has && run->decision.cache_any);
    ck_assert_uint_eq(run->decision.n_rules, 1);
    run->decision.no_cache = true;
    combine(run);
    ck_assert(!run->decision.cache_ttl.has && !run->decision.cache_any);
    ck_assert_uint_eq(run->decision.n_rules, 0);
    arena_clear(&f.arena);
}

TEST(a_denial_beats_an_approval_and_keeps_who_was_to_be_asked)
{
    struct fixture f;
    fixture_init(&f, 1);
    start(&f);
    ask(&f, 0);
    struct dvara_run *run = &f.run;
    struct run_denial denial = {.rule = 1, .status = 403, .code = DVARA_STR("c")};
    RUN_PUSH(run, denials, denial);
    combine(run);
    ck_assert_int_eq(run->decision.verdict, DVARA_VERDICT_DENY);
    ck_assert_uint_eq(run->decision.n_approvals, 1);
    arena_clear(&f.arena);
}

SUITE(what_rules_ask_for_combines_alike_in_any_order_and_as_often_as_it_is_said,
      the_shortest_time_the_largest_quorum_and_the_narrowest_grant_win,
      no_cache_wins_over_every_time, a_denial_beats_an_approval_and_keeps_who_was_to_be_asked)
