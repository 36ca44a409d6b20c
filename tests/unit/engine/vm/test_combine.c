/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/combine.h"

#include "base/arena.h"
#include "unit/suite.h"

enum { RULES = 8 };

/* A run over rules 0…7; rule 7 has priority 10, rule 6 priority -10. */
struct fixture {
    struct arena arena;
    struct bundle_rule rules[RULES];
    uint32_t stamps[RULES];
    struct dvara_bundle bundle;
    struct dvara_vm vm;
    struct dvara_run run;
};

static struct dvara_run *fixture_init(struct fixture *f)
{
    *f = (struct fixture){.vm.round = 0};
    arena_init(&f->arena, 1 << 20);
    f->rules[7].priority = 10;
    f->rules[6].priority = -10;
    f->bundle.program.tables.rules = f->rules;
    f->bundle.program.tables.n_rules = RULES;
    f->vm.bundle = &f->bundle;
    f->vm.stamps = f->stamps;
    f->run = (struct dvara_run){.bundle = &f->bundle, .vm = &f->vm, .arena = &f->arena};
    struct run_setting none = {.rule = BUNDLE_ABSENT};
    f->run.set_model = f->run.set_temperature = f->run.set_user = f->run.route = none;
    return &f->run;
}

static void deny(struct dvara_run *run, uint32_t rule, enum dvara_phase phase, const char *code)
{
    int32_t priority =
        rule == BUNDLE_ABSENT ? 0 : (int32_t)run->bundle->program.tables.rules[rule].priority;
    struct run_denial denial = {.rule = rule,
                                .phase = (uint8_t)phase,
                                .priority = priority,
                                .status = 403,
                                .code = dvara_str_from_cstr(code),
                                .reason = DVARA_STR("why")};
    RUN_PUSH(run, denials, denial);
}

