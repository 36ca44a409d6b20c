/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding again from a record, which holds no content. What a record tells of the request is in
 * the facts, and what the content was to the atoms that were asked is in `truths`. An atom that
 * reads something else is supposed to be true, false or in error, as `ask` says: whoever tries all
 * of it knows what the decision does not depend on. Values outside atoms that are not known
 * (templates, values of `set`) are told by `doubts`: nothing is made up in their place. */
#ifndef DVARA_REPLAY_H
#define DVARA_REPLAY_H

#include "dvara/bundle.h"
#include "dvara/trace.h"

/* What a decision may hang on beside atoms. */
enum dvara_doubt {
    DVARA_DOUBT_CONDITION, /* a condition or a route's match reads it itself */
    DVARA_DOUBT_MODEL,     /* `set model` */
    DVARA_DOUBT_TOKENS,    /* `cap max_tokens` */
    DVARA_DOUBT_TAG,       /* `tag` */
    DVARA_DOUBT_ORDER,     /* of the targets: `sticky by`, or measurements */
    DVARA_DOUBT_ROUTE,     /* which targets there are: a price or a name */
    DVARA_DOUBT_COUNT
};

struct dvara_replay {
    bool known[DVARA_ATTR_COUNT]; /* the facts hold it; of those with an argument, all of it */
    const uint8_t *truths;        /* by atom: enum dvara_truth, as recorded; UNKNOWN: it was not */
    const uint8_t *kinds;         /* by atom: enum dvara_error_kind, where it erred */
    uint64_t redaction;           /* dvara_run_redaction_mark as recorded */
    uint8_t unscanned;            /* enum dvara_error_kind: as recorded with it */
    enum dvara_truth (*ask)(void *user, uint32_t atom, enum dvara_error_kind *ret_kind);
    void *user;

    /* The run's. */
    uint32_t doubts;    /* bits 1 << enum dvara_doubt */
    bool read_unknown;  /* since it was last looked at */
    bool is_rewritten;  /* the first stratum is over */
    bool user_is_known; /* a rule set it */
};

/* Before the request phase. It is borrowed for as long as the run is used. */
void dvara_run_replay(struct dvara_run *run, struct dvara_replay *replay);

/* Can the atom err on a request, where a record does not tell? */
bool dvara_bundle_atom_can_err(const struct dvara_bundle *bundle, uint32_t atom);

/* The atom that a record calls so; UINT32_MAX: the bundle has none. */
uint32_t dvara_bundle_find_atom(const struct dvara_bundle *bundle, uint64_t mark);

/* Where the first rule that asks an atom stands; UINT32_MAX: a route, or nothing. */
uint32_t dvara_bundle_atom_rule(const struct dvara_bundle *bundle, uint32_t atom);

/* Is the order of a route's targets one that measurements decide? */
bool dvara_bundle_route_is_measured(const struct dvara_bundle *bundle, uint32_t route);

#endif
