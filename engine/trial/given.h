/* SPDX-License-Identifier: Apache-2.0 */
/* `given`: a request, and the world around it, as a test or `eval` makes them up. Whoever reads one
 * (lang/given.h from source or JSON, frozen.h from a bundle) starts it, fills the facts, and
 * finishes it. Everything lives in `arena` or outlives it. */
#ifndef TRIAL_GIVEN_H
#define TRIAL_GIVEN_H

#include "dvara/engine.h"

struct arena;

/* targets: { "openai/gpt-4o": { healthy: false, latency_p50: 300ms } } */
struct given_target {
    struct dvara_str name;
    struct dvara_target_state state;
};

/* In facts.budgets until given_finish: `used` or `left` was not said. */
#define GIVEN_UNSAID INT64_MIN

struct given {
    struct arena *arena;
    struct dvara_facts facts;
    struct given_target *targets;
    size_t n_targets;
    bool has_tool, has_response, has_stream;
    struct dvara_strs stream;    /* response: { stream: [...] } */
    struct dvara_strs providers; /* given_finish: declared and built in (R24) */
    struct dvara_str error;      /* a sentence when reading it failed */
};

/* The defaults of what a test leaves out (language.md section 5). */
void given_start(struct arena *arena, struct given *ret_given);

/* Everything that follows from what was filled in: request.text and request.system, the texts that
 * detectors read, the answer of a stream, the pin of a model's name, which needs the bundle's
 * providers, and the state of its budgets. Once only. False: out of memory, or `error` says what.
 */
bool given_finish(struct given *given, const struct dvara_bundle *bundle);

/* The texts alone; given_finish calls it. */
bool given_leaves(struct given *given);

/* The world as the planner sees it; `given` is its user. */
struct dvara_world given_world(struct given *given);

#endif
