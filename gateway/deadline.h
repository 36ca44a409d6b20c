/* SPDX-License-Identifier: Apache-2.0 */
/* Many deadlines, few timers: a wheel of 16 ms slots. Moving a deadline later costs nothing (it is
 * put back when its old slot comes up), so setting one per request or per byte is cheap. One wheel
 * a worker, used only on its thread. */
#ifndef GATEWAY_DEADLINE_H
#define GATEWAY_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct deadline_wheel;

/* Embedded in what has the deadline. */
struct deadline {
    struct deadline *next;
    struct deadline **link;            /* what points at this one; NULL when in no slot */
    uint64_t due_ns;                   /* monotonic; 0 = not set */
    uint64_t slot_ns;                  /* when its slot comes up */
    void (*on_due)(struct deadline *); /* may set, clear or free this and any other deadline */
};

/* NULL when out of memory. */
struct deadline_wheel *deadline_wheel_new(struct event_base *base);
void deadline_wheel_free(struct deadline_wheel *wheel);

void deadline_init(struct deadline *deadline, void (*on_due)(struct deadline *));
/* Replaces the earlier time. on_due runs once, never early, up to 34 ms late, and later where many
 * are due at once: other events of the loop come in between. */
void deadline_set(struct deadline_wheel *wheel, struct deadline *deadline, uint64_t due_ns);
/* Must be called before the memory of a deadline that may be set goes away. */
void deadline_clear(struct deadline *deadline);
/* As good as clear while the memory stays, and cheaper when it is to be set again. */
void deadline_pause(struct deadline *deadline);

#endif
