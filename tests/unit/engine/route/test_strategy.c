/* SPDX-License-Identifier: Apache-2.0 */
#include "route/strategy.h"

#include "unit/suite.h"

#include <stdio.h>

enum { IDS = 100000, TARGETS = 4 };

/* n usable targets of these weights, unmeasured. */
static void fill(struct strategy_target *targets, const uint32_t *weights, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        targets[i] = (struct strategy_target){.usable = true,
                                              .weight = weights ? weights[i] : 1,
                                              .price = STRATEGY_UNPRICED,
                                              .state = {.healthy = true, .uptime = 1000000}};
}

static uint32_t first_of(const uint32_t *weights, uint32_t n, const char *id)
{
    uint32_t order[DVARA_MAX_TARGETS];
    struct strategy_target targets[DVARA_MAX_TARGETS];
    fill(targets, weights, n);
    struct strategy_input input = {.strategy = DVARA_STRATEGY_WEIGHTED,
                                   .route = DVARA_STR("chat"),
                                   .stickiness = dvara_str_from_cstr(id),
                                   .targets = targets,
                                   .n = n};
    ck_assert_uint_eq(strategy_order(&input, order), n);
    return order[0];
}

static void share(const uint32_t weights[TARGETS], uint32_t counts[TARGETS])
{
    char id[24];
    for (int i = 0; i < TARGETS; i++)
        counts[i] = 0;
    for (int i = 0; i < IDS; i++) {
        (void)snprintf(id, sizeof id, "tenant-%d", i);
        counts[first_of(weights, TARGETS, id)]++;
    }
}

TEST(weights_share_a_hundred_thousand_ids_within_one_percent)
{
    static const uint32_t rows[][TARGETS] = {{1, 1, 1, 1}, {70, 20, 9, 1}, {1000, 1, 0, 999}};
    uint32_t counts[TARGETS];
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        double total = 0;
        for (int i = 0; i < TARGETS; i++)
            total += rows[row][i];
        share(rows[row], counts);
        for (int i = 0; i < TARGETS; i++) {
            double wanted = IDS * (double)rows[row][i] / total;
            ck_assert_double_le_tol(counts[i], wanted + IDS / 100.0, 0);
            ck_assert_double_ge_tol(counts[i], wanted - IDS / 100.0, 0);
        }
    }
}

TEST(a_weight_of_zero_gets_nothing)
{
    uint32_t counts[TARGETS];
    share((const uint32_t[TARGETS]){0, 5, 0, 5}, counts);
    ck_assert_uint_eq(counts[0] + counts[2], 0);
    ck_assert_uint_eq(counts[1] + counts[3], IDS);
}

TEST(only_zeros_fall_to_the_first_target)
{
    static const uint32_t zeros[TARGETS] = {0};
    ck_assert_uint_eq(first_of(zeros, TARGETS, "a"), 0);
    ck_assert_uint_eq(first_of(zeros, 1, "b"), 0);
}

TEST(one_id_keeps_its_target_when_a_later_share_is_split)
{
    char id[24];
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(id, sizeof id, "user-%d", i);
        uint32_t two = first_of((const uint32_t[]){50, 50}, 2, id);
        ck_assert_uint_eq(first_of((const uint32_t[]){50, 50}, 2, id), two);
        if (two == 0)
            ck_assert_uint_eq(first_of((const uint32_t[]){50, 25, 25}, 3, id), 0);
    }
}

TEST(routes_draw_independently)
{
    struct strategy_target targets[2];
    fill(targets, NULL, 2);
    uint32_t chat[DVARA_MAX_TARGETS], code[DVARA_MAX_TARGETS], differ = 0;
    char id[24];
    for (int i = 0; i < 10000; i++) {
        (void)snprintf(id, sizeof id, "u%d", i);
        struct strategy_input input = {.strategy = DVARA_STRATEGY_ROUND_ROBIN,
                                       .route = DVARA_STR("chat"),
                                       .stickiness = dvara_str_from_cstr(id),
                                       .targets = targets,
                                       .n = 2};
        (void)strategy_order(&input, chat);
        input.route = DVARA_STR("code");
        (void)strategy_order(&input, code);
        differ += chat[0] != code[0];
    }
    ck_assert_uint_gt(differ, 4500);
    ck_assert_uint_lt(differ, 5500);
}

