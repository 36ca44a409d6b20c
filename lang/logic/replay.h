/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a request breaks an invariant, as the engine judges it: the request phase, the plan, and
 * each target that is left, those of fallbacks too, with the invariant's own bytecode. */
#ifndef LANG_LOGIC_REPLAY_H
#define LANG_LOGIC_REPLAY_H

#include "dvara/engine.h"
#include "lang/program.h"
#include "lang/logic/witness.h"

struct replay;

DVARA_MUST_CHECK enum dvara_status replay_new(const struct witness_policy *policy,
                                              const struct decl *invariant,
                                              struct replay **ret_replay);
void replay_free(struct replay *replay);

/* A witness_confirm; `user` is a struct replay. */
bool replay_shows(void *user, const struct expr *given);
/* The same for a request whose facts the caller has made and finished; they are changed. */
bool replay_breaks(struct replay *replay, struct dvara_facts *facts,
                   const struct dvara_world *world, struct arena *arena);
/* Of the last request that did: the target, "provider/model". */
struct dvara_str replay_target(const struct replay *replay);
/* And those that are preferred to it; they live until the next request. */
struct dvara_strs replay_before(const struct replay *replay);
/* Decides again and tells how, as lines of text. */
void replay_explain(struct replay *replay, const struct expr *given, struct buf *out);

#endif
