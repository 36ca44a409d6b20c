/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision may look at: plain values that the caller fills. Everything is borrowed and must
 * outlive the run. An absent optional string has p == NULL; empty lists are {NULL, 0}. The rows of
 * attributes.def name the members. */
#ifndef DVARA_REQUEST_H
#define DVARA_REQUEST_H

#include "dvara/str.h"
#include "dvara/words.h"

#include <stdint.h>

struct json_doc; /* base/json.h */

struct dvara_opt_int {
    bool has;
    int64_t value;
};

struct dvara_opt_float {
    bool has;
    double value;
};

struct dvara_strs {
    const struct dvara_str *v;
    size_t n;
};

struct dvara_pair {
    struct dvara_str name; /* header names in lower case */
    struct dvara_str value;
};

struct dvara_pairs {
    const struct dvara_pair *v;
    size_t n;
};

struct dvara_message {
    struct dvara_str role;
    struct dvara_str text;
    bool has_image;
};

struct dvara_messages {
    const struct dvara_message *v;
    size_t n;
};

struct dvara_tool {
    struct dvara_str name;
    struct dvara_str description;
};

struct dvara_tools {
    const struct dvara_tool *v;
    size_t n;
};

/* One text that detectors read: a decoded string leaf of a body. */
struct dvara_leaf {
    struct dvara_str text;
    struct dvara_str label; /* the JSON key that holds it, for context words; may be absent */
    uint32_t ref;           /* the caller's name for the place (a JSON node); kept, not read */
    uint8_t where;          /* enum dvara_where */
    bool fixed;             /* an object key: read for conditions, never rewritten (G15) */
    bool in_request_text;   /* part of request.text */
};

struct dvara_leaves {
    const struct dvara_leaf *v;
    size_t n;
};

struct dvara_budget_state {
    struct dvara_str name;
    int64_t used_ppm;
    int64_t left_microusd;
};

struct dvara_list_state {
    struct dvara_str name;
    struct dvara_strs values;
};

struct dvara_facts {
    struct {
        struct dvara_str endpoint, model, asked_model;
        bool stream;
        struct dvara_opt_int max_tokens, n;
        struct dvara_opt_float temperature, top_p;
        struct dvara_messages messages;
        struct dvara_str text, system;
        struct dvara_tools tools;
        struct dvara_strs features, opaque;
        struct dvara_str tool_choice, response_format, user;
        int64_t prompt_tokens;
        int64_t size; /* bytes */
        struct dvara_str ip;
        int64_t time; /* ns since the epoch */
        struct dvara_str path, id, trace_id;
        struct dvara_pairs headers, metadata;
        const struct json_doc *body; /* NULL: request.body() is always absent */
        struct dvara_leaves leaves;  /* the prompt's texts, in body order */
    } request;
    struct {
        struct dvara_str id, name, status, region;
        struct dvara_strs zones, tags, models;
        struct dvara_pairs attrs;
    } tenant;
    struct {
        struct dvara_str id, name;
        struct dvara_strs tags, scopes;
    } key;
    struct {
        struct dvara_str id;
        int64_t requests, tool_calls, repeats, key_repeats;
        int64_t age;  /* ns */
        int64_t cost; /* micro-dollars */
    } session;
    struct {
        struct dvara_str provider, model, region, zone, kind;
        int64_t input_price, output_price; /* micro-dollars a million tokens */
        bool healthy;
        int64_t latency_p50; /* ns */
    } target;
    struct {
        struct dvara_str name, server, args;
        struct dvara_leaves leaves; /* the arguments' string leaves */
    } tool;
    struct {
        struct dvara_str text, finish_reason;
        int64_t prompt_tokens, completion_tokens;
        int64_t latency; /* ns */
        int64_t cost;    /* micro-dollars */
        struct dvara_leaves leaves;
    } response;
    const struct dvara_budget_state *budgets;
    size_t n_budgets;
    const struct dvara_list_state *lists; /* live values of runtime lists; missing = as declared */
    size_t n_lists;
    uint32_t faults; /* bit 1 << enum dvara_error_kind: that kind of step errs (tests only) */
};

#endif
