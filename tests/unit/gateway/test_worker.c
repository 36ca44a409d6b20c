/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/worker.h"

#include "unit/suite.h"

#include <pthread.h>
#include <unistd.h>

enum { MESSAGES = 1000 };

struct tally {
    int seen[2 * MESSAGES];
    int count;
    pthread_t thread;
};

struct item {
    struct tally *tally;
    int value;
};

static void note(struct worker *worker, void *arg)
{
    (void)worker;
    struct item *item = arg;
    item->tally->seen[item->tally->count++] = item->value;
    item->tally->thread = pthread_self();
}

static void nothing(struct worker *worker, void *arg)
{
    (void)worker;
    (void)arg;
}

struct poster {
    struct worker *worker;
    struct item *items;
};

static void *post_all(void *arg)
{
    struct poster *poster = arg;
    for (int i = 0; i < MESSAGES; i++)
        ck_assert_int_eq(worker_post(poster->worker, note, &poster->items[i]), DVARA_OK);
    return NULL;
}

TEST(messages_of_one_sender_arrive_in_order_on_one_thread)
{
    struct worker *worker;
    ck_assert_int_eq(worker_new(3, &worker), DVARA_OK);
    ck_assert_uint_eq(worker_index(worker), 3);
    static struct tally tally;
    static struct item items[2][MESSAGES];
    struct poster posters[2];
    pthread_t threads[2];
    for (int p = 0; p < 2; p++) {
        for (int i = 0; i < MESSAGES; i++)
            items[p][i] = (struct item){.tally = &tally, .value = p * MESSAGES + i};
        posters[p] = (struct poster){.worker = worker, .items = items[p]};
        pthread_create(&threads[p], NULL, post_all, &posters[p]);
    }
    for (int p = 0; p < 2; p++)
        pthread_join(threads[p], NULL);
    ck_assert_int_eq(worker_call(worker, nothing, NULL), DVARA_OK);
    ck_assert_int_eq(tally.count, 2 * MESSAGES);
    int last[2] = {-1, MESSAGES - 1};
    for (int i = 0; i < tally.count; i++) {
        int p = tally.seen[i] >= MESSAGES;
        ck_assert_int_eq(tally.seen[i], last[p] + 1);
        last[p] = tally.seen[i];
    }
    ck_assert(!pthread_equal(tally.thread, pthread_self()));
    worker_free(worker);
}

TEST(a_worker_keeps_what_the_layer_above_gives_it)
{
    struct worker *worker;
    ck_assert_int_eq(worker_new(0, &worker), DVARA_OK);
    int thing;
    ck_assert_ptr_null(worker_user(worker));
    worker_set_user(worker, &thing);
    ck_assert_ptr_eq(worker_user(worker), &thing);
    ck_assert_ptr_nonnull(worker_scratch(worker));
    worker_free(worker);
}

struct clocks {
    uint64_t first, second, refreshed, later;
    int64_t wall;
};

static void read_clocks(struct worker *worker, void *arg)
{
    struct clocks *clocks = arg;
    clocks->first = worker_turn_ns(worker);
    clocks->wall = worker_turn_wall_ns(worker);
    usleep(1000);
    clocks->second = worker_turn_ns(worker);
    clocks->refreshed = worker_refresh_ns(worker);
    clocks->later = worker_turn_ns(worker);
}

TEST(the_clock_stands_within_a_turn_until_it_is_read_anew)
{
    struct worker *worker;
    struct clocks one, two;
    ck_assert_int_eq(worker_new(0, &worker), DVARA_OK);
    ck_assert_int_eq(worker_call(worker, read_clocks, &one), DVARA_OK);
    ck_assert_int_eq(worker_call(worker, read_clocks, &two), DVARA_OK);
    ck_assert_uint_eq(one.first, one.second);
    ck_assert_uint_gt(one.refreshed, one.first);
    ck_assert_uint_eq(one.refreshed, one.later);
    ck_assert_uint_gt(two.first, one.later);
    ck_assert_int_gt(two.wall, one.wall);
    worker_free(worker);
}

TEST(a_worker_ends_with_messages_unread)
{
    struct worker *worker;
    ck_assert_int_eq(worker_new(0, &worker), DVARA_OK);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(worker_post(worker, nothing, NULL), DVARA_OK);
    worker_free(worker);
}

SUITE(the_clock_stands_within_a_turn_until_it_is_read_anew,
      messages_of_one_sender_arrive_in_order_on_one_thread,
      a_worker_keeps_what_the_layer_above_gives_it, a_worker_ends_with_messages_unread)
