/* SPDX-License-Identifier: Apache-2.0 */
/* Why a decision came out as it did, as text: the rules judged, in each phase and for each target,
 * with the truth of every atom of their conditions, and the route. */
#ifndef LANG_TESTTRACE_H
#define LANG_TESTTRACE_H

#include "dvara/decision.h"
#include "dvara/trace.h"
#include "lang/program.h"

struct arena;
struct buf;

struct testtrace_event;

struct testtrace {
    const struct program *program;
    const struct dvara_bundle *bundle;
    struct arena *arena; /* events live here; when it is exhausted they are left out */
    uint8_t *truths;     /* by atom, as last told */
    struct testtrace_event *events;
    size_t n_events;
    struct dvara_trace trace; /* give it to the evaluator */
};

/* `every_rule`: also those the index rules out, so that a rule can be asked why it did not hold. */
bool testtrace_init(struct testtrace *trace, const struct program *program,
                    const struct dvara_bundle *bundle, struct arena *arena, bool every_rule);

/* What the reader wants to know of rules that did not hold. */
struct testtrace_question {
    struct dvara_strs rules; /* why these did not */
    bool targets; /* and why no other target was taken out: the first TESTTRACE_TARGETS */
};
enum { TESTTRACE_TARGETS = 16 };

/* Appends lines that begin with two spaces: rules that held or erred, with their atoms; those of
 * the others that are asked for; how many more were judged; then the route and its targets. */
void testtrace_print(const struct testtrace *trace, const struct dvara_decision *decision,
                     const struct testtrace_question *question, struct buf *out);

#endif
