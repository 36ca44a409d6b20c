/* SPDX-License-Identifier: Apache-2.0 */
/* What single rules ask for that several answer together: approvals, the cache, redactions, and
 * tags of targets. */
#ifndef VM_ASKED_H
#define VM_ASKED_H

#include "dvara/decision.h"

/* What one rule's `cache` allows. */
struct run_cache {
    uint32_t rule;
    bool any;
    int64_t ttl; /* ns */
};

/* What one rule's `require approval` asks for. */
struct run_approval {
    uint32_t rule, effect; /* its row */
    uint8_t phase;
    struct dvara_str reason;
};

/* A value that an approval binds. */
struct run_bind {
    uint8_t phase;
    struct dvara_pair pair; /* source text, printed value */
};

/* A tag of the target phase: kept for the target used. */
struct run_target_tag {
    struct dvara_str target;
    struct dvara_tag tag;
    uint32_t rule;
};

/* A rule whose redaction stands: who is named where a text cannot be scanned. */
struct run_redactor {
    uint32_t rule;
    uint32_t where; /* 1 << enum dvara_where */
};

#endif
