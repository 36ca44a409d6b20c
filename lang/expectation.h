/* SPDX-License-Identifier: Apache-2.0 */
/* One `expect` against one decision. */
#ifndef LANG_EXPECTATION_H
#define LANG_EXPECTATION_H

#include "lang/ast.h"
#include "lang/evaluate.h"

struct buf;

/* Does the decision meet it (negation included)? */
bool expectation_holds(const struct dvara_bundle *bundle, const struct evaluation *evaluation,
                       const struct expect *expect);

/* Appends what was expected ("deny code \"x\" by r"), and what the decision shows of it. */
void expectation_print(const struct expect *expect, struct buf *out);
void expectation_print_actual(const struct dvara_bundle *bundle,
                              const struct evaluation *evaluation, const struct expect *expect,
                              struct buf *out);

#endif
