/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/deadline.h"

#include "gateway/worker.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>

/* A tick is 2^24 ns, 16.8 ms; the wheel spans 8.6 s. What is due later waits in the last slot and
 * moves on when that comes up. */
enum { TICK_SHIFT = 24, SLOTS = 512 };

/* Of a thousand clients who connected together and then said nothing, all are due together: after
 * so many the streams beside them have their turn. */
enum { TURN_CALLS = 32 };

struct deadline_wheel {
    struct event *timer;
    uint64_t done_tick;  /* slots up to this one are empty or run */
    uint64_t armed_tick; /* when the timer fires; 0 = not armed */
    struct deadline *slots[SLOTS];
};

static void unlink_slot(struct deadline *deadline)
{
    if (!deadline->link)
        return;
    *deadline->link = deadline->next;
    if (deadline->next)
        deadline->next->link = deadline->link;
    deadline->link = NULL;
    deadline->next = NULL;
}

static void push(struct deadline **list, struct deadline *deadline)
{
    deadline->next = *list;
    if (*list)
        (*list)->link = &deadline->next;
    deadline->link = list;
    *list = deadline;
}

static void arm(struct deadline_wheel *wheel, uint64_t tick, uint64_t now_ns)
{
    uint64_t at_ns = tick << TICK_SHIFT;
    uint64_t wait_us = at_ns > now_ns ? (at_ns - now_ns) / 1000 + 1 : 0;
    struct timeval wait = {.tv_sec = (time_t)(wait_us / 1000000),
                           .tv_usec = (suseconds_t)(wait_us % 1000000)};
    wheel->armed_tick = tick;
    event_add(wheel->timer, &wait);
}

/* Puts it into the slot of its due time, or into the last one in reach. */
static void place(struct deadline_wheel *wheel, struct deadline *deadline, uint64_t now_ns)
{
    uint64_t tick = (deadline->due_ns >> TICK_SHIFT) + 1;
    uint64_t last = wheel->done_tick + SLOTS - 1;
    if (tick <= wheel->done_tick)
        tick = wheel->done_tick + 1;
    if (tick > last)
        tick = last;
    deadline->slot_ns = tick << TICK_SHIFT;
    push(&wheel->slots[tick % SLOTS], deadline);
    if (!wheel->armed_tick || tick < wheel->armed_tick)
        arm(wheel, tick, now_ns);
}

/* What was not run goes before what came into the slot meanwhile. */
static void put_back(struct deadline **slot, struct deadline *list)
{
    struct deadline **end = &list->next;
    while (*end)
        end = &(*end)->next;
    *end = *slot;
    if (*slot)
        (*slot)->link = end;
    *slot = list;
    list->link = slot;
}

/* False: there is more in the slot, and no call is left. */
static bool run_slot(struct deadline_wheel *wheel, uint64_t tick, uint64_t now_ns, int *calls)
{
    struct deadline *list = wheel->slots[tick % SLOTS];
    wheel->slots[tick % SLOTS] = NULL;
    if (list)
        list->link = &list;
    while (list && *calls > 0) {
        struct deadline *deadline = list;
        unlink_slot(deadline);
        if (!deadline->due_ns)
            continue;
        if (deadline->due_ns > now_ns) {
            place(wheel, deadline, now_ns);
            continue;
        }
        deadline->due_ns = 0;
        (*calls)--;
        deadline->on_due(deadline);
    }
    if (!list)
        return true;
    put_back(&wheel->slots[tick % SLOTS], list);
    return false;
}

static void on_timer(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    (void)what;
    struct deadline_wheel *wheel = user;
    uint64_t now_ns = worker_now_ns();
    uint64_t now_tick = now_ns >> TICK_SHIFT;
    wheel->armed_tick = UINT64_MAX; /* no arming while slots run: it is done once, below */
    uint64_t from = wheel->done_tick + 1;
    if (now_tick > SLOTS && from + SLOTS <= now_tick)
        from = now_tick - SLOTS + 1;
    wheel->done_tick = now_tick > wheel->done_tick ? now_tick : wheel->done_tick;
    int calls = TURN_CALLS;
    for (uint64_t tick = from; tick <= now_tick; tick++)
        if (!run_slot(wheel, tick, now_ns, &calls)) {
            wheel->done_tick = tick - 1; /* this slot again, at once */
            break;
        }
    wheel->armed_tick = 0;
    for (uint64_t tick = wheel->done_tick + 1; tick < wheel->done_tick + SLOTS; tick++) {
        if (wheel->slots[tick % SLOTS]) {
            arm(wheel, tick, now_ns);
            break;
        }
    }
}

struct deadline_wheel *deadline_wheel_new(struct event_base *base)
{
    struct deadline_wheel *wheel = calloc(1, sizeof *wheel);
    if (!wheel)
        return NULL;
    wheel->done_tick = worker_now_ns() >> TICK_SHIFT;
    wheel->timer = event_new(base, -1, 0, on_timer, wheel);
    if (!wheel->timer) {
        free(wheel);
        return NULL;
    }
    return wheel;
}

void deadline_wheel_free(struct deadline_wheel *wheel)
{
    if (!wheel)
        return;
    event_free(wheel->timer);
    free(wheel);
}

void deadline_init(struct deadline *deadline, void (*on_due)(struct deadline *))
{
    *deadline = (struct deadline){.on_due = on_due};
}

void deadline_set(struct deadline_wheel *wheel, struct deadline *deadline, uint64_t due_ns)
{
    assert(due_ns > 0);
    deadline->due_ns = due_ns;
    if (deadline->link && deadline->slot_ns <= due_ns + ((uint64_t)2 << TICK_SHIFT))
        return;
    unlink_slot(deadline);
    /* An idle wheel's clock stands still: bring it up before counting slots from it. */
    uint64_t now_ns = worker_now_ns();
    if (!wheel->armed_tick)
        wheel->done_tick = now_ns >> TICK_SHIFT;
    place(wheel, deadline, now_ns);
}

void deadline_clear(struct deadline *deadline)
{
    deadline->due_ns = 0;
    unlink_slot(deadline);
}

void deadline_pause(struct deadline *deadline)
{
    deadline->due_ns = 0;
}