static void has_rules(const struct dvara_run *run, size_t n, const uint32_t *rules)
{
    ck_assert_uint_eq(run->decision.n_rules, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(run->decision.rules[i], rules[i]);
}

TEST(nothing_that_stands_allows)
{
    struct fixture f;
    struct dvara_run *run = fixture_init(&f);
    combine(run);
    ck_assert_int_eq(run->decision.verdict, DVARA_VERDICT_ALLOW);
    ck_assert_uint_eq(run->decision.n_rules + run->decision.n_matched + run->decision.n_tags, 0);
    arena_clear(&f.arena);
}

/* Every order of the same denials gives the same answer. */
TEST(the_denial_reported_is_first_by_phase_then_priority_then_name)
{
    static const struct {
        uint32_t rule;
        enum dvara_phase phase;
        const char *code;
    } all[] = {{7, DVARA_PHASE_RESPONSE, "late"},
               {6, DVARA_PHASE_REQUEST, "low"},
               {2, DVARA_PHASE_REQUEST, "second"},
               {1, DVARA_PHASE_REQUEST, "first"}};
    static const uint32_t sorted[] = {1, 2, 6, 7};
    for (size_t start = 0; start < 4; start++) {
        for (size_t step = 1; step < 4; step += 2) {
            struct fixture f;
            struct dvara_run *run = fixture_init(&f);
            for (size_t i = 0; i < 4; i++) {
                size_t at = (start + i * step) % 4;
                deny(run, all[at].rule, all[at].phase, all[at].code);
            }
            combine(run);
            ck_assert_int_eq(run->decision.verdict, DVARA_VERDICT_DENY);
            ck_assert(dvara_str_eq(run->decision.code, DVARA_STR("first")));
            has_rules(run, 4, sorted);
            arena_clear(&f.arena);
        }
    }
}

TEST(a_higher_priority_denial_is_reported_first_in_its_phase)
{
    struct fixture f;
    struct dvara_run *run = fixture_init(&f);
    deny(run, 1, DVARA_PHASE_REQUEST, "plain");
    deny(run, 7, DVARA_PHASE_REQUEST, "high");
    combine(run);
    ck_assert(dvara_str_eq(run->decision.code, DVARA_STR("high")));
    has_rules(run, 2, (const uint32_t[]){7, 1});
    ck_assert_ptr_null(combine_first_denial(run, 2));
    arena_clear(&f.arena);
}

TEST(rules_that_only_stand_are_not_named_on_a_denial)
{
    struct fixture f;
    struct dvara_run *run = fixture_init(&f);
    RUN_PUSH(run, standing, ((struct run_standing){3, DVARA_PHASE_REQUEST}));
    deny(run, 2, DVARA_PHASE_REQUEST, "c");
    combine(run);
    has_rules(run, 1, (const uint32_t[]){2});
    arena_clear(&f.arena);
}

TEST(no_eligible_target_names_the_excluding_rules_once)
{
    struct fixture f;
    struct dvara_run *run = fixture_init(&f);
    RUN_PUSH(run, excluded, ((struct dvara_exclusion){4, DVARA_STR("b/m")}));
    RUN_PUSH(run, excluded, ((struct dvara_exclusion){4, DVARA_STR("a/m")}));
    RUN_PUSH(run, excluded, ((struct dvara_exclusion){4, DVARA_STR("a/m")}));
    RUN_PUSH(run, excluded, ((struct dvara_exclusion){3, DVARA_STR("b/m")}));
    deny(run, BUNDLE_ABSENT, DVARA_PHASE_TARGET, "no_eligible_target");
    combine(run);
    has_rules(run, 2, (const uint32_t[]){3, 4});
    ck_assert_uint_eq(run->decision.n_excluded, 3);
    ck_assert(run->decision.excluded[1].rule == 4 &&
              dvara_str_eq(run->decision.excluded[1].target, DVARA_STR("a/m")));
    arena_clear(&f.arena);
}

TEST(matches_are_sorted_and_told_once_a_phase)
{
    struct fixture f;
    struct dvara_run *run = fixture_init(&f);
    static const struct dvara_rule_match v[] = {
        {5, DVARA_PHASE_TARGET, 0},  {5, DVARA_PHASE_REQUEST, 0}, {6, DVARA_PHASE_REQUEST, 0},
        {7, DVARA_PHASE_REQUEST, 1}, {5, DVARA_PHASE_REQUEST, 0}, {0, DVARA_PHASE_REQUEST, 2}};
    static const uint32_t sorted[] = {7, 0, 5, 6, 5};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        RUN_PUSH(run, matched, v[i]);
    combine(run);
    ck_assert_uint_eq(run->decision.n_matched, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(run->decision.matched[i].rule, sorted[i]);
    ck_assert_uint_eq(run->decision.matched[4].phase, DVARA_PHASE_TARGET);
    ck_assert_uint_eq(run->decision.matched[0].mode, 1);
    arena_clear(&f.arena);
}

TEST(combining_again_changes_nothing)
{
    struct fixture f;
    struct dvara_run *run = fixture_init(&f);
    for (uint32_t i = 0; i < RULES; i++) {
        RUN_PUSH(run, matched, ((struct dvara_rule_match){RULES - 1 - i, 0, 0}));
        RUN_PUSH(run, shadow, RULES - 1 - i);
        RUN_PUSH(run, standing, ((struct run_standing){i % 3, 0}));
        RUN_PUSH(run, tags, ((struct dvara_tag){DVARA_STR("k"), DVARA_STR("v")}));
    }
    combine(run);
    combine(run);
    ck_assert_uint_eq(run->decision.n_matched, RULES);
    ck_assert_uint_eq(run->decision.n_shadow, RULES);
    ck_assert_uint_eq(run->decision.shadow[0], 7);
    ck_assert_uint_eq(run->decision.n_tags, 1);
    has_rules(run, 3, (const uint32_t[]){0, 1, 2});
    arena_clear(&f.arena);
}

TEST(tags_are_sorted_and_those_of_other_targets_left_out)
{
    struct fixture f;
    struct dvara_run *run = fixture_init(&f);
    struct dvara_str used = DVARA_STR("a/m"), other = DVARA_STR("b/m");
    RUN_PUSH(run, tags, ((struct dvara_tag){DVARA_STR("k"), DVARA_STR("2")}));
    RUN_PUSH(run, tags, ((struct dvara_tag){DVARA_STR("k"), DVARA_STR("1")}));
    struct dvara_tag tag = {DVARA_STR("a"), DVARA_STR("x")};
    RUN_PUSH(run, target_tags, ((struct run_target_tag){used, tag, 1}));
    tag.value = DVARA_STR("y");
    RUN_PUSH(run, target_tags, ((struct run_target_tag){other, tag, 2}));
    run->target = used;
    combine(run);
    ck_assert_uint_eq(run->decision.n_tags, 3);
    ck_assert(dvara_str_eq(run->decision.tags[0].value, DVARA_STR("x")));
    ck_assert(dvara_str_eq(run->decision.tags[1].value, DVARA_STR("1")));
    has_rules(run, 1, (const uint32_t[]){1});
    arena_clear(&f.arena);
}

TEST(only_the_caps_that_gave_the_bound_stand)
{
    struct fixture f;
    struct dvara_run *run = fixture_init(&f);
    RUN_PUSH(run, caps, ((struct run_setting){.rule = 1, .value = value_int(500)}));
    RUN_PUSH(run, caps, ((struct run_setting){.rule = 2, .value = value_int(100)}));
    RUN_PUSH(run, caps, ((struct run_setting){.rule = 3, .value = value_int(100)}));
    run->decision.max_tokens_was_set = true;
    run->decision.max_tokens.has = true;
    run->decision.max_tokens.value = 100;
    combine(run);
    has_rules(run, 2, (const uint32_t[]){2, 3});
    arena_clear(&f.arena);
}

TEST(a_cap_below_one_is_one)
{
    struct fixture f;
    struct dvara_run *run = fixture_init(&f);
    RUN_PUSH(run, caps, ((struct run_setting){.rule = 1, .value = value_int(-4)}));
    run->decision.max_tokens_was_set = true;
    run->decision.max_tokens.value = 1;
    combine(run);
    has_rules(run, 1, (const uint32_t[]){1});
    arena_clear(&f.arena);
}

TEST(warnings_of_one_rule_keep_apart_and_repeat_once)
{
    struct fixture f;
    struct dvara_run *run = fixture_init(&f);
    RUN_PUSH(run, warnings, ((struct run_warning){{2, 0}, DVARA_STR("b")}));
    RUN_PUSH(run, warnings, ((struct run_warning){{2, 0}, DVARA_STR("a")}));
    RUN_PUSH(run, warnings, ((struct run_warning){{7, 0}, DVARA_STR("z")}));
    RUN_PUSH(run, warnings, ((struct run_warning){{2, 0}, DVARA_STR("b")}));
    combine(run);
    ck_assert_uint_eq(run->decision.n_warnings, 3);
    ck_assert(dvara_str_eq(run->decision.warnings[0], DVARA_STR("z")));
    ck_assert(dvara_str_eq(run->decision.warnings[1], DVARA_STR("a")));
    arena_clear(&f.arena);
}

TEST(an_exhausted_arena_denies)
{
    struct fixture f;
    struct dvara_run *run = fixture_init(&f);
    RUN_PUSH(run, matched, ((struct dvara_rule_match){1, 0, 0}));
    while (arena_alloc(&f.arena, 64))
        continue;
    combine(run);
    ck_assert_int_eq(run->decision.verdict, DVARA_VERDICT_DENY);
    ck_assert(dvara_str_eq(run->decision.code, DVARA_STR("policy_error")));
    arena_clear(&f.arena);
}

SUITE(nothing_that_stands_allows, the_denial_reported_is_first_by_phase_then_priority_then_name,
      a_higher_priority_denial_is_reported_first_in_its_phase,
      rules_that_only_stand_are_not_named_on_a_denial,
      no_eligible_target_names_the_excluding_rules_once, matches_are_sorted_and_told_once_a_phase,
      combining_again_changes_nothing, tags_are_sorted_and_those_of_other_targets_left_out,
      only_the_caps_that_gave_the_bound_stand, a_cap_below_one_is_one,
      warnings_of_one_rule_keep_apart_and_repeat_once, an_exhausted_arena_denies)
