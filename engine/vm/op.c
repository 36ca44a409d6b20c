/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/op.h"

#include <assert.h>

static const struct op_row rows[] = {
#define OP(name, a, b, c, imm, what)                                                               \
    [OP_##name] = {#name, OPERAND_##a, OPERAND_##b, OPERAND_##c, IMM_##imm, what},
#include "vm/opcodes.def"
};

static_assert(sizeof(struct instruction) == OP_SIZE, "an instruction is eight bytes");
static_assert(OP_COUNT_ALL <= 256, "an opcode is a byte");

const struct op_row *op_row(uint8_t op)
{
    assert(op < OP_COUNT_ALL);
    return &rows[op];
}
