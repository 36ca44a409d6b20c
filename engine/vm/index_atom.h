/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that no look-up leads to, by one of the atoms of their conditions: a rule could hold only
 * if that atom is true (or false, as wanted). Atoms whose code says the same kind of thing of the
 * same values (form.h) are asked together, a nanosecond or two each: sums of whole numbers as rows
 * of numbers, or as ranges where many share their factors; parts of a text in one pass over it.
 * What is left is asked one by one, by its code, each atom once however many rules want it. */
#ifndef VM_INDEX_ATOM_H
#define VM_INDEX_ATOM_H

#include "vm/form.h"
#include "vm/index_part.h"
#include "vm/index_range.h"
#include "vm/index_sink.h"
#include "vm/index_text.h"
#include "vm/value.h"

struct arena;

#define INDEX_UNKEPT UINT32_MAX

/* An atom and a rule that could hold only if the atom's truth is the one wanted. */
struct index_atom {
    uint32_t block, rule;
    bool wanted;
};

/* The rules of a row, in the stratum's. */
struct index_atom_rules {
    const uint32_t *v;
    uint32_t n;
};

/* Rows that multiply the leaves by the same numbers. */
struct index_sum {
    int64_t factors[FORM_LEAVES];
    struct index_ranges ranges;
};

/* Atoms that are asked together. */
struct index_screen {
    uint8_t kind; /* enum form_kind */
    uint32_t n_leaves;
    struct form_leaf leaves[FORM_LEAVES];
    int64_t limit; /* LINEAR: as form.h says */
    uint32_t kept; /* its truths' place among those an exchange keeps, or INDEX_UNKEPT */
    uint32_t n;
    uint32_t *blocks; /* by row: no two rows want the same of the same atom */
    uint8_t *wanted;  /* by row, and 7 bytes more: 1 where the form must hold */
    struct index_atom_rules *led;
    uint32_t *numbers;        /* MATCH, by row: the regular expression */
    struct index_parts parts; /* PART, by row */
    struct index_texts texts; /* SET: an element's rows */
    struct index_sum *sums;   /* LINEAR */
    uint32_t n_sums;
    uint32_t n_summed;                            /* LINEAR: the first rows are those of the sums */
    int64_t *factors[FORM_LEAVES], *lows, *highs; /* LINEAR, by row */
};

struct index_atoms {
    struct index_screen *screens;
    uint32_t n_screens;
    uint32_t most; /* rows of a screen */
};

/* Sorts the atoms. False: out of memory. What is built borrows the program's strings; `scratch` is
 * the caller's to reset. */
bool index_atoms_build(const struct bundle_program *program, struct index_atom *atoms, uint32_t n,
                       struct arena *arena, struct arena *scratch, struct index_atoms *ret_atoms);

/* In what follows `truths` are a screen's rows, 0 or 1 each, and room for 7 bytes more. */

/* LINEAR: adds the rules of the sums; tells whether each other row holds. */
void index_screen_sum(const struct index_screen *screen, const int64_t leaves[FORM_LEAVES],
                      uint8_t *ret_truths, struct index_sink *sink);
/* PART, SET: tells whether each row holds. */
void index_screen_text(const struct index_screen *screen, struct dvara_str text,
                       uint8_t *ret_truths);
/* Does the row hold? `kept`: the truths, or of a LINEAR one the leaves. */
bool index_screen_row(const struct index_screen *screen, const void *kept, uint32_t row);
/* Adds the rules whose row holds as wanted, those of the sums left out. */
void index_screen_lead(const struct index_screen *screen, uint8_t *truths, struct index_sink *sink);

#endif
