/* SPDX-License-Identifier: Apache-2.0 */
/* A map from (kind, bytes) to a number, for rows that are made once. Lives in an arena. */
#ifndef LANG_INTERN_H
#define LANG_INTERN_H

#include "dvara/str.h"

#include <stdint.h>

struct arena;
struct intern;

struct intern *intern_new(struct arena *arena); /* NULL: out of memory */
/* The place of the number under the key: UINT32_MAX when new. The key is copied. Never NULL unless
 * out of memory. */
uint32_t *intern_at(struct intern *intern, uint32_t kind, struct dvara_str key);

#endif
