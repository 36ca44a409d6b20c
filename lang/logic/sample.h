/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that a pattern matches or a detector claims, made from the pattern's source; digits and
 * letters are changed until the detector's own check is content. */
#ifndef LANG_LOGIC_SAMPLE_H
#define LANG_LOGIC_SAMPLE_H

#include "lang/ast.h"

struct arena;
struct dvara_bundle;
struct samples;

/* For the detectors of a bundle, which must outlive them. NULL: out of memory. */
struct samples *samples_new(struct arena *arena, const struct dvara_bundle *bundle);
void samples_free(struct samples *samples);

/* A text in which the detector's best span scores at least this (parts per million); absent: none
 * was found. */
struct dvara_str sample_of_detector(struct samples *samples, const struct decl *detector,
                                    uint32_t least);
/* A text that the regular expression matches, most likely; absent: none is known. */
struct dvara_str sample_of_regex(struct arena *arena, const struct regex *regex);

#endif
