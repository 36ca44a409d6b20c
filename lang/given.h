/* SPDX-License-Identifier: Apache-2.0 */
/* `given`: what a test or eval says of the world, as a record in the shape of the attributes, made
 * into facts. The record is the tree of a test, or JSON made into one. */
#ifndef LANG_GIVEN_H
#define LANG_GIVEN_H

#include "dvara/engine.h"
#include "lang/expr.h"

struct dvara_bundle;

/* targets: { "openai/gpt-4o": { healthy: false, latency_p50: 300ms } } */
struct given_target {
    struct dvara_str name;
    bool healthy;
    int64_t latency_p50;
};

struct given {
    struct arena *arena;
    struct dvara_facts facts;
    struct given_target *targets;
    size_t n_targets;
    struct dvara_strs providers; /* declared and built in (R24) */
    bool has_tool, has_response, has_stream;
    struct dvara_strs stream; /* response: { stream: [...] } */
    struct dvara_str error;   /* a sentence when given_read returned false */
};

/* The record over the other: records merge key by key, everything else is replaced (R25). Either
 * may be NULL. */
const struct expr *given_merge(struct arena *arena, const struct expr *under,
                               const struct expr *over);

/* JSON text as such a record. NULL: `ret_error` says what is wrong. */
const struct expr *given_from_json(struct arena *arena, struct dvara_str text,
                                   struct dvara_str *ret_error);

/* Fills `ret_given` with the defaults and the record (NULL: only the defaults). False: an unknown
 * key or a value of the wrong type, named in ret_given->error. */
bool given_read(struct arena *arena, const struct dvara_bundle *bundle, const struct expr *record,
                struct given *ret_given);

/* The world as the planner sees it; `given` is its user. */
struct dvara_world given_world(struct given *given);

/* JSON text of a record's value, for request.body. */
struct buf;
void given_to_json(const struct expr *value, struct buf *out);

#endif
