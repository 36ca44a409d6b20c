/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/deadline.h"

#include "gateway/worker.h"
#include "unit/suite.h"

#include <event2/event.h>

enum { MS = 1000000 };

struct alarm {
    struct deadline deadline;
    struct deadline_wheel *wheel;
    struct alarm *other;
    uint64_t at_ns;
    int count;
};

static void ring(struct deadline *deadline)
{
    struct alarm *alarm = (struct alarm *)(void *)deadline;
    alarm->at_ns = worker_now_ns();
    alarm->count++;
}

static void ring_and_clear_other(struct deadline *deadline)
{
    ring(deadline);
    deadline_clear(&((struct alarm *)(void *)deadline)->other->deadline);
}

static void ring_and_set_again(struct deadline *deadline)
{
    struct alarm *alarm = (struct alarm *)(void *)deadline;
    ring(deadline);
    if (alarm->count < 3)
        deadline_set(alarm->wheel, deadline, worker_now_ns() + 20 * MS);
}

struct stand {
    struct event_base *base;
    struct deadline_wheel *wheel;
    uint64_t start_ns;
};

static struct stand set_up(void)
{
    struct stand stand = {.base = event_base_new()};
    stand.wheel = deadline_wheel_new(stand.base);
    stand.start_ns = worker_now_ns();
    return stand;
}

static void run_for(struct stand *stand, int ms)
{
    struct timeval wait = {.tv_usec = ms * 1000};
    event_base_loopexit(stand->base, &wait);
    event_base_dispatch(stand->base);
}

static void tear_down(struct stand *stand)
{
    deadline_wheel_free(stand->wheel);
    event_base_free(stand->base);
}

TEST(a_deadline_comes_once_and_never_early)
{
    struct stand stand = set_up();
    struct alarm alarms[100] = {0};
    for (size_t i = 0; i < 100; i++) {
        deadline_init(&alarms[i].deadline, ring);
        deadline_set(stand.wheel, &alarms[i].deadline, stand.start_ns + (i + 1) * MS);
    }
    run_for(&stand, 200);
    for (size_t i = 0; i < 100; i++) {
        ck_assert_int_eq(alarms[i].count, 1);
        ck_assert_uint_ge(alarms[i].at_ns, stand.start_ns + (i + 1) * MS);
    }
    tear_down(&stand);
}

TEST(a_deadline_moved_later_comes_later)
{
    struct stand stand = set_up();
    struct alarm alarm = {0};
    deadline_init(&alarm.deadline, ring);
    deadline_set(stand.wheel, &alarm.deadline, stand.start_ns + 20 * MS);
    deadline_set(stand.wheel, &alarm.deadline, stand.start_ns + 120 * MS);
    run_for(&stand, 210);
    ck_assert_int_eq(alarm.count,
                     1); /* once, and the time tells: at a busy hour 90 ms become 120 */
    ck_assert_uint_ge(alarm.at_ns, stand.start_ns + 120 * MS);
    tear_down(&stand);
}

TEST(a_deadline_moved_earlier_comes_earlier)
{
    struct stand stand = set_up();
    struct alarm alarm = {0};
    deadline_init(&alarm.deadline, ring);
    deadline_set(stand.wheel, &alarm.deadline, stand.start_ns + (uint64_t)3600000 * MS);
    deadline_set(stand.wheel, &alarm.deadline, stand.start_ns + 40 * MS);
    run_for(&stand, 120);
    ck_assert_int_eq(alarm.count, 1);
    tear_down(&stand);
}

TEST(a_cleared_deadline_does_not_come)
{
    struct stand stand = set_up();
    struct alarm alarms[2] = {0};
    for (size_t i = 0; i < 2; i++) {
        deadline_init(&alarms[i].deadline, ring);
        deadline_set(stand.wheel, &alarms[i].deadline, stand.start_ns + 20 * MS);
    }
    deadline_clear(&alarms[0].deadline);
    deadline_pause(&alarms[1].deadline);
    run_for(&stand, 100);
    ck_assert_int_eq(alarms[0].count + alarms[1].count, 0);
    tear_down(&stand);
}

TEST(a_deadline_may_clear_another_of_its_slot)
{
    struct stand stand = set_up();
    struct alarm alarms[2] = {0};
    for (size_t i = 0; i < 2; i++) {
        alarms[i].other = &alarms[1 - i];
        deadline_init(&alarms[i].deadline, ring_and_clear_other);
        deadline_set(stand.wheel, &alarms[i].deadline, stand.start_ns + 20 * MS);
    }
    run_for(&stand, 100);
    ck_assert_int_eq(alarms[0].count + alarms[1].count, 1);
    tear_down(&stand);
}

TEST(a_deadline_may_set_itself_again)
{
    struct stand stand = set_up();
    struct alarm alarm = {.wheel = stand.wheel};
    deadline_init(&alarm.deadline, ring_and_set_again);
    deadline_set(stand.wheel, &alarm.deadline, stand.start_ns + 20 * MS);
    run_for(&stand, 250);
    ck_assert_int_eq(alarm.count, 3);
    tear_down(&stand);
}

TEST(a_wheel_that_slept_is_on_time)
{
    struct stand stand = set_up();
    run_for(&stand, 300); /* idle: its clock stands still */
    struct alarm alarm = {0};
    deadline_init(&alarm.deadline, ring);
    uint64_t due = worker_now_ns() + 40 * MS;
    deadline_set(stand.wheel, &alarm.deadline, due);
    run_for(&stand, 150);
    ck_assert_int_eq(alarm.count, 1);
    ck_assert_uint_ge(alarm.at_ns, due);
    tear_down(&stand);
}

struct crowd {
    struct event *breath;
    size_t rung, since_breath, most_at_once;
};

struct guest {
    struct deadline deadline;
    struct crowd *crowd;
};

static void ring_in_crowd(struct deadline *deadline)
{
    struct crowd *crowd = ((struct guest *)(void *)deadline)->crowd;
    crowd->rung++;
    if (++crowd->since_breath > crowd->most_at_once)
        crowd->most_at_once = crowd->since_breath;
}

/* Another event of the loop: it comes once a turn. */
static void breathe(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    (void)what;
    struct crowd *crowd = user;
    crowd->since_breath = 0;
    event_add(crowd->breath, &(struct timeval){0});
}

TEST(deadlines_of_one_moment_let_other_events_in_between)
{
    enum { GUESTS = 1000 };
    struct stand stand = set_up();
    struct crowd crowd = {0};
    static struct guest guests[GUESTS];
    crowd.breath = event_new(stand.base, -1, 0, breathe, &crowd);
    event_add(crowd.breath, &(struct timeval){0});
    for (size_t i = 0; i < GUESTS; i++) {
        guests[i].crowd = &crowd;
        deadline_init(&guests[i].deadline, ring_in_crowd);
        deadline_set(stand.wheel, &guests[i].deadline, stand.start_ns + (20 + i % 3) * MS);
    }
    run_for(&stand, 300);
    ck_assert_uint_eq(crowd.rung, GUESTS);
    ck_assert_uint_le(crowd.most_at_once, 64);
    event_free(crowd.breath);
    tear_down(&stand);
}

SUITE(a_deadline_comes_once_and_never_early, a_deadline_moved_later_comes_later,
      a_deadline_moved_earlier_comes_earlier, a_cleared_deadline_does_not_come,
      a_deadline_may_clear_another_of_its_slot, a_deadline_may_set_itself_again,
      a_wheel_that_slept_is_on_time, deadlines_of_one_moment_let_other_events_in_between)
