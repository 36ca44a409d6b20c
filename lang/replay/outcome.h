/* SPDX-License-Identifier: Apache-2.0 */
/* One decision beside a recorded one: what differs for certain, and what cannot be told. */
#ifndef LANG_REPLAY_OUTCOME_H
#define LANG_REPLAY_OUTCOME_H

#include "dvara/engine.h"
#include "dvara/replay.h"
#include "lang/replay/record.h"

struct buf;

enum aspect {
#define ASPECT(id, name, what) ASPECT_##id,
#include "lang/replay/aspects.def"
    ASPECT_COUNT
};
struct dvara_str aspect_name(enum aspect aspect);

/* A decision made again. */
struct outcome {
    const struct dvara_bundle *bundle;
    const struct dvara_run *run;
    const struct dvara_decision *decision;
    const struct dvara_replay *replay;
    bool is_planned;     /* the plan was made, not the request phase alone */
    bool plan_is_unsure; /* it needs to know the gateway's providers, and the record tells too
                            little */
};

struct comparison {
    uint32_t differs; /* bits 1 << enum aspect: whatever else is unknown */
    uint32_t unsure;  /* the same: could be alike or not */
};

/* `scratch` is for lists that are sorted. */
struct comparison outcome_compare(const struct outcome *outcome, const struct record *record,
                                  struct arena *scratch);

/* Appends the aspect as the record, or the outcome, has it: `deny "policy_denied"`, `[a, b]`. */
void outcome_print_old(const struct record *record, enum aspect aspect, struct buf *out);
void outcome_print_new(const struct outcome *outcome, enum aspect aspect, struct buf *out);

#endif
