/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of limits, budgets and invariants, and of the values that approvals bind. */
#include "lang/generator.h"

#include "base/arena.h"
#include "lang/quote.h"

static const struct type string_type = {DVARA_TYPE_STRING, DVARA_SHAPE_ONE};
static const struct type bool_type = {DVARA_TYPE_BOOL, DVARA_SHAPE_ONE};

uint32_t generate_binds(struct generator *generator, const struct exprs *exprs, bool as_string)
{
    uint32_t *blocks = ARENA_ARRAY(generator->arena, exprs->n, uint32_t);
    size_t n = blocks ? exprs->n : 0; /* out of memory: the bundle is not written */
    for (size_t i = 0; i < n; i++)
        blocks[i] =
            generate_block(generator, exprs->v[i], as_string ? string_type : exprs->v[i]->type);
    uint32_t first = bundle_count(generator->writer, BUNDLE_TABLE_BIND);
    for (size_t i = 0; i < n; i++) {
        struct span span = exprs->v[i]->span;
        struct dvara_str text =
            quote(generator->program, generator->arena, span, GENERATE_TEXT_MAX);
        struct bundle_bind row = {bundle_string(generator->writer, text), blocks[i]};
        bundle_add(generator->writer, BUNDLE_TABLE_BIND, &row);
    }
    return first;
}

static uint32_t condition(struct generator *generator, const struct expr *expr)
{
    return expr ? generate_block(generator, expr, bool_type) : BUNDLE_ABSENT;
}

struct place {
    uint32_t name, file, line, doc;
};

static struct place place_of(struct generator *generator, const struct decl *decl)
{
    const struct source *source = generator->program->sources.v[decl->name_span.file];
    return (struct place){bundle_string(generator->writer, decl->name),
                          bundle_string(generator->writer, source_recorded_path(source)),
                          source_position(source, decl->name_span.start).line,
                          bundle_string(generator->writer, decl->doc)};
}

static void add_limit(struct generator *generator, const struct decl *decl)
{
    const struct limit *limit = &decl->limit;
    struct place place = place_of(generator, decl);
    struct bundle_limit row = {.name = place.name,
                               .file = place.file,
                               .line = place.line,
                               .doc = place.doc,
                               .when = condition(generator, limit->when),
                               .per_count = (uint32_t)limit->per.n,
                               .requests = limit->requests.amount.i,
                               .requests_per = limit->requests.per.i,
                               .requests_burst = limit->requests.burst.i,
                               .tokens = limit->tokens.amount.i,
                               .tokens_per = limit->tokens.per.i,
                               .tokens_burst = limit->tokens.burst.i,
                               .concurrent = limit->concurrent.i,
                               .on_store_failure = limit->on_store_failure};
    row.per_first = generate_binds(generator, &limit->per, true);
    bundle_add(generator->writer, BUNDLE_TABLE_LIMIT, &row);
}

static void add_budget(struct generator *generator, const struct decl *decl)
{
    const struct budget *budget = &decl->budget;
    struct place place = place_of(generator, decl);
    struct bundle_budget row = {.name = place.name,
                                .file = place.file,
                                .line = place.line,
                                .doc = place.doc,
                                .when = condition(generator, budget->when),
                                .per_count = (uint32_t)budget->per.n,
                                .amount = budget->amount.i,
                                .window = budget->window,
                                .zone = budget->zone ? generate_zone(generator, budget->zone)
                                                     : BUNDLE_ABSENT,
                                .soft = budget->soft.has ? budget->soft.i : -1,
                                .on_store_failure = budget->on_store_failure};
    row.per_first = generate_binds(generator, &budget->per, true);
    bundle_add(generator->writer, BUNDLE_TABLE_BUDGET, &row);
}

static void add_invariant(struct generator *generator, const struct decl *decl)
{
    const struct invariant *invariant = &decl->invariant;
    struct place place = place_of(generator, decl);
    struct bundle_invariant row = {.name = place.name,
                                   .file = place.file,
                                   .line = place.line,
                                   .doc = place.doc,
                                   .when = condition(generator, invariant->when),
                                   .claim = invariant->claim,
                                   .never = condition(generator, invariant->never),
                                   .group = invariant->group.decl
                                                ? generate_group(generator, invariant->group.decl)
                                                : BUNDLE_ABSENT};
    bundle_add(generator->writer, BUNDLE_TABLE_INVARIANT, &row);
}

void generate_meters(struct generator *generator)
{
    const struct program *program = generator->program;
    for (size_t i = 0; i < program->by_kind[DECL_LIMIT].n; i++)
        add_limit(generator, program->by_kind[DECL_LIMIT].v[i]);
    for (size_t i = 0; i < program->by_kind[DECL_BUDGET].n; i++)
        add_budget(generator, program->by_kind[DECL_BUDGET].v[i]);
    for (size_t i = 0; i < program->by_kind[DECL_INVARIANT].n; i++)
        add_invariant(generator, program->by_kind[DECL_INVARIANT].v[i]);
}