TEST(the_rest_follows_in_declared_order_around_the_end)
{
    uint32_t order[DVARA_MAX_TARGETS];
    struct strategy_target targets[TARGETS];
    fill(targets, (const uint32_t[]){0, 0, 7, 0}, TARGETS);
    struct strategy_input input = {.strategy = DVARA_STRATEGY_WEIGHTED,
                                   .route = DVARA_STR("r"),
                                   .stickiness = DVARA_STR("id"),
                                   .targets = targets,
                                   .n = TARGETS};
    (void)strategy_order(&input, order);
    for (uint32_t i = 0; i < TARGETS; i++)
        ck_assert_uint_eq(order[i], (i + 2) % TARGETS);
    input.strategy = DVARA_STRATEGY_FAILOVER;
    (void)strategy_order(&input, order);
    for (uint32_t i = 0; i < TARGETS; i++)
        ck_assert_uint_eq(order[i], i);
}

/* The order that a strategy gives these targets, as a number of one digit a target. */
static unsigned order_of(enum dvara_strategy strategy, const struct strategy_target *targets,
                         uint32_t n)
{
    uint32_t order[DVARA_MAX_TARGETS];
    struct strategy_input input = {.strategy = strategy,
                                   .route = DVARA_STR("r"),
                                   .stickiness = DVARA_STR("id"),
                                   .targets = targets,
                                   .n = n};
    unsigned digits = 0;
    uint32_t kept = strategy_order(&input, order);
    for (uint32_t i = 0; i < kept; i++)
        digits = digits * 10 + order[i] + 1;
    return digits;
}

TEST(without_samples_prices_or_load_every_score_keeps_the_declared_order)
{
    static const enum dvara_strategy scored[] = {DVARA_STRATEGY_LATENCY, DVARA_STRATEGY_COST,
                                                 DVARA_STRATEGY_LEAST_BUSY, DVARA_STRATEGY_BALANCED,
                                                 DVARA_STRATEGY_FAILOVER};
    struct strategy_target targets[3];
    fill(targets, NULL, 3);
    for (size_t i = 0; i < sizeof scored / sizeof *scored; i++)
        ck_assert_uint_eq(order_of(scored[i], targets, 3), 123);
    targets[0].price = 9; /* what is dear alone says nothing of how it is */
    targets[1].price = 3;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_BALANCED, targets, 3), 123);
}

TEST(the_fastest_stands_first_and_an_unmeasured_target_gets_its_sample)
{
    struct strategy_target targets[3];
    fill(targets, NULL, 3);
    targets[0].state.first_byte = 300000000;
    targets[1].state.first_byte = 100000000;
    targets[2].state.first_byte = 200000000;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_LATENCY, targets, 3), 231);
    targets[2].state.first_byte = 0;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_LATENCY, targets, 3), 321);
}

TEST(exploring_draws_every_usable_target_for_its_share_of_ids)
{
    struct strategy_target targets[3];
    uint32_t order[DVARA_MAX_TARGETS], counts[3] = {0};
    char id[24];
    fill(targets, NULL, 3);
    for (int i = 0; i < 3; i++)
        targets[i].state.first_byte = 100 + i;
    targets[1].usable = false;
    for (int i = 0; i < IDS; i++) {
        (void)snprintf(id, sizeof id, "u%d", i);
        struct strategy_input input = {.strategy = DVARA_STRATEGY_LATENCY,
                                       .route = DVARA_STR("r"),
                                       .stickiness = dvara_str_from_cstr(id),
                                       .explore = 200000,
                                       .targets = targets,
                                       .n = 3};
        ck_assert_uint_eq(strategy_order(&input, order), 2);
        counts[order[0]]++;
    }
    ck_assert_uint_eq(counts[1], 0);
    ck_assert_uint_gt(counts[2], IDS / 10 - IDS / 100);
    ck_assert_uint_lt(counts[2], IDS / 10 + IDS / 100);
}

TEST(the_cheapest_stands_first_and_unpriced_targets_last)
{
    struct strategy_target targets[4];
    fill(targets, NULL, 4);
    targets[0].price = 30;
    targets[2].price = 0;
    targets[3].price = 20;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_COST, targets, 4), 3412);
    targets[2].usable = false;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_COST, targets, 4), 412);
}

TEST(the_least_busy_stands_first)
{
    struct strategy_target targets[3];
    fill(targets, NULL, 3);
    targets[0].state.in_flight = 5;
    targets[1].state.in_flight = 5;
    targets[2].state.in_flight = 4;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_LEAST_BUSY, targets, 3), 312);
}

static uint32_t first_canary(const struct strategy_target *targets, uint32_t n, int number)
{
    uint32_t order[DVARA_MAX_TARGETS];
    char id[24];
    (void)snprintf(id, sizeof id, "u%d", number);
    struct strategy_input input = {.strategy = DVARA_STRATEGY_CANARY,
                                   .route = DVARA_STR("r"),
                                   .stickiness = dvara_str_from_cstr(id),
                                   .targets = targets,
                                   .n = n};
    ck_assert_uint_eq(strategy_order(&input, order), n);
    return order[0];
}

