/* SPDX-License-Identifier: Apache-2.0 */
/* Which route, which targets, in which order (language.md, sections 4 and 5, R12, R26). */
#include "oracle/judge.h"

struct candidate {
    struct dvara_str provider, model, name;
};

static bool is_model(enum dvara_attribute id)
{
    return id == DVARA_ATTR_REQUEST_MODEL;
}

static bool has_effect(const struct rule *rule, enum dvara_effect kind)
{
    for (size_t i = 0; i < rule->n_effects; i++)
        if (rule->effects[i].kind == kind)
            return true;
    return false;
}

static void use_target(struct judge *judge, const struct candidate *target)
{
    struct dvara_facts *f = &judge->facts;
    judge->target = target->name;
    const struct decl *provider = program_find(judge->program, DECL_PROVIDER, target->provider);
    const struct decl *model = program_find(judge->program, DECL_MODEL, target->name);
    f->target.provider = target->provider;
    f->target.model = target->model;
    f->target.zone =
        provider && provider->provider.zone.s.p ? provider->provider.zone.s : DVARA_STR("");
    f->target.region =
        provider && provider->provider.region.s.p ? provider->provider.region.s : DVARA_STR("");
    f->target.kind = DVARA_STR("");
    f->target.input_price = model && model->model.input.has ? model->model.input.i : 0;
    f->target.output_price = model && model->model.output.has ? model->model.output.i : 0;
    struct dvara_target_state state = oracle_look(judge, target->name);
    f->target.healthy = state.healthy;
    f->target.latency_p50 = state.latency_p50;
}

static void exclude(struct judge *judge, const struct decl *rule, const struct candidate *target)
{
    oracle_notes_add(&judge->excluding, judge->arena, rule->name);
    oracle_notes_add(&judge->standing, judge->arena, rule->name);
    oracle_note(judge, "excluded %.*s %.*s", DVARA_STR_ARG(target->name),
                DVARA_STR_ARG(rule->name));
}

/* A deny on request that reads the model, judged with the target's (R12). */
static bool rejudged_excludes(struct judge *judge, const struct decl *decl,
                              const struct candidate *target)
{
    const struct rule *rule = &decl->rule;
    if (!(rule->phases & DVARA_PHASES_REQUEST) || rule->once ||
        !(has_effect(rule, DVARA_EFFECT_DENY) || has_effect(rule, DVARA_EFFECT_APPROVAL)) ||
        !oracle_reads(rule->when, is_model))
        return false;
    struct value before = oracle_condition(judge, decl, DVARA_PHASE_REQUEST);
    if (before.state == VALUE_ERROR || before.i)
        return false;
    struct dvara_str model = judge->facts.request.model;
    judge->facts.request.model = target->model;
    struct judge probe = *judge; /* effects of the second judgement do not stand */
    probe.rejudging = true;
    bool matched = oracle_rule(&probe, decl, DVARA_PHASE_TARGET);
    for (size_t i = 0; i < probe.notes.n; i++) {
        struct dvara_str note = probe.notes.v[i];
        if (dvara_str_starts_with(note, DVARA_STR("matched")) ||
            dvara_str_starts_with(note, DVARA_STR("error")) ||
            dvara_str_starts_with(note, DVARA_STR("shadow")) ||
            (rule->mode == DVARA_MODE_REPORT && dvara_str_starts_with(note, DVARA_STR("warn"))))
            oracle_note(judge, "%.*s", DVARA_STR_ARG(note));
    }
    judge->facts.request.model = model;
    return matched;
}

static bool is_eligible(struct judge *judge, const struct candidate *target)
{
    const struct decls *rules = &judge->program->by_kind[DECL_RULE];
    bool eligible = true;
    use_target(judge, target);
    for (size_t i = 0; i < rules->n; i++) {
        const struct decl *decl = rules->v[i];
        bool excludes = rejudged_excludes(judge, decl, target);
        if (decl->rule.phases & DVARA_PHASES_TARGET)
            excludes = (oracle_rule(judge, decl, DVARA_PHASE_TARGET) &&
                        has_effect(&decl->rule, DVARA_EFFECT_EXCLUDE)) ||
                       excludes;
        if (excludes)
            exclude(judge, decl, target);
        eligible = eligible && !excludes;
    }
    return eligible;
}

static struct candidate candidate_of(const struct route_target *target)
{
    return (struct candidate){target->provider.s, target->model.s, target->name.s};
}

/* Tags of the target that is used stand; those of the others go. */
static void keep_tags(struct judge *judge, struct dvara_str used)
{
    for (size_t i = 0; i < judge->n_target_tags; i++) {
        if (!dvara_str_eq(judge->target_tags[i].target, used))
            continue;
        oracle_notes_add(&judge->notes, judge->arena, judge->target_tags[i].tag);
        oracle_notes_add(&judge->standing, judge->arena, judge->target_tags[i].by->name);
    }
}

