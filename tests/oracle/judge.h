/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and routes by the book (language.md, sections 4 to 6), as a text of sorted lines that is
 * compared with the VM's. */
#ifndef TESTS_ORACLE_JUDGE_H
#define TESTS_ORACLE_JUDGE_H

#include "base/buf.h"
#include "dvara/decision.h"
#include "oracle/value.h"

enum { NOTES_MAX = 4096 };

/* One fact about the decision, such as "matched request enforce rule_7". */
struct notes {
    struct dvara_str v[NOTES_MAX];
    size_t n;
};

struct judge {
    const struct program *program;
    struct arena *arena;
    struct dvara_facts facts; /* a copy: the first stratum writes into it */
    struct notes notes;

    /* The winning denial, NULL if none. */
    const struct decl *denier;
    struct dvara_str code;
    int64_t status;
    struct dvara_str reason; /* absent: the wording is not specified */
    bool denied, allowed;
    /* What the first stratum's rules ask for; applied when all of them were judged. */
    struct {
        const struct decl *by; /* NULL: nobody */
        struct value value;
    } set[DVARA_EFFECT_COUNT];
    struct {
        const struct decl *by;
        struct dvara_str name, value;
    } headers[16];
    size_t n_headers;
    const struct decl *forced_route, *forced_by;
    bool model_was_set;
};

void judge_init(struct judge *judge, const struct program *program, struct arena *arena,
                const struct dvara_facts *facts);
void judge_request(struct judge *judge);
void judge_tool(struct judge *judge);
void judge_response(struct judge *judge);
/* plan.c */
void judge_plan(struct judge *judge);

/* One rule in one phase: notes, and its effects when it applies. Returns whether it matched. */
bool judge_rule(struct judge *judge, const struct decl *decl, enum dvara_phase phase);
struct value judge_condition(struct judge *judge, const struct decl *decl, enum dvara_phase phase);
void judge_deny(struct judge *judge, const struct decl *decl, struct dvara_str code,
                int64_t status);
void judge_note(struct judge *judge, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The sorted lines. */
void judge_print(struct judge *judge, struct buf *out);
void notes_print(struct notes *notes, struct buf *out);

#endif
