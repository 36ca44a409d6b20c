/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays that grow in an arena while they are built. There is no capacity to keep: an array of n
 * elements has room for the next power of two, at least four. */
#ifndef LANG_LIST_H
#define LANG_LIST_H

#include "base/arena.h"

/* The array with room for element number n: v itself, or a grown copy. NULL when memory is out. */
void *list_room(struct arena *arena, void *v, size_t n, size_t element_size);

/* Appends `value` to the array `v` of `n` elements; when memory is out nothing happens (the arena's
 * flag is sticky). */
#define LIST_APPEND(arena, v, n, value)                                                            \
    do {                                                                                           \
        void *list_grown = list_room((arena), (v), (n), sizeof *(v));                              \
        if (list_grown) {                                                                          \
            (v) = list_grown;                                                                      \
            (v)[(n)++] = (value);                                                                  \
        }                                                                                          \
    } while (0)

#endif
