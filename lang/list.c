/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/list.h"

enum { LIST_FIRST_ROOM = 4 };

void *list_room(struct arena *arena, void *v, size_t n, size_t element_size)
{
    if (v && (n < LIST_FIRST_ROOM || (n & (n - 1)) != 0))
        return v;
    size_t room = n < LIST_FIRST_ROOM ? LIST_FIRST_ROOM : 2 * n;
    char *grown = arena_array(arena, room, element_size);
    if (grown && n)
        memcpy(grown, v, n * element_size);
    return grown;
}
