/* SPDX-License-Identifier: Apache-2.0 */
/* A decision as `eval` prints it. */
#ifndef LANG_EVALUATE_PRINT_H
#define LANG_EVALUATE_PRINT_H

#include "trial/evaluate.h"

struct buf;
struct dvara_bundle;

/* Appends the one JSON object of `eval` (language.md section 9, R26), with a newline. */
void evaluate_print(const struct dvara_bundle *bundle, const struct evaluation *evaluation,
                    struct buf *out);

#endif
