/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/chain.h"

#include "base/bytes.h"
#include "base/time.h"
#include "gateway/audit/chain_state.h"
#include "gateway/log.h"
#include "gateway/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Takes away what a failed write left behind the last good record. */
static bool heal(struct audit_chain *chain)
{
    if (chain->needs_heal && ftruncate(chain->fd, chain->size) == 0)
        chain->needs_heal = false;
    return !chain->needs_heal;
}

static bool write_all(struct audit_chain *chain, struct dvara_str lines)
{
    ssize_t written;
    do
        written = write(chain->fd, lines.p, lines.n);
    while (written < 0 && errno == EINTR);
    if (written == (ssize_t)lines.n)
        return true;
    chain->needs_heal = written > 0;
    heal(chain);
    return false;
}

/* The file is full: the next one begins. When it cannot be made the old one goes on. */
static void rotate(struct audit_chain *chain)
{
    char path[CHAIN_PATH_BYTES];
    pthread_mutex_lock(&chain->lock);
    bool has_room = chain->old_count < CHAIN_OLD_FILES; /* only this thread adds to them */
    pthread_mutex_unlock(&chain->lock);
    chain_path(chain, chain->file_number + 1, path);
    int fd = has_room ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    pthread_mutex_lock(&chain->lock);
    chain->old_fds[chain->old_count++] = chain->fd;
    chain->fd = fd;
    chain->head_size = 0;
    pthread_mutex_unlock(&chain->lock);
    chain->file_number++;
    chain->size = 0;
    audit_wake(chain->audit, true);
}

void audit_chain_count(struct audit_chain *chain, struct metrics *metrics)
{
    chain->metrics = metrics;
}

static void note_failure(struct audit_chain *chain)
{
    metrics_add(chain->metrics, METRIC_AUDIT_FAILURES, DVARA_STR(""), DVARA_STR(""), 1);
    if (!atomic_exchange(&chain->is_failing, true))
        log_event(LOG_LEVEL_ERROR, "audit cannot be written: requests are refused",
                  LOG_CSTR("chain", chain->name));
}

static void note_success(struct audit_chain *chain)
{
    if (atomic_load_explicit(&chain->is_failing, memory_order_relaxed)) {
        atomic_store(&chain->is_failing, false);
        log_event(LOG_LEVEL_INFO, "audit can be written again", LOG_CSTR("chain", chain->name));
    }
}

/* Writes what was made, all or nothing of it. */
static enum dvara_status write_lines(struct audit_chain *chain)
{
    bool ok = chain->lines.n == 0 || (heal(chain) && write_all(chain, buf_str(&chain->lines)));
    if (ok) {
        note_success(chain);
        chain->size += (off_t)chain->lines.n;
        pthread_mutex_lock(&chain->lock);
        chain->head = chain->tail;
        chain->head_size = chain->size;
        pthread_mutex_unlock(&chain->lock);
    } else {
        note_failure(chain);
        chain->tail = chain->head;
    }
    for (int type = 0; type < AUDIT_TYPE_COUNT; type++)
        if (ok && chain->counts[type] > 0)
            metrics_add(chain->metrics, METRIC_AUDIT_RECORDS,
                        audit_type_name((enum audit_type)type), DVARA_STR(""), chain->counts[type]);
    memset(chain->counts, 0, sizeof chain->counts);
    buf_reset(&chain->lines);
    if ((uint64_t)chain->size >= chain->audit->options.rotate_bytes)
        rotate(chain);
    return ok ? DVARA_OK : DVARA_IO;
}

void audit_group_begin(struct audit_chain *chain)
{
    chain->is_grouping = true;
}

enum dvara_status audit_group_end(struct audit_chain *chain)
{
    chain->is_grouping = false;
    return write_lines(chain);
}

static struct dvara_str mac_str(const unsigned char mac[AUDIT_MAC_BYTES])
{
    return dvara_str_from((const char *)mac, AUDIT_MAC_BYTES);
}

/* The tail's MAC as text; kept from when it was made, but for the first and after a failure. */
static struct dvara_str prev_text(struct audit_chain *chain)
{
    if (chain->tail_hex_seq != chain->tail.seq || chain->tail.seq == 0) {
        bytes_hex_text(mac_str(chain->tail.mac), chain->tail_hex);
        chain->tail_hex_seq = chain->tail.seq;
    }
    return dvara_str_from(chain->tail_hex, sizeof chain->tail_hex);
}

/* The records of a turn have one time. */
static struct dvara_str time_text(struct audit_chain *chain, int64_t time_ns)
{
    if (chain->time_ns != time_ns || chain->time_length == 0) {
        chain->time_length = time_format(time_ns, 9, chain->time_text);
        chain->time_ns = time_ns;
    }
    return dvara_str_from(chain->time_text, chain->time_length);
}

