/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/verify.h"

#include "base/arena.h"
#include "bundle/verify_code.h"
#include "bundle/verify_key.h"
#include "vm/attribute.h"

#include <math.h>
#include <string.h>

enum {
    VERIFY_MEMORY = 256 << 20,
    FALLBACKS_MAX = 64,
    ZONE_OFFSET_MAX = 24 * 3600,
    BLOCK_CODE_MAX = 1 << 20 /* a condition as long as a file can hold */
};

struct context {
    const struct bundle_program *program;
    const struct bundle_tables *tables;
    uint32_t n_detectors;
    struct dvara_bundle_error *error;
};

#define REFUSE(c, ...) bundle_refuse((c)->error, DVARA_INVALID, __VA_ARGS__)

uint32_t bundle_attribute_depends(enum dvara_attribute id)
{
    static const char target[] = "target.", tool[] = "tool.", response[] = "response.",
                      pii[] = "pii.";
    const char *path = attribute_place(id)->path;
    if (id == DVARA_ATTR_REQUEST_MODEL)
        return BUNDLE_DEPENDS_MODEL | BUNDLE_DEPENDS_REWRITE;
    if (id == DVARA_ATTR_REQUEST_MAX_TOKENS || id == DVARA_ATTR_REQUEST_TEMPERATURE ||
        id == DVARA_ATTR_REQUEST_USER || id == DVARA_ATTR_REQUEST_HEADER)
        return BUNDLE_DEPENDS_REWRITE;
    if (strncmp(path, target, sizeof target - 1) == 0)
        return BUNDLE_DEPENDS_TARGET;
    if (strncmp(path, tool, sizeof tool - 1) == 0)
        return BUNDLE_DEPENDS_TOOL;
    if (strncmp(path, response, sizeof response - 1) == 0)
        return BUNDLE_DEPENDS_RESPONSE;
    if (strncmp(path, pii, sizeof pii - 1) == 0)
        return BUNDLE_DEPENDS_PHASE;
    return 0;
}

static enum dvara_status check_constants(const struct context *c)
{
    const struct bundle_tables *t = c->tables;
    for (uint32_t i = 0; i < t->n_consts; i++) {
        const struct bundle_const *row = &t->consts[i];
        double f;
        memcpy(&f, &row->bits, sizeof f);
        bool good =
            (row->type != DVARA_TYPE_BOOL || (row->bits >> 1) == 0) &&
            (row->type != DVARA_TYPE_FLOAT || isfinite(f)) &&
            (row->type != DVARA_TYPE_STRING || (uint64_t)row->bits < c->program->n_strings) &&
            (row->type != DVARA_TYPE_CLOCK || (row->bits >= 0 && row->bits < 1440));
        if (!good)
            return REFUSE(c, "constant %u is not of its type", i);
    }
    for (uint32_t i = 0; i < t->n_lists; i++) {
        const struct bundle_list *row = &t->lists[i];
        if (row->count > DVARA_MAX_LIST)
            return REFUSE(c, "list %u is over %d elements", i, DVARA_MAX_LIST);
        for (uint32_t e = row->first; e < row->first + row->count; e++) {
            if (t->consts[t->elements[e].constant].type != row->type)
                return REFUSE(c, "list %u: an element is of another type", i);
        }
    }
    for (uint32_t i = 0; i < t->n_runtimes; i++) {
        if (t->lists[t->runtimes[i].list].type != DVARA_TYPE_STRING)
            return REFUSE(c, "runtime list %u does not hold strings", i);
    }
    return DVARA_OK;
}

static enum dvara_status check_zones(const struct context *c)
{
    const struct bundle_tables *t = c->tables;
    for (uint32_t i = 0; i < t->n_zones; i++) {
        const struct bundle_zone *zone = &t->zones[i];
        if (zone->count == 0)
            return REFUSE(c, "zone %u has no offset", i);
        for (uint32_t s = zone->first; s < zone->first + zone->count; s++) {
            if (s > zone->first && t->shifts[s].at <= t->shifts[s - 1].at)
                return REFUSE(c, "zone %u: its shifts are not in order", i);
            if (t->shifts[s].offset > ZONE_OFFSET_MAX || t->shifts[s].offset < -ZONE_OFFSET_MAX)
                return REFUSE(c, "zone %u: an offset is over a day", i);
        }
    }
    return DVARA_OK;
}

