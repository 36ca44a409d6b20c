/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/target_states.h"

#include "gateway/limits.h"

#include "unit/suite.h"

#include <stdio.h>

#define SECOND LIMIT_SECOND_NS
#define MS     ((uint64_t)1000000)

static struct dvara_target_state look(struct target_states *states, uint64_t key, uint64_t now_ns)
{
    struct dvara_target_state state = {.healthy = true, .uptime = 1000000};
    target_states_look(states, key, 0, now_ns, &state);
    return state;
}

/* One attempt that was answered after `latency_ns`. */
static void answer(struct target_states *states, uint64_t key, uint64_t latency_ns, uint64_t now_ns)
{
    target_states_begin(states, key, now_ns - latency_ns);
    target_states_first_byte(states, key, latency_ns, now_ns);
    target_states_end(states, key, TARGET_ANSWERED, 0, 0, now_ns);
}

static void lose(struct target_states *states, uint64_t key, uint64_t now_ns)
{
    target_states_begin(states, key, now_ns);
    target_states_end(states, key, TARGET_FAILED, 0, 0, now_ns);
}

TEST(nothing_is_known_of_a_target_that_was_never_asked)
{
    struct target_states *states = target_states_new();
    uint64_t key = target_states_key(states, DVARA_STR("a"), DVARA_STR("m"));
    struct dvara_target_state state = look(states, key, SECOND);
    ck_assert(state.healthy && state.uptime == 1000000 && state.in_flight == 0);
    ck_assert_int_eq(state.first_byte, 0);
    ck_assert_uint_ne(key, target_states_key(states, DVARA_STR("a"), DVARA_STR("n")));
    target_states_free(states);
}

TEST(attempts_under_way_are_counted_until_they_end)
{
    struct target_states *states = target_states_new();
    target_states_begin(states, 1, SECOND);
    target_states_begin(states, 1, SECOND);
    ck_assert_int_eq(look(states, 1, SECOND).in_flight, 2);
    target_states_end(states, 1, TARGET_UNKNOWN, 0, 0, SECOND);
    ck_assert_int_eq(look(states, 1, SECOND).in_flight, 1);
    target_states_end(states, 1, TARGET_FAILED, 0, 0, SECOND);
    target_states_end(states, 1, TARGET_FAILED, 0, 0, SECOND);
    ck_assert_int_eq(look(states, 1, SECOND).in_flight, 0);
    target_states_free(states);
}

TEST(a_slow_answer_counts_at_once_and_a_fast_one_by_and_by)
{
    struct target_states *states = target_states_new();
    uint64_t now = 10 * SECOND;
    answer(states, 7, 100 * MS, now);
    ck_assert_int_eq(look(states, 7, now).first_byte, 100 * MS);
    answer(states, 7, 900 * MS, now + SECOND);
    ck_assert_int_eq(look(states, 7, now).first_byte, 900 * MS);
    answer(states, 7, 100 * MS, now + 2 * SECOND);
    int64_t after_one = look(states, 7, now).first_byte;
    ck_assert_int_gt(after_one, 700 * MS);
    ck_assert_int_lt(after_one, 900 * MS);
    for (uint64_t i = 3; i < 60; i++)
        answer(states, 7, 100 * MS, now + i * SECOND);
    ck_assert_int_lt(look(states, 7, now).first_byte, 110 * MS);
    ck_assert_int_eq(look(states, 7, now).latency_p50, 100 * MS);
    target_states_free(states);
}

TEST(samples_older_than_the_window_are_forgotten)
{
    struct target_states *states = target_states_new();
    struct dvara_target_state state = {.healthy = true, .uptime = 1000000};
    answer(states, 7, 100 * MS, 10 * SECOND);
    target_states_look(states, 7, 5 * SECOND, 15 * SECOND, &state);
    ck_assert_int_eq(state.first_byte, 100 * MS);
    state.first_byte = 0;
    target_states_look(states, 7, 5 * SECOND, 16 * SECOND, &state);
    ck_assert_int_eq(state.first_byte, 0);
    ck_assert_int_eq(look(states, 7, 11 * SECOND + TARGET_WINDOW_SECONDS * SECOND).first_byte, 0);
    target_states_free(states);
}

TEST(failures_in_a_row_make_a_target_unhealthy_for_a_while)
{
    struct target_states *states = target_states_new();
    uint64_t now = SECOND;
    for (int i = 0; i < TARGET_FAILURES - 1; i++)
        lose(states, 3, now);
    ck_assert(look(states, 3, now).healthy);
    lose(states, 3, now);
    ck_assert(!look(states, 3, now).healthy);
    ck_assert_int_lt(look(states, 3, now).uptime, 1000000);
    now += (TARGET_COOL_DOWN_SECONDS + 1) * SECOND;
    ck_assert(look(states, 3, now).healthy);
    lose(states, 3, now); /* the attempt that was to show that it is back */
    ck_assert(!look(states, 3, now).healthy);
    answer(states, 3, MS, now);
    ck_assert(look(states, 3, now).healthy);
    target_states_free(states);
}

TEST(an_answer_that_it_is_busy_lowers_uptime_and_not_health)
{
    struct target_states *states = target_states_new();
    for (int i = 0; i < 2 * TARGET_FAILURES; i++) {
        target_states_begin(states, 3, SECOND);
        target_states_end(states, 3, TARGET_BUSY, 0, 0, SECOND);
    }
    ck_assert(look(states, 3, SECOND).healthy);
    ck_assert_int_lt(look(states, 3, SECOND).uptime, 700000);
    target_states_free(states);
}

TEST(throughput_is_tokens_a_second_of_writing)
{
    struct target_states *states = target_states_new();
    target_states_begin(states, 3, SECOND);
    target_states_first_byte(states, 3, MS, SECOND);
    target_states_end(states, 3, TARGET_ANSWERED, 50, SECOND / 2, SECOND);
    ck_assert_int_eq(look(states, 3, SECOND).throughput, 100);
    target_states_free(states);
}

TEST(a_million_models_leave_the_busy_ones_in_place)
{
    struct target_states *states = target_states_new();
    char model[24];
    uint64_t busy = target_states_key(states, DVARA_STR("a"), DVARA_STR("kept"));
    target_states_begin(states, busy, SECOND);
    for (int i = 0; i < 1000000; i++) {
        (void)snprintf(model, sizeof model, "m%d", i);
        uint64_t key = target_states_key(states, DVARA_STR("a"), dvara_str_from_cstr(model));
        answer(states, key, MS, (uint64_t)(i + 2) * SECOND);
    }
    ck_assert_int_eq(look(states, busy, SECOND).in_flight, 1);
    target_states_free(states);
}

TEST(without_a_table_nothing_is_known)
{
    target_states_begin(NULL, target_states_key(NULL, DVARA_STR("a"), DVARA_STR("m")), SECOND);
    target_states_first_byte(NULL, 0, MS, SECOND);
    target_states_end(NULL, 0, TARGET_FAILED, 0, 0, SECOND);
    ck_assert(look(NULL, 0, SECOND).healthy);
}

SUITE(nothing_is_known_of_a_target_that_was_never_asked,
      attempts_under_way_are_counted_until_they_end,
      a_slow_answer_counts_at_once_and_a_fast_one_by_and_by,
      samples_older_than_the_window_are_forgotten,
      failures_in_a_row_make_a_target_unhealthy_for_a_while,
      an_answer_that_it_is_busy_lowers_uptime_and_not_health,
      throughput_is_tokens_a_second_of_writing, a_million_models_leave_the_busy_ones_in_place,
      without_a_table_nothing_is_known)
