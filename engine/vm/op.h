/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions of the bytecode; the rows stand in opcodes.def. */
#ifndef VM_OP_H
#define VM_OP_H

#include <stdint.h>

enum op {
#define OP(name, a, b, c, imm, what) OP_##name,
#include "vm/opcodes.def"
    OP_COUNT_ALL
};

enum {
    OP_SIZE = 8,        /* bytes in a bundle: op, a, b, c, imm little-endian */
    OP_REGISTERS = 128, /* of a block: nesting is at most 64 */
    OP_CALL_DEPTH = 64, /* atoms and lets within each other */
    OP_MODULUS = 1000000
};

struct instruction {
    uint8_t op;
    uint8_t a, b, c;
    uint32_t imm;
};

enum op_operand {
    OPERAND_NONE,
    OPERAND_ATTR,
    OPERAND_FIELD,
    OPERAND_R_BOOL,
    OPERAND_R_INT,
    OPERAND_R_STR,
    OPERAND_R_NUM,
    OPERAND_R_ORD,
    OPERAND_R_ANY,
    OPERAND_R_OPT,
    OPERAND_R_LIST,
    OPERAND_R_RECORD,
    OPERAND_R_AMOUNT,
    OPERAND_R_AS_B,
    OPERAND_R_BARE_B,
    OPERAND_R_ITEM,
    OPERAND_R_RESULT,
    OPERAND_W_BOOL,
    OPERAND_W_INT,
    OPERAND_W_STR,
    OPERAND_W_OPT_STR,
    OPERAND_W_STRS,
    OPERAND_W_AS_B,
    OPERAND_W_AS_C,
    OPERAND_W_BARE,
    OPERAND_W_ITEM,
    OPERAND_W_OPT_ITEM,
    OPERAND_W_IMM,
    OPERAND_COUNT
};

enum op_immediate {
    IMM_NONE,
    IMM_JUMP,
    IMM_BODY,
    IMM_ARG,
    IMM_CONST,
    IMM_LIST,
    IMM_RUNTIME,
    IMM_SET,
    IMM_GLOBS,
    IMM_NETS,
    IMM_REGEX,
    IMM_STRING,
    IMM_ZONE,
    IMM_PERIOD,
    IMM_ATOM,
    IMM_LET,
    IMM_MODULUS,
    IMM_COUNT
};

struct op_row {
    const char *name;
    uint8_t a, b, c; /* enum op_operand */
    uint8_t imm;     /* enum op_immediate */
    const char *what;
};

/* op < OP_COUNT_ALL */
const struct op_row *op_row(uint8_t op);

#endif
