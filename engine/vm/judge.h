/* SPDX-License-Identifier: Apache-2.0 */
/* Judging the rules of one stratum: which could hold, whether they do, and what their effects add
 * to the run. Everything added combines by a commutative law, so the order of rules cannot show. */
#ifndef VM_JUDGE_H
#define VM_JUDGE_H

#include "vm/machine.h"

/* Judges every candidate of the stratum. */
void judge_stratum(struct dvara_run *run, enum stratum stratum);

/* One rule of it. */
void judge_one(struct dvara_run *run, uint32_t rule, enum stratum stratum);
/* Lets a redaction of the rule stand for the answer before the rule can be judged. `effect`: its
 * row. */
void judge_redact_stream(struct dvara_run *run, uint32_t rule, uint32_t effect);
/* Denies in the name of every rule whose redaction stands at one of these places (1 << enum
 * dvara_where): what it must redact could not be scanned. */
void judge_unredacted(struct dvara_run *run, enum dvara_phase phase, uint32_t where,
                      enum dvara_error_kind kind);

/* The rules of a stratum that could hold, in vm->candidates; returns how many. */
uint32_t judge_candidates(struct dvara_run *run, enum stratum stratum);

/* A denial that no rule's effect made. */
void judge_deny(struct dvara_run *run, uint32_t rule, enum dvara_phase phase, struct dvara_str code,
                int status, struct dvara_str reason);

/* The default of request and tool where no rule allowed or denied. */
void judge_default(struct dvara_run *run, enum dvara_phase phase, bool allowed);

bool judge_is_denied(const struct dvara_run *run, enum dvara_phase phase);

#endif
