/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/relay_held.h"

#include <string.h>

static void remember(struct relay_held *held, uint64_t now_ns)
{
    if (held->n == RELAY_HELD_FEEDS) { /* the newest joins the one before it */
        held->feeds[held->n - 1].end = held->fed;
        return;
    }
    held->feeds[held->n].end = held->fed;
    held->feeds[held->n++].ns = now_ns;
}

static void forget(struct relay_held *held)
{
    uint32_t gone = 0;
    while (gone < held->n && held->feeds[gone].end <= held->released)
        gone++;
    held->n -= gone;
    memmove(held->feeds, held->feeds + gone, held->n * sizeof *held->feeds);
}

uint64_t relay_held_note(struct relay_held *held, size_t bytes, size_t waiting, uint64_t now_ns)
{
    uint64_t waited = 0;
    held->fed += bytes;
    if (bytes)
        remember(held, now_ns);
    /* A stream that puts tokens back may hold fewer or more bytes than came. */
    uint64_t released = waiting < held->fed ? held->fed - waiting : 0;
    if (released > held->released) {
        waited = held->n ? now_ns - held->feeds[0].ns : 0;
        held->released = released;
        forget(held);
    }
    return waited;
}
