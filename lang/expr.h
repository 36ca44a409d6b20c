/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions and templates. The parser makes literals, LIST, RECORD, NAME, MEMBER, APPLY, PAREN
 * and operators; `bind` turns NAME, MEMBER and APPLY, in place, into LET, RUNTIME_LIST, BINDING,
 * ATTRIBUTE and CALL; `check` turns MEMBER of a BINDING into FIELD and an INT that stands where a
 * float is expected into FLOAT, and fills type, taint and phases; `fold` fills value. After a clean
 * check there is no NAME, MEMBER, APPLY or ERROR left outside the records of tests. Chains of `and`
 * and of `or` are balanced trees. */
#ifndef LANG_EXPR_H
#define LANG_EXPR_H

#include "lang/source.h"
#include "lang/type.h"

enum expr_kind {
#define EXPR(id, what) EXPR_##id,
#include "lang/nodes.def"
    EXPR_COUNT
};

enum binary {
#define BINARY(id, spelling, level, what) BINARY_##id,
#include "lang/nodes.def"
    BINARY_COUNT
};

enum quantifier {
#define QUANTIFIER(id, spelling, what) QUANTIFIER_##id,
#include "lang/nodes.def"
    QUANTIFIER_COUNT
};

enum function {
#define FUNCTION(id, spelling, low, high, what) FUNCTION_##id,
#include "lang/nodes.def"
    FUNCTION_COUNT
};

struct decl;
struct expr;

/* A use of a declaration by name; bind fills decl (NULL if unknown, which is reported). */
struct ref {
    struct dvara_str name; /* absent: the clause does not stand */
    struct span span;
    struct decl *decl;
};

struct exprs {
    struct expr **v;
    size_t n;
};

struct record_field {
    struct dvara_str key; /* decoded */
    struct span key_span;
    struct expr *value;
};

struct record_fields {
    struct record_field *v;
    size_t n;
};

enum { REGEX_I = 1, REGEX_S = 2, REGEX_X = 4 };

struct regex {
    struct dvara_str text; /* between the slashes, `\/` written as `/` */
    uint8_t flags;         /* REGEX_… */
    struct span span;
    struct regex_facts *facts; /* what the pattern compiler said (regex.h); NULL: nobody keeps it */
};

/* The element name of a quantifier. */
struct binding {
    struct dvara_str name;
    struct span span;
    struct type type;
    uint8_t taint;
    uint8_t depth; /* 0: outermost quantifier of its expression */
    bool used;
};

struct expr {
    enum expr_kind kind;
    struct span span;
    struct type type;             /* check; narrowed: the type without `?` */
    uint8_t taint;                /* check: enum dvara_taint, the worst of what it reads */
    uint8_t phases;               /* check: phases that have all it reads, DVARA_PHASES_… */
    bool narrowed;                /* check: an optional attribute used where `has` holds */
    const struct constant *value; /* fold: NULL unless known; also on BOOL … CLOCK and STRING */
    union {
        bool boolean;            /* BOOL */
        int64_t i;               /* INT, DURATION, SIZE, MONEY, PERCENT, CLOCK: types.def's unit */
        double f;                /* FLOAT */
        struct dvara_str string; /* STRING, decoded; NAME */
        struct regex regex;      /* REGEX */
        struct exprs items;      /* LIST */
        struct record_fields fields; /* RECORD */
        struct {
            struct expr *base;
            struct dvara_str name;
            struct span name_span;
        } member; /* MEMBER */
        struct {
            struct expr *callee;
            struct exprs args;
        } apply;                 /* APPLY */
        struct decl *decl;       /* LET, RUNTIME_LIST */
        struct binding *binding; /* BINDING */
        struct {
            struct expr *base; /* BINDING */
            enum dvara_field id;
        } field; /* FIELD */
        struct {
            enum dvara_attribute id;
            struct dvara_str arg; /* header in lower case, key, pointer, budget; absent if none */
            struct decl *group;   /* DVARA_ARG_GROUP: a detector or a group */
            struct span arg_span;
        } attribute; /* ATTRIBUTE */
        struct {
            enum function id;
            struct exprs args;
        } call;               /* CALL */
        struct expr *operand; /* NOT, MINUS, HAS, PAREN */
        struct {
            enum binary op;
            struct span op_span;
            struct expr *left;
            struct expr *right;
        } binary; /* BINARY */
        struct {
            enum quantifier kind;
            struct binding *binding;
            struct expr *over;
            struct expr *body;
        } quantifier; /* QUANTIFIER */
    };
};

/* Through PAREN. */
static inline const struct expr *expr_bare(const struct expr *expr)
{
    while (expr->kind == EXPR_PAREN)
        expr = expr->operand;
    return expr;
}

/* One part of a template: text, or a value to print. */
struct template_part {
    struct dvara_str text; /* decoded, braces unescaped; absent when expr */
    struct expr *expr;
};

struct template
{
    struct span span; /* the string literal */
    struct template_part *parts;
    size_t n_parts;
};

/* Spellings of the enumerations. */
const char *binary_spelling(enum binary op);
const char *quantifier_spelling(enum quantifier kind);
const char *function_spelling(enum function id);

#endif
