/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and RFC 3339. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "dvara/status.h"
#include "dvara/str.h"

#include <stdint.h>

struct buf;

#define TIME_NS_PER_S  INT64_C(1000000000)
#define TIME_NS_PER_MS INT64_C(1000000)

/* Never goes back; for deadlines and durations. */
uint64_t time_monotonic_ns(void);
/* Since the epoch, UTC. */
int64_t time_wall_ns(void);

enum { TIME_RFC3339_SIZE = 31 }; /* "2026-01-05T10:00:00.123456789Z" and a NUL */

/* UTC with exactly `decimals` (0, 3, 6 or 9) digits of the second, truncated; returns the length.
 * Years 0 to 9999; times outside are clamped. */
size_t time_format(int64_t wall_ns, unsigned decimals, char out[TIME_RFC3339_SIZE]);
void time_append(struct buf *out, int64_t wall_ns, unsigned decimals);

/* RFC 3339 with an offset or Z; second 60 is taken as the next second's start. INVALID: anything
 * else, or a time that int64 nanoseconds cannot hold. */
DVARA_MUST_CHECK enum dvara_status time_parse(struct dvara_str s, int64_t *ret_wall_ns);

#endif
