/* SPDX-License-Identifier: Apache-2.0 */
/* A loaded, verified bundle: immutable and shareable between threads. The bytes it was loaded from
 * are copied or owned; the caller may free its own. */
#ifndef DVARA_BUNDLE_H
#define DVARA_BUNDLE_H

#include "dvara/str.h"
#include "dvara/status.h"
#include "dvara/words.h"

#include <stdint.h>

struct dvara_bundle;
struct arena;

struct dvara_trusted_key {
    struct dvara_str id; /* 16 hexadecimal digits: the first 8 bytes of SHA-256 of the key */
    unsigned char public_key[32]; /* Ed25519 */
};

struct dvara_bundle_options {
    const struct dvara_trusted_key *keys;
    size_t n_keys;
    bool require_signature;
    bool trust_databases;  /* native pattern databases of an unsigned bundle may be used: only for
                              bytes this process or its child made itself */
    struct dvara_str name; /* absent: any */
    uint64_t lowest_sequence; /* refuse below this (STALE) */
    int64_t now;              /* ns since the epoch, for not_after */
    enum dvara_mode mode; /* the most its rules may do. REPORT, SHADOW: stricter ones are lowered to
                             it, and the default allows; never raised */
};

struct dvara_bundle_error {
    char text[256]; /* one sentence: which check failed, where */
};

/* Checks header, digests, signature, tables and code, in that order, and loads pattern databases.
 * UNTRUSTED, STALE, CORRUPT, INVALID, UNSUPPORTED, TOO_LARGE, NO_MEMORY. NOT_FOUND: everything is
 * right but the pattern databases cannot be used here (wrong CPU, version, or not trusted): build
 * them with `dvara-policyc build-patterns` and load again. */
DVARA_MUST_CHECK enum dvara_status dvara_bundle_load(struct dvara_str bytes,
                                                     const struct dvara_bundle_options *options,
                                                     struct dvara_bundle_error *ret_error,
                                                     struct dvara_bundle **ret_bundle);
void dvara_bundle_free(struct dvara_bundle *bundle);

struct dvara_bundle_info {
    struct dvara_str name, package, compiler;
    uint32_t edition;
    uint64_t sequence;
    int64_t not_after; /* ns since the epoch; 0: never */
    unsigned char digest[32];
    struct dvara_str signed_by; /* key id; absent when unsigned */
    size_t n_rules, n_routes, n_detectors, n_models, n_providers;
    size_t n_limits, n_budgets, n_invariants;
};
struct dvara_bundle_info dvara_bundle_info(const struct dvara_bundle *bundle);

/* What a bundle asks of the process that enforces it, beyond deciding. */
enum dvara_need {
#define NEED(id, spelling) DVARA_NEED_##id,
#include "dvara/needs.def"
    DVARA_NEED_COUNT
};

/* The first declaration, in the order of kinds and names, that asks for it. */
struct dvara_need_place {
    const char *kind_cstr; /* "rule", "route", "limit", "budget" */
    struct dvara_str name;
    struct dvara_str file; /* absent of a route */
    uint32_t line;
};
const char *dvara_need_spelling(enum dvara_need need);
/* False: nothing of the bundle asks for it. */
bool dvara_bundle_find_need(const struct dvara_bundle *bundle, enum dvara_need need,
                            struct dvara_need_place *ret_place);

struct dvara_budget_info {
    struct dvara_str name, zone; /* zone "UTC" when not declared */
    int64_t amount;              /* micro-dollars a window */
    int64_t soft;                /* parts per million; -1 not declared */
    uint8_t window;              /* enum dvara_calendar */
    uint8_t on_store_failure;    /* enum dvara_on_store_failure */
};
struct dvara_budget_info dvara_bundle_budget(const struct dvara_bundle *bundle, uint32_t index);

/* Some condition, template or value of it reads the attribute: what none reads need not be filled
 * in. */
bool dvara_bundle_reads(const struct dvara_bundle *bundle, enum dvara_attribute attribute);
/* DVARA_PHASES_* in which some rule stands. */
uint8_t dvara_bundle_phases(const struct dvara_bundle *bundle);

struct dvara_rule_info {
    struct dvara_str name, file, doc;
    uint32_t line;
    int32_t priority;
    uint8_t mode;
    uint8_t phases;
};
/* index < n_rules */
struct dvara_rule_info dvara_bundle_rule(const struct dvara_bundle *bundle, uint32_t index);

struct dvara_detector_info {
    struct dvara_str name;  /* as declared: email */
    struct dvara_str label; /* as shown: EMAIL */
};
struct dvara_detector_info dvara_bundle_detector(const struct dvara_bundle *bundle, uint32_t index);

struct dvara_provider_info {
    struct dvara_str name, zone, region; /* zone and region "" when not declared */
};
struct dvara_provider_info dvara_bundle_provider(const struct dvara_bundle *bundle, uint32_t index);

struct dvara_model_info {
    struct dvara_str provider, model;
    int64_t input_price, output_price,
        cached_price;                          /* micro-dollars a million tokens; -1 not declared */
    int64_t context_tokens, max_output_tokens; /* -1 not declared */
};
struct dvara_model_info dvara_bundle_model(const struct dvara_bundle *bundle, uint32_t index);

/* Retries and timers of a route; index < n_routes. Times in ns, 0 when not declared. */
struct dvara_route_info {
    struct dvara_str name;
    uint32_t retries;
    bool has_retry;
    uint32_t retry_on;         /* bits 1 << enum dvara_retry_class */
    uint16_t retry_status[16]; /* single statuses, such as 429 or 408 */
    size_t n_retry_status;
    int64_t backoff_low, backoff_high;
    int64_t timeout, connect, first_byte, idle;
};
struct dvara_route_info dvara_bundle_route(const struct dvara_bundle *bundle, uint32_t index);

/* Model names that rules compare with by equality, for GET /v1/models (G31). */
struct dvara_str dvara_bundle_equality_model(const struct dvara_bundle *bundle, size_t index);
size_t dvara_bundle_equality_models(const struct dvara_bundle *bundle);

#endif
