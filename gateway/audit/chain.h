/* SPDX-License-Identifier: Apache-2.0 */
/* One worker's audit file: an append-only chain of records, each bound to the one before by its
 * MAC. Written with write(2) on the worker's own thread; synced by the sync thread (sync.h). */
#ifndef GATEWAY_AUDIT_CHAIN_H
#define GATEWAY_AUDIT_CHAIN_H

#include "dvara/status.h"
#include "gateway/audit/record.h"

#include <stdbool.h>
#include <stdint.h>

struct audit_chain;
struct exchange_view; /* gateway/exchange.h */

/* What the caller knows of a record; the chain fills in the rest. */
struct audit_entry {
    enum audit_type type;
    struct dvara_str id, tenant, key, session, trace_id; /* absent = null */
    struct dvara_str payload;                            /* a JSON object on one line */
    int64_t time_ns;                                     /* since the epoch; 0: now */
};

/* Appends one record; it is in the file when this returns OK (*ret_seq may be NULL). IO: the disk
 * is full or refuses; nothing of the record stays in the file, the exchange must be refused with
 * 503 audit_unavailable. */
enum dvara_status audit_append(struct audit_chain *chain, const struct audit_entry *entry,
                               uint64_t *ret_seq) DVARA_MUST_CHECK;

/* Between the two, appends only collect their lines, AUDIT_GROUP_MAX of them at most, and the end
 * writes all with one write(2): a write costs more than the record. IO: none of them is in the
 * file. Both within one callback: nothing else appends meanwhile. */
enum { AUDIT_GROUP_MAX = 64 };
void audit_group_begin(struct audit_chain *chain);
enum dvara_status audit_group_end(struct audit_chain *chain) DVARA_MUST_CHECK;

/* The same, made from an exchange. audit_decision is called before anything is dispatched,
 * audit_response before the last byte of the answer (or when the exchange ends without one). */
enum dvara_status audit_decision(struct audit_chain *chain, const struct exchange_view *view,
                                 uint64_t *ret_seq) DVARA_MUST_CHECK;
enum dvara_status audit_response(struct audit_chain *chain, const struct exchange_view *view,
                                 uint64_t *ret_seq) DVARA_MUST_CHECK;
/* A refusal of a caller without a good key: at most 10 records a second over all workers, the rest
 * one count a minute. OK too when it was only counted. */
enum dvara_status audit_unauthenticated(struct audit_chain *chain,
                                        const struct exchange_view *view) DVARA_MUST_CHECK;

/* Where appends are counted; the chain's owner's own. NULL: nowhere. */
struct metrics;
void audit_chain_count(struct audit_chain *chain, struct metrics *metrics);

/* False since an append failed, until one succeeded (readyz). */
bool audit_is_writable(const struct audit_chain *chain);

/* `durability: strict`: an exchange waits until its record is on the disk. */
bool audit_is_strict(const struct audit_chain *chain);
/* Embedded in what waits. on_synced runs on the worker's thread, once, in order. */
struct audit_wait {
    struct audit_wait *next;
    uint64_t seq;
    void (*on_synced)(struct audit_wait *wait);
};
/* Calls on_synced from the loop when record `seq` is synced. */
void audit_wait_start(struct audit_chain *chain, struct audit_wait *wait, uint64_t seq);
/* No callback follows. */
void audit_wait_cancel(struct audit_chain *chain, struct audit_wait *wait);

#endif
