/* SPDX-License-Identifier: Apache-2.0 */
/* Failed authentications by address (G1): so many a second, then 429 before anything is looked up.
 * Addresses from which a key was good in the last hour are exempt. One table for the process, in
 * stripes: a look-up takes one short lock. Addresses that hash to one place share it, the one seen
 * longest ago gives way, so a stranger cannot make the table grow. */
#ifndef GATEWAY_STRANGERS_H
#define GATEWAY_STRANGERS_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stdint.h>

struct strangers;

/* per_second 0: never refuses. NULL when out of memory. */
struct strangers *strangers_new(uint64_t per_second, uint64_t burst);
void strangers_free(struct strangers *strangers);

/* May this address try? False: *ret_wait_ns until it may. From any thread; strangers may be NULL.
 */
bool strangers_may_try(struct strangers *strangers, struct dvara_str ip, uint64_t now_ns,
                       uint64_t *ret_wait_ns);
/* Its key was good, or it was not. */
void strangers_note(struct strangers *strangers, struct dvara_str ip, bool is_good,
                    uint64_t now_ns);

#endif
