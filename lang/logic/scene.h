/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions as terms, in a scene: what the attributes are when a rule is judged. The request as
 * sent is one scene, after rewriting another, with a target in place a third; they share what they
 * do not change. What SMT-LIB cannot say exactly is a constant or a function that nothing is
 * known of, so a scene takes in every request. */
#ifndef LANG_LOGIC_SCENE_H
#define LANG_LOGIC_SCENE_H

#include "lang/program.h"
#include "lang/logic/formula.h"

/* A value. `present` is "true" but for optionals; `errs` says when there is none. */
struct term {
    struct dvara_str value, present, errs;
};

struct scene_header {
    struct dvara_str name;
    struct term term;
    const struct scene_header *next;
};

struct scene {
    struct script *script;
    const struct program *program;
    enum dvara_phase phase;
    uint32_t side;                      /* of two programs: 0 or 1 */
    uint32_t version;                   /* unlike that of any scene with other values */
    struct term set[DVARA_ATTR_COUNT];  /* value absent: as the request says */
    const struct scene_header *headers; /* that rules set */
    struct term *lets;                  /* by decl.order; value absent: not made yet */
    struct dvara_str mark;              /* of the program's detectors: equal marks find alike */
};

/* The request as sent, of a program. False: out of memory. */
bool scene_init(struct scene *scene, struct script *script, const struct program *program,
                uint32_t side);
/* The same values, to be changed. */
bool scene_copy(struct scene *scene, const struct scene *from, enum dvara_phase phase);

/* Any expression of a single value; of a condition the value and the error exclude each other. */
struct term scene_term(struct scene *scene, const struct expr *expr);
struct formula scene_condition(struct scene *scene, const struct expr *expr); /* NULL: true */
/* Where printing the template errs. */
struct dvara_str scene_template_errs(struct scene *scene, const struct template *template);

/* The sort of a type's values. */
enum sort scene_sort(struct type type);

/* ---- shared by the files of this room ---- */

/* Of all budgets that the program declares. */
uint64_t scene_budgets_mark(const struct program *program);
/* "request.header(x-team)"; of a budget, with a number for how it is declared. */
struct dvara_str scene_path(struct scene *scene, const struct expr *attribute);
struct term scene_attribute(struct scene *scene, const struct expr *expr);
/* Whether what reads it errs, by a kind of fault. */
struct dvara_str scene_fault(struct scene *scene, enum dvara_error_kind kind, struct dvara_str key);
struct dvara_str scene_constant(struct scene *scene, const struct constant *constant);
/* A value that nothing is known of; `expr` says what it stands for. */
struct term scene_free(struct scene *scene, const struct expr *expr);
struct term scene_call(struct scene *scene, const struct expr *expr);
struct term scene_pii(struct scene *scene, const struct expr *attribute);
/* The best score of the detector in a text, 0 if it claims nothing; and whether the text could not
 * be read. */
struct dvara_str scene_score(struct scene *scene, enum dvara_where where, const struct decl *decl);
struct dvara_str scene_unread(struct scene *scene, enum dvara_where where);
/* Is the value an element of the list, an attribute or a runtime list? */
struct term scene_member(struct scene *scene, const struct expr *list, struct dvara_str element);
struct dvara_str scene_length(struct scene *scene, const struct expr *list,
                              struct dvara_str *ret_errs);

/* Text questions, of a term. */
/* Absent: it cannot be said. */
struct dvara_str scene_glob(struct scene *scene, struct dvara_str text, struct dvara_str glob);
struct dvara_str scene_matches(struct scene *scene, struct dvara_str text, const struct expr *regex,
                               const struct expr *expr);
struct term scene_within(struct scene *scene, struct dvara_str text,
                         const struct constants *networks);

#endif
