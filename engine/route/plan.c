/* SPDX-License-Identifier: Apache-2.0 */
/* From the request to targets in order: the route, its candidates, their judgement, its fallbacks.
 */
#include "dvara/engine.h"

#include "bundle/models.h"
#include "route/estimate.h"
#include "route/strategy.h"
#include "vm/combine.h"
#include "vm/judge.h"
#include "vm/replay.h"

enum { PPM = 1000000 };

static const struct {
    struct dvara_str prefix, provider;
} prefixes[] = {
#define PREFIX(text, provider) {{text, sizeof(text) - 1}, {provider, sizeof(provider) - 1}},
#include "route/prefixes.def"
};

/* Candidates of one place: a route's targets, or the one that a name or pin decides. */
struct candidates {
    struct dvara_target v[DVARA_MAX_TARGETS];
    uint32_t n;
};

static size_t find_provider(const struct dvara_world *world, struct dvara_str name)
{
    size_t i = 0;
    while (i < world->providers.n && !dvara_str_eq(world->providers.v[i], name))
        i++;
    return i;
}

static bool has_provider(const struct dvara_world *world, struct dvara_str name)
{
    return find_provider(world, name) < world->providers.n;
}

/* "provider/model", if the provider is configured. */
static bool split_pin(const struct dvara_world *world, struct dvara_str s, struct dvara_target *ret)
{
    const char *slash = s.n ? memchr(s.p, '/', s.n) : NULL;
    if (!slash)
        return false;
    size_t at = (size_t)(slash - s.p);
    *ret = (struct dvara_target){.provider = dvara_str_slice(s, 0, at),
                                 .model = dvara_str_slice(s, at + 1, s.n),
                                 .weight = 1};
    return ret->model.n > 0 && has_provider(world, ret->provider);
}

static bool find_alias(const struct dvara_run *run, struct dvara_str model,
                       struct dvara_target *ret)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    for (uint32_t i = 0; i < t->n_models; i++) {
        const struct bundle_model *row = &t->models[i];
        for (uint32_t a = row->first; a < row->first + row->count; a++) {
            if (!dvara_str_eq(bundle_text(run->bundle, t->aliases[a].name), model))
                continue;
            *ret = (struct dvara_target){bundle_text(run->bundle, row->provider),
                                         bundle_text(run->bundle, row->model), 1};
            return true;
        }
    }
    return false;
}

static bool find_prefix(const struct dvara_world *world, struct dvara_str model,
                        struct dvara_target *ret)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (dvara_str_starts_with(model, prefixes[i].prefix) &&
            has_provider(world, prefixes[i].provider)) {
            *ret = (struct dvara_target){prefixes[i].provider, model, 1};
            return true;
        }
    }
    return false;
}

/* The pin that the client sent: its provider stays when a rule sets another model, unless that one
 * is pinned itself. */
static bool find_client_pin(const struct dvara_run *run, const struct dvara_world *world,
                            struct dvara_target *ret)
{
    struct dvara_target set;
    if (!split_pin(world, run->facts->request.asked_model, ret))
        return false;
    if (!run->decision.model_was_set)
        return true;
    if (split_pin(world, run->facts->request.model, &set))
        *ret = set;
    else
        ret->model = run->facts->request.model;
    return true;
}

/* What the model's name decides when no route matches. */
static enum dvara_named find_by_name(const struct dvara_run *run, const struct dvara_world *world,
                                     struct dvara_target *ret)
{
    struct dvara_str model = run->facts->request.model;
    if (find_alias(run, model, ret))
        return DVARA_NAMED_ALIAS;
    if (split_pin(world, model, ret))
        return DVARA_NAMED_PIN;
    if (find_prefix(world, model, ret))
        return DVARA_NAMED_PREFIX;
    if (dvara_str_is_absent(world->default_provider))
        return DVARA_NAMED_NOT;
    *ret = (struct dvara_target){world->default_provider, model, 1};
    return DVARA_NAMED_DEFAULT;
}

/* ---- one target ---- */

