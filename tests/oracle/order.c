/* SPDX-License-Identifier: Apache-2.0 */
/* The strategies by the book: docs/language/routes.md and engine/route/strategy.h. */
#include "oracle/judge.h"

#include <stdio.h>

__extension__ typedef __int128 wide;

struct dvara_target_state oracle_look(const struct judge *judge, struct dvara_str name)
{
    for (size_t i = 0; i < judge->n_world; i++)
        if (dvara_str_eq(judge->world[i].name, name))
            return judge->world[i].state;
    return (struct dvara_target_state){.healthy = true, .uptime = 1000000};
}

static bool says(const struct texts *words, const char *word)
{
    for (size_t i = 0; i < words->n; i++)
        if (dvara_str_eq(words->v[i].s, dvara_str_from_cstr(word)))
            return true;
    return false;
}

static bool holds_image(const struct dvara_facts *f)
{
    for (size_t i = 0; i < f->request.messages.n; i++)
        if (f->request.messages.v[i].has_image)
            return true;
    for (size_t i = 0; i < f->request.opaque.n; i++)
        if (dvara_str_eq(f->request.opaque.v[i], DVARA_STR("image")))
            return true;
    return false;
}

bool oracle_is_capable(const struct judge *judge, const struct route_target *target)
{
    const struct dvara_facts *f = &judge->facts;
    const struct decl *decl = program_find(judge->program, DECL_MODEL, target->name.s);
    const struct texts *supports = decl ? &decl->model.supports : NULL;
    if (!supports || supports->n == 0)
        return true;
    if (f->request.tools.n && !says(supports, "tools"))
        return false;
    if (holds_image(f) && !says(supports, "vision"))
        return false;
    return !dvara_str_eq(f->request.response_format, DVARA_STR("json_schema")) ||
           says(supports, "json_schema");
}

/* Micro-dollars, rounded up; -1: unpriced. The generator's endpoint is chat. */
static int64_t price(const struct judge *judge, const struct route_target *target)
{
    const struct dvara_facts *f = &judge->facts;
    const struct decl *decl = program_find(judge->program, DECL_MODEL, target->name.s);
    int64_t images = 0;
    if (!decl || !decl->model.input.has || !decl->model.output.has)
        return -1;
    const struct model *model = &decl->model;
    int64_t output = f->request.max_tokens.has ? f->request.max_tokens.value : 512;
    if (model->max_output.has && output > model->max_output.i)
        output = model->max_output.i;
    for (size_t i = 0; i < f->request.messages.n; i++)
        images += f->request.messages.v[i].has_image;
    wide total = (wide)f->request.prompt_tokens * model->input.i +
                 (wide)output * (f->request.n.has ? f->request.n.value : 1) * model->output.i;
    int64_t tokens = total > INT64_MAX ? INT64_MAX : (int64_t)total; /* amounts are 64 bits */
    return tokens / 1000000 + (tokens % 1000000 != 0) + model->request.i + images * model->image.i;
}

static int64_t draw(struct judge *judge, const struct decl *route)
{
    const struct dvara_facts *f = &judge->facts;
    struct dvara_str sticky = f->session.id.p ? f->session.id : f->request.id;
    char key[1024];
    if (route->route.sticky_by) {
        struct scope scope = {.facts = f, .arena = judge->arena, .finder = judge->finder};
        struct value v = walk(&scope, route->route.sticky_by);
        if (v.state == VALUE_PRESENT)
            sticky = v.s;
    }
    int n = snprintf(key, sizeof key, "%.*s%c%.*s", DVARA_STR_ARG(route->name), 0,
                     DVARA_STR_ARG(sticky));
    return walk_bucket(dvara_str_from(key, (size_t)n), 1000000);
}

/* Where shares of these sizes put the number drawn. */
static size_t weighted_start(const struct route *route, int64_t at)
{
    int64_t total = 0;
    bool equal = route->strategy == DVARA_STRATEGY_ROUND_ROBIN;
    for (size_t i = 0; i < route->n_targets; i++)
        total += equal ? 1 : route->targets[i].weight.i;
    at = total ? at * total / 1000000 : 0;
    for (size_t i = 0; total && i < route->n_targets; i++) {
        at -= equal ? 1 : route->targets[i].weight.i;
        if (at < 0)
            return i;
    }
    return 0;
}

static size_t canary_start(const struct route *route, int64_t at)
{
    int64_t from = 0;
    for (size_t i = 0; i < route->n_targets; i++) {
        if (route->targets[i].arm != DVARA_ARM_CANARY)
            continue;
        if (at >= from && at < from + route->targets[i].share.i)
            return i;
        from += route->targets[i].share.i;
    }
    for (size_t i = 0; i < route->n_targets; i++)
        if (route->targets[i].arm != DVARA_ARM_CANARY)
            return i;
    return 0;
}

