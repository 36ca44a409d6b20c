/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/strangers.h"

#include "base/hash.h"
#include "gateway/limits.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    STRIPES = 16,
    SETS = 256, /* a stripe: 16 * 256 * 4 addresses of 32 bytes are half a MiB */
    WAYS = 4
};
#define EXEMPT_NS (3600 * LIMIT_SECOND_NS)

struct entry {
    uint64_t hash;   /* 0: free */
    uint64_t due_ns; /* GCRA's theoretical arrival time: failures are even until here */
    uint64_t good_until_ns;
    uint64_t seen_ns;
};

struct stripe {
    pthread_mutex_t lock;
    struct entry sets[SETS][WAYS];
};

struct strangers {
    struct hash_key key;
    uint64_t interval_ns, burst_ns;
    struct stripe stripes[STRIPES];
};

struct strangers *strangers_new(uint64_t per_second, uint64_t burst)
{
    struct strangers *strangers = calloc(1, sizeof *strangers);
    if (!strangers)
        return NULL;
    strangers->key = hash_key_random();
    strangers->interval_ns = per_second ? LIMIT_SECOND_NS / per_second : 0;
    strangers->burst_ns = strangers->interval_ns * burst;
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_init(&strangers->stripes[i].lock, NULL);
    return strangers;
}

void strangers_free(struct strangers *strangers)
{
    if (!strangers)
        return;
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_destroy(&strangers->stripes[i].lock);
    free(strangers);
}

static struct entry *find(struct entry *set, uint64_t hash)
{
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].hash == hash)
            return &set[i];
    return NULL;
}

static struct entry *find_or_take(struct entry *set, uint64_t hash)
{
    struct entry *entry = find(set, hash);
    if (entry)
        return entry;
    entry = &set[0];
    for (size_t i = 1; i < WAYS; i++)
        if (set[i].seen_ns < entry->seen_ns)
            entry = &set[i];
    *entry = (struct entry){.hash = hash};
    return entry;
}

struct place {
    uint64_t hash;
    struct stripe *stripe;
    struct entry *set;
};

static struct place place_of(struct strangers *strangers, struct dvara_str ip)
{
    uint64_t hash = hash_bytes(&strangers->key, ip) | 1;
    struct stripe *stripe = &strangers->stripes[(hash >> 1) % STRIPES];
    return (struct place){hash, stripe, stripe->sets[(hash >> 16) % SETS]};
}

bool strangers_may_try(struct strangers *strangers, struct dvara_str ip, uint64_t now_ns,
                       uint64_t *ret_wait_ns)
{
    *ret_wait_ns = 0;
    if (!strangers || strangers->interval_ns == 0)
        return true;
    struct place place = place_of(strangers, ip);
    pthread_mutex_lock(&place.stripe->lock);
    const struct entry *entry = find(place.set, place.hash);
    if (entry && entry->good_until_ns <= now_ns && entry->due_ns > now_ns + strangers->burst_ns)
        *ret_wait_ns = entry->due_ns - now_ns - strangers->burst_ns;
    pthread_mutex_unlock(&place.stripe->lock);
    return *ret_wait_ns == 0;
}

void strangers_note(struct strangers *strangers, struct dvara_str ip, bool is_good, uint64_t now_ns)
{
    if (!strangers || strangers->interval_ns == 0)
        return;
    struct place place = place_of(strangers, ip);
    pthread_mutex_lock(&place.stripe->lock);
    struct entry *entry = find_or_take(place.set, place.hash);
    entry->seen_ns = now_ns;
    if (is_good)
        entry->good_until_ns = now_ns + EXEMPT_NS;
    else
        entry->due_ns = (entry->due_ns > now_ns ? entry->due_ns : now_ns) + strangers->interval_ns;
    pthread_mutex_unlock(&place.stripe->lock);
}
