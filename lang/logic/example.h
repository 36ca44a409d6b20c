/* SPDX-License-Identifier: Apache-2.0 */
/* A request made of a model: what the solver says of attributes, lists, texts and faults, as the
 * record of a `given`. It may say more than a record can (two texts that one regular expression
 * tells apart, the hours of three zones): the engine has the last word. */
#ifndef LANG_LOGIC_EXAMPLE_H
#define LANG_LOGIC_EXAMPLE_H

#include "lang/logic/answer.h"
#include "lang/logic/record.h"

struct samples;

/* Texts that detectors claim: sample.h. NULL: none are made. The record lives in the arena. */
struct expr *example_of(struct arena *arena, const struct script *script,
                        const struct answer *answer, struct samples *samples);

#endif
