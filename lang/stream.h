/* SPDX-License-Identifier: Apache-2.0 */
/* How a condition of the response phase is judged while an answer streams (language.md section 5,
 * R18). The engine sees the text part by part, each as wide as a match can be: what holds of a part
 * holds of the whole. The code generator and the lint L0311 both ask here. */
#ifndef LANG_STREAM_H
#define LANG_STREAM_H

#include "lang/ast.h"

/* Does the value depend on what the model answers? */
bool stream_reads_answer(const struct expr *expr);
/* The first part of the condition that more text can make false again, or that no part of the text
 * decides; NULL: it is incremental. `pii.found`, `pii.count` over a constant, `contains` and
 * `matches` without anchors, joined by `and` and `or`, are; `starts_with` is not, since a part does
 * not know whether it is the first. */
const struct expr *stream_blocker(const struct expr *when);
/* Why, for people. */
const char *stream_reason(const struct expr *blocker);

#endif
