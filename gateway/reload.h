/* SPDX-License-Identifier: Apache-2.0 */
/* The reload thread: loads config and bundle at start, on SIGHUP and when the bundle's files
 * change; swaps them in when all is right, and otherwise keeps what runs and says why. */
#ifndef GATEWAY_RELOAD_H
#define GATEWAY_RELOAD_H

#include "base/buf.h"
#include "dvara/status.h"
#include "gateway/bundle_slot.h"

struct audit_chain;
struct metrics;
struct reload;

struct reload_options {
    struct bundle_slot *slot;
    struct audit_chain *audit; /* the reload thread's own */
    struct metrics *metrics;   /* the reload thread's own */
};

/* Takes over a reference of config. */
enum dvara_status reload_new(const struct reload_options *options, struct config *config,
                             struct reload **ret_reload) DVARA_MUST_CHECK;

/* The first load, before reload_start: the config's bundle, or when that fails the last good one.
 */
enum dvara_status reload_first(struct reload *reload) DVARA_MUST_CHECK;
/* Why the last load was refused, "" when none was; before reload_start. Borrowed from reload. */
const char *reload_why(const struct reload *reload);

enum dvara_status reload_start(struct reload *reload) DVARA_MUST_CHECK;
/* Loads now; returns at once. From any thread. */
void reload_request(struct reload *reload);
/* Ends the thread and frees. */
void reload_free(struct reload *reload);

/* What runs and what was refused last, as JSON for GET /admin/v1/bundle. From any thread. */
void reload_describe(struct reload *reload, struct buf *out);

#endif
