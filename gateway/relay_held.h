/* SPDX-License-Identifier: Apache-2.0 */
/* How long text of a live stream waits: from the event that brought a byte to the one that let it
 * go. Feeds are remembered while their bytes wait; when they are many, neighbours count as the
 * older one, so the figure may be too long and never too short. */
#ifndef GATEWAY_RELAY_HELD_H
#define GATEWAY_RELAY_HELD_H

#include <stddef.h>
#include <stdint.h>

enum { RELAY_HELD_FEEDS = 8 };

struct relay_held {
    struct {
        uint64_t end; /* bytes fed up to and with this feed */
        uint64_t ns;
    } feeds[RELAY_HELD_FEEDS]; /* oldest first; those before `released` are dropped */
    uint32_t n;
    uint64_t fed, released; /* bytes */
};

/* `bytes` were fed at `now_ns`, and `waiting` of all that was fed wait still. Returns how long the
 * oldest byte that left now had waited; 0 when none left. */
uint64_t relay_held_note(struct relay_held *held, size_t bytes, size_t waiting, uint64_t now_ns);

#endif
