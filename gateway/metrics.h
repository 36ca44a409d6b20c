/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and histograms: one struct metrics a worker, written on its thread without a lock and
 * read by any other; /metrics adds them up. What is counted: metrics.def. */
#ifndef GATEWAY_METRICS_H
#define GATEWAY_METRICS_H

#include "base/buf.h"
#include "dvara/str.h"

#include <stdint.h>

enum metric {
#define METRIC(id, kind, name, label_a, label_b, scale, help) METRIC_##id,
#include "gateway/metrics.def"
    METRIC_COUNT
};

struct exchange_view; /* gateway/exchange.h */
struct metrics;

/* NULL when out of memory. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* Adds to the series of these label values (absent or empty where the metric has no such label).
 * For a counter `amount` is added, for a gauge it replaces, for a histogram it is one observation,
 * in the metric's small unit (ns for seconds). `metrics` may be NULL: nothing happens. */
void metrics_add(struct metrics *metrics, enum metric metric, struct dvara_str label_a,
                 struct dvara_str label_b, uint64_t amount);

/* All that an ended exchange tells. */
void metrics_exchange(struct metrics *metrics, const struct exchange_view *view);

/* The Prometheus text format over all of `all`. */
void metrics_write(struct metrics *const *all, size_t count, struct buf *out);

#endif
