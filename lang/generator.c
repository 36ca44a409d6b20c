/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/generator.h"

#include "base/arena.h"
#include "lang/list.h"

struct block block_begin(struct generator *generator)
{
    return (struct block){.generator = generator};
}

static void use_register(struct block *block, uint32_t r)
{
    if (r + 1 > block->registers)
        block->registers = r + 1;
    if (r >= OP_REGISTERS)
        block->failed = true; /* the caller reports it: nesting is bounded far below */
}

void block_emit(struct block *block, uint8_t op, uint32_t a, uint32_t b, uint32_t c, uint32_t imm)
{
    const struct op_row *row = op_row(op);
    struct instruction at = {op, (uint8_t)a, (uint8_t)b, (uint8_t)c, imm};
    use_register(block, a);
    if (row->b >= OPERAND_R_BOOL)
        use_register(block, b);
    if (row->c >= OPERAND_R_BOOL)
        use_register(block, c);
    LIST_APPEND(block->generator->arena, block->code, block->n, at);
}

uint32_t block_jump(struct block *block, uint8_t op, uint32_t a)
{
    block_emit(block, op, a, 0, 0, 0);
    return block->n - 1;
}

void block_land(struct block *block, uint32_t jump)
{
    if (jump < block->n)
        block->code[jump].imm = block->n;
}

struct block_key {
    uint32_t kind, type, shape, depends;
};

static uint32_t append_block(struct block *block, enum bundle_block_kind kind, struct type type,
                             struct dvara_str text)
{
    struct bundle_writer *writer = block->generator->writer;
    struct bundle_block row = {.kind = kind,
                               .type = type.base,
                               .shape = type.shape,
                               .code_first = bundle_code_count(writer),
                               .code_count = block->n,
                               .registers = block->registers,
                               .depends = block->depends,
                               .text = bundle_string(writer, text)};
    for (uint32_t i = 0; i < block->n; i++)
        bundle_code(writer, block->code[i]);
    return bundle_add(writer, BUNDLE_TABLE_BLOCK, &row);
}

uint32_t block_finish(struct block *block, enum bundle_block_kind kind, struct type type,
                      struct dvara_str text)
{
    struct generator *generator = block->generator;
    block_emit(block, OP_RETURN, 0, 0, 0, 0);
    if (block->failed || arena_is_exhausted(generator->arena))
        return 0;
    if (generator->plain)
        return append_block(block, kind, type, text);
    struct block_key key = {kind, type.base, type.shape, block->depends};
    size_t code = block->n * sizeof *block->code;
    char *bytes = arena_alloc(generator->arena, sizeof key + code);
    if (!bytes)
        return 0;
    memcpy(bytes, &key, sizeof key);
    memcpy(bytes + sizeof key, block->code, code);
    uint32_t *at =
        intern_at(generator->intern, BUNDLE_TABLE_BLOCK, dvara_str_from(bytes, sizeof key + code));
    if (at && *at == UINT32_MAX)
        *at = append_block(block, kind, type, text);
    return at ? *at : 0;
}