/* A route whose targets were judged: those to use, and those to use if there is nothing else. */
struct planned {
    const struct decl *route;
    struct arranged healthy, unhealthy;
};

static void judge_route(struct judge *judge, const struct decl *decl, struct planned *ret)
{
    const struct route *route = &decl->route;
    *ret =
        (struct planned){.route = decl, .healthy = {.route = decl}, .unhealthy = {.route = decl}};
    for (size_t i = 0; i < route->n_targets; i++) {
        struct candidate target = candidate_of(&route->targets[i]);
        struct dvara_target_state state = oracle_look(judge, target.name);
        bool good = is_eligible(judge, &target) && oracle_is_capable(judge, &route->targets[i]);
        ret->healthy.usable[i] = good && state.healthy;
        ret->unhealthy.usable[i] = good && !state.healthy;
        ret->healthy.states[i] = ret->unhealthy.states[i] = state;
    }
    oracle_arrange(judge, &ret->healthy);
    oracle_arrange(judge, &ret->unhealthy);
}

static void take(struct judge *judge, const struct arranged *arranged)
{
    const struct route *route = &arranged->route->route;
    for (size_t i = 0; i < arranged->n; i++)
        oracle_note(judge, "target %02zu %.*s", i,
                    DVARA_STR_ARG(route->targets[arranged->order[i]].name.s));
    oracle_note(judge, "route %.*s", DVARA_STR_ARG(arranged->route->name));
    struct candidate first = candidate_of(&route->targets[arranged->order[0]]);
    use_target(judge, &first);
    keep_tags(judge, first.name);
}

/* Higher priority first; by_kind is sorted by name. */
static const struct decl *next_route(struct judge *judge, const struct decl *after)
{
    const struct decls *routes = &judge->program->by_kind[DECL_ROUTE];
    const struct decl *best = NULL;
    bool passed = after == NULL;
    for (size_t i = 0; i < routes->n; i++) {
        const struct decl *at = routes->v[i];
        bool later = after == NULL || at->route.priority < after->route.priority ||
                     (passed && at->route.priority == after->route.priority);
        if (later && at != after && (!best || at->route.priority > best->route.priority))
            best = at;
        passed = passed || at == after;
    }
    return best;
}

/* False: a match erred before one held. */
static bool choose_route(struct judge *judge, const struct decl **ret_route)
{
    struct scope scope = {.facts = &judge->facts, .arena = judge->arena, .finder = judge->finder};
    *ret_route = judge->forced_route;
    for (const struct decl *at = next_route(judge, NULL); at && !*ret_route;
         at = next_route(judge, at)) {
        struct value v = {0};
        if (at->route.match)
            v = walk(&scope, at->route.match);
        if (v.state == VALUE_ERROR)
            return false;
        if (v.i)
            *ret_route = at;
    }
    return true;
}

static void exclude_all(struct judge *judge)
{
    for (size_t i = 0; i < judge->excluding.n; i++)
        oracle_notes_add(&judge->denying, judge->arena, judge->excluding.v[i]);
    oracle_deny(judge, NULL, DVARA_PHASE_TARGET, DVARA_STR("no_eligible_target"), 403);
}

/* No route matches: the generator's names are served by a built-in prefix or by nobody. */
static void plan_by_name(struct judge *judge)
{
    struct dvara_str model = judge->facts.request.model;
    if (!dvara_str_starts_with(model, DVARA_STR("gpt-"))) {
        oracle_deny(judge, NULL, DVARA_PHASE_TARGET, DVARA_STR("no_provider"), 400);
        return;
    }
    struct candidate target = {DVARA_STR("openai"), model,
                               arena_printf(judge->arena, "openai/%.*s", DVARA_STR_ARG(model))};
    if (!is_eligible(judge, &target)) {
        exclude_all(judge);
        return;
    }
    oracle_note(judge, "target 00 %.*s", DVARA_STR_ARG(target.name));
    keep_tags(judge, target.name);
}

void oracle_plan(struct judge *judge)
{
    const struct decl *route;
    if (!choose_route(judge, &route)) {
        oracle_deny(judge, NULL, DVARA_PHASE_TARGET, DVARA_STR("policy_error"), 403);
        return;
    }
    if (!route) {
        plan_by_name(judge);
        return;
    }
    struct planned *planned = ARENA_NEW(judge->arena, struct planned);
    struct arranged *spare = NULL;
    for (const struct decl *at = route; at; at = at->route.fallback.decl) {
        judge_route(judge, at, planned);
        if (planned->healthy.n) {
            take(judge, &planned->healthy);
            return;
        }
        if (planned->unhealthy.n && !spare) {
            spare = ARENA_NEW(judge->arena, struct arranged);
            *spare = planned->unhealthy;
        }
    }
    if (spare)
        take(judge, spare);
    else
        exclude_all(judge);
}