/* Thousandths of the best; what is not known is 0. */
static int64_t relative(int64_t value, int64_t best)
{
    return value <= 0 ? 0 : value * 1000 / (best > 0 ? best : 1);
}

static int64_t least(int64_t a, int64_t b)
{
    if (a <= 0 || b <= 0)
        return a <= 0 ? b : a;
    return a < b ? a : b;
}

/* price + 4 × downtime, of which 10% count as one + throughput + 2 × first byte */
static int64_t balance(struct judge *judge, const struct arranged *all, size_t i)
{
    const struct route *route = &all->route->route;
    int64_t cheapest = 0, soonest = 0, fastest = 0;
    bool known = false;
    for (size_t k = 0; k < route->n_targets; k++) {
        const struct dvara_target_state *state = &all->states[k];
        if (!all->usable[k])
            continue;
        cheapest = least(cheapest, price(judge, &route->targets[k]));
        soonest = least(soonest, state->first_byte);
        fastest = state->throughput > fastest ? state->throughput : fastest;
        known = known || state->first_byte || state->throughput || state->uptime < 1000000;
    }
    if (!known)
        return 0;
    const struct dvara_target_state *state = &all->states[i];
    int64_t own = price(judge, &route->targets[i]);
    int64_t slow = state->throughput ? relative(fastest, state->throughput) : 0;
    return (own < 0 ? 1000 : relative(own, cheapest)) + (1000000 - state->uptime) / 100 * 4 + slow +
           relative(state->first_byte, soonest) * 2;
}

static int64_t score(struct judge *judge, const struct arranged *all, size_t i)
{
    const struct route *route = &all->route->route;
    int64_t own = price(judge, &route->targets[i]);
    switch (route->strategy) {
    case DVARA_STRATEGY_LATENCY:
        return all->states[i].first_byte;
    case DVARA_STRATEGY_COST:
        return own < 0 ? INT64_MAX : own;
    case DVARA_STRATEGY_LEAST_BUSY:
        return all->states[i].in_flight;
    case DVARA_STRATEGY_BALANCED:
        return balance(judge, all, i);
    default:
        return 0;
    }
}

/* The best left is taken again and again: what ties keeps its order. */
static void arrange_by_score(struct judge *judge, struct arranged *all)
{
    bool taken[DVARA_MAX_TARGETS] = {false};
    for (;;) {
        size_t best = DVARA_MAX_TARGETS;
        for (size_t i = 0; i < all->route->route.n_targets; i++)
            if (all->usable[i] && !taken[i] &&
                (best == DVARA_MAX_TARGETS || score(judge, all, i) < score(judge, all, best)))
                best = i;
        if (best == DVARA_MAX_TARGETS)
            return;
        taken[best] = true;
        all->order[all->n++] = best;
    }
}

/* One of the usable targets as declared, in equal shares of what is explored, goes first. */
static void explore(struct judge *judge, struct arranged *all)
{
    const struct route *route = &all->route->route;
    int64_t at = draw(judge, all->route);
    if (all->n == 0 || at >= route->explore.i)
        return;
    size_t nth = (size_t)(at * (int64_t)all->n / route->explore.i), chosen = 0;
    while (!all->usable[chosen] || nth-- > 0)
        chosen++;
    size_t place = 0;
    while (all->order[place] != chosen)
        place++;
    for (; place > 0; place--)
        all->order[place] = all->order[place - 1];
    all->order[0] = chosen;
}

void oracle_arrange(struct judge *judge, struct arranged *all)
{
    const struct route *route = &all->route->route;
    size_t start = 0;
    all->n = 0;
    switch (route->strategy) {
    case DVARA_STRATEGY_WEIGHTED:
    case DVARA_STRATEGY_ROUND_ROBIN:
        start = weighted_start(route, draw(judge, all->route));
        break;
    case DVARA_STRATEGY_CANARY:
        start = canary_start(route, draw(judge, all->route));
        break;
    case DVARA_STRATEGY_FAILOVER:
        break;
    default:
        arrange_by_score(judge, all);
        if (route->strategy == DVARA_STRATEGY_LATENCY)
            explore(judge, all);
        return;
    }
    for (size_t i = 0; i < route->n_targets; i++) {
        size_t at = (start + i) % route->n_targets;
        if (all->usable[at])
            all->order[all->n++] = at;
    }
}
