/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules could hold. A stratum has rules without keys, always candidates, and subjects: what
 * the keys of its rules ask about. A subject's value is looked up once a decision, in one structure
 * for each way to ask; what it leads to could hold. So a decision costs what could match, not what
 * exists. Rules that no look-up leads to are led to by an atom of theirs (index_atom.h). */
#ifndef VM_INDEX_H
#define VM_INDEX_H

#include "bundle/read.h"
#include "vm/index_atom.h"
#include "vm/index_prefix.h"
#include "vm/index_range.h"
#include "vm/index_test.h"
#include "vm/index_text.h"
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

struct index_rules {
    uint32_t *v;
    uint32_t n;
};

struct index_subject {
    uint32_t attribute, block; /* as struct bundle_subject says */
    uint8_t type, shape;       /* of what is asked: a list's element has a shape of its own */
    bool is_each;              /* of every element: a slice or bool at `offset`, `stride` apart */
    uint16_t offset, stride;
    struct index_texts texts;       /* EQUAL; of a list, MEMBER */
    struct index_ranges ranges;     /* RANGE; doubles by index_order_float */
    struct index_prefixes prefixes; /* PREFIX */
    struct index_prefixes nets;     /* NET */
    struct index_tests tests;       /* SUFFIX, SUBSTRING, OTHER */
    struct index_rules present, absent;
    struct index_rules users; /* all that ask about it: candidates when its value is an error */
};

struct index_stratum {
    struct index_subject *subjects;
    uint32_t n_subjects;
    struct index_atoms atoms;
    struct index_rules always; /* rules that no key leads to */
    uint32_t n_all;            /* rules of the stratum */
};

struct index {
    struct index_stratum strata[STRATUM_COUNT];
    uint32_t most_atoms; /* that are asked together */
    uint32_t n_kept;     /* screens of request and target: a record tells of their atoms */
};

/* False: out of memory. The index borrows the program's strings. */
bool index_build(const struct bundle_program *program, struct arena *arena,
                 struct index *ret_index);

/* Does the rule belong to the stratum? */
bool index_rule_is_in(const struct bundle_rule *rule, enum stratum stratum);

/* Adds the rules that a value of the subject leads to. An address that does not parse is an error:
 * it leads to all that ask about networks. `value` is no error. */
void index_find(const struct index_subject *subject, struct value value, struct index_sink *sink);

#endif
