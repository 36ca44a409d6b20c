/* SPDX-License-Identifier: Apache-2.0 */
/* Rendering templates and printing values as the language spells them. */
#ifndef VM_TEMPLATE_H
#define VM_TEMPLATE_H

#include "vm/machine.h"

struct buf;

/* Appends a present value of a scalar type: int decimal, float shortest, money $12.50 (2 to 6
 * decimals), percent 82.5% (one decimal at most), durations and sizes in their largest exact unit,
 * time as RFC 3339. */
void template_print(struct buf *out, uint8_t type, struct value value);
/* A client's value: at most DVARA_CLIENT_VALUE_SHOWN characters, controls and bidi as \u{…}. */
void template_print_client(struct buf *out, struct dvara_str s);

/* A present value as text in the run's arena, exact and whole: what an approval binds. */
struct dvara_str template_value(struct dvara_run *run, uint8_t type, struct value value);

/* The text of a template in the run's arena; an error when a part erred, whose `s` still holds the
 * text, with `?` in that part's place. */
struct value template_render(struct dvara_run *run, uint32_t index);

#endif
