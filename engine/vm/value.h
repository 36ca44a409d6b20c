/* SPDX-License-Identifier: Apache-2.0 */
/* A value at run time. Its type is not stored: the verifier has proved what every register holds.
 * What is stored is whether it is there. */
#ifndef VM_VALUE_H
#define VM_VALUE_H

#include "dvara/request.h"

enum value_state { VALUE_PRESENT, VALUE_ABSENT, VALUE_ERROR };

struct value_list {
    const void *v; /* dvara_str, int64_t (also bool), double, dvara_message or dvara_tool */
    size_t n;
};

struct value {
    uint8_t state; /* enum value_state */
    uint8_t kind;  /* enum dvara_error_kind; NONE unless VALUE_ERROR */
    union {
        int64_t i; /* members as types.def says */
        double f;
        struct dvara_str s;
        struct value_list l;
        const void *record;
    };
};

static inline struct value value_bool(bool b)
{
    return (struct value){.state = VALUE_PRESENT, .i = b};
}

static inline struct value value_int(int64_t i)
{
    return (struct value){.state = VALUE_PRESENT, .i = i};
}

static inline struct value value_float(double f)
{
    return (struct value){.state = VALUE_PRESENT, .f = f};
}

static inline struct value value_str(struct dvara_str s)
{
    return (struct value){.state = VALUE_PRESENT, .s = s};
}

/* Absent when s is the absent slice. */
static inline struct value value_opt_str(struct dvara_str s)
{
    return (struct value){.state = dvara_str_is_absent(s) ? VALUE_ABSENT : VALUE_PRESENT, .s = s};
}

static inline struct value value_of_list(const void *v, size_t n)
{
    return (struct value){.state = VALUE_PRESENT, .l = {v, n}};
}

static inline struct value value_error(enum dvara_error_kind kind)
{
    return (struct value){.state = VALUE_ERROR, .kind = (uint8_t)kind};
}

static inline bool value_is_error(struct value v)
{
    return v.state == VALUE_ERROR;
}
static inline bool value_is_true(struct value v)
{
    return v.state == VALUE_PRESENT && v.i;
}
static inline bool value_is_false(struct value v)
{
    return v.state == VALUE_PRESENT && !v.i;
}

/* Of two values of which one at least is an error: the error that stands first in words.def, so
 * that the order of evaluation cannot show. */
static inline struct value value_first_error(struct value a, struct value b)
{
    if (a.state != VALUE_ERROR)
        return b;
    if (b.state != VALUE_ERROR)
        return a;
    return a.kind <= b.kind ? a : b;
}

/* Kleene's strong tables: kleene.def. */
static inline struct value value_and(struct value a, struct value b)
{
    if (value_is_false(a) || value_is_false(b))
        return value_bool(false);
    if (value_is_true(a) && value_is_true(b))
        return value_bool(true);
    return value_first_error(a, b);
}

static inline struct value value_not(struct value a)
{
    return value_is_error(a) ? a : value_bool(!a.i);
}

static inline struct value value_or(struct value a, struct value b)
{
    return value_not(value_and(value_not(a), value_not(b)));
}

#endif
