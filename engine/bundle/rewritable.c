/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/rewritable.h"

/* The header's number among those that blocks read; the last one is shared. */
static uint32_t find(const struct dvara_bundle *bundle, struct dvara_str name)
{
    uint32_t i = 0;
    while (i < bundle->n_headers && !dvara_str_eq(bundle->headers[i], name))
        i++;
    return i;
}

uint32_t rewritable_header(const struct dvara_bundle *bundle, struct dvara_str name)
{
    uint32_t i = find(bundle, name);
    if (i == bundle->n_headers && i < REWRITABLE_HEADERS)
        return 0;
    return 1u << (REWRITABLE_FIRST_HEADER + (i < REWRITABLE_HEADERS ? i : REWRITABLE_HEADERS - 1));
}

static uint32_t header_bit(struct dvara_bundle *bundle, uint32_t string)
{
    struct dvara_str name = bundle->program.strings[string];
    if (find(bundle, name) == bundle->n_headers && bundle->n_headers < REWRITABLE_HEADERS)
        bundle->headers[bundle->n_headers++] = name;
    return rewritable_header(bundle, name);
}

static uint32_t bits_of(struct dvara_bundle *bundle, uint32_t block)
{
    const struct bundle_program *program = &bundle->program;
    const struct bundle_block *row = &program->tables.blocks[block];
    uint32_t bits = 0;
    for (uint32_t i = row->code_first; i < row->code_first + row->code_count; i++) {
        const struct instruction *at = &program->code[i];
        if ((at->op == OP_ATOM || at->op == OP_LET) && at->imm < block)
            bits |= bundle->rewritable[at->imm];
        if (at->op != OP_LOAD)
            continue;
        bits |= at->b == DVARA_ATTR_REQUEST_MAX_TOKENS    ? REWRITABLE_MAX_TOKENS
                : at->b == DVARA_ATTR_REQUEST_TEMPERATURE ? REWRITABLE_TEMPERATURE
                : at->b == DVARA_ATTR_REQUEST_USER        ? REWRITABLE_USER
                : at->b == DVARA_ATTR_REQUEST_HEADER      ? header_bit(bundle, at->imm)
                                                          : 0;
    }
    return bits;
}

bool rewritable_note(struct dvara_bundle *bundle)
{
    uint32_t n = bundle->program.tables.n_blocks;
    bundle->rewritable = ARENA_ARRAY(&bundle->arena, n, uint32_t);
    bundle->headers = ARENA_ARRAY(&bundle->arena, REWRITABLE_HEADERS, struct dvara_str);
    if (!bundle->rewritable || !bundle->headers)
        return false;
    for (uint32_t i = 0; i < n; i++)
        bundle->rewritable[i] = bits_of(bundle, i);
    return true;
}
