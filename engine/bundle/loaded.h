/* SPDX-License-Identifier: Apache-2.0 */
/* A loaded bundle from the inside: what the VM reads. Immutable after load. */
#ifndef BUNDLE_LOADED_H
#define BUNDLE_LOADED_H

#include "base/arena.h"
#include "bundle/read.h"
#include "vm/index.h"
#include "vm/set.h"

struct dvara_detectors;
struct pattern_set;

struct zone_shift {
    int64_t at, offset; /* seconds */
};

/* dvara/trace.h tells of them. */
struct bundle_atom {
    uint32_t block;
    bool is_let, is_content;
};

/* An atom whose truth a record keeps. */
struct bundle_recorded_atom {
    uint32_t atom;
    uint64_t mark;
    const struct index_screen *screen; /* with whose row it may have been asked; NULL: none */
    uint32_t row;
    bool is_cheap; /* reads single values that a client sent: a look-up may answer for it */
};

struct dvara_bundle {
    struct arena arena; /* holds everything below, the bytes too */
    struct bundle_program program;
    struct value *constants;  /* by row of the constant table */
    struct const_list *lists; /* by row of the list table */
    uint32_t *memo;           /* by block: its slot among the kept results */
    uint32_t n_atoms, n_lets;
    struct bundle_atom *atoms;
    struct bundle_recorded_atom *recorded;
    uint32_t n_recorded;
    uint32_t *rewritable; /* by block: rewritable.h */
    struct dvara_str *headers;
    uint32_t n_headers;
    struct bundle_recorded_atom *by_mark; /* the same, in rising order of marks */
    struct index index;
    uint32_t *route_order; /* routes with a match, highest priority first, then by name */
    uint32_t n_route_order;
    struct dvara_detectors *detectors; /* NULL: the bundle has none */
    uint32_t n_detectors;
    uint64_t detectors_mark;      /* of all that the detectors are; 0: there are none */
    struct pattern_set *patterns; /* NULL: no `matches` */
    uint32_t n_patterns;
    struct dvara_str tests; /* trial/frozen.h reads them; absent: none */
    unsigned char digest[FORMAT_DIGEST];
    char signed_by[2 * FORMAT_KEY_ID + 1]; /* "" when unsigned */
    uint32_t *model_slots;                 /* number of a model + 1, open addressing; models.h */
    uint32_t n_model_slots;
    uint8_t *needs; /* by block: bits 1 << enum dvara_need of the attributes it reads */
    bool reads[DVARA_ATTR_COUNT];
    uint8_t phases; /* of all rules */
};

static inline struct dvara_str bundle_text(const struct dvara_bundle *bundle, uint32_t string)
{
    return string == BUNDLE_ABSENT ? (struct dvara_str){0} : bundle->program.strings[string];
}

#endif
