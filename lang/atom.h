/* SPDX-License-Identifier: Apache-2.0 */
/* Atoms: what a condition asks about one thing. `!=`, `>`, `>=` and `not in` are atoms negated, so
 * that a literal (an atom and a sign) says all. A default that is a constant, `x ?? "eu"`, belongs
 * to the atom about x. */
#ifndef LANG_ATOM_H
#define LANG_ATOM_H

#include "lang/expr.h"

struct arena;

enum atom_kind {
    ATOM_TRUTH,   /* the subject, a bool, is true */
    ATOM_PRESENT, /* the subject is not absent */
    ATOM_VALUE,   /* subject EQ, LT, LE or IN values; numbers and the like */
    ATOM_TEXT,    /* the same of strings, and STARTS_WITH, ENDS_WITH, CONTAINS, GLOB */
    ATOM_REGEX,   /* subject matches other */
    ATOM_ADDRESS, /* subject within values */
    ATOM_MEMBER,  /* the subject, a list, holds other */
    ATOM_ORDER    /* subject and other, neither constant, stand in an order of the mask */
};

enum { ORDER_LESS = 1, ORDER_EQUAL = 2, ORDER_GREATER = 4, ORDER_ANY = 7 };

struct atom {
    enum atom_kind kind;
    enum binary op;             /* VALUE, TEXT */
    const struct expr *subject; /* through parentheses and lets */
    const struct expr *other;   /* REGEX, MEMBER, ORDER */
    struct constants values;
    uint8_t mask;     /* ORDER: ORDER_… */
    bool is_optional; /* the subject may be absent; then the atom is */
    bool when_absent; /* this; false where only a guard with `has` reaches the atom */
    bool is_total;    /* judging it cannot err */
    uint32_t topic;   /* equal for atoms about one thing; predicate.c numbers them */
};

struct literal {
    const struct atom *atom;
    bool positive;
    const struct expr *expr; /* what was written */
};

/* The literal that `expr` is, folded and checked. NULL atom: it is `and`, `or` or `not`, or memory
 * is out. What is of no other kind is ATOM_TRUTH of itself. */
struct literal atom_of(struct arena *arena, const struct expr *expr);
/* Do two atoms speak about one thing? Only then is anything concluded from both. */
bool atom_same_topic(const struct atom *a, const struct atom *b);
uint64_t atom_topic_hash(const struct atom *atom);

/* What a VALUE, TEXT or ADDRESS atom is for a subject of that value. */
bool atom_holds(struct arena *arena, const struct atom *atom, const struct constant *value);

/* The values that the language gives a subject: false, when it gives no bound. */
bool atom_natural_range(const struct expr *subject, int64_t *ret_low, int64_t *ret_high);
/* The words, separated by spaces; absent: any text. */
struct dvara_str atom_natural_words(const struct expr *subject);

#endif
