/* SPDX-License-Identifier: Apache-2.0 */
/* Which route, which targets, in which order (language.md, sections 4 and 5, R12, R26). */
#include "oracle/judge.h"

#include <stdio.h>
#include <stdlib.h>

/* Does an expression read request.model, through lets too? */
static bool reads_model(const struct expr *expr)
{
    if (!expr)
        return false;
    switch (expr->kind) {
    case EXPR_ATTRIBUTE:
        return expr->attribute.id == DVARA_ATTR_REQUEST_MODEL;
    case EXPR_LET:
        return reads_model(expr->decl->let.expr);
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_HAS:
    case EXPR_PAREN:
        return reads_model(expr->operand);
    case EXPR_BINARY:
        return reads_model(expr->binary.left) ||
               (expr->binary.op != BINARY_MATCHES && reads_model(expr->binary.right));
    case EXPR_QUANTIFIER:
        return reads_model(expr->quantifier.over) || reads_model(expr->quantifier.body);
    case EXPR_CALL:
        for (size_t i = 0; i < expr->call.args.n; i++)
            if (reads_model(expr->call.args.v[i]))
                return true;
        return false;
    case EXPR_LIST:
        for (size_t i = 0; i < expr->items.n; i++)
            if (reads_model(expr->items.v[i]))
                return true;
        return false;
    default:
        return false;
    }
}

static bool has_effect(const struct rule *rule, enum dvara_effect kind)
{
    for (size_t i = 0; i < rule->n_effects; i++)
        if (rule->effects[i].kind == kind)
            return true;
    return false;
}

static void use_target(struct judge *judge, const struct route_target *target)
{
    struct dvara_facts *f = &judge->facts;
    const struct decl *provider = program_find(judge->program, DECL_PROVIDER, target->provider.s);
    const struct decl *model = program_find(judge->program, DECL_MODEL, target->name.s);
    f->target.provider = target->provider.s;
    f->target.model = target->model.s;
    f->target.zone =
        provider && provider->provider.zone.s.p ? provider->provider.zone.s : DVARA_STR("");
    f->target.region =
        provider && provider->provider.region.s.p ? provider->provider.region.s : DVARA_STR("");
    f->target.kind = DVARA_STR("");
    f->target.input_price = model && model->model.input.has ? model->model.input.i : 0;
    f->target.output_price = model && model->model.output.has ? model->model.output.i : 0;
    f->target.healthy = true;
    f->target.latency_p50 = 0;
}

static void exclude(struct judge *judge, const struct decl *rule, const struct route_target *target)
{
    judge_note(judge, "excluded %.*s %.*s", DVARA_STR_ARG(target->name.s),
               DVARA_STR_ARG(rule->name));
}

/* A deny on request that reads the model, judged with the target's (R12). */
static bool rejudged_excludes(struct judge *judge, const struct decl *decl,
                              const struct route_target *target)
{
    const struct rule *rule = &decl->rule;
    if (!(rule->phases & DVARA_PHASES_REQUEST) || rule->once ||
        !has_effect(rule, DVARA_EFFECT_DENY) || !reads_model(rule->when))
        return false;
    struct value before = judge_condition(judge, decl, DVARA_PHASE_REQUEST);
    if (before.state == VALUE_ERROR || before.i)
        return false;
    struct dvara_str model = judge->facts.request.model;
    judge->facts.request.model = target->model.s;
    struct judge probe = *judge; /* effects of the second judgement do not stand */
    bool matched = judge_rule(&probe, decl, DVARA_PHASE_TARGET);
    for (size_t i = 0; i < probe.notes.n; i++) {
        struct dvara_str note = probe.notes.v[i];
        if (dvara_str_starts_with(note, DVARA_STR("matched")) ||
            dvara_str_starts_with(note, DVARA_STR("error")) ||
            dvara_str_starts_with(note, DVARA_STR("shadow")))
            judge_note(judge, "%.*s", DVARA_STR_ARG(note));
    }
    judge->facts.request.model = model;
    return matched;
}

static bool is_eligible(struct judge *judge, const struct route_target *target)
{
    const struct decls *rules = &judge->program->by_kind[DECL_RULE];
    bool eligible = true;
    use_target(judge, target);
    for (size_t i = 0; i < rules->n; i++) {
        const struct decl *decl = rules->v[i];
        bool excludes = rejudged_excludes(judge, decl, target);
        if (decl->rule.phases & DVARA_PHASES_TARGET)
            excludes = (judge_rule(judge, decl, DVARA_PHASE_TARGET) &&
                        has_effect(&decl->rule, DVARA_EFFECT_EXCLUDE)) ||
                       excludes;
        if (excludes)
            exclude(judge, decl, target);
        eligible = eligible && !excludes;
    }
    return eligible;
}

/* The arm that the request's bucket falls in; later ones follow in their order, around the end. */
static size_t weighted_start(struct judge *judge, const struct decl *route)
{
    const struct dvara_facts *f = &judge->facts;
    struct dvara_str sticky = f->session.id.p ? f->session.id : f->request.id;
    if (route->route.sticky_by) {
        struct scope scope = {.facts = f, .arena = judge->arena};
        struct value v = walk(&scope, route->route.sticky_by);
        if (v.state == VALUE_PRESENT)
            sticky = v.s;
    }
    char key[1024];
    int n = snprintf(key, sizeof key, "%.*s%c%.*s", DVARA_STR_ARG(route->name), 0,
                     DVARA_STR_ARG(sticky));
    int64_t total = 0;
    for (size_t i = 0; i < route->route.n_targets; i++)
        total += route->route.targets[i].weight.i;
    if (total == 0)
        return 0;
    int64_t at = walk_bucket(dvara_str_from(key, (size_t)n), 1000000) * total / 1000000;
    size_t i = 0;
    for (; at >= route->route.targets[i].weight.i; i++)
        at -= route->route.targets[i].weight.i;
    return i;
}

static size_t plan_route(struct judge *judge, const struct decl *decl)
{
    const struct route *route = &decl->route;
    size_t start = route->strategy == DVARA_STRATEGY_WEIGHTED ? weighted_start(judge, decl) : 0;
    size_t left = 0;
    for (size_t i = 0; i < route->n_targets; i++) {
        const struct route_target *target = &route->targets[(start + i) % route->n_targets];
        if (is_eligible(judge, target))
            judge_note(judge, "target %02zu %.*s", left++, DVARA_STR_ARG(target->name.s));
    }
    return left;
}

static bool is_matched(struct judge *judge, const struct decl *route)
{
    struct scope scope = {.facts = &judge->facts, .arena = judge->arena};
    if (!route->route.match)
        return false;
    struct value v = walk(&scope, route->route.match);
    return v.state == VALUE_PRESENT && v.i;
}

static const struct decl *choose_route(struct judge *judge)
{
    const struct decls *routes = &judge->program->by_kind[DECL_ROUTE];
    const struct decl *best = judge->forced_route;
    for (size_t i = 0; i < routes->n && !judge->forced_route; i++)
        if (is_matched(judge, routes->v[i]) &&
            (!best || routes->v[i]->route.priority > best->route.priority))
            best = routes->v[i]; /* sorted by name: the first of equals has the smallest */
    return best;
}

void judge_plan(struct judge *judge)
{
    const struct decl *route = choose_route(judge);
    if (!route)
        return;
    judge_note(judge, "route %.*s", DVARA_STR_ARG(route->name));
    for (const struct decl *at = route; at; at = at->route.fallback.decl)
        if (plan_route(judge, at) > 0)
            return;
    judge->denied = true;
    judge->code = DVARA_STR("no_eligible_target");
    judge->status = 403;
}