static void look_up_model(const struct dvara_run *run, struct dvara_facts *facts)
{
    const struct bundle_model *row =
        models_find(run->bundle, facts->target.provider, facts->target.model);
    facts->target.input_price = row && row->input > 0 ? row->input : 0;
    facts->target.output_price = row && row->output > 0 ? row->output : 0;
}

static void look_up_provider(const struct dvara_run *run, struct dvara_facts *facts,
                             const struct dvara_world *world)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    size_t configured = find_provider(world, facts->target.provider);
    facts->target.zone = facts->target.region = facts->target.kind = DVARA_STR("");
    if (configured < world->kinds.n)
        facts->target.kind = world->kinds.v[configured];
    for (uint32_t i = 0; i < t->n_providers; i++) {
        if (!dvara_str_eq(bundle_text(run->bundle, t->providers[i].name), facts->target.provider))
            continue;
        facts->target.zone = bundle_text(run->bundle, t->providers[i].zone);
        facts->target.region = bundle_text(run->bundle, t->providers[i].region);
    }
}

/* Health and measurements; `window` is the route's, 0 for none. */
static struct dvara_target_state look(const struct dvara_target *target, int64_t window,
                                      const struct dvara_world *world)
{
    struct dvara_target_state state = {.healthy = true, .uptime = PPM};
    if (world->look)
        world->look(world->user, target->provider, target->model, window, &state);
    return state;
}

/* Of request and target alike pii.* reads the prompt: what was found stays found. */
static void enter(struct dvara_run *run, enum dvara_phase phase, uint32_t depends)
{
    bool was_later = run->phase == DVARA_PHASE_TOOL || run->phase == DVARA_PHASE_RESPONSE;
    run->phase = (uint8_t)phase;
    run_forget(run, depends | (was_later ? BUNDLE_DEPENDS_PHASE : 0));
}

static void use_target(struct dvara_run *run, const struct dvara_target *target,
                       const struct dvara_target_state *state, const struct dvara_world *world)
{
    struct dvara_facts *facts = run->facts;
    facts->target.provider = target->provider;
    facts->target.model = target->model;
    facts->target.healthy = state->healthy;
    facts->target.latency_p50 = state->latency_p50;
    look_up_provider(run, facts, world);
    look_up_model(run, facts);
    run->target = arena_join(run->arena, target->provider, '/', target->model);
    enter(run, DVARA_PHASE_TARGET, BUNDLE_DEPENDS_TARGET);
}

void dvara_run_use_target(struct dvara_run *run, const struct dvara_target *target,
                          const struct dvara_world *world)
{
    struct dvara_target_state state = look(target, 0, world);
    use_target(run, target, &state, world);
    combine(run);
}

/* Request rules that read the model, with the target's in its place (R12). */
static void judge_again(struct dvara_run *run)
{
    struct dvara_str model = run->facts->request.model;
    if (run->bundle->index.strata[STRATUM_REJUDGE].n_all == 0 ||
        dvara_str_eq(model, run->facts->target.model))
        return;
    run->facts->request.model = run->facts->target.model;
    run_forget(run, BUNDLE_DEPENDS_MODEL);
    judge_stratum(run, STRATUM_REJUDGE);
    run->facts->request.model = model;
    run_forget(run, BUNDLE_DEPENDS_MODEL);
}

static bool is_eligible(struct dvara_run *run, const struct dvara_target *target,
                        const struct dvara_target_state *state, const struct dvara_world *world)
{
    uint32_t before = run->n_excluded;
    use_target(run, target, state, world);
    judge_stratum(run, STRATUM_TARGET);
    judge_again(run);
    return run->n_excluded == before;
}

/* ---- a list of targets ---- */

static struct dvara_target target_of(const struct dvara_run *run, const struct bundle_target *row)
{
    return (struct dvara_target){bundle_text(run->bundle, row->provider),
                                 bundle_text(run->bundle, row->model), row->weight};
}

