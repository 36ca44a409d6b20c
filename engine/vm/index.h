/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules could hold: for each stratum the rules without keys, and a hash table from
 * (attribute, kind of look-up, text) to the rules that need it. A decision costs what could match,
 * not what exists. */
#ifndef VM_INDEX_H
#define VM_INDEX_H

#include "bundle/read.h"
#include "vm/value.h"

struct arena;

enum stratum {
    STRATUM_REWRITE,
    STRATUM_REQUEST,
    STRATUM_TARGET,
    STRATUM_REJUDGE, /* request rules that are judged again with a target's model */
    STRATUM_TOOL,
    STRATUM_RESPONSE,
    STRATUM_COUNT
};

/* One way to look: the lengths of prefixes differ. */
struct index_probe {
    uint8_t attribute;
    uint8_t kind;    /* enum bundle_key_kind */
    uint32_t length; /* of a prefix */
};

struct index_entry {
    struct dvara_str text;
    uint8_t stratum, attribute, kind;
    uint32_t first, count; /* in rules */
};

struct index {
    struct {
        struct index_probe *probes;
        uint32_t n_probes;
        uint32_t *always; /* rules that no key reaches */
        uint32_t n_always;
        uint32_t *all; /* every rule of the stratum */
        uint32_t n_all;
    } strata[STRATUM_COUNT];
    struct index_entry *entries;
    uint32_t n_entries;
    uint32_t *rules;
    uint32_t *slots; /* entry number + 1 */
    uint32_t mask;
};

/* False: out of memory. */
bool index_build(const struct bundle_program *program, struct arena *arena,
                 struct index *ret_index);

/* Does the rule belong to the stratum? */
bool index_rule_is_in(const struct bundle_rule *rule, enum stratum stratum);

struct index_rules {
    const uint32_t *v;
    uint32_t n;
};
/* The rules under a key. */
struct index_rules index_find(const struct index *index, enum stratum stratum,
                              const struct index_probe *probe, struct dvara_str text);

#endif
