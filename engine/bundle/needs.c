/* SPDX-License-Identifier: Apache-2.0 */
/* What a bundle asks of the process that enforces it (dvara/needs.def). */
#include "bundle/needs.h"

#include "base/arena.h"
#include "bundle/loaded.h"
#include "vm/attribute.h"

enum { ATTRIBUTE_NEEDS = 1 << DVARA_NEED_SESSION | 1 << DVARA_NEED_BUDGET_STATE };

const char *dvara_need_spelling(enum dvara_need need)
{
    static const char *const spellings[] = {
#define NEED(id, spelling) [DVARA_NEED_##id] = spelling,
#include "dvara/needs.def"
    };
    return spellings[need];
}

/* What one instruction asks for; blocks call only smaller ones, whose needs are known. */
static uint32_t of_instruction(const struct instruction *at, const uint8_t *blocks)
{
    if (at->op == OP_ATOM || at->op == OP_LET)
        return blocks[at->imm];
    if (at->op != OP_LOAD)
        return 0;
    if (at->b >= DVARA_ATTR_SESSION_ID && at->b <= DVARA_ATTR_SESSION_COST)
        return 1u << DVARA_NEED_SESSION;
    return attribute_place(at->b)->arg == DVARA_ARG_BUDGET ? 1u << DVARA_NEED_BUDGET_STATE : 0;
}

enum dvara_status needs_note(struct dvara_bundle *bundle)
{
    const struct bundle_tables *t = &bundle->program.tables;
    bundle->needs = ARENA_ARRAY(&bundle->arena, t->n_blocks, uint8_t);
    if (!bundle->needs)
        return DVARA_NO_MEMORY;
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        const struct bundle_block *block = &t->blocks[i];
        for (uint32_t k = 0; k < block->code_count; k++)
            bundle->needs[i] |= (uint8_t)of_instruction(
                &bundle->program.code[block->code_first + k], bundle->needs);
    }
    return DVARA_OK;
}

static uint32_t of_block(const struct dvara_bundle *bundle, uint32_t block)
{
    return block == BUNDLE_ABSENT ? 0 : bundle->needs[block] & ATTRIBUTE_NEEDS;
}

static uint32_t of_template(const struct dvara_bundle *bundle, uint32_t index)
{
    const struct bundle_tables *t = &bundle->program.tables;
    uint32_t needs = 0;
    if (index == BUNDLE_ABSENT)
        return 0;
    for (uint32_t i = 0; i < t->templates[index].count; i++)
        needs |= of_block(bundle, t->parts[t->templates[index].first + i].block);
    return needs;
}

static uint32_t of_binds(const struct dvara_bundle *bundle, uint32_t first, uint32_t count)
{
    uint32_t needs = 0;
    for (uint32_t i = first; i < first + count; i++)
        needs |= of_block(bundle, bundle->program.tables.binds[i].block);
    return needs;
}

static uint32_t of_effect(const struct dvara_bundle *bundle, const struct bundle_effect *effect)
{
    uint32_t needs = of_block(bundle, effect->value) | of_template(bundle, effect->text) |
                     of_binds(bundle, effect->bind_first, effect->bind_count);
    if (effect->kind == DVARA_EFFECT_APPROVAL)
        needs |= 1u << DVARA_NEED_APPROVAL;
    if (effect->kind == DVARA_EFFECT_CACHE)
        needs |= 1u << DVARA_NEED_CACHE;
    return needs;
}

static uint32_t of_rule(const struct dvara_bundle *bundle, const struct bundle_rule *rule)
{
    uint32_t needs = of_block(bundle, rule->when) | of_block(bundle, rule->opaque_when) |
                     of_template(bundle, rule->reason);
    for (uint32_t i = rule->first; i < rule->first + rule->count; i++)
        needs |= of_effect(bundle, &bundle->program.tables.effects[i]);
    return needs;
}

static uint32_t of_route(const struct dvara_bundle *bundle, const struct bundle_route *route)
{
    return of_block(bundle, route->match) | of_block(bundle, route->sticky) |
           (route->mirror != BUNDLE_ABSENT ? 1u << DVARA_NEED_MIRROR : 0u) |
           (route->abort_count ? 1u << DVARA_NEED_ABORT : 0u);
}

static bool find_in_rules(const struct dvara_bundle *bundle, uint32_t need,
                          struct dvara_need_place *ret)
{
    const struct bundle_tables *t = &bundle->program.tables;
    for (uint32_t i = 0; i < t->n_rules; i++) {
        const struct bundle_rule *row = &t->rules[i];
        if (!(of_rule(bundle, row) & need))
            continue;
        *ret = (struct dvara_need_place){"rule", bundle_text(bundle, row->name),
                                         bundle_text(bundle, row->file), row->line};
        return true;
    }
    return false;
}

static bool find_in_routes(const struct dvara_bundle *bundle, uint32_t need,
                           struct dvara_need_place *ret)
{
    const struct bundle_tables *t = &bundle->program.tables;
    for (uint32_t i = 0; i < t->n_routes; i++) {
        if (!(of_route(bundle, &t->routes[i]) & need))
            continue;
        *ret = (struct dvara_need_place){.kind_cstr = "route",
                                         .name = bundle_text(bundle, t->routes[i].name)};
        return true;
    }
    return false;
}

static bool find_in_meters(const struct dvara_bundle *bundle, uint32_t need,
                           struct dvara_need_place *ret)
{
    const struct bundle_tables *t = &bundle->program.tables;
    if (t->n_limits && (need & 1u << DVARA_NEED_LIMIT)) {
        const struct bundle_limit *row = t->limits;
        *ret = (struct dvara_need_place){"limit", bundle_text(bundle, row->name),
                                         bundle_text(bundle, row->file), row->line};
        return true;
    }
    if (t->n_budgets && (need & 1u << DVARA_NEED_BUDGET)) {
        const struct bundle_budget *row = t->budgets;
        *ret = (struct dvara_need_place){"budget", bundle_text(bundle, row->name),
                                         bundle_text(bundle, row->file), row->line};
        return true;
    }
    return false;
}

bool dvara_bundle_find_need(const struct dvara_bundle *bundle, enum dvara_need need,
                            struct dvara_need_place *ret_place)
{
    uint32_t bit = 1u << need;
    return find_in_rules(bundle, bit, ret_place) || find_in_routes(bundle, bit, ret_place) ||
           find_in_meters(bundle, bit, ret_place);
}
