/* SPDX-License-Identifier: Apache-2.0 */
/* Hot swap: which config and bundle the workers run on. A load happens on the reload thread; when
 * everything is right, each worker gets a snapshot of its own by message (exchange.h), and config
 * and bundle are freed after the last worker says that it uses them no more. */
#ifndef GATEWAY_BUNDLE_SLOT_H
#define GATEWAY_BUNDLE_SLOT_H

#include "dvara/bundle.h"
#include "dvara/status.h"
#include "gateway/config.h"

#include <stddef.h>

struct bundle_slot;
struct gateway_worker;

/* The workers must outlive the slot. */
enum dvara_status bundle_slot_new(struct gateway_worker *const *workers, size_t count,
                                  struct bundle_slot **ret_slot) DVARA_MUST_CHECK;
/* The workers' loops must still run: waits until every snapshot is given back. */
void bundle_slot_free(struct bundle_slot *slot);

/* Gives every worker a snapshot of config and bundle. Takes over one reference of config, and the
 * bundle. On failure nothing changes and both are given back. */
enum dvara_status bundle_slot_swap(struct bundle_slot *slot, struct config *config,
                                   struct dvara_bundle *bundle) DVARA_MUST_CHECK;

/* Frees what the last worker gave back. Called now and then by the loader. */
void bundle_slot_collect(struct bundle_slot *slot);
/* How many configs and bundles are alive: 1 when no request runs on an older one. */
size_t bundle_slot_generations(struct bundle_slot *slot);

#endif
