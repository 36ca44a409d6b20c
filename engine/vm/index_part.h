/* SPDX-License-Identifier: Apache-2.0 */
/* Which of many parts stand in a text, in one pass over it (the filter of Wu and Manber, "A fast
 * algorithm for multi-pattern searching", 1994, with four bytes and steps of one): each part is
 * known by the four bytes of it that fewest parts share. At each place of the text a bit says
 * whether four such bytes may begin there; where they do, the parts are compared. Shorter parts are
 * sought one by one. */
#ifndef VM_INDEX_PART_H
#define VM_INDEX_PART_H

#include "dvara/str.h"

#include <stdint.h>

struct arena;

/* A part by four of its bytes; those with the same four stand together. */
struct index_part_row {
    uint32_t gram;
    uint32_t offset; /* of the four bytes in the part */
    uint32_t number;
};

struct index_parts {
    const struct dvara_str *parts; /* the caller's */
    struct index_part_row *rows;   /* sorted by gram */
    uint32_t n_rows;
    uint32_t *few; /* numbers of those that are shorter */
    uint32_t n_few;
    uint32_t *slots; /* first row of a gram + 1, open addressing; 0: empty */
    uint64_t *bits;  /* by the upper bits of a gram's hash */
    uint32_t mask, shift;
};

/* The parts are borrowed. False: out of memory. */
bool index_parts_build(const struct dvara_str *parts, uint32_t n, struct arena *arena,
                       struct index_parts *ret_parts);
/* Sets ret_found[number] to 1 for each part that stands in the text, and no other. */
void index_parts_find(const struct index_parts *parts, struct dvara_str text, uint8_t *ret_found);

#endif
