/* SPDX-License-Identifier: Apache-2.0 */
/* A recorded decision made again by one bundle. What the record does not tell is supposed, one
 * question at a time and only when the VM asks it: each answer is tried, depth first. When every
 * branch ends alike the unknown did not matter. */
#ifndef LANG_REPLAY_REPLAYER_H
#define LANG_REPLAY_REPLAYER_H

#include "base/buf.h"
#include "lang/replay/outcome.h"

enum { REPLAYER_LEAVES = 256, REPLAYER_NAMING = 64, REPLAYER_DEPTH = 64 }; /* of one record */

enum replay_result { REPLAY_SAME, REPLAY_CHANGED, REPLAY_UNKNOWN, REPLAY_RESULTS };

struct replayed {
    enum replay_result result;
    uint32_t differs; /* CHANGED, UNKNOWN: bits 1 << enum aspect, on some branch */
    uint32_t unsure;  /* UNKNOWN: what could not be told, on some branch */
    bool gave_up;     /* UNKNOWN: more branches than are tried */
    bool lacks_inputs;
    struct dvara_strs becomes; /* by aspect, of the first branch that differs: as printed */
    struct dvara_strs rules;   /* the deciding rules of that branch */
    const uint32_t *atoms;     /* what the outcome turns on, each once */
    size_t n_atoms;
    size_t leaves;
};

struct replayer;

/* The bundle must outlive it. */
DVARA_MUST_CHECK enum dvara_status replayer_new(const struct dvara_bundle *bundle,
                                                struct replayer **ret_replayer);
void replayer_free(struct replayer *replayer);

/* The result lives until the next call. NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status replayer_judge(struct replayer *replayer,
                                                  const struct record *record,
                                                  struct replayed *ret_replayed);

#endif
