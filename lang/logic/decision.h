/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy decides, as formulas over one request that is not known: the request phase in both
 * strata, the routes that can be taken, and one target of them that is left eligible
 * (engine/vm/decide.c, engine/route/plan.c). What could not be said exactly is free, so that every
 * request and target is among the models. */
#ifndef LANG_LOGIC_DECISION_H
#define LANG_LOGIC_DECISION_H

#include "lang/logic/scene.h"

/* A model that a rule sets. */
struct model_choice {
    struct dvara_str where; /* it is this one that stands */
    struct dvara_str value;
    const struct constant *constant; /* or NULL */
};

struct decision {
    struct scene sent;              /* what rewriting rules judge */
    struct scene judged;            /* what every other request rule judges */
    struct scene target;            /* with a candidate target in place */
    struct dvara_str forced;        /* number of the route that a rule forces, by decl.order; -1 */
    struct dvara_str model_was_set; /* by a rule */
    struct model_choice *choices;
    size_t n_choices;
    struct dvara_str denied, asks; /* by the request phase: a denial; an approval (deny wins) */
    struct dvara_str *applies;     /* by decl.order of rules: an enforced request rule's effects
                                      stand; absent for others */
    struct dvara_str reached;      /* the candidate is one that routes or the name lead to */
    struct dvara_str eligible;     /* and no rule excludes it */
};

/* The request phase. False: out of memory. */
bool decision_request(struct decision *decision, struct script *script,
                      const struct program *program, uint32_t side);
/* The candidate target. Once, after the request phase. */
bool decision_target(struct decision *decision);
/* Are the group's findings of that detector, at that threshold, redacted in the prompt? */
struct dvara_str decision_redacts(const struct decision *decision, const struct decl *detector,
                                  uint32_t threshold);

#endif
