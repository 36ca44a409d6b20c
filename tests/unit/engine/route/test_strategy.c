/* SPDX-License-Identifier: Apache-2.0 */
#include "route/strategy.h"

#include "unit/suite.h"

#include <stdio.h>

enum { IDS = 100000, TARGETS = 4 };

static uint32_t first_of(const uint32_t *weights, uint32_t n, const char *id)
{
    uint32_t order[DVARA_MAX_TARGETS];
    struct strategy_input input = {DVARA_STRATEGY_WEIGHTED, DVARA_STR("chat"),
                                   dvara_str_from_cstr(id), weights, n};
    strategy_order(&input, order);
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
    static const uint32_t weights[] = {1, 1};
    uint32_t chat[DVARA_MAX_TARGETS], code[DVARA_MAX_TARGETS], differ = 0;
    char id[24];
    for (int i = 0; i < 10000; i++) {
        (void)snprintf(id, sizeof id, "u%d", i);
        struct strategy_input input = {DVARA_STRATEGY_WEIGHTED, DVARA_STR("chat"),
                                       dvara_str_from_cstr(id), weights, 2};
        strategy_order(&input, chat);
        input.route = DVARA_STR("code");
        strategy_order(&input, code);
        differ += chat[0] != code[0];
    }
    ck_assert_uint_gt(differ, 4500);
    ck_assert_uint_lt(differ, 5500);
}

TEST(the_rest_follows_in_declared_order_around_the_end)
{
    uint32_t order[DVARA_MAX_TARGETS];
    struct strategy_input input = {DVARA_STRATEGY_WEIGHTED, DVARA_STR("r"), DVARA_STR("id"),
                                   (const uint32_t[]){0, 0, 7, 0}, TARGETS};
    strategy_order(&input, order);
    for (uint32_t i = 0; i < TARGETS; i++)
        ck_assert_uint_eq(order[i], (i + 2) % TARGETS);
    input.strategy = DVARA_STRATEGY_FAILOVER;
    strategy_order(&input, order);
    for (uint32_t i = 0; i < TARGETS; i++)
        ck_assert_uint_eq(order[i], i);
}

SUITE(weights_share_a_hundred_thousand_ids_within_one_percent, a_weight_of_zero_gets_nothing,
      only_zeros_fall_to_the_first_target, one_id_keeps_its_target_when_a_later_share_is_split,
      routes_draw_independently, the_rest_follows_in_declared_order_around_the_end)
