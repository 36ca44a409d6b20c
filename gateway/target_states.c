/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/target_states.h"

#include "base/hash.h"
#include "gateway/limits.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { STRIPES = 64, PER_STRIPE = 16, SAMPLES = 31, PPM = 1000000, SHARE_OF_NEW = 16 };

struct target {
    uint64_t key; /* 0: free */
    uint64_t used_ns;
    int64_t in_flight;
    uint64_t sampled_ns; /* 0: no sample */
    double first_byte;   /* peak-EWMA, ns */
    uint64_t samples[SAMPLES];
    unsigned n_samples, next_sample;
    int64_t latency_p50; /* when has_median */
    bool has_median;
    double throughput; /* EWMA, tokens a second; 0: no sample */
    uint64_t ended_ns; /* 0: none yet */
    int64_t uptime;    /* EWMA, parts per million */
    unsigned failures; /* in a row */
    uint64_t failed_ns;
};

struct stripe {
    pthread_mutex_t lock;
    struct target targets[PER_STRIPE];
};

struct target_states {
    struct hash_key key;
    struct stripe stripes[STRIPES];
};

struct target_states *target_states_new(void)
{
    struct target_states *states = calloc(1, sizeof *states);
    if (!states)
        return NULL;
    states->key = hash_key_random();
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_init(&states->stripes[i].lock, NULL);
    return states;
}

void target_states_free(struct target_states *states)
{
    if (!states)
        return;
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_destroy(&states->stripes[i].lock);
    free(states);
}

uint64_t target_states_key(const struct target_states *states, struct dvara_str provider,
                           struct dvara_str model)
{
    struct hash_state hash;
    if (!states)
        return 0;
    hash_init(&hash, &states->key);
    hash_update(&hash, provider);
    hash_update(&hash, DVARA_STR("/"));
    hash_update(&hash, model);
    uint64_t key = hash_end(&hash);
    return key ? key : 1;
}

static struct stripe *stripe_of(struct target_states *states, uint64_t key)
{
    return &states->stripes[key % STRIPES];
}

static struct target *find(struct stripe *stripe, uint64_t key)
{
    for (size_t i = 0; i < PER_STRIPE; i++) {
        if (stripe->targets[i].key == key)
            return &stripe->targets[i];
    }
    return NULL;
}

/* Its own place, or that of the idle one seen longest ago. NULL: all are busy. */
static struct target *take(struct stripe *stripe, uint64_t key, uint64_t now_ns)
{
    struct target *target = find(stripe, key), *idle = NULL;
    for (size_t i = 0; i < PER_STRIPE && !target;
         i++) { /* a free place was never used: used_ns is 0 */
        struct target *other = &stripe->targets[i];
        if (other->in_flight == 0 && (!idle || other->used_ns < idle->used_ns))
            idle = other;
    }
    target = target ? target : idle;
    if (!target)
        return NULL;
    if (target->key != key)
        *target = (struct target){.key = key, .uptime = PPM};
    target->used_ns = now_ns;
    return target;
}

