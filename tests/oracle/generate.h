/* SPDX-License-Identifier: Apache-2.0 */
/* Random well-typed programs and requests. The same seed gives the same output everywhere. */
#ifndef TESTS_ORACLE_GENERATE_H
#define TESTS_ORACLE_GENERATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "dvara/engine.h"
#include "dvara/request.h"
#include "oracle/world.h"

#include <stdint.h>

struct dice {
    uint64_t state;
};

uint32_t dice_below(struct dice *dice, uint32_t n); /* [0, n), n >= 1 */
#define PICK(dice, array) ((array)[dice_below((dice), sizeof(array) / sizeof *(array))])

/* Declarations of a program, one text each, in any order. */
struct pieces {
    struct dvara_str v[64];
    size_t n;
};
void generate_program(struct dice *dice, struct arena *arena, struct pieces *ret_pieces);
/* The pieces as one file; `shuffle` permutes them. */
void generate_print(struct dice *dice, bool shuffle, struct pieces *pieces, struct buf *out);
/* expression.c: a condition that may stand in `phase`. */
void generate_condition(struct dice *dice, enum dvara_phase phase, int depth, struct buf *out);

/* facts.c */
void generate_facts(struct dice *dice, struct arena *arena, struct dvara_facts *ret_facts);
/* Health and measurements of the targets that routes name. */
enum { GENERATE_TARGETS = 4 };
void generate_world(struct dice *dice, struct world_target ret_world[GENERATE_TARGETS]);
/* The same for the engine to ask, which borrows it; and all the providers that programs name. */
struct dvara_world generate_asked(struct world_target world[GENERATE_TARGETS]);

#endif
