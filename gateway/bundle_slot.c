/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/bundle_slot.h"

#include "dvara/engine.h"
#include "dvara/pii.h"
#include "gateway/exchange.h"
#include "gateway/worker.h"

#include <pthread.h>
#include <stdlib.h>

/* One config and bundle, from its swap until the last worker gave back its snapshot. */
struct generation {
    struct bundle_slot *slot;
    struct config *config;
    struct dvara_bundle *bundle;
    struct generation *next; /* among the dead */
    size_t live;             /* snapshots not given back; under the slot's lock */
};

struct bundle_slot {
    struct gateway_worker *const *workers;
    size_t count;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct generation *dead; /* given back, to be freed by the loader */
    size_t generations;
};

enum dvara_status bundle_slot_new(struct gateway_worker *const *workers, size_t count,
                                  struct bundle_slot **ret_slot)
{
    struct bundle_slot *slot = calloc(1, sizeof *slot);
    if (slot == NULL)
        return DVARA_NO_MEMORY;
    slot->workers = workers;
    slot->count = count;
    pthread_mutex_init(&slot->lock, NULL);
    pthread_cond_init(&slot->changed, NULL);
    *ret_slot = slot;
    return DVARA_OK;
}

static void generation_free(struct generation *generation)
{
    dvara_bundle_free(generation->bundle);
    config_unref(generation->config);
    free(generation);
}

/* One snapshot less. The last one hands the generation to whoever collects: a worker must not spend
 * its time on freeing a bundle. */
static void give_back(struct generation *generation)
{
    struct bundle_slot *slot = generation->slot;
    pthread_mutex_lock(&slot->lock);
    if (--generation->live == 0) {
        generation->next = slot->dead;
        slot->dead = generation;
        pthread_cond_signal(&slot->changed);
    }
    pthread_mutex_unlock(&slot->lock);
}

static void snapshot_free(struct gateway_snapshot *snapshot)
{
    dvara_scanner_free(snapshot->scanner);
    dvara_vm_free(snapshot->vm);
    free(snapshot);
}

static void on_unused(struct gateway_snapshot *snapshot)
{
    struct generation *generation = snapshot->user;
    snapshot_free(snapshot);
    give_back(generation);
}

static enum dvara_status snapshot_new(struct generation *generation,
                                      struct gateway_snapshot **ret_snapshot)
{
    struct gateway_snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (snapshot == NULL)
        return DVARA_NO_MEMORY;
    snapshot->config = generation->config;
    snapshot->bundle = generation->bundle;
    snapshot->on_unused = on_unused;
    snapshot->user = generation;
    enum dvara_status status = dvara_vm_new(generation->bundle, &snapshot->vm);
    const struct dvara_detectors *detectors = dvara_bundle_detectors(generation->bundle);
    if (status == DVARA_OK && detectors != NULL)
        status = dvara_scanner_new(detectors, &snapshot->scanner);
    if (status != DVARA_OK) {
        snapshot_free(snapshot);
        return status;
    }
    *ret_snapshot = snapshot;
    return DVARA_OK;
}

static void take(struct worker *worker, void *snapshot)
{
    gateway_worker_swap(worker_user(worker), snapshot);
}

void bundle_slot_collect(struct bundle_slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    struct generation *dead = slot->dead;
    slot->dead = NULL;
    for (const struct generation *g = dead; g != NULL; g = g->next)
        slot->generations--;
    pthread_mutex_unlock(&slot->lock);
    while (dead != NULL) {
        struct generation *next = dead->next;
        generation_free(dead);
        dead = next;
    }
}

size_t bundle_slot_generations(struct bundle_slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    size_t generations = slot->generations;
    pthread_mutex_unlock(&slot->lock);
    return generations;
}

void bundle_slot_free(struct bundle_slot *slot)
{
    if (slot == NULL)
        return;
    for (size_t i = 0; i < slot->count; i++)
        if (worker_call(slot->workers[i]->worker, take, NULL) != DVARA_OK)
            abort(); /* the workers run until server_free: this cannot be refused */
    pthread_mutex_lock(&slot->lock);
    while (slot->generations != 0) {
        while (slot->dead == NULL)
            pthread_cond_wait(&slot->changed, &slot->lock);
        pthread_mutex_unlock(&slot->lock);
        bundle_slot_collect(slot);
        pthread_mutex_lock(&slot->lock);
    }
    pthread_mutex_unlock(&slot->lock);
    pthread_mutex_destroy(&slot->lock);
    pthread_cond_destroy(&slot->changed);
    free(slot);
}

/* All snapshots first, then the messages: a swap happens on every worker or on none. */
static enum dvara_status hand_out(struct bundle_slot *slot, struct generation *generation,
                                  struct gateway_snapshot **snapshots)
{
    enum dvara_status status = DVARA_OK;
    size_t made = 0;
    for (; made < slot->count && status == DVARA_OK; made += status == DVARA_OK)
        status = snapshot_new(generation, &snapshots[made]);
    if (status != DVARA_OK) {
        while (made > 0)
            snapshot_free(snapshots[--made]);
        return status;
    }
    generation->live = slot->count;
    pthread_mutex_lock(&slot->lock);
    slot->generations++;
    pthread_mutex_unlock(&slot->lock);
    for (size_t i = 0; i < slot->count; i++)
        if (worker_call(slot->workers[i]->worker, take, snapshots[i]) != DVARA_OK)
            abort(); /* half a swap would leave tenants under two policies */
    return DVARA_OK;
}

enum dvara_status bundle_slot_swap(struct bundle_slot *slot, struct config *config,
                                   struct dvara_bundle *bundle)
{
    struct generation *generation = calloc(1, sizeof *generation);
    struct gateway_snapshot **snapshots = calloc(slot->count, sizeof *snapshots);
    enum dvara_status status = DVARA_NO_MEMORY;
    if (generation != NULL && snapshots != NULL) {
        *generation = (struct generation){.slot = slot, .config = config, .bundle = bundle};
        status = hand_out(slot, generation, snapshots);
    }
    free(snapshots);
    if (status != DVARA_OK) {
        free(generation);
        dvara_bundle_free(bundle);
        config_unref(config);
    }
    bundle_slot_collect(slot);
    return status;
}