/* The line is in; the next one follows it. */
static void move_tail(struct audit_chain *chain, const struct audit_record *record)
{
    chain->tail.seq = record->seq;
    memcpy(chain->tail.mac, record->mac, sizeof record->mac);
    memcpy(chain->tail_hex, record->mac_text.p, sizeof chain->tail_hex);
    chain->tail_hex_seq = record->seq;
}

enum dvara_status audit_append(struct audit_chain *chain, const struct audit_entry *entry,
                               uint64_t *ret_seq)
{
    struct audit_record record = {
        .chain = dvara_str_from_cstr(chain->name),
        .seq = chain->tail.seq + 1,
        .id = entry->id,
        .time_ns = entry->time_ns ? entry->time_ns : time_wall_ns(),
        .tenant = entry->tenant,
        .key = entry->key,
        .session = entry->session,
        .trace_id = entry->trace_id,
        .type = audit_type_name(entry->type),
        .payload = entry->payload,
        .kid = audit_mac_kid(chain->mac),
    };
    char mac[2 * AUDIT_MAC_BYTES];
    memcpy(record.prev, chain->tail.mac, sizeof record.prev);
    if (entry->payload.n > AUDIT_MAX_LINE / 2)
        return DVARA_TOO_LARGE;
    record.time_text = time_text(chain, record.time_ns);
    record.prev_text = prev_text(chain);
    audit_mac_record(chain->mac, &record, record.mac);
    bytes_hex_text(mac_str(record.mac), mac);
    record.mac_text = dvara_str_from(mac, sizeof mac);
    size_t before = chain->lines.n;
    audit_record_line(&record, &chain->lines);
    if (buf_failed(&chain->lines)) {
        chain->lines.failed = false;
        chain->lines.n = before; /* the rest of the group stands */
        return DVARA_NO_MEMORY;
    }
    move_tail(chain, &record);
    chain->counts[entry->type]++;
    if (ret_seq != NULL)
        *ret_seq = record.seq;
    return chain->is_grouping ? DVARA_OK : write_lines(chain);
}

bool audit_is_writable(const struct audit_chain *chain)
{
    return !atomic_load_explicit(&chain->is_failing, memory_order_relaxed);
}

bool audit_is_strict(const struct audit_chain *chain)
{
    return chain->audit->options.is_strict;
}

enum dvara_status chain_flush_count(struct audit_chain *chain)
{
    if (chain->suppressed == 0)
        return DVARA_OK;
    buf_reset(&chain->payload);
    BUF_LIT(&chain->payload, "{\"refused\":");
    buf_int(&chain->payload, (int64_t)chain->suppressed);
    BUF_LIT(&chain->payload, ",\"since\":\"");
    time_append(&chain->payload, chain->suppressed_since_ns, 3);
    BUF_LIT(&chain->payload, "\"}");
    const struct audit_entry entry = {.type = AUDIT_UNAUTHENTICATED_COUNT,
                                      .payload = buf_str(&chain->payload)};
    enum dvara_status status = audit_append(chain, &entry, NULL);
    if (status == DVARA_OK)
        chain->suppressed = 0;
    return status;
}

void audit_wait_start(struct audit_chain *chain, struct audit_wait *wait, uint64_t seq)
{
    wait->next = NULL;
    wait->seq = seq;
    *chain->waits_end = wait;
    chain->waits_end = &wait->next;
    atomic_fetch_add(&chain->wait_count, 1);
    audit_wake(chain->audit, false);
}

static void unlink_wait(struct audit_chain *chain, struct audit_wait **link)
{
    struct audit_wait *wait = *link;
    *link = wait->next;
    if (chain->waits_end == &wait->next)
        chain->waits_end = link;
    atomic_fetch_sub(&chain->wait_count, 1);
}

void audit_wait_cancel(struct audit_chain *chain, struct audit_wait *wait)
{
    for (struct audit_wait **link = &chain->waits; *link != NULL; link = &(*link)->next)
        if (*link == wait) {
            unlink_wait(chain, link);
            return;
        }
}

void chain_run_waits(struct worker *worker, void *user)
{
    struct audit_chain *chain = user;
    (void)worker;
    uint64_t synced = atomic_load(&chain->synced_seq);
    while (chain->waits != NULL && chain->waits->seq <= synced) {
        struct audit_wait *wait = chain->waits;
        unlink_wait(chain, &chain->waits);
        wait->on_synced(wait); /* may start or cancel others */
    }
}
