/* SPDX-License-Identifier: Apache-2.0 */
/* The pass over every byte: where a digit, an @ or a colon stands. All that the shipped identity
 * pack claims holds one; prose holds few. */
#ifndef PII_MARKS_H
#define PII_MARKS_H

#include "dvara/str.h"

/* The first mark at or after `at`; text.n when there is none. */
size_t marks_next(struct dvara_str text, size_t at);

#endif