TEST(canaries_take_their_shares_from_zero_upwards_and_a_wider_one_keeps_its_members)
{
    struct strategy_target narrow[3], wide[3];
    uint32_t counts[3] = {0};
    fill(narrow, NULL, 3);
    narrow[0].arm = narrow[2].arm = DVARA_ARM_CANARY;
    narrow[1].arm = DVARA_ARM_STABLE;
    narrow[0].share = 50000;
    narrow[2].share = 100000;
    for (int i = 0; i < 3; i++)
        wide[i] = narrow[i];
    wide[2].share = 400000;
    for (int i = 0; i < IDS; i++) {
        uint32_t before = first_canary(narrow, 3, i);
        counts[before]++;
        if (before != 1)
            ck_assert_uint_eq(first_canary(wide, 3, i), before);
    }
    ck_assert_uint_gt(counts[0], IDS / 20 - IDS / 100);
    ck_assert_uint_lt(counts[0], IDS / 20 + IDS / 100);
    ck_assert_uint_gt(counts[2], IDS / 10 - IDS / 100);
    ck_assert_uint_lt(counts[2], IDS / 10 + IDS / 100);
}

TEST(an_aborted_canary_gets_nothing_and_shifts_nobody)
{
    struct strategy_target targets[3], aborted[3];
    fill(targets, NULL, 3);
    targets[0].arm = targets[1].arm = DVARA_ARM_CANARY;
    targets[0].share = targets[1].share = 300000;
    for (int i = 0; i < 3; i++)
        aborted[i] = targets[i];
    aborted[0].state.aborted = true;
    for (int i = 0; i < 1000; i++) {
        uint32_t before = first_canary(targets, 3, i);
        ck_assert_uint_eq(first_canary(aborted, 3, i), before == 0 ? 2 : before);
    }
}

TEST(balanced_weighs_price_uptime_throughput_and_time_to_first_byte)
{
    struct strategy_target targets[2];
    fill(targets, NULL, 2);
    targets[0].state.first_byte = 200;
    targets[1].state.first_byte = 100;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_BALANCED, targets, 2), 21);
    targets[0].price = 1; /* the slower is cheap enough to make up for it */
    targets[1].price = 10;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_BALANCED, targets, 2), 12);
    targets[0].state.uptime = 500000; /* and is down half of the time */
    targets[1].price = 2;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_BALANCED, targets, 2), 21);
    fill(targets, NULL, 2);
    targets[0].state.throughput = 10;
    targets[1].state.throughput = 50;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_BALANCED, targets, 2), 21);
}

TEST(a_target_that_is_not_usable_is_no_measure_for_the_others)
{
    struct strategy_target targets[3];
    fill(targets, NULL, 3);
    targets[0].price = 4;
    targets[0].state.first_byte = 100;
    targets[1].price = 2;
    targets[1].state.first_byte = 190;
    unsigned without = order_of(DVARA_STRATEGY_BALANCED, targets, 2);
    targets[2].price = 1;
    targets[2].state.first_byte = 1;
    targets[2].usable = false;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_BALANCED, targets, 3), without);
}

TEST(extreme_amounts_do_not_overflow_a_score)
{
    struct strategy_target targets[2];
    fill(targets, NULL, 2);
    targets[0].price = INT64_MAX;
    targets[0].state.first_byte = INT64_MAX;
    targets[0].state.in_flight = INT64_MAX;
    targets[1].price = 1;
    targets[1].state.first_byte = 1;
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_BALANCED, targets, 2), 21);
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_COST, targets, 2), 21);
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_LATENCY, targets, 2), 21);
    ck_assert_uint_eq(order_of(DVARA_STRATEGY_LEAST_BUSY, targets, 2), 21);
}

SUITE(weights_share_a_hundred_thousand_ids_within_one_percent, a_weight_of_zero_gets_nothing,
      only_zeros_fall_to_the_first_target, one_id_keeps_its_target_when_a_later_share_is_split,
      routes_draw_independently, the_rest_follows_in_declared_order_around_the_end,
      without_samples_prices_or_load_every_score_keeps_the_declared_order,
      the_fastest_stands_first_and_an_unmeasured_target_gets_its_sample,
      exploring_draws_every_usable_target_for_its_share_of_ids,
      the_cheapest_stands_first_and_unpriced_targets_last, the_least_busy_stands_first,
      canaries_take_their_shares_from_zero_upwards_and_a_wider_one_keeps_its_members,
      an_aborted_canary_gets_nothing_and_shifts_nobody,
      balanced_weighs_price_uptime_throughput_and_time_to_first_byte,
      a_target_that_is_not_usable_is_no_measure_for_the_others,
      extreme_amounts_do_not_overflow_a_score)
