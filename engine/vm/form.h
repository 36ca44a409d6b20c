/* SPDX-License-Identifier: Apache-2.0 */
/* What the code of an atom says, where it says something that many atoms can be asked at once: a
 * comparison of sums of whole numbers, membership in a constant list, a part of a text, a regular
 * expression. Its instructions are followed with names in place of values. */
#ifndef VM_FORM_H
#define VM_FORM_H

#include "bundle/read.h"

enum form_kind {
    FORM_CODE,   /* anything else: its code is run */
    FORM_LINEAR, /* factors[0] * leaves[0] + factors[1] * leaves[1] is in [low, high] */
    FORM_SET,    /* leaves[0] is in constant list `row` */
    FORM_PART,   /* `part` stands in leaves[0] */
    FORM_MATCH   /* regular expression `row` matches in leaves[0] */
};

enum { FORM_LEAVES = 2 };

/* What is read: a kept value, or an attribute, perhaps one that may be absent. */
struct form_leaf {
    uint32_t block; /* BUNDLE_ABSENT: `attribute` with its argument's row `imm` */
    uint32_t attribute, imm;
    uint32_t fallback; /* constant that stands for an absent value; BUNDLE_ABSENT: it is there */
    bool is_count;     /* of a list: how many elements */
    uint8_t type;      /* enum dvara_type, of the value */
};

struct form {
    uint8_t kind; /* enum form_kind */
    uint32_t n_leaves;
    struct form_leaf leaves[FORM_LEAVES];
    int64_t factors[FORM_LEAVES];
    int64_t low, high;
    int64_t limit; /* LINEAR: no step of the code overflows while no leaf is beyond -limit, limit */
    struct dvara_str part;
    uint32_t row;
};

/* Of a verified program's atom. What it says of leaves that erred, or are beyond the limit, only
 * its code knows. */
struct form form_of(const struct bundle_program *program, uint32_t block);

bool form_leaf_eq(const struct form_leaf *a, const struct form_leaf *b);

#endif
