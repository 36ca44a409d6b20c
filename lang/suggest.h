/* SPDX-License-Identifier: Apache-2.0 */
/* "did you mean": the candidate nearest to a misspelt word, by edits and swaps of neighbours. */
#ifndef LANG_SUGGEST_H
#define LANG_SUGGEST_H

#include "dvara/str.h"

struct suggestion {
    struct dvara_str word;
    struct dvara_str best; /* absent: nothing is near enough */
    unsigned distance;
};

struct suggestion suggest_start(struct dvara_str word);
/* Ties go to the candidate that is smaller by bytes, so the order of offers cannot show. */
void suggest_offer(struct suggestion *suggestion, struct dvara_str candidate);

#endif
