/* SPDX-License-Identifier: Apache-2.0 */
/* A constant list as values, and as a hash set for membership. Built once, at load. */
#ifndef VM_SET_H
#define VM_SET_H

#include "vm/value.h"

struct arena;

struct const_list {
    uint8_t type; /* enum dvara_type */
    struct value_list values;
    uint32_t *slots; /* element number + 1, open addressing; NULL: a short list, compared */
    uint32_t mask;
};

/* Fills list->slots from list->values. False: out of memory. */
bool set_build(struct const_list *list, struct arena *arena);
/* `value` is present and of the list's type. */
bool set_has(const struct const_list *list, struct value value);
/* Element `index` of a list of values of `type`. */
struct value list_item(struct value_list list, uint8_t type, size_t index);
/* Are two present values of one scalar type equal? */
bool value_equal(uint8_t type, struct value a, struct value b);
/* <0, 0, >0; for numbers and strings. */
int value_compare(uint8_t type, struct value a, struct value b);

#endif
