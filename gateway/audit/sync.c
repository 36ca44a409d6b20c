/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "gateway/audit/checkpoint.h"
#include "gateway/audit/checkpoint_log.h"
#include "gateway/log.h"
#include "gateway/worker.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define COUNT_INTERVAL_NS (60 * TIME_NS_PER_S)

/* What the sync thread took from a chain before it synced: checkpoints may vouch for that much. */
struct chain_view {
    struct chain_head head;
    int fd;
    off_t size; /* of what stands in fd up to that head */
    int old_fds[CHAIN_OLD_FILES];
    unsigned old_count;
};

static void look(struct audit_chain *chain, struct chain_view *ret_view)
{
    pthread_mutex_lock(&chain->lock);
    ret_view->head = chain->head;
    ret_view->fd = chain->fd;
    ret_view->size = chain->head_size;
    ret_view->old_count = chain->old_count;
    memcpy(ret_view->old_fds, chain->old_fds, sizeof chain->old_fds);
    chain->old_count = 0;
    pthread_mutex_unlock(&chain->lock);
}

/* The newest records stay in the system's memory for who follows the file. The others would fill it
 * for nobody, and a record is written faster to memory that was just given back. */
static void give_back(struct audit_chain *chain, const struct chain_view *view)
{
    const off_t kept = (off_t)8 * 1024 * 1024; /* at least, and less than twice that */
    off_t until = (view->size / kept - 1) * kept;
    if (until <= chain->given_back)
        return;
    (void)posix_fadvise(view->fd, chain->given_back, until - chain->given_back,
                        POSIX_FADV_DONTNEED);
    chain->given_back = until;
}

static bool sync_chain(struct audit_chain *chain, const struct chain_view *view)
{
    bool ok = true;
    for (unsigned i = 0; i < view->old_count; i++) {
        ok = fdatasync(view->old_fds[i]) == 0 && ok;
        (void)posix_fadvise(view->old_fds[i], 0, 0, POSIX_FADV_DONTNEED);
        close(view->old_fds[i]);
        chain->given_back = 0;
    }
    if (view->head.seq == chain->synced_head)
        return ok;
    /* Only this thread closes, so a descriptor that was rotated away meanwhile is still open. */
    ok = fdatasync(view->fd) == 0 && ok;
    if (!ok)
        return false;
    give_back(chain, view);
    chain->synced_head = view->head.seq;
    atomic_store(&chain->synced_seq, view->head.seq);
    if (atomic_load(&chain->wait_count) != 0 && chain->worker != NULL)
        ok = worker_post(chain->worker, chain_run_waits, chain) == DVARA_OK;
    return ok;
}

static bool sign_heads(struct audit *audit, struct checkpoint_head *heads, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += heads[i].seq;
    if (sum == audit->checkpoint_sum)
        return true;
    if (checkpoint_log_append(audit, heads, count) != DVARA_OK)
        return false;
    audit->checkpoint_sum = sum;
    return true;
}

static void say(struct audit *audit, bool ok)
{
    if (ok == audit->is_failing)
        log_event(ok ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
                  ok ? "audit is synced again" : "audit cannot be synced to disk or signed",
                  LOG_CSTR("folder", audit->options.folder_cstr));
    audit->is_failing = !ok;
}

bool audit_sync(struct audit *audit, bool with_checkpoint)
{
    size_t count = 0, n = 0;
    bool ok = true;
    for (const struct audit_chain *chain = audit->chains; chain != NULL; chain = chain->next)
        count++;
    struct checkpoint_head *heads = calloc(count + 1, sizeof *heads);
    for (struct audit_chain *chain = audit->chains; chain != NULL; chain = chain->next) {
        struct chain_view view;
        look(chain, &view);
        ok = (chain->is_dormant || sync_chain(chain, &view)) && ok;
        if (heads != NULL && view.head.seq != 0) {
            heads[n].chain = dvara_str_from_cstr(chain->name);
            heads[n].seq = view.head.seq;
            memcpy(heads[n++].mac, view.head.mac, AUDIT_MAC_BYTES);
        }
    }
    /* A checkpoint must never vouch for what a crash could lose. */
    if (with_checkpoint && ok)
        ok = heads != NULL && sign_heads(audit, heads, n);
    free(heads);
    say(audit, ok);
    return ok;
}

static void flush_count(struct worker *worker, void *chain)
{
    (void)worker;
    if (chain_flush_count(chain) != DVARA_OK)
        return; /* said by audit_append; the count is kept for the next minute */
}

static void flush_counts(struct audit *audit)
{
    for (struct audit_chain *chain = audit->chains; chain != NULL; chain = chain->next)
        if (chain->worker != NULL && worker_post(chain->worker, flush_count, chain) != DVARA_OK)
            return; /* the counts are kept for the next minute */
}

/* Sleeps to the next round, or until woken. */
static void wait_round(struct audit *audit, uint64_t due_ns)
{
    struct timespec due = {.tv_sec = (time_t)(due_ns / (uint64_t)TIME_NS_PER_S),
                           .tv_nsec = (long)(due_ns % (uint64_t)TIME_NS_PER_S)};
    while (!audit->should_stop && !audit->should_sync && !audit->should_checkpoint)
        if (pthread_cond_timedwait(&audit->wake, &audit->lock, &due) != 0)
            break;
}

static void *run(void *user)
{
    struct audit *audit = user;
    uint64_t now = time_monotonic_ns();
    uint64_t checkpoint_due = now + audit->options.checkpoint_interval_ns;
    uint64_t count_due = now + (uint64_t)COUNT_INTERVAL_NS;
    for (bool should_stop = false; !should_stop;) {
        pthread_mutex_lock(&audit->lock);
        wait_round(audit, time_monotonic_ns() + audit->options.sync_interval_ns);
        bool with_checkpoint = audit->should_checkpoint;
        should_stop = audit->should_stop;
        audit->should_sync = audit->should_checkpoint = false;
        pthread_mutex_unlock(&audit->lock);
        now = time_monotonic_ns();
        if (now >= checkpoint_due) {
            with_checkpoint = true;
            checkpoint_due = now + audit->options.checkpoint_interval_ns;
        }
        if (now >= count_due && !should_stop) {
            flush_counts(audit);
            count_due = now + (uint64_t)COUNT_INTERVAL_NS;
        }
        audit_sync(audit, with_checkpoint);
    }
    return NULL;
}

void audit_wake(struct audit *audit, bool for_checkpoint)
{
    pthread_mutex_lock(&audit->lock);
    audit->should_sync = true;
    audit->should_checkpoint = audit->should_checkpoint || for_checkpoint;
    pthread_cond_signal(&audit->wake);
    pthread_mutex_unlock(&audit->lock);
}

enum dvara_status audit_start(struct audit *audit)
{
    /* What the start wrote is signed before the first request: records are never without one. */
    if (!audit_sync(audit, true))
        return DVARA_IO;
    if (pthread_create(&audit->thread, NULL, run, audit) != 0)
        return DVARA_NO_MEMORY;
    audit->has_thread = true;
    return DVARA_OK;
}

void audit_stop(struct audit *audit)
{
    if (!audit->has_thread)
        return;
    pthread_mutex_lock(&audit->lock);
    audit->should_stop = true;
    pthread_cond_signal(&audit->wake);
    pthread_mutex_unlock(&audit->lock);
    pthread_join(audit->thread, NULL);
    audit->has_thread = false;
}
