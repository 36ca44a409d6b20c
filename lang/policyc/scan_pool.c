/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_pool.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_NS = 200 * 1000 * 1000 };

enum dvara_status scan_pool_init(struct scan_pool *pool, const struct scan_plan *plan)
{
    *pool = (struct scan_pool){.plan = plan};
    pool->files = calloc(plan->n_paths + 1, sizeof *pool->files);
    if (!pool->files)
        return DVARA_NO_MEMORY;
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->work, NULL);
    (void)pthread_cond_init(&pool->news, NULL);
    return DVARA_OK;
}

static void free_block(struct scan_result *block)
{
    if (block)
        scan_result_clear(block);
    free(block);
}

void scan_pool_clear(struct scan_pool *pool)
{
    for (size_t i = 0; i < pool->plan->n_paths; i++) {
        for (size_t k = 0; k < pool->files[i].n_blocks; k++)
            free_block(pool->files[i].blocks[k]);
        free(pool->files[i].blocks);
    }
    free(pool->files);
    (void)pthread_cond_destroy(&pool->news);
    (void)pthread_cond_destroy(&pool->work);
    (void)pthread_mutex_destroy(&pool->lock);
}

/* The lock is held. What the reader of results waits for may always go on. */
static bool may_go_ahead(const struct scan_pool *pool, size_t file)
{
    return pool->ahead < SCAN_BLOCKS_AHEAD || file == pool->printing;
}

/* The lock is held. */
static bool find_task(struct scan_pool *pool, struct scan_task *task)
{
    struct scan_large *large = pool->large;
    if (large && may_go_ahead(pool, large->file)) {
        *task = (struct scan_task){.file = large->file, .large = large, .slice = large->next++};
        if (large->next == large->n_slices)
            pool->large = large->rest;
        return true;
    }
    if (pool->next_file < pool->plan->n_paths && may_go_ahead(pool, pool->next_file)) {
        *task = (struct scan_task){.file = pool->next_file++};
        pool->opening++;
        return true;
    }
    return false;
}

bool scan_pool_take(struct scan_pool *pool, struct scan_task *ret_task)
{
    bool found = false;
    (void)pthread_mutex_lock(&pool->lock);
    while (!pool->failed && !(found = find_task(pool, ret_task)) &&
           (pool->next_file < pool->plan->n_paths || pool->large || pool->opening))
        (void)pthread_cond_wait(&pool->work, &pool->lock);
    (void)pthread_mutex_unlock(&pool->lock);
    return found;
}

void scan_pool_opened(struct scan_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->opening--;
    (void)pthread_cond_broadcast(&pool->work);
    (void)pthread_mutex_unlock(&pool->lock);
}

/* The lock is held. Room for block `number`. */
static bool grow(struct scan_file *file, size_t number)
{
    size_t room = file->room ? file->room : 1;
    while (room <= number)
        room *= 2;
    if (room > file->room) {
        struct scan_result **blocks = realloc(file->blocks, room * sizeof(struct scan_result *));
        if (!blocks)
            return false;
        memset(blocks + file->room, 0, (room - file->room) * sizeof(struct scan_result *));
        file->blocks = blocks;
        file->room = room;
    }
    if (number >= file->n_blocks)
        file->n_blocks = number + 1;
    return true;
}

void scan_pool_share(struct scan_pool *pool, size_t file, int fd, uint64_t size)
{
    struct scan_large *large = calloc(1, sizeof *large);
    size_t n = (size_t)((size + SCAN_SLICE - 1) / SCAN_SLICE);
    (void)pthread_mutex_lock(&pool->lock);
    pool->opening--;
    if (large && grow(&pool->files[file], n - 1)) {
        struct scan_large **at = &pool->large;
        *large = (struct scan_large){.file = file, .fd = fd, .size = size, .n_slices = n};
        pool->files[file].ended = true;
        while (*at && (*at)->file < file)
            at = &(*at)->rest;
        large->rest = *at;
        *at = large;
    } else {
        pool->failed = true;
        free(large);
        (void)close(fd);
    }
    (void)pthread_cond_broadcast(&pool->work);
    (void)pthread_mutex_unlock(&pool->lock);
}

