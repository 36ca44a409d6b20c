/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision looked at: the atoms of a bundle (the comparisons, memberships and matches that
 * its conditions are made of), how each turned out, and which rules were judged. A record of an
 * exchange keeps the truth of the atoms that read content, since the content itself is not kept;
 * tests and `explain` show the rest. */
#ifndef DVARA_TRACE_H
#define DVARA_TRACE_H

#include "dvara/bundle.h"
#include "dvara/engine.h"

enum dvara_truth { DVARA_UNKNOWN, DVARA_FALSE, DVARA_TRUE, DVARA_ERRED };

struct dvara_atom_info {
    struct dvara_str text; /* as its first rule writes it, in one line; a boolean let by its name */
    bool is_let;           /* made of other atoms, which are listed themselves */
    bool is_content;       /* reads more than the operator's own attributes: texts, client values or
                              what detectors found in them, itself or through a let */
};
size_t dvara_bundle_atoms(const struct dvara_bundle *bundle);
/* index < dvara_bundle_atoms() */
struct dvara_atom_info dvara_bundle_atom(const struct dvara_bundle *bundle, uint32_t index);

/* The atoms of a rule's condition, through lets, each once and in the order it reads them: at most
 * `room` of them are put into ret_atoms; how many there are is returned. */
size_t dvara_bundle_rule_atoms(const struct dvara_bundle *bundle, uint32_t rule,
                               uint32_t *ret_atoms, size_t room);

/* How an atom stands after the last phase that ran; UNKNOWN: nothing asked. What reads the target,
 * the tool call, the answer or pii.* is forgotten when that changes, so ask after each phase.
 * ret_kind (may be NULL) is set on ERRED. */
enum dvara_truth dvara_run_atom(const struct dvara_run *run, uint32_t index,
                                enum dvara_error_kind *ret_kind);

/* The atoms that read content and were asked in the request phase, as a record of the decision
 * keeps them: `mark` is of what an atom says, the same in every bundle that says it. They are of
 * the request as the client sent it, whatever rules rewrote. Those that read the model are left
 * out, since the record has the model. */
struct dvara_atom_truth {
    uint64_t mark;
    uint8_t truth; /* enum dvara_truth: FALSE, TRUE or ERRED */
    uint8_t kind;  /* enum dvara_error_kind, where it erred */
};
/* How many atoms of a bundle a record could keep. */
size_t dvara_bundle_recorded_atoms(const struct dvara_bundle *bundle);
/* Looks at number `index` of them; false: it was not asked. Of what a look-up of the index may have
 * answered in the place of the atom, the first DVARA_MAX_CHEAP_ATOMS of a bundle are asked now. */
bool dvara_run_recorded_atom(struct dvara_run *run, size_t index,
                             struct dvara_atom_truth *ret_truth);

/* Is told of each judgement as it is made. */
struct dvara_trace {
    void *user;
    bool every_rule; /* judge also the rules that the index rules out: the decision is the same */
    /* One rule in one phase; `target` is "provider/model" in the target phase, else absent. */
    void (*rule)(void *user, uint32_t rule, enum dvara_phase phase, struct dvara_str target,
                 enum dvara_truth truth);
    /* One atom, when it was worked out. */
    void (*atom)(void *user, uint32_t index, enum dvara_phase phase, enum dvara_truth truth);
};

/* From here on; NULL: no more. The trace is borrowed for as long as the run is used. */
void dvara_run_trace(struct dvara_run *run, const struct dvara_trace *trace);

#endif