static struct dvara_str stickiness_of(struct dvara_run *run, const struct bundle_route *route)
{
    if (route->sticky != BUNDLE_ABSENT) {
        bool before = replay_begin(run);
        struct value v = run_block(run, route->sticky);
        if (replay_end(run, before))
            replay_doubt(run, DVARA_DOUBT_ORDER);
        if (!value_is_error(v))
            return v.s;
    }
    if (!dvara_str_is_absent(run->facts->session.id))
        return run->facts->session.id;
    return run->facts->request.id;
}

/* A route's targets in declared order, judged. */
struct judged {
    struct strategy_target v[DVARA_MAX_TARGETS];
    bool good[DVARA_MAX_TARGETS]; /* eligible and capable; usable if healthy too */
};

static void judge_targets(struct dvara_run *run, const struct bundle_route *route,
                          const struct dvara_world *world, struct judged *ret)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    uint32_t needs = estimate_needs(run->facts);
    for (uint32_t i = 0; i < route->count; i++) {
        const struct bundle_target *row = &t->targets[route->first + i];
        struct dvara_target target = target_of(run, row);
        const struct bundle_model *model = models_find(run->bundle, target.provider, target.model);
        struct dvara_target_state state = look(&target, route->window, world);
        ret->good[i] = is_eligible(run, &target, &state, world) &&
                       estimate_is_capable(run->bundle, model, needs);
        if (ret->good[i] && !state.healthy)
            RUN_PUSH(run, unhealthy, run->target);
        ret->v[i] = (struct strategy_target){.usable = ret->good[i] && state.healthy,
                                             .weight = row->weight,
                                             .share = row->share,
                                             .arm = (uint8_t)row->arm,
                                             .price = estimate_price(run->facts, model),
                                             .state = state};
    }
}

static void put_in_order(struct dvara_run *run, const struct bundle_route *route,
                         const struct judged *judged, struct candidates *ret)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    uint32_t order[DVARA_MAX_TARGETS];
    struct strategy_input input = {.strategy = (enum dvara_strategy)route->strategy,
                                   .route = bundle_text(run->bundle, route->name),
                                   .stickiness = stickiness_of(run, route),
                                   .explore = route->explore,
                                   .targets = judged->v,
                                   .n = route->count};
    ret->n = strategy_order(&input, order);
    for (uint32_t i = 0; i < ret->n; i++)
        ret->v[i] = target_of(run, &t->targets[route->first + order[i]]);
}

/* Judges all and orders the usable ones. Unhealthy ones are kept apart: when nothing else is left
 * anywhere, trying them is better than refusing. */
static void candidates_of(struct dvara_run *run, const struct bundle_route *route,
                          const struct dvara_world *world, struct candidates *ret_healthy,
                          struct candidates *ret_unhealthy)
{
    struct judged judged;
    judge_targets(run, route, world, &judged);
    put_in_order(run, route, &judged, ret_healthy);
    for (uint32_t i = 0; i < route->count; i++)
        judged.v[i].usable = judged.good[i] && !judged.v[i].state.healthy;
    put_in_order(run, route, &judged, ret_unhealthy);
}

/* A list of one is taken right after it was judged. */
static bool is_in_use(const struct dvara_run *run, const struct dvara_target *target)
{
    return run->phase == DVARA_PHASE_TARGET &&
           dvara_str_eq(run->facts->target.provider, target->provider) &&
           dvara_str_eq(run->facts->target.model, target->model);
}

static bool take(struct dvara_run *run, const struct candidates *list, uint32_t route,
                 const struct dvara_world *world)
{
    struct dvara_target *v = ARENA_ARRAY(run->arena, list->n, struct dvara_target);
    if (!v) {
        run->exhausted = true;
        return false;
    }
    memcpy(v, list->v, list->n * sizeof *v);
    run->decision.targets = v;
    run->decision.n_targets = list->n;
    run->decision.route = route;
    if (!is_in_use(run, v)) {
        struct dvara_target_state state = look(v, 0, world);
        use_target(run, v, &state, world);
    }
    return true;
}

static void no_target(struct dvara_run *run)
{
    judge_deny(run, BUNDLE_ABSENT, DVARA_PHASE_TARGET, DVARA_STR("no_eligible_target"), 403,
               DVARA_STR("no target of the route is eligible for this request"));
}