void scan_pool_put(struct scan_pool *pool, size_t file, size_t number, struct scan_result *result)
{
    struct scan_result *block = malloc(sizeof *block);
    (void)pthread_mutex_lock(&pool->lock);
    if (!block || !grow(&pool->files[file], number)) {
        pool->failed = true;
        free(block);
        scan_result_clear(result);
    } else {
        *block = *result;
        pool->files[file].blocks[number] = block;
        pool->ahead++;
        pool->bytes += result->bytes;
    }
    *result = (struct scan_result){0};
    (void)pthread_cond_signal(&pool->news);
    (void)pthread_mutex_unlock(&pool->lock);
}

void scan_pool_end(struct scan_pool *pool, size_t file, enum scan_outcome outcome, int error)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->files[file].ended = true;
    pool->files[file].outcome = outcome;
    pool->files[file].error = error;
    (void)pthread_cond_signal(&pool->news);
    (void)pthread_mutex_unlock(&pool->lock);
}

void scan_pool_slice_done(struct scan_pool *pool, struct scan_large *large, int error)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (error) {
        pool->files[large->file].outcome = SCAN_FAILED;
        pool->files[large->file].error = error;
    }
    bool last = ++large->done == large->n_slices;
    (void)pthread_mutex_unlock(&pool->lock);
    if (!last)
        return;
    (void)close(large->fd);
    free(large);
}

/* The lock is held. Waits a while for news. */
static void wait_for_news(struct scan_pool *pool)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += WAIT_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    if (pthread_cond_timedwait(&pool->news, &pool->lock, &until) == ETIMEDOUT) {
        size_t done = pool->printing;
        uint64_t bytes = pool->bytes;
        (void)pthread_mutex_unlock(&pool->lock);
        pool->plan->on_wait(pool->plan->user, done, bytes);
        (void)pthread_mutex_lock(&pool->lock);
    }
}

/* The lock is held; it is let go while the block is handed over. */
static void deliver_block(struct scan_pool *pool, size_t file, size_t number)
{
    const struct scan_plan *plan = pool->plan;
    struct scan_result *block = pool->files[file].blocks[number];
    pool->files[file].blocks[number] = NULL;
    (void)pthread_mutex_unlock(&pool->lock);
    plan->on_block(plan->user, &plan->paths[file], scan_reads_lines(plan, &plan->paths[file]),
                   block);
    (void)pthread_mutex_lock(&pool->lock);
    pool->failed |= block->failed;
    free_block(block);
    pool->ahead--;
    (void)pthread_cond_broadcast(&pool->work);
}

/* The lock is held. */
static void deliver_file(struct scan_pool *pool, size_t index)
{
    struct scan_file *file = &pool->files[index];
    for (size_t number = 0; !pool->failed && !(file->ended && number == file->n_blocks);) {
        if (number < file->n_blocks && file->blocks[number])
            deliver_block(pool, index, number++);
        else
            wait_for_news(pool);
    }
}

void scan_pool_deliver(struct scan_pool *pool)
{
    const struct scan_plan *plan = pool->plan;
    (void)pthread_mutex_lock(&pool->lock);
    while (pool->printing < plan->n_paths && !pool->failed) {
        struct scan_file *file = &pool->files[pool->printing];
        deliver_file(pool, pool->printing);
        enum scan_outcome outcome = file->outcome;
        int error = file->error;
        (void)pthread_mutex_unlock(&pool->lock);
        plan->on_end(plan->user, &plan->paths[pool->printing], outcome, error);
        (void)pthread_mutex_lock(&pool->lock);
        pool->printing++;
        (void)pthread_cond_broadcast(&pool->work);
    }
    (void)pthread_cond_broadcast(&pool->work);
    (void)pthread_mutex_unlock(&pool->lock);
}
