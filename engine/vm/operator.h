/* SPDX-License-Identifier: Apache-2.0 */
/* What the instructions do with values that are no errors. Steps are charged for text and elements;
 * when the budget is spent the value is the error STEPS. */
#ifndef VM_OPERATOR_H
#define VM_OPERATOR_H

#include "vm/machine.h"
#include "vm/op.h"

/* The helpers of the loop write where the value is to stand: a value that is returned is copied,
 * and a copy that is wider than the writes before it waits for them. */
static inline void set_number(struct value *ret, int64_t i)
{
    ret->state = VALUE_PRESENT;
    ret->kind = 0;
    ret->i = i;
}

static inline void set_error(struct value *ret, enum dvara_error_kind kind)
{
    ret->state = VALUE_ERROR;
    ret->kind = (uint8_t)kind;
}

static inline bool is_error(const struct value *v)
{
    return v->state == VALUE_ERROR;
}

/* ADD SUB MUL SCALE NEG ABS of `type`; the unary ones read b. `ret` may be b or c. */
void operator_arithmetic(const struct dvara_run *run, uint8_t op, uint8_t type,
                         const struct value *b, const struct value *c, struct value *ret);
/* <0, 0, >0 */
int operator_order(uint8_t type, const struct value *b, const struct value *c);
/* EQ NE LT LE GT GE */
bool operator_compares(uint8_t op, uint8_t type, const struct value *b, const struct value *c);

struct value operator_runtime_list(const struct dvara_run *run, uint32_t index);
struct value operator_field(struct value record, uint8_t id);
struct value operator_first(struct value_list list, uint8_t type);
struct value operator_in_list(struct dvara_run *run, uint8_t type, struct value b,
                              struct value_list list);
/* CONTAINS STARTS_WITH ENDS_WITH */
struct value operator_search(struct dvara_run *run, uint8_t op, struct dvara_str b,
                             struct dvara_str c);
struct value operator_glob(struct dvara_run *run, struct dvara_str text, uint32_t index);
struct value operator_within(struct dvara_run *run, struct dvara_str text, uint32_t index);
struct value operator_count_points(struct dvara_run *run, struct dvara_str s);
/* LOWER UPPER TRIM */
struct value operator_change(struct dvara_run *run, uint8_t op, struct dvara_str s);
/* HOUR WEEKDAY DATE of request.time in a zone, and whether it lies in a period. */
struct value operator_calendar(struct dvara_run *run, uint8_t op, uint32_t zone);
struct value operator_between(struct dvara_run *run, uint32_t index);
struct value operator_json(struct dvara_run *run, struct dvara_str text, uint32_t pointer);

#endif
