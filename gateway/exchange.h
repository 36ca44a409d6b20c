/* SPDX-License-Identifier: Apache-2.0 */
/* The exchange: one request, driven through the steps of steps.def. Callbacks of the edge, of
 * timers and of upstreams only advance it; one function ends it and frees everything it owns. All
 * of it runs on one worker's thread. */
#ifndef GATEWAY_EXCHANGE_H
#define GATEWAY_EXCHANGE_H

#include "dvara/bundle.h"
#include "dvara/decision.h"
#include "gateway/http/conn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audit_chain;   /* gateway/audit: this worker's own file and chain */
struct config;        /* gateway/config.h */
struct config_key;    /* gateway/config.h */
struct dvara_scanner; /* dvara/pii.h */
struct dvara_vm;      /* dvara/engine.h */
struct exchange;
struct key_hasher; /* gateway/keys.h */
struct relay_scratch;
struct strangers;
struct metrics; /* gateway/metrics.h: this worker's own counters */

enum exchange_step {
#define STEP(id, name, what) EXCHANGE_STEP_##id,
#include "gateway/steps.def"
    EXCHANGE_STEP_COUNT
};

enum exchange_outcome {
#define OUTCOME(id, name, what) EXCHANGE_OUTCOME_##id,
#include "gateway/outcomes.def"
    EXCHANGE_OUTCOME_COUNT
};

/* "decide", "cut_by_client". Static. */
struct dvara_str exchange_step_name(enum exchange_step step);
struct dvara_str exchange_outcome_name(enum exchange_outcome outcome);

/* What an exchange runs on from its head to its end: config and bundle as one worker holds them. A
 * swap of either makes a new snapshot; the old one lives until its last exchange ended. The bundle
 * and the config are shared between workers (the process frees them after the last worker's
 * on_unused); vm and scanner are this worker's own. */
struct gateway_snapshot {
    const struct config *config;
    const struct dvara_bundle *bundle; /* NULL: not ready yet, every request is 503 */
    struct dvara_vm *vm;
    struct dvara_scanner *scanner;
    size_t uses; /* exchanges under way; written by exchange.c alone */
    bool retired;
    /* Called once on the worker's thread when it is retired and no exchange uses it. */
    void (*on_unused)(struct gateway_snapshot *snapshot);
    void *user;
};

/* worker_user() of every worker of the data plane. Made by main; the first part is filled there. */
struct gateway_worker {
    struct worker *worker;
    struct gateway_snapshot *snapshot; /* by gateway_worker_swap */
    struct audit_chain *audit;         /* NULL: nothing is recorded (audit.enabled: false, tests) */
    struct metrics *metrics;           /* NULL: nothing is counted (tests) */
    struct key_hasher *hasher;         /* keys.h; never NULL */
    struct worker *helper;             /* judges long bodies; NULL: they are judged here */
    struct strangers *strangers;       /* strangers.h, one for all workers; NULL: no limit */
    struct target_states *targets;     /* target_states.h, the same; NULL: nothing is known */

    /* Filled by exchange.c. */
    struct exchange *exchanges; /* under way, newest first */
    size_t exchange_count;
    struct exchange *spares; /* ended, with the memory that the next will need */
    size_t spare_count;
    char known_ip[64]; /* whose key was good last, until when it is not asked again */
    size_t known_ip_length;
    uint64_t known_until_ns;
    struct relay_scratch *relay_scratch; /* by relay_stream.c; NULL before the first stream */
    uint64_t id_seed[2];                 /* of request ids */
    uint64_t id_count;
    struct exchange *parked, **parked_end; /* until the end of the loop's turn, oldest first */
};

/* Before the first request. */
void gateway_worker_init(struct gateway_worker *gateway, struct worker *worker);
/* After the worker's last exchange. */
void gateway_worker_clear(struct gateway_worker *gateway);
/* On the worker's thread (worker_post). Takes over `snapshot`; retires the one before. */
void gateway_worker_swap(struct gateway_worker *gateway, struct gateway_snapshot *snapshot);

/* The handler of data-plane listeners. Needs worker_user() = struct gateway_worker. */
extern const struct http_handler exchange_handler;

/* What audit and metrics may know of an exchange: plain values, filled step by step; absent is
 * {NULL, 0} or 0. Everything is borrowed until the call it is passed to returns. It holds no
 * prompt, no key and no credential. */
struct exchange_view {
    struct dvara_str request_id, trace_id, session_id;
    struct dvara_str tenant_id, key_id; /* absent before AUTHENTICATE */
    struct dvara_str ip, method, path;
    struct dvara_str endpoint;           /* "chat"; absent for a path we do not serve */
    struct dvara_str asked_model, model; /* as sent, effective */
    bool stream;
    size_t request_bytes;
    uint64_t time_ns;      /* since the epoch: the head was complete */
    int64_t now_ns;        /* since the epoch: when a record is made of it; 0: not known */
    bool has_usual_scopes; /* of the key: the config gives it none */

    const struct dvara_bundle *bundle;
    const struct dvara_decision *decision; /* NULL before DECIDE */
    const struct dvara_facts *facts;       /* what it was decided on; NULL before DECIDE */
    struct dvara_run *run;                 /* that decided, where facts are */

    /* The attempt under way or the last one. */
    uint32_t attempt; /* from 1; 0: none */
    struct dvara_str provider, target_model, provider_kind;
    int upstream_status;               /* 0: no answer */
    struct dvara_str upstream_failure; /* row of failures.def in lower case; absent */

    /* The end. */
    enum exchange_step step;
    enum exchange_outcome outcome;
    int status;            /* of our answer; 0: none was begun */
    struct dvara_str code; /* of our error, also in mid-stream */
    struct dvara_str rule; /* that denied; absent */
    struct dvara_str finish_reason;
    bool has_usage, usage_is_estimated;
    int64_t prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens;
    size_t response_bytes;                            /* body bytes queued to the client */
    uint64_t duration_ns, upstream_ns, first_byte_ns; /* from the head; 0: did not happen */
    uint64_t held_ns;     /* the longest that a byte of a stream's text waited; 0: none did */
    uint64_t overhead_ns; /* spent in the gateway before the first dispatch */
};

#endif
