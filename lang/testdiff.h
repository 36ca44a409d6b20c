/* SPDX-License-Identifier: Apache-2.0 */
/* Where two texts part. */
#ifndef LANG_TESTDIFF_H
#define LANG_TESTDIFF_H

#include "dvara/str.h"

struct buf;

/* Appends lines for people: the line of each where they first differ, a caret below, and how many
 * characters they share. Nothing when they are equal. */
void testdiff_print(struct dvara_str expected, struct dvara_str actual, struct buf *out);

#endif
