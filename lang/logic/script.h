/* SPDX-License-Identifier: Apache-2.0 */
/* A question in SMT-LIB 2.6 as it grows: constants and functions declared once under a key, terms
 * with names so that none is written twice, assertions, and what of the model somebody wants to
 * know. A term is text; "true" and "false" are simplified away. */
#ifndef LANG_LOGIC_SCRIPT_H
#define LANG_LOGIC_SCRIPT_H

#include "base/buf.h"
#include "lang/expr.h"

struct arena;
struct intern;

enum sort { SORT_BOOL, SORT_INT, SORT_REAL, SORT_STRING, SORT_ADDRESS, SORT_COUNT };

/* What a part of the model means for a request. */
enum asked_kind {
    ASKED_VALUE,   /* of an attribute; request.asked_model: without its pin */
    ASKED_PIN,     /* which of `names`, from 1, the client pins the model to; 0: none */
    ASKED_PRESENT, /* whether it is there */
    ASKED_LENGTH,  /* elements of a list */
    ASKED_MEMBER,  /* whether `of` is an element of the list */
    ASKED_SCORE,   /* the best score of a detector in a text; 0: it claims nothing */
    ASKED_COUNT,   /* spans of a detector that reach a threshold */
    ASKED_CLOCK,   /* minutes since midnight in a zone */
    ASKED_WEEKDAY, /* 0 Monday, in a zone */
    ASKED_DATE,    /* in a zone */
    ASKED_ADDRESS, /* the address that `of` is */
    ASKED_MATCH,   /* whether the regular expression is found in `of` */
    ASKED_FAULT,   /* an error of a kind */
    ASKED_TERM,    /* an argument of some function */
    ASKED_FREE     /* what could not be said: it says nothing of the request */
};

struct asked {
    enum asked_kind kind;
    enum sort sort;
    struct dvara_str term;
    enum dvara_attribute attribute; /* VALUE, PRESENT, LENGTH, MEMBER */
    struct dvara_str arg;           /* of the attribute; a runtime list; a zone */
    const struct dvara_str *names;  /* PIN: `number` of them; `arg` as of the model's */
    struct dvara_str of;            /* the term of the argument */
    const struct decl *decl;        /* SCORE, COUNT: a detector; MEMBER: a runtime list */
    const struct regex *regex;      /* MATCH */
    uint32_t number;                /* COUNT: the threshold; FAULT: enum dvara_error_kind */
    uint8_t where;                  /* SCORE, COUNT: enum dvara_where */
    struct dvara_str label;         /* FREE, MATCH: the source, to be named */
};

/* Assertions of a level hold where that level is asked. */
enum level {
    LEVEL_ALL,  /* always: what every request satisfies */
    LEVEL_CALM, /* no faults, and what is free behaves as it mostly does: for likely examples */
    LEVEL_COUNT
};

struct script_choice {
    struct dvara_str condition, then, otherwise;
};

struct script {
    struct arena *arena;
    struct intern *intern;
    struct buf declarations, abstract; /* the second with atoms that say nothing */
    struct buf assertions[LEVEL_COUNT];
    struct dvara_str *atoms; /* names of the questions about texts, which solvers find hard */
    size_t n_atoms;
    struct dvara_str *literals; /* texts that were written */
    size_t n_literals;
    struct script_choice *choices; /* texts that are one of two */
    size_t n_choices;
    struct asked *asked;
    size_t n_asked;
    const struct expr **frees; /* expressions that constants stand for, unlike one another */
    size_t n_frees;
    uint32_t n_names;
};

void script_init(struct script *script, struct arena *arena);
void script_clear(struct script *script);

/* A constant of that key and what it means (its term is filled in); the same for the same key.
 * ret_new (may be NULL): it was not there yet. */
struct dvara_str script_constant(struct script *script, struct dvara_str key, struct asked asked,
                                 bool *ret_new);
/* A function of one argument of that key, applied. */
struct dvara_str script_apply(struct script *script, struct dvara_str key, enum sort from,
                              struct dvara_str argument, struct asked asked, bool *ret_new);
/* A name for the term if it is long. */
struct dvara_str script_name(struct script *script, enum sort sort, struct dvara_str term);
void script_assert(struct script *script, enum level level, struct dvara_str term);

/* Remembers an expression and gives its key; `version` tells apart what scenes make of it. */
struct dvara_str script_add_free(struct script *script, const struct expr *expr, uint32_t version);

/* "(op a b)" and "(op a b c)". */
struct dvara_str script_two(struct script *script, const char *op, struct dvara_str a,
                            struct dvara_str b);
struct dvara_str script_three(struct script *script, const char *op, struct dvara_str a,
                              struct dvara_str b, struct dvara_str c);
struct dvara_str script_and(struct script *script, struct dvara_str a, struct dvara_str b);
struct dvara_str script_or(struct script *script, struct dvara_str a, struct dvara_str b);
struct dvara_str script_not(struct script *script, struct dvara_str a);
struct dvara_str script_if(struct script *script, enum sort sort, struct dvara_str condition,
                           struct dvara_str then, struct dvara_str otherwise);
struct dvara_str script_equal(struct script *script, struct dvara_str a, struct dvara_str b);
/* "(op a b)" of two texts, an atom: of what is one of two texts it is asked of each. */
struct dvara_str script_same(struct script *script, struct dvara_str a, struct dvara_str b);
struct dvara_str script_starts(struct script *script, struct dvara_str text, struct dvara_str with);
struct dvara_str script_ends(struct script *script, struct dvara_str text, struct dvara_str with);
struct dvara_str script_holds(struct script *script, struct dvara_str text, struct dvara_str part);
/* Any other question about texts. */
struct dvara_str script_atom(struct script *script, struct dvara_str term);

/* Literals. A string with code points over U+2FFFF has none: absent. */
struct dvara_str script_string(struct script *script, struct dvara_str text);
struct dvara_str script_int(struct script *script, int64_t value);
struct dvara_str script_real(struct script *script, double value);

/* The whole question: assertions of the level, more of them, check-sat and the values asked for; an
 * answer that is whole ends in SCRIPT_END. ABSTRACT: the atoms are any truths, and their values are
 * asked for. CORE: the names of `more` that cannot be, too. */
enum script_form { SCRIPT_FULL, SCRIPT_ABSTRACT, SCRIPT_CORE };
#define SCRIPT_END "dvara-end"
void script_print(const struct script *script, enum script_form form, enum level level,
                  struct dvara_str more, struct buf *out);

/* Assertions that texts of the request are among those that the policy names, or begin with one:
 * not of every request, but of most that a reader would choose. */
void script_print_domain(const struct script *script, struct buf *out);

#define SCRIPT_TRUE  DVARA_STR("true")
#define SCRIPT_FALSE DVARA_STR("false")
static inline bool script_is(struct dvara_str term, struct dvara_str literal)
{
    return dvara_str_eq(term, literal);
}

#endif