static enum dvara_status check_blocks(const struct context *c, uint32_t n_patterns)
{
    const struct bundle_tables *t = c->tables;
    struct arena memory, scratch;
    arena_init(&memory, VERIFY_MEMORY);
    arena_init(&scratch, VERIFY_MEMORY);
    enum dvara_status status = DVARA_OK;
    struct verify_calls calls = {.depth = ARENA_ARRAY(&memory, t->n_blocks, uint8_t)};
    if (!calls.depth)
        status = DVARA_NO_MEMORY;
    uint32_t next = 0; /* blocks tile the code: types are kept by instruction */
    for (uint32_t i = 0; status == DVARA_OK && i < t->n_blocks; i++) {
        if (t->blocks[i].code_first != next)
            status = REFUSE(c, "block %u does not begin where the last one ends", i);
        else if (t->blocks[i].code_count > BLOCK_CODE_MAX)
            status = REFUSE(c, "block %u is over %d instructions", i, BLOCK_CODE_MAX);
        else
            status = verify_block(c->program, i, n_patterns, &calls, &scratch, c->error);
        next += t->blocks[i].code_count;
        arena_reset(&scratch);
    }
    if (status == DVARA_OK && next != c->program->n_code)
        status = REFUSE(c, "code that belongs to no block");
    arena_clear(&scratch);
    arena_clear(&memory);
    return status;
}

/* Block `index` (or BUNDLE_ABSENT, where that is right) gives a value of this type. */
static bool block_is(const struct context *c, uint32_t index, enum dvara_type type)
{
    if (index == BUNDLE_ABSENT)
        return true;
    const struct bundle_block *block = &c->tables->blocks[index];
    return block->type == type && block->shape == DVARA_SHAPE_ONE;
}

static enum dvara_status check_templates(const struct context *c)
{
    const struct bundle_tables *t = c->tables;
    for (uint32_t i = 0; i < t->n_parts; i++) {
        const struct bundle_part *part = &t->parts[i];
        if ((part->text == BUNDLE_ABSENT) == (part->block == BUNDLE_ABSENT))
            return REFUSE(c, "template part %u must be a text or a value", i);
        if (part->block != BUNDLE_ABSENT && (t->blocks[part->block].shape != DVARA_SHAPE_ONE ||
                                             t->blocks[part->block].type >= DVARA_TYPE_MESSAGE))
            return REFUSE(c, "template part %u cannot be printed", i);
    }
    for (uint32_t i = 0; i < t->n_members; i++) {
        if (t->members[i].detector >= c->n_detectors)
            return REFUSE(c, "group member %u: no such detector", i);
    }
    return DVARA_OK;
}

static bool aborts_are_whole(const struct bundle_tables *t, const struct bundle_route *route)
{
    for (uint32_t i = route->abort_first; i < route->abort_first + route->abort_count; i++) {
        const struct bundle_abort *row = &t->aborts[i];
        if (row->measure == DVARA_MEASURE_ERRORS && (row->relative || row->value > 1000000))
            return false;
    }
    return route->abort_count == 0 ||
           (route->abort_over > 0 && route->strategy == DVARA_STRATEGY_CANARY);
}

static enum dvara_status check_routes(const struct context *c)
{
    const struct bundle_tables *t = c->tables;
    for (uint32_t i = 0; i < t->n_routes; i++) {
        const struct bundle_route *route = &t->routes[i];
        if (!block_is(c, route->match, DVARA_TYPE_BOOL) ||
            !block_is(c, route->sticky, DVARA_TYPE_STRING))
            return REFUSE(c, "route %u: match or sticky is of the wrong type", i);
        if (route->count == 0 || route->count > DVARA_MAX_TARGETS)
            return REFUSE(c, "route %u has no targets, or over %d", i, DVARA_MAX_TARGETS);
        if (!aborts_are_whole(t, route))
            return REFUSE(c, "route %u: its conditions of abort are wrong", i);
        uint32_t at = i;
        for (uint32_t hops = 0; at != BUNDLE_ABSENT; hops++) {
            if (hops > FALLBACKS_MAX)
                return REFUSE(c, "route %u: its fallbacks form a cycle, or over %d", i,
                              FALLBACKS_MAX);
            at = t->routes[at].fallback;
        }
    }
    return DVARA_OK;
}

/* Values that can be printed: of an approval, or, `strings`, what a meter is kept per. */
static bool binds_are_whole(const struct context *c, uint32_t first, uint32_t count, bool strings)
{
    for (uint32_t i = first; i < first + count; i++) {
        const struct bundle_block *block = &c->tables->blocks[c->tables->binds[i].block];
        if (block->shape != DVARA_SHAPE_ONE || block->type >= DVARA_TYPE_MESSAGE ||
            (strings && block->type != DVARA_TYPE_STRING))
            return false;
    }
    return true;
}