void target_states_begin(struct target_states *states, uint64_t key, uint64_t now_ns)
{
    if (!states)
        return;
    struct stripe *stripe = stripe_of(states, key);
    pthread_mutex_lock(&stripe->lock);
    struct target *target = take(stripe, key, now_ns);
    if (target)
        target->in_flight++;
    pthread_mutex_unlock(&stripe->lock);
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void note_sample(struct target *target, uint64_t latency_ns)
{
    target->samples[target->next_sample] = latency_ns;
    target->next_sample = (target->next_sample + 1) % SAMPLES;
    if (target->n_samples < SAMPLES)
        target->n_samples++;
    target->has_median = false;
}

/* Sorted only when a strategy asks: every request leaves a sample. */
static int64_t median(struct target *target)
{
    uint64_t sorted[SAMPLES];
    if (!target->has_median) {
        memcpy(sorted, target->samples, target->n_samples * sizeof *sorted);
        qsort(sorted, target->n_samples, sizeof *sorted, compare);
        target->latency_p50 = (int64_t)sorted[target->n_samples / 2];
        target->has_median = true;
    }
    return target->latency_p50;
}

static void note_first_byte(struct target *target, uint64_t latency_ns, uint64_t now_ns)
{
    double sample = (double)latency_ns;
    double age = target->sampled_ns ? (double)(now_ns - target->sampled_ns) : 0;
    double kept = exp(-age / ((double)TARGET_DECAY_SECONDS * (double)LIMIT_SECOND_NS));
    if (!target->sampled_ns || sample > target->first_byte)
        target->first_byte = sample;
    else
        target->first_byte = target->first_byte * kept + sample * (1 - kept);
    target->sampled_ns = now_ns;
    note_sample(target, latency_ns);
}

void target_states_first_byte(struct target_states *states, uint64_t key, uint64_t latency_ns,
                              uint64_t now_ns)
{
    if (!states)
        return;
    struct stripe *stripe = stripe_of(states, key);
    pthread_mutex_lock(&stripe->lock);
    struct target *target = find(stripe, key);
    if (target)
        note_first_byte(target, latency_ns, now_ns);
    pthread_mutex_unlock(&stripe->lock);
}

static void note_result(struct target *target, enum target_result result, uint64_t now_ns)
{
    int64_t share = result == TARGET_ANSWERED ? PPM : 0;
    if (result == TARGET_UNKNOWN)
        return;
    target->uptime += (share - target->uptime) / SHARE_OF_NEW;
    target->ended_ns = now_ns;
    if (result != TARGET_FAILED) {
        target->failures = 0;
        return;
    }
    target->failures++;
    target->failed_ns = now_ns;
}

void target_states_end(struct target_states *states, uint64_t key, enum target_result result,
                       int64_t tokens, uint64_t writing_ns, uint64_t now_ns)
{
    if (!states)
        return;
    struct stripe *stripe = stripe_of(states, key);
    pthread_mutex_lock(&stripe->lock);
    struct target *target = find(stripe, key);
    if (target) {
        target->in_flight -= target->in_flight > 0;
        note_result(target, result, now_ns);
        if (result == TARGET_ANSWERED && tokens > 0 && writing_ns > 0) {
            double rate = (double)tokens * (double)LIMIT_SECOND_NS / (double)writing_ns;
            target->throughput =
                target->throughput > 0
                    ? target->throughput + (rate - target->throughput) / SHARE_OF_NEW
                    : rate;
        }
    }
    pthread_mutex_unlock(&stripe->lock);
}

static bool is_fresh(uint64_t then_ns, uint64_t window_ns, uint64_t now_ns)
{
    return then_ns != 0 && (now_ns <= then_ns || now_ns - then_ns <= window_ns);
}

static void tell(struct target *target, uint64_t window_ns, uint64_t now_ns,
                 struct dvara_target_state *ret_state)
{
    const uint64_t cool_down = TARGET_COOL_DOWN_SECONDS * LIMIT_SECOND_NS;
    ret_state->in_flight = target->in_flight;
    ret_state->healthy =
        target->failures < TARGET_FAILURES || !is_fresh(target->failed_ns, cool_down, now_ns);
    if (is_fresh(target->ended_ns, window_ns, now_ns))
        ret_state->uptime = target->uptime;
    if (!is_fresh(target->sampled_ns, window_ns, now_ns))
        return;
    ret_state->first_byte = (int64_t)target->first_byte;
    ret_state->latency_p50 = median(target);
    ret_state->throughput = (int64_t)(target->throughput + 0.5);
}

void target_states_look(struct target_states *states, uint64_t key, uint64_t window_ns,
                        uint64_t now_ns, struct dvara_target_state *ret_state)
{
    if (!states)
        return;
    struct stripe *stripe = stripe_of(states, key);
    pthread_mutex_lock(&stripe->lock);
    struct target *target = find(stripe, key);
    if (target)
        tell(target, window_ns ? window_ns : TARGET_WINDOW_SECONDS * LIMIT_SECOND_NS, now_ns,
             ret_state);
    pthread_mutex_unlock(&stripe->lock);
}
