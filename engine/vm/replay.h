/* SPDX-License-Identifier: Apache-2.0 */
/* The VM's side of dvara/replay.h: marking what was read and is not known. */
#ifndef VM_REPLAY_H
#define VM_REPLAY_H

#include "dvara/replay.h"
#include "vm/machine.h"

/* From here on it counts what is read, in a replay; returns what to give back. */
static inline bool replay_begin(struct dvara_run *run)
{
    if (!run->replay)
        return false;
    bool before = run->replay->read_unknown;
    run->replay->read_unknown = false;
    return before;
}

/* Was something unknown read since? It is dealt with: who asked before does not hear of it. */
static inline bool replay_end(struct dvara_run *run, bool before)
{
    if (!run->replay)
        return false;
    bool read = run->replay->read_unknown;
    run->replay->read_unknown = before;
    return read;
}

/* The same of a value that goes to who asked: the mark stays with it. */
static inline bool replay_end_value(struct dvara_run *run, bool before)
{
    if (!run->replay)
        return false;
    bool read = run->replay->read_unknown;
    run->replay->read_unknown = read || before;
    return read;
}

/* Of a replay only. */
static inline void replay_doubt(struct dvara_run *run, enum dvara_doubt doubt)
{
    run->replay->doubts |= 1u << doubt;
}

/* Is the attribute unknown? Then that is noted. */
bool replay_hides(struct dvara_run *run, uint32_t id, uint32_t imm);

/* An atom that read something unknown: as recorded, or as supposed. */
enum dvara_truth replay_atom(struct dvara_run *run, uint32_t block,
                             enum dvara_error_kind *ret_kind);

/* An effect's value is not known: could it have been an error, too? Then nothing is sure. */
void replay_suppose(struct dvara_run *run, const struct bundle_effect *effect);

/* After the first stratum: what it set to something unknown is not known any more. */
void replay_rewritten(struct dvara_run *run);

/* Instead of scanning for what is replaced: it went as recorded. */
void replay_redact(struct dvara_run *run, uint32_t places);

#endif