/* The types of an effect's own parts, by kind. */
static bool effect_is_whole(const struct context *c, const struct bundle_effect *e)
{
    bool has_value = e->value != BUNDLE_ABSENT, has_text = e->text != BUNDLE_ABSENT;
    bool has_name = e->name != BUNDLE_ABSENT;
    switch ((enum dvara_effect)e->kind) {
    case DVARA_EFFECT_DENY:
        return has_name && e->status >= 400 && !has_value;
    case DVARA_EFFECT_EXCLUDE:
    case DVARA_EFFECT_ALLOW:
        return !has_value && !has_text;
    case DVARA_EFFECT_REDACT:
        return e->group != BUNDLE_ABSENT && e->style != DVARA_STYLE_NONE && e->where != 0;
    case DVARA_EFFECT_CAP:
        return has_value && block_is(c, e->value, DVARA_TYPE_INT);
    case DVARA_EFFECT_SET_TEMPERATURE:
        return has_value && block_is(c, e->value, DVARA_TYPE_FLOAT);
    case DVARA_EFFECT_SET_MODEL:
    case DVARA_EFFECT_SET_USER:
        return has_value && block_is(c, e->value, DVARA_TYPE_STRING);
    case DVARA_EFFECT_SET_HEADER:
        return has_name && has_value != has_text && block_is(c, e->value, DVARA_TYPE_STRING);
    case DVARA_EFFECT_USE_ROUTE:
        return e->route != BUNDLE_ABSENT;
    case DVARA_EFFECT_WARN:
        return has_text;
    case DVARA_EFFECT_TAG:
        return has_name && has_text;
    case DVARA_EFFECT_APPROVAL:
        return has_name && e->quorum >= 1 && !has_value && !has_text &&
               binds_are_whole(c, e->bind_first, e->bind_count, false);
    case DVARA_EFFECT_CACHE:
        return e->ttl > 0;
    case DVARA_EFFECT_NO_CACHE:
        return !has_value && !has_text;
    case DVARA_EFFECT_COUNT:
        break;
    }
    return false;
}

static bool rate_is_whole(int64_t amount, int64_t per, int64_t burst)
{
    return (amount > 0) == (per > 0) && (burst == 0 || amount > 0);
}

static enum dvara_status check_meters(const struct context *c)
{
    const struct bundle_tables *t = c->tables;
    for (uint32_t i = 0; i < t->n_limits; i++) {
        const struct bundle_limit *row = &t->limits[i];
        if (!block_is(c, row->when, DVARA_TYPE_BOOL) ||
            !binds_are_whole(c, row->per_first, row->per_count, true))
            return REFUSE(c, "limit %u: `when` or `per` is of the wrong type", i);
        if (!rate_is_whole(row->requests, row->requests_per, row->requests_burst) ||
            !rate_is_whole(row->tokens, row->tokens_per, row->tokens_burst) ||
            (row->requests == 0 && row->tokens == 0 && row->concurrent == 0))
            return REFUSE(c, "limit %u: its amounts are wrong", i);
    }
    for (uint32_t i = 0; i < t->n_budgets; i++) {
        const struct bundle_budget *row = &t->budgets[i];
        if (!block_is(c, row->when, DVARA_TYPE_BOOL) ||
            !binds_are_whole(c, row->per_first, row->per_count, true))
            return REFUSE(c, "budget %u: `when` or `per` is of the wrong type", i);
        if (row->amount == 0 || row->soft < -1 || row->soft > 1000000)
            return REFUSE(c, "budget %u: its amounts are wrong", i);
    }
    for (uint32_t i = 0; i < t->n_invariants; i++) {
        const struct bundle_invariant *row = &t->invariants[i];
        bool good = block_is(c, row->when, DVARA_TYPE_BOOL) &&
                    block_is(c, row->never, DVARA_TYPE_BOOL) &&
                    (row->never != BUNDLE_ABSENT) == (row->claim == DVARA_INVARIANT_NEVER) &&
                    (row->group != BUNDLE_ABSENT) == (row->claim == DVARA_INVARIANT_ALWAYS_REDACT);
        if (!good)
            return REFUSE(c, "invariant %u: the parts of its claim are wrong", i);
    }
    return DVARA_OK;
}

