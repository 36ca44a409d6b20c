/* SPDX-License-Identifier: Apache-2.0 */
/* What single rules ask for that several answer together: approvals and the cache. */
#ifndef VM_ASKED_H
#define VM_ASKED_H

#include "dvara/request.h"

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

#endif
