/* SPDX-License-Identifier: Apache-2.0 */
/* Making values, and the two questions that every step asks of them. */
#ifndef TESTS_ORACLE_MAKE_H
#define TESTS_ORACLE_MAKE_H

#include "oracle/value.h"

static inline struct value truth(bool b)
{
    return (struct value){.i = b};
}
static inline struct value integer(int64_t i)
{
    return (struct value){.i = i};
}
static inline struct value string(struct dvara_str s)
{
    return (struct value){.s = s};
}

static inline struct value failure(enum dvara_error_kind kind)
{
    return (struct value){.state = VALUE_ERROR, .error = kind};
}

static inline struct value optional_string(struct dvara_str s)
{
    return (struct value){.state = s.p ? VALUE_PRESENT : VALUE_ABSENT, .s = s};
}

static inline bool is_error(struct value v)
{
    return v.state == VALUE_ERROR;
}

/* Of two errors the kind that stands first in words.def. */
static inline struct value worse(struct value a, struct value b)
{
    if (is_error(a) && is_error(b))
        return a.error <= b.error ? a : b;
    return is_error(a) ? a : b;
}

static inline bool faulty(const struct scope *scope, enum dvara_error_kind kind)
{
    return scope->facts->faults >> kind & 1;
}

#endif
