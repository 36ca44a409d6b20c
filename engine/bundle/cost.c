/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/cost.h"

#include "base/arena.h"
#include "dvara/limits.h"
#include "vm/attribute.h"

enum { TEXT_STEPS = DVARA_MAX_SCAN / DVARA_STEP_TEXT_BYTES };

struct costs {
    const struct bundle_program *program;
    uint64_t *blocks; /* of those before the one that is counted */
};

static uint64_t plus(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* The most elements that register r of the block's instruction `at` can hold: the attribute's cap
 * when the list was loaded just there. */
static uint64_t elements(const struct instruction *code, uint32_t at, uint8_t r)
{
    for (uint32_t i = at; i-- > 0;) {
        if (code[i].a != r || code[i].op == OP_JUMP_FALSE || code[i].op == OP_JUMP_TRUE)
            continue;
        if (code[i].op != OP_LOAD)
            return DVARA_MAX_LIST;
        uint8_t type = attribute_place(code[i].b)->type;
        return type == DVARA_TYPE_MESSAGE ? DVARA_MAX_MESSAGES
               : type == DVARA_TYPE_TOOL  ? DVARA_MAX_TOOLS
                                          : DVARA_MAX_LIST;
    }
    return DVARA_MAX_LIST;
}

/* One instruction without its body. */
static uint64_t of_instruction(const struct costs *costs, const struct instruction *code,
                               uint32_t at)
{
    const struct bundle_tables *t = &costs->program->tables;
    const struct instruction *i = &code[at];
    switch (i->op) {
    case OP_ATOM:
    case OP_LET:
        return plus(1, costs->blocks[i->imm]);
    case OP_LOAD: /* personal data: a scan of the phase's texts */
        return attribute_place(i->b)->arg == DVARA_ARG_GROUP ? 1 + TEXT_STEPS : 1;
    case OP_CONTAINS:
    case OP_STARTS_WITH:
    case OP_ENDS_WITH:
    case OP_MATCHES:
    case OP_COUNT_POINTS:
    case OP_LOWER:
    case OP_UPPER:
    case OP_TRIM:
    case OP_BUCKET:
    case OP_JSON:
        return 1 + TEXT_STEPS;
    case OP_GLOB:
        return plus(1, times(t->globs[i->imm].count, 1 + TEXT_STEPS));
    case OP_WITHIN:
        return plus(1, t->netses[i->imm].count);
    case OP_IN_LIST:
        return plus(1, elements(code, at, i->c));
    default:
        return 1;
    }
}

static bool is_loop(uint8_t op)
{
    return op == OP_ANY || op == OP_ALL || op == OP_NO || op == OP_COUNT;
}

/* Instructions [from, to). Bodies nest twice at most. */
static uint64_t of_range(const struct costs *costs, const struct instruction *code, uint32_t from,
                         uint32_t to)
{
    uint64_t sum = 0;
    for (uint32_t at = from; at < to;) {
        sum = plus(sum, of_instruction(costs, code, at));
        if (!is_loop(code[at].op)) {
            at++;
            continue;
        }
        uint64_t body = plus(1, of_range(costs, code, at + 1, code[at].imm));
        sum = plus(sum, times(elements(code, at, code[at].b), body));
        at = code[at].imm;
    }
    return sum;
}

static uint64_t of_block(const struct costs *costs, uint32_t block)
{
    return block == BUNDLE_ABSENT ? 0 : costs->blocks[block];
}

static uint64_t of_template(const struct costs *costs, uint32_t index)
{
    const struct bundle_tables *t = &costs->program->tables;
    uint64_t sum = 0;
    if (index == BUNDLE_ABSENT)
        return 0;
    for (uint32_t i = 0; i < t->templates[index].count; i++)
        sum = plus(sum, of_block(costs, t->parts[t->templates[index].first + i].block));
    return sum;
}

static uint64_t of_rule(const struct costs *costs, const struct bundle_rule *rule)
{
    const struct bundle_tables *t = &costs->program->tables;
    uint64_t sum = plus(of_block(costs, rule->when), of_block(costs, rule->opaque_when));
    sum = plus(sum, of_template(costs, rule->reason));
    for (uint32_t i = rule->first; i < rule->first + rule->count; i++) {
        const struct bundle_effect *effect = &t->effects[i];
        sum = plus(sum, of_block(costs, effect->value));
        sum = plus(sum, of_template(costs, effect->text));
        for (uint32_t k = 0; k < effect->bind_count; k++)
            sum = plus(sum, of_block(costs, t->binds[effect->bind_first + k].block));
    }
    return sum;
}

enum dvara_status cost_rules(const struct bundle_program *program, struct arena *arena,
                             uint64_t **ret_steps)
{
    const struct bundle_tables *t = &program->tables;
    struct costs costs = {program, ARENA_ARRAY(arena, t->n_blocks, uint64_t)};
    uint64_t *steps = ARENA_ARRAY(arena, t->n_rules, uint64_t);
    if (!costs.blocks || !steps)
        return DVARA_NO_MEMORY;
    for (uint32_t i = 0; i < t->n_blocks; i++)
        costs.blocks[i] =
            of_range(&costs, program->code + t->blocks[i].code_first, 0, t->blocks[i].code_count);
    for (uint32_t i = 0; i < t->n_rules; i++)
        steps[i] = of_rule(&costs, &t->rules[i]);
    *ret_steps = steps;
    return DVARA_OK;
}
