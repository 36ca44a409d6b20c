/* SPDX-License-Identifier: Apache-2.0 */
/* Where a look-up puts the rules it finds: each once, in the order they are found. */
#ifndef VM_INDEX_SINK_H
#define VM_INDEX_SINK_H

#include <stdbool.h>
#include <stdint.h>

struct index_sink {
    uint32_t *stamps; /* by rule: the round in which it was last added */
    uint32_t round;
    uint32_t *rules; /* room for every rule */
    uint32_t n;
};

static inline void index_sink_add(struct index_sink *sink, const uint32_t *rules, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (sink->stamps[rules[i]] == sink->round)
            continue;
        sink->stamps[rules[i]] = sink->round;
        sink->rules[sink->n++] = rules[i];
    }
}

#endif
