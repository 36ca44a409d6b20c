/* SPDX-License-Identifier: Apache-2.0 */
/* "did you mean": the candidate nearest to a misspelt word, by edits and swaps of neighbours. */
#ifndef LANG_SUGGEST_H
#define LANG_SUGGEST_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct diags;

struct suggestion {
    struct dvara_str word;
    struct dvara_str best; /* absent: nothing is near enough */
    unsigned distance;
    struct probe *probe; /* NULL: nobody listens */
};

/* What an editor's completion asks: a word that nothing is called, `mark` at its end, stands where
 * the cursor is, so whatever could stand there is offered in its place, and kept here. */
struct probe {
    struct dvara_str mark;
    struct arena *arena;
    struct dvara_str *v;
    size_t n;
    struct dvara_str
        asked;     /* the word as it was last asked for: a whole path, where that is meant */
    bool is_value; /* the word stood where an expression may */
};

struct suggestion suggest_start(struct dvara_str word);
/* The same in a compile, whose diagnostics know of a probe. */
struct suggestion suggest_for(const struct diags *diags, struct dvara_str word);
/* Is the word the probe's? */
bool suggest_is_probed(const struct diags *diags, struct dvara_str word);
/* The word itself is no suggestion. Ties go to the candidate that is smaller by bytes, so the order
 * of offers cannot show. */
void suggest_offer(struct suggestion *suggestion, struct dvara_str candidate);

#endif
