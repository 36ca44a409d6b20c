/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that the compiler never makes: each is refused, and says which. */
#include "bundle/verify.h"

#include "unit/engine/made_bundle.h"
#include "unit/suite.h"

/* Blocks 0 and 1: true, and the tenant's id. */
static void make_blocks(struct made *made)
{
    uint32_t yes = made_const(made, DVARA_TYPE_BOOL, 1);
    const struct instruction truth[] = {{OP_CONST, 0, 0, 0, yes}, {OP_RETURN, 0, 0, 0, 0}};
    const struct instruction id[] = {{OP_LOAD, 0, DVARA_ATTR_TENANT_ID, 0, 0},
                                     {OP_RETURN, 0, 0, 0, 0}};
    struct bundle_block row = {.kind = BUNDLE_BLOCK_CODE, .type = DVARA_TYPE_BOOL, .registers = 1};
    made_block(made, row, truth, 2);
    row.type = DVARA_TYPE_STRING;
    made_block(made, row, id, 2);
}

struct parts {
    struct bundle_bind bind;
    struct bundle_effect effect;
    struct bundle_limit limit;
    struct bundle_budget budget;
    struct bundle_invariant invariant;
    struct bundle_route route;
    struct bundle_abort abort;
    uint32_t phases;
};

enum { TRUE_BLOCK, STRING_BLOCK };

static struct parts good_parts(struct made *made)
{
    uint32_t name = bundle_string(made->writer, DVARA_STR("n"));
    return (struct parts){.bind = {name, STRING_BLOCK},
                          .effect = {.kind = DVARA_EFFECT_APPROVAL,
                                     .name = name,
                                     .value = BUNDLE_ABSENT,
                                     .text = BUNDLE_ABSENT,
                                     .group = BUNDLE_ABSENT,
                                     .route = BUNDLE_ABSENT,
                                     .quorum = 1,
                                     .bind_count = 1},
                          .limit = {.name = name,
                                    .file = name,
                                    .doc = BUNDLE_ABSENT,
                                    .when = TRUE_BLOCK,
                                    .per_count = 1,
                                    .requests = 5,
                                    .requests_per = 60},
                          .budget = {.name = name,
                                     .file = name,
                                     .doc = BUNDLE_ABSENT,
                                     .when = BUNDLE_ABSENT,
                                     .per_count = 1,
                                     .amount = 5,
                                     .zone = BUNDLE_ABSENT,
                                     .soft = -1},
                          .invariant = {.name = name,
                                        .file = name,
                                        .doc = BUNDLE_ABSENT,
                                        .when = BUNDLE_ABSENT,
                                        .claim = DVARA_INVARIANT_NEVER,
                                        .never = TRUE_BLOCK,
                                        .group = BUNDLE_ABSENT},
                          .route = {.name = name,
                                    .match = BUNDLE_ABSENT,
                                    .strategy = DVARA_STRATEGY_CANARY,
                                    .sticky = BUNDLE_ABSENT,
                                    .fallback = BUNDLE_ABSENT,
                                    .count = 1,
                                    .mirror = BUNDLE_ABSENT,
                                    .abort_count = 1,
                                    .abort_over = 60},
                          .abort = {DVARA_MEASURE_P95, 1, 2000000},
                          .phases = DVARA_PHASES_TOOL};
}

static enum dvara_status load(struct made *made, const struct parts *parts)
{
    struct bundle_writer *w = made->writer;
    struct bundle_rule rule = made_rule(made, "r", BUNDLE_ABSENT);
    struct bundle_target target = {parts->bind.text, parts->bind.text, 1, DVARA_ARM_CANARY, 50000};
    struct dvara_bundle *bundle = NULL;
    bundle_add(w, BUNDLE_TABLE_BIND, &parts->bind);
    rule.first = bundle_add(w, BUNDLE_TABLE_EFFECT, &parts->effect);
    rule.phases = parts->phases;
    bundle_add(w, BUNDLE_TABLE_RULE, &rule);
    bundle_add(w, BUNDLE_TABLE_TARGET, &target);
    bundle_add(w, BUNDLE_TABLE_ABORT, &parts->abort);
    bundle_add(w, BUNDLE_TABLE_ROUTE, &parts->route);
    bundle_add(w, BUNDLE_TABLE_LIMIT, &parts->limit);
    bundle_add(w, BUNDLE_TABLE_BUDGET, &parts->budget);
    bundle_add(w, BUNDLE_TABLE_INVARIANT, &parts->invariant);
    enum dvara_status status = made_load(made, &bundle);
    dvara_bundle_free(bundle);
    return status;
}

#define BREAK(name, statement)                                                                     \
    static void name(struct parts *p)                                                              \
    {                                                                                              \
        statement;                                                                                 \
    }