/* Follows the fallbacks from `route` on, BUNDLE_ABSENT: nothing is left. */
static bool plan_route(struct dvara_run *run, uint32_t route, const struct dvara_world *world)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    struct candidates healthy, unhealthy, spare = {.n = 0};
    uint32_t spare_route = DVARA_NO_ROUTE;
    for (; route != BUNDLE_ABSENT; route = t->routes[route].fallback) {
        candidates_of(run, &t->routes[route], world, &healthy, &unhealthy);
        if (healthy.n)
            return take(run, &healthy, route, world);
        if (unhealthy.n && spare.n == 0) {
            spare = unhealthy;
            spare_route = route;
        }
    }
    return spare.n && take(run, &spare, spare_route, world);
}

static void plan_one(struct dvara_run *run, const struct dvara_target *target,
                     const struct dvara_world *world)
{
    struct candidates one = {.v = {*target}, .n = 1};
    struct dvara_target_state state = look(target, 0, world);
    if (!is_eligible(run, target, &state, world))
        no_target(run);
    else
        take(run, &one, DVARA_NO_ROUTE, world);
}

/* The matching route, BUNDLE_ABSENT when none does. False: a match erred, and no route that comes
 * before it holds: what it would have decided is not known. */
static bool choose_route(struct dvara_run *run, uint32_t *ret_route)
{
    const struct dvara_bundle *bundle = run->bundle;
    *ret_route = BUNDLE_ABSENT;
    for (uint32_t i = 0; i < bundle->n_route_order; i++) {
        uint32_t route = bundle->route_order[i];
        bool before = replay_begin(run);
        struct value v = run_block(run, bundle->program.tables.routes[route].match);
        if (replay_end(run, before))
            replay_doubt(run, DVARA_DOUBT_CONDITION);
        if (value_is_error(v)) {
            struct dvara_str name = bundle_text(bundle, bundle->program.tables.routes[route].name);
            judge_deny(run, BUNDLE_ABSENT, DVARA_PHASE_TARGET, DVARA_STR("policy_error"), 403,
                       arena_printf(run->arena, "the match of route %.*s could not be evaluated",
                                    DVARA_STR_ARG(name)));
            return false;
        }
        if (v.i) {
            *ret_route = route;
            return true;
        }
    }
    return true;
}

static void plan(struct dvara_run *run, const struct dvara_world *world)
{
    struct dvara_target target;
    uint32_t route = BUNDLE_ABSENT;
    bool forced = run->route.rule != BUNDLE_ABSENT;
    run->decision.route_was_set = forced;
    if (forced)
        route = (uint32_t)run->route.value.i;
    if (!forced && find_client_pin(run, world, &target)) {
        run->decision.named = DVARA_NAMED_PIN;
        plan_one(run, &target, world);
        return;
    }
    enter(run, DVARA_PHASE_REQUEST, 0); /* what a match reads */
    if (!forced && !choose_route(run, &route))
        return;
    if (route != BUNDLE_ABSENT) {
        if (!plan_route(run, route, world))
            no_target(run);
    } else if ((run->decision.named = (uint8_t)find_by_name(run, world, &target)) !=
               DVARA_NAMED_NOT) {
        plan_one(run, &target, world);
    } else {
        judge_deny(run, BUNDLE_ABSENT, DVARA_PHASE_TARGET, DVARA_STR("no_provider"), 400,
                   arena_printf(run->arena, "no provider serves the model `%.*s`",
                                DVARA_STR_ARG(dvara_str_slice(run->facts->request.model, 0,
                                                              DVARA_CLIENT_VALUE_SHOWN))));
    }
}

void dvara_run_plan(struct dvara_run *run, const struct dvara_world *world)
{
    plan(run, world);
    combine(run);
}

bool dvara_run_plan_fallback(struct dvara_run *run, const struct dvara_world *world)
{
    uint32_t route = run->decision.route;
    if (route == DVARA_NO_ROUTE)
        return false;
    bool found = plan_route(run, run->bundle->program.tables.routes[route].fallback, world);
    combine(run);
    return found;
}
