/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that show something: found by an SMT solver, told apart by the engine. A question is put
 * so that it takes in every request (what cannot be said exactly is left free), so NONE is a proof.
 * A model becomes a `given`, and only one that the caller's `confirm` accepts is handed on: what is
 * free may make the solver see what no request shows. */
#ifndef LANG_LOGIC_WITNESS_H
#define LANG_LOGIC_WITNESS_H

#include "dvara/request.h"
#include "lang/program.h"
#include "lang/logic/solver.h"

struct arena;
struct buf;
struct dvara_bundle;
struct script;
struct witness_finder;

enum { WITNESS_TRIES = 16 };

struct witness_options {
    struct solver_options solver;
    unsigned tries;  /* models that may fail one after another; 0: WITNESS_TRIES */
    struct buf *smt; /* the first question is appended to it as SMT-LIB 2.6; NULL: nobody asks */
};

/* A policy: checked and folded, and the bundle made of it. */
struct witness_policy {
    const struct program *program;
    const struct dvara_bundle *bundle;
};

enum witness_answer {
    WITNESS_FOUND,
    WITNESS_NONE,   /* proved: there is none, or no further one */
    WITNESS_UNKNOWN /* the solver gave no answer, or what it found is never confirmed */
};

/* Does the record, in the shape of `given`, show what is looked for? NULL stands for yes. */
typedef bool witness_confirm(void *user, const struct expr *given);

/* Where a rule's condition, or its error, is not the other's: each judged where its policy judges
 * it (rewriting rules on the request as sent, target rules on any target that can come up). The
 * rules are decl of kind RULE. NULL: out of memory; what is found lives in the arena. */
struct witness_finder *
witness_rules_differ(struct arena *arena, const struct witness_options *options,
                     const struct witness_policy *old, const struct decl *old_rule,
                     const struct witness_policy *new, const struct decl *new_rule);
/* Where a condition of the request phase, in the place of a rule's that rewrites nothing, holds. */
struct witness_finder *witness_holds(struct arena *arena, const struct witness_options *options,
                                     const struct witness_policy *policy,
                                     const struct expr *condition);
/* Where the request phase denies, asks for an approval or allows in one policy and not in the
 * other. */
struct witness_finder *witness_verdicts_differ(struct arena *arena,
                                               const struct witness_options *options,
                                               const struct witness_policy *old,
                                               const struct witness_policy *new);
/* The models of a script (script.h) that was begun for the policy by the caller. */
struct witness_finder *witness_of_script(struct arena *arena, const struct witness_options *options,
                                         const struct witness_policy *policy,
                                         struct script *script);

void witness_confirm_by(struct witness_finder *finder, witness_confirm *confirm, void *user);
/* The next one, unlike those before it. */
enum witness_answer witness_next(struct witness_finder *finder, const struct expr **ret_given);
/* After UNKNOWN: why, as a clause, and the source of what the question had to leave free. */
struct dvara_str witness_why(const struct witness_finder *finder);
struct dvara_strs witness_free_atoms(const struct witness_finder *finder);
/* Frees what the arena does not hold. */
void witness_free(struct witness_finder *finder);

#endif