BREAK(nothing, (void)p)
BREAK(nobody_asked, p->effect.quorum = 0)
BREAK(nobody_named, p->effect.name = BUNDLE_ABSENT)
BREAK(in_a_phase_without, p->phases = DVARA_PHASES_RESPONSE)
BREAK(binds_out_of_range, p->effect.bind_count = 2)
BREAK(cache_for_no_time, (p->effect.kind = DVARA_EFFECT_CACHE, p->phases = DVARA_PHASES_REQUEST))
BREAK(per_a_truth, p->bind.block = TRUE_BLOCK)
BREAK(limit_when_a_text, p->limit.when = STRING_BLOCK)
BREAK(limit_of_nothing, p->limit.requests = p->limit.requests_per = 0)
BREAK(limit_without_time, p->limit.requests_per = 0)
BREAK(burst_of_nothing, p->limit.tokens_burst = 5)
BREAK(limit_below_zero, p->limit.concurrent = -1)
BREAK(budget_of_nothing, p->budget.amount = 0)
BREAK(soft_over_all, p->budget.soft = 1000001)
BREAK(budget_window, p->budget.window = DVARA_CALENDAR_COUNT)
BREAK(budget_zone, p->budget.zone = 0)
BREAK(store_failure, p->budget.on_store_failure = DVARA_ON_STORE_FAILURE_COUNT)
BREAK(claim_without_its_part, p->invariant.never = BUNDLE_ABSENT)
BREAK(claim_with_anothers_part, p->invariant.claim = DVARA_INVARIANT_NEVER_ALLOW)
BREAK(never_a_text, p->invariant.never = STRING_BLOCK)
BREAK(abort_without_canary, p->route.strategy = DVARA_STRATEGY_COST)
BREAK(abort_over_no_time, p->route.abort_over = 0)
BREAK(errors_of_the_stable_arm, p->abort.measure = DVARA_MEASURE_ERRORS)
BREAK(explore_over_all, p->route.explore = 1000001)
BREAK(mirror_out_of_range, p->route.mirror = 1)
BREAK(aborts_out_of_range, p->route.abort_first = 1)

static const struct {
    void (*change)(struct parts *p);
    const char *says; /* "": it loads */
} rows[] = {
    {nothing, ""},
    {nobody_asked, "rule 0: the parts of `require approval`"},
    {nobody_named, "rule 0: the parts of `require approval`"},
    {in_a_phase_without, "rule 0: `require approval` does not stand in its phases"},
    {binds_out_of_range, "effects"},
    {cache_for_no_time, "rule 0: the parts of `cache`"},
    {per_a_truth, "limit 0: `when` or `per`"},
    {limit_when_a_text, "limit 0: `when` or `per`"},
    {limit_of_nothing, "limit 0: its amounts"},
    {limit_without_time, "limit 0: its amounts"},
    {burst_of_nothing, "limit 0: its amounts"},
    {limit_below_zero, "limits"},
    {budget_of_nothing, "budget 0: its amounts"},
    {soft_over_all, "budget 0: its amounts"},
    {budget_window, "budgets"},
    {budget_zone, "budgets"},
    {store_failure, "budgets"},
    {claim_without_its_part, "invariant 0: the parts of its claim"},
    {claim_with_anothers_part, "invariant 0: the parts of its claim"},
    {never_a_text, "invariant 0: the parts of its claim"},
    {abort_without_canary, "route 0: its conditions of abort"},
    {abort_over_no_time, "route 0: its conditions of abort"},
    {errors_of_the_stable_arm, "route 0: its conditions of abort"},
    {explore_over_all, "routes"},
    {mirror_out_of_range, "routes"},
    {aborts_out_of_range, "routes"},
};

TEST(every_ill_formed_row_is_refused_with_its_place)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made made;
        made_init(&made);
        make_blocks(&made);
        struct parts parts = good_parts(&made);
        rows[i].change(&parts);
        enum dvara_status status = load(&made, &parts);
        bool good = rows[i].says[0] == 0;
        ck_assert_msg((status == DVARA_OK) == good, "row %zu: %s", i, made.error.text);
        ck_assert_msg(strstr(made.error.text, rows[i].says) != NULL, "row %zu: %s, not %s", i,
                      made.error.text, rows[i].says);
        made_clear(&made);
    }
}

TEST(what_a_bundle_asks_for_is_found_by_its_declaration)
{
    static const bool wanted[DVARA_NEED_COUNT] = {[DVARA_NEED_LIMIT] = true,
                                                  [DVARA_NEED_BUDGET] = true,
                                                  [DVARA_NEED_APPROVAL] = true,
                                                  [DVARA_NEED_ABORT] = true};
    struct dvara_bundle *bundle = NULL;
    struct made made;
    made_init(&made);
    make_blocks(&made);
    struct parts parts = good_parts(&made);
    ck_assert_int_eq(load(&made, &parts), DVARA_OK);
    ck_assert_int_eq(made_load(&made, &bundle), DVARA_OK);
    for (int need = 0; need < DVARA_NEED_COUNT; need++) {
        struct dvara_need_place place = {.kind_cstr = ""};
        bool found = dvara_bundle_find_need(bundle, (enum dvara_need)need, &place);
        ck_assert_msg(found == wanted[need], "%s", dvara_need_spelling((enum dvara_need)need));
    }
    dvara_bundle_free(bundle);
    made_clear(&made);
}

SUITE(every_ill_formed_row_is_refused_with_its_place,
      what_a_bundle_asks_for_is_found_by_its_declaration)