static enum dvara_status check_effects(const struct context *c, uint32_t index)
{
    const struct bundle_rule *rule = &c->tables->rules[index];
    uint32_t decisions = 0, rewrites = 0;
    for (uint32_t i = rule->first; i < rule->first + rule->count; i++) {
        const struct bundle_effect *effect = &c->tables->effects[i];
        const struct effect_place *place = effect_place(effect->kind);
        if (rule->phases & ~(uint32_t)place->phases)
            return REFUSE(c, "rule %u: `%s` does not stand in its phases", index, place->spelling);
        if (!effect_is_whole(c, effect))
            return REFUSE(c, "rule %u: the parts of `%s` are wrong", index, place->spelling);
        decisions += place->class == DVARA_EFFECT_DECISION;
        rewrites += place->class == DVARA_EFFECT_REWRITE;
    }
    if (decisions > 1)
        return REFUSE(c, "rule %u has two decisions", index);
    if ((rewrites > 0) != ((rule->flags & BUNDLE_RULE_REWRITE) != 0) || (rewrites && decisions))
        return REFUSE(c, "rule %u mixes rewriting and deciding", index);
    if ((rule->flags & BUNDLE_RULE_REWRITE) && rule->phases != DVARA_PHASES_REQUEST)
        return REFUSE(c, "rule %u rewrites outside the request phase", index);
    return DVARA_OK;
}

static enum dvara_status check_rules(const struct context *c)
{
    const struct bundle_tables *t = c->tables;
    if (t->n_rules > DVARA_MAX_RULES)
        return REFUSE(c, "over %d rules", DVARA_MAX_RULES);
    for (uint32_t i = 0; i < t->n_rules; i++) {
        const struct bundle_rule *rule = &t->rules[i];
        if (!block_is(c, rule->when, DVARA_TYPE_BOOL) ||
            !block_is(c, rule->opaque_when, DVARA_TYPE_BOOL))
            return REFUSE(c, "rule %u: its condition is not a bool", i);
        if (rule->priority < -1000 || rule->priority > 1000 || rule->phases == 0)
            return REFUSE(c, "rule %u: its priority or phases are wrong", i);
        if ((rule->flags & BUNDLE_RULE_REJUDGED) && !(rule->phases & DVARA_PHASES_REQUEST))
            return REFUSE(c, "rule %u is judged again but has no request phase", i);
        enum dvara_status status = check_effects(c, i);
        if (status != DVARA_OK)
            return status;
    }
    return DVARA_OK;
}

/* Rows that are compared by number must stand in the order of their names, each name once. */
static enum dvara_status check_order(const struct context *c, enum bundle_table table)
{
    uint32_t n;
    const struct bundle_layout *layout = bundle_layout(table);
    const char *rows = bundle_rows(c->tables, table, &n);
    for (uint32_t i = 1; i < n; i++) {
        uint32_t a, b; /* the name is the first column of these tables */
        memcpy(&a, rows + (i - 1) * layout->size, sizeof a);
        memcpy(&b, rows + i * layout->size, sizeof b);
        if (dvara_str_cmp(c->program->strings[a], c->program->strings[b]) >= 0)
            return REFUSE(c, "%s: row %u is not in the order of names", layout->name, i);
    }
    return DVARA_OK;
}

enum dvara_status bundle_verify(const struct bundle_program *program, uint32_t n_detectors,
                                uint32_t n_patterns, struct dvara_bundle_error *ret_error)
{
    static const enum bundle_table ordered[] = {
        BUNDLE_TABLE_RULE,  BUNDLE_TABLE_ROUTE,  BUNDLE_TABLE_PROVIDER, BUNDLE_TABLE_RUNTIME,
        BUNDLE_TABLE_LIMIT, BUNDLE_TABLE_BUDGET, BUNDLE_TABLE_INVARIANT};
    struct context c = {program, &program->tables, n_detectors, ret_error};
    if (program->tables.n_manifests != 1)
        return REFUSE(&c, "there must be one manifest");
    if (program->tables.n_regexes != n_patterns)
        return REFUSE(&c, "the pattern section holds %u patterns, the table %u", n_patterns,
                      program->tables.n_regexes);
    enum dvara_status status = check_constants(&c);
    if (status == DVARA_OK)
        status = check_zones(&c);
    if (status == DVARA_OK)
        status = check_blocks(&c, n_patterns);
    if (status == DVARA_OK)
        status = check_templates(&c);
    if (status == DVARA_OK)
        status = check_routes(&c);
    if (status == DVARA_OK)
        status = verify_keys(program, ret_error);
    if (status == DVARA_OK)
        status = check_rules(&c);
    if (status == DVARA_OK)
        status = check_meters(&c);
    for (size_t i = 0; status == DVARA_OK && i < sizeof ordered / sizeof *ordered; i++)
        status = check_order(&c, ordered[i]);
    return status;
}
