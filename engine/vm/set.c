/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/set.h"

#include "base/arena.h"
#include "base/hash.h"

bool value_equal(uint8_t type, struct value a, struct value b)
{
    if (type == DVARA_TYPE_STRING)
        return dvara_str_eq(a.s, b.s);
    if (type == DVARA_TYPE_FLOAT)
        return a.f >= b.f && a.f <= b.f; /* == by another name: neither is NaN */
    return a.i == b.i;
}

int value_compare(uint8_t type, struct value a, struct value b)
{
    if (type == DVARA_TYPE_STRING)
        return dvara_str_cmp(a.s, b.s);
    if (type == DVARA_TYPE_FLOAT)
        return (a.f > b.f) - (a.f < b.f);
    return (a.i > b.i) - (a.i < b.i);
}

struct value list_item(struct value_list list, uint8_t type, size_t index)
{
    switch (type) {
    case DVARA_TYPE_STRING:
        return value_str(((const struct dvara_str *)list.v)[index]);
    case DVARA_TYPE_FLOAT:
        return value_float(((const double *)list.v)[index]);
    case DVARA_TYPE_MESSAGE:
        return (struct value){.record = (const struct dvara_message *)list.v + index};
    case DVARA_TYPE_TOOL:
        return (struct value){.record = (const struct dvara_tool *)list.v + index};
    default:
        return value_int(((const int64_t *)list.v)[index]);
    }
}

/* The set's values are the policy's: a stranger looks up, but cannot choose what collides. */
static uint64_t hash_value(uint8_t type, struct value value)
{
    if (type == DVARA_TYPE_STRING)
        return hash_quick(value.s);
    if (type == DVARA_TYPE_FLOAT)
        value.f += 0.0; /* -0.0 becomes 0.0, which it equals */
    return hash_quick(dvara_str_from((const char *)&value.i, sizeof value.i));
}

static uint32_t *find_slot(const struct const_list *list, struct value value)
{
    uint32_t at = (uint32_t)hash_value(list->type, value) & list->mask;
    while (
        list->slots[at] &&
        !value_equal(list->type, list_item(list->values, list->type, list->slots[at] - 1), value))
        at = (at + 1) & list->mask;
    return &list->slots[at];
}

enum { SET_HASHED = 8 }; /* fewer are compared one after the other */

bool set_build(struct const_list *list, struct arena *arena)
{
    uint32_t size = 4;
    if (list->values.n < SET_HASHED)
        return true;
    while (size < list->values.n * 2)
        size *= 2;
    list->slots = ARENA_ARRAY(arena, size, uint32_t);
    list->mask = size - 1;
    if (!list->slots)
        return false;
    for (size_t i = 0; i < list->values.n; i++)
        *find_slot(list, list_item(list->values, list->type, i)) = (uint32_t)i + 1;
    return true;
}

bool set_has(const struct const_list *list, struct value value)
{
    if (list->slots)
        return *find_slot(list, value) != 0;
    for (size_t i = 0; i < list->values.n; i++) {
        if (value_equal(list->type, value, list_item(list->values, list->type, i)))
            return true;
    }
    return false;
}
