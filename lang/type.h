/* SPDX-License-Identifier: Apache-2.0 */
/* The type of an expression: a row of types.def and a shape, or one of the checker's own. Passed by
 * value. Constants are values that the compiler knows. */
#ifndef LANG_TYPE_H
#define LANG_TYPE_H

#include "dvara/str.h"
#include "dvara/words.h"

#include <stdint.h>

enum {
    /* Beside the rows of types.def. */
    TYPE_NONE = DVARA_TYPE_COUNT, /* not checked yet */
    TYPE_ERROR,                   /* something failed here and was reported: absorbs */
    TYPE_EMPTY,                   /* the element of `[]`: fits every list */
    TYPE_REGEX                    /* a regular expression: right side of `matches` only */
};

struct type {
    uint8_t base;  /* enum dvara_type, or one of the above */
    uint8_t shape; /* enum dvara_shape */
};

struct constant;

struct constants {
    const struct constant *v;
    size_t n;
};

/* Stored as types.def says (`i`, `f` or `s`); a list by its elements. */
struct constant {
    struct type type;
    union {
        int64_t i;
        double f;
        struct dvara_str s;
        struct constants list;
    };
};

static inline bool type_is_error(struct type t)
{
    return t.base == TYPE_ERROR;
}
static inline bool type_is_list(struct type t)
{
    return t.shape == DVARA_SHAPE_LIST;
}
static inline bool type_is_optional(struct type t)
{
    return t.shape == DVARA_SHAPE_OPT;
}

static inline bool type_is(struct type t, enum dvara_type base)
{
    return t.base == base && t.shape == DVARA_SHAPE_ONE;
}

static inline bool type_eq(struct type a, struct type b)
{
    return a.base == b.base && a.shape == b.shape;
}

/* Two scalars of one type: <0, 0, >0. */
int constant_compare(const struct constant *a, const struct constant *b);
bool constants_contain(const struct constants *list, const struct constant *element);

enum { TYPE_NAME_MAX = 32 };
/* "string", "int?", "list<string>", written to `ret_name` with a NUL; returns ret_name. */
const char *type_name(struct type type, char ret_name[TYPE_NAME_MAX]);

/* A row of attributes.def. */
struct attribute {
    struct dvara_str path; /* "request.model" */
    struct type type;
    uint8_t taint;  /* enum dvara_taint */
    uint8_t phases; /* DVARA_PHASES_… */
    uint8_t arg;    /* enum dvara_arg */
    struct dvara_str doc;
};
const struct attribute *attribute_row(enum dvara_attribute id);

/* A row of records.def. */
struct field {
    uint8_t record; /* DVARA_TYPE_MESSAGE or DVARA_TYPE_TOOL */
    struct dvara_str name;
    struct type type;
    uint8_t taint;
    struct dvara_str doc;
};
const struct field *field_row(enum dvara_field id);

/* A row of effects.def. */
struct effect_row {
    struct dvara_str spelling;
    uint8_t class;    /* enum dvara_effect_class */
    uint8_t phases;   /* DVARA_PHASES_… */
    uint8_t on_error; /* enum dvara_on_error */
};
const struct effect_row *effect_row(enum dvara_effect id);

/* "request, tool" for a set of phases; returns ret_text. */
enum { PHASES_TEXT_MAX = 48 };
const char *phases_text(uint8_t phases, char ret_text[PHASES_TEXT_MAX]);

#endif
