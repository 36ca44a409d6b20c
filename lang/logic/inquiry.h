/* SPDX-License-Identifier: Apache-2.0 */
/* One question to the solver, in steps that it can take: first with every question about a text as
 * a mere truth, then with those truths held against what texts can be. What cannot be is learned
 * and the first step asked again (lazy refinement: Clarke, Grumberg, Jha, Lu, Veith:
 * "Counterexample-guided abstraction refinement", 2000). Where the steps do not come to an end the
 * whole is asked at once. UNSAT is the solver's own word in each case. */
#ifndef LANG_LOGIC_INQUIRY_H
#define LANG_LOGIC_INQUIRY_H

#include "lang/logic/answer.h"
#include "lang/logic/solver.h"

struct inquiry {
    struct arena *arena;
    const struct script *script;
    struct solver_options options;
    struct buf learned; /* of the level asked */
    enum level level;
    enum dvara_status status; /* of the last run that gave no answer */
};

void inquiry_init(struct inquiry *inquiry, struct arena *arena, const struct script *script,
                  const struct solver_options *options);
void inquiry_clear(struct inquiry *inquiry);

/* `more`: further assertions, on what the script asks for. */
struct answer inquiry_ask(struct inquiry *inquiry, struct dvara_str more, enum level level);
/* After UNKNOWN: a clause that says why. */
struct dvara_str inquiry_why(const struct inquiry *inquiry);

#endif
