/* SPDX-License-Identifier: Apache-2.0 */
/* Does a text look like something drawn at random? Not for other folders. */
#ifndef PII_SECRET_H
#define PII_SECRET_H

#include "dvara/str.h"

#include <stdbool.h>

/* Letters, digits and others of a text, and how often letters and digits beside each other change
 * kind. */
struct secret_mix {
    size_t lower, upper, digits, others, changes;
};

struct secret_mix secret_mix_of(struct dvara_str s);
/* Shannon's entropy, bits a byte. */
double secret_entropy(struct dvara_str s);
/* 16 bytes or more, letters and digits mixed as words, dates and versions are not. */
bool secret_is_random(struct dvara_str s);

#endif
