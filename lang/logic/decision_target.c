/* SPDX-License-Identifier: Apache-2.0 */
/* One target, any that the plan could reach (engine/route/plan.c): of the route that a rule forces,
 * of the first that matches, of their fallbacks, or what a pin, an alias or the name decides. */
#include "lang/logic/decision.h"

#include "base/arena.h"
#include "lang/logic/providers.h"

static const struct {
    struct dvara_str prefix, provider;
} prefixes[] = {
#define PREFIX(text, provider) {DVARA_STR_INIT(text), DVARA_STR_INIT(provider)},
#include "route/prefixes.def"
};

struct candidate {
    struct decision *decision;
    struct script *script;
    const struct program *program;
    struct providers providers;
    struct dvara_str provider, model; /* of the target */
    struct dvara_str is_pinned;       /* the client sent one, and no rule forces a route */
};

static struct dvara_str is(struct candidate *c, struct dvara_str term, struct dvara_str text)
{
    struct dvara_str literal = script_string(c->script, text);
    return literal.p ? script_same(c->script, term, literal) : SCRIPT_TRUE;
}

/* ---- routes ---- */

static struct dvara_str is_target(struct candidate *c, struct dvara_str provider,
                                  struct dvara_str model)
{
    return script_and(c->script, is(c, c->provider, provider), is(c, c->model, model));
}

static struct dvara_str is_target_of(struct candidate *c, const struct route *route)
{
    struct dvara_str any = SCRIPT_FALSE;
    for (size_t i = 0; i < route->n_targets; i++)
        any = script_or(c->script, any,
                        is_target(c, route->targets[i].provider.s, route->targets[i].model.s));
    return any;
}

/* Of the route or of its fallbacks, which do not go round. */
static struct dvara_str is_led_to(struct candidate *c, const struct decl *route)
{
    struct dvara_str any = SCRIPT_FALSE;
    size_t n = c->program->by_kind[DECL_ROUTE].n;
    for (size_t i = 0; route && i <= n; i++) {
        any = script_or(c->script, any, is_target_of(c, &route->route));
        route = route->route.fallback.decl;
    }
    return any;
}

static struct dvara_str by_force(struct candidate *c)
{
    const struct decls *routes = &c->program->by_kind[DECL_ROUTE];
    struct dvara_str any = SCRIPT_FALSE;
    for (size_t i = 0; i < routes->n; i++) {
        struct dvara_str number = script_int(c->script, routes->v[i]->order);
        any = script_or(c->script, any,
                        script_and(c->script, script_equal(c->script, c->decision->forced, number),
                                   is_led_to(c, routes->v[i])));
    }
    return any;
}

/* In the order of ranks: the next one to look at after `last`, or NULL. */
static const struct decl *next_route(const struct decls *routes, const struct decl *last)
{
    const struct decl *best = NULL;
    for (size_t i = 0; i < routes->n; i++) {
        const struct decl *r = routes->v[i];
        bool after = !last || r->route.priority < last->route.priority ||
                     (r->route.priority == last->route.priority && r->order > last->order);
        bool before = !best || r->route.priority > best->route.priority ||
                      (r->route.priority == best->route.priority && r->order < best->order);
        if (r->route.match && after && before)
            best = r;
    }
    return best;
}

/* `ret_none`: no route matches. One whose match errs denies what would go further. */
static struct dvara_str by_match(struct candidate *c, struct dvara_str *ret_none)
{
    const struct decls *routes = &c->program->by_kind[DECL_ROUTE];
    struct dvara_str any = SCRIPT_FALSE, open = SCRIPT_TRUE;
    for (const struct decl *r = next_route(routes, NULL); r; r = next_route(routes, r)) {
        struct formula match = scene_condition(&c->decision->judged, r->route.match);
        struct dvara_str taken = script_and(c->script, open, match.holds);
        any = script_or(c->script, any, script_and(c->script, taken, is_led_to(c, r)));
        open = script_and(c->script, open, formula_fails(c->script, match));
    }
    *ret_none = open;
    return any;
}

/* ---- names ---- */

/* "provider/model" with a model that is not empty. */
static bool split(const struct candidate *c, struct dvara_str text, struct dvara_str *ret_provider,
                  struct dvara_str *ret_model)
{
    for (size_t i = 0; i < c->providers.n; i++) {
        struct dvara_str start = c->providers.v[i].start;
        if (text.n <= start.n || !dvara_str_starts_with(text, start))
            continue;
        *ret_provider = c->providers.v[i].name;
        *ret_model = dvara_str_slice(text, start.n, text.n);
        return true;
    }
    return false;
}

/* The same of a text that is not known: it can be split, and so is the target. `ret_can`: it can.
 */
static struct dvara_str is_split(struct candidate *c, struct dvara_str text,
                                 struct dvara_str *ret_can)
{
    struct script *script = c->script;
    struct dvara_str any = SCRIPT_FALSE, can = SCRIPT_FALSE;
    for (size_t i = 0; i < c->providers.n; i++) {
        struct dvara_str start = script_string(script, c->providers.v[i].start);
        struct dvara_str begins = script_starts(script, text, start);
        struct dvara_str whole = script_two(script, "str.++", start, c->model);
        begins = script_and(script, begins, script_not(script, script_same(script, text, start)));
        can = script_or(script, can, begins);
        whole = script_and(script, begins, script_same(script, text, whole));
        any = script_or(script, any,
                        script_and(script, whole, is(c, c->provider, c->providers.v[i].name)));
    }
    *ret_can = can;
    return any;
}

/* The provider that the client named. */
static struct dvara_str is_pin(struct candidate *c)
{
    struct script *script = c->script;
    struct dvara_str any = SCRIPT_FALSE;
    for (size_t i = 0; i < c->providers.n; i++) {
        struct dvara_str number = script_int(script, (int64_t)i + 1);
        any = script_or(script, any,
                        script_and(script, script_equal(script, c->providers.pin, number),
                                   is(c, c->provider, c->providers.v[i].name)));
    }
    return any;
}

/* A pin that the client sent: its provider stays when a rule sets another model, unless that one is
 * pinned itself. */
static struct dvara_str pinned_by(struct candidate *c, const struct model_choice *choice)
{
    struct script *script = c->script;
    struct dvara_str provider, model, can;
    if (choice->constant && split(c, choice->constant->s, &provider, &model))
        return is_target(c, provider, model);
    struct dvara_str kept =
        script_and(script, is_pin(c), script_same(script, c->model, choice->value));
    if (choice->constant)
        return kept;
    struct dvara_str other = is_split(c, choice->value, &can);
    return script_or(script, other, script_and(script, kept, script_not(script, can)));
}

/* An alias of what is known, or of a term. */
static struct dvara_str by_alias(struct candidate *c, struct dvara_str named,
                                 struct dvara_str *ret_none)
{
    const struct decls *models = &c->program->by_kind[DECL_MODEL];
    struct dvara_str any = SCRIPT_FALSE, some = SCRIPT_FALSE;
    for (size_t i = 0; i < models->n; i++) {
        const struct model *model = &models->v[i]->model;
        for (size_t a = 0; a < model->aliases.n; a++) {
            struct dvara_str meant = is(c, named, model->aliases.v[a].s);
            struct dvara_str target = is_target(c, model->provider.s, model->model.s);
            any = script_or(c->script, any, script_and(c->script, meant, target));
            if (script_string(c->script, model->aliases.v[a].s).p)
                some = script_or(c->script, some, meant);
        }
    }
    *ret_none = script_not(c->script, some);
    return any;
}

static struct dvara_str by_prefix(struct candidate *c, struct dvara_str named)
{
    struct dvara_str any = SCRIPT_FALSE;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        struct dvara_str prefix = script_string(c->script, prefixes[i].prefix);
        struct dvara_str begins = script_starts(c->script, named, prefix);
        any = script_or(c->script, any,
                        script_and(c->script, begins, is(c, c->provider, prefixes[i].provider)));
    }
    return script_and(c->script, any, script_same(c->script, c->model, named));
}

/* What the name of a model decides. One that the client sent without a pin is none itself. */
static struct dvara_str named_by(struct candidate *c, const struct model_choice *choice,
                                 bool by_client)
{
    struct script *script = c->script;
    struct dvara_str no_alias, provider, model, can = SCRIPT_FALSE, pinned = SCRIPT_FALSE;
    struct dvara_str alias = by_alias(c, choice->value, &no_alias);
    if (choice->constant && split(c, choice->constant->s, &provider, &model)) {
        pinned = is_target(c, provider, model);
        can = SCRIPT_TRUE;
    } else if (!choice->constant && !by_client) {
        pinned = is_split(c, choice->value, &can);
    }
    struct dvara_str free = script_and(script, no_alias, script_not(script, can));
    struct dvara_str rest = script_or(script, script_and(script, no_alias, pinned),
                                      script_and(script, free, by_prefix(c, choice->value)));
    return script_or(script, alias, rest);
}

/* For the model that stands, as sent or set by one rule or another. */
static struct dvara_str by_model(struct candidate *c, bool pinned)
{
    struct script *script = c->script;
    const struct decision *d = c->decision;
    struct model_choice sent = {.value = c->providers.model};
    struct dvara_str any =
        pinned ? script_and(script, is_pin(c), script_same(script, c->model, sent.value))
               : named_by(c, &sent, true);
    any = script_and(script, any, script_not(script, d->model_was_set));
    for (size_t i = 0; i < d->n_choices; i++) {
        struct dvara_str led =
            pinned ? pinned_by(c, &d->choices[i]) : named_by(c, &d->choices[i], false);
        any = script_or(script, any, script_and(script, d->choices[i].where, led));
    }
    return any;
}

static struct dvara_str reached(struct candidate *c)
{
    struct script *script = c->script;
    struct dvara_str none;
    struct dvara_str free = script_equal(script, c->decision->forced, DVARA_STR("(- 1)"));
    struct dvara_str match = by_match(c, &none);
    struct dvara_str name = script_and(script, none, by_model(c, false));
    struct dvara_str planned = script_or(script, match, name);
    struct dvara_str pinned = script_and(script, c->is_pinned, by_model(c, true));
    planned =
        script_or(script, pinned, script_and(script, script_not(script, c->is_pinned), planned));
    return script_or(script, by_force(c), script_and(script, free, planned));
}

/* ---- what is known of it ---- */

static void set(struct candidate *c, enum dvara_attribute id, struct dvara_str value)
{
    c->decision->target.set[id] = (struct term){value, SCRIPT_TRUE, SCRIPT_FALSE};
}

/* The literal, or a text that is not known. */
static struct dvara_str text_of(struct candidate *c, struct dvara_str text)
{
    struct dvara_str literal = script_string(c->script, text);
    struct asked asked = {.kind = ASKED_FREE, .sort = SORT_STRING, .label = text};
    return literal.p
               ? literal
               : script_constant(c->script,
                                 arena_printf(c->script->arena, "text.%.*s", DVARA_STR_ARG(text)),
                                 asked, NULL);
}

static void declare_place(struct candidate *c)
{
    const struct decls *providers = &c->program->by_kind[DECL_PROVIDER];
    struct dvara_str zone = DVARA_STR("\"\""), region = zone;
    for (size_t i = 0; i < providers->n; i++) {
        const struct provider *row = &providers->v[i]->provider;
        struct dvara_str here = is(c, c->provider, providers->v[i]->name);
        zone = script_if(c->script, SORT_STRING, here, text_of(c, row->zone.s), zone);
        region = script_if(c->script, SORT_STRING, here, text_of(c, row->region.s), region);
    }
    set(c, DVARA_ATTR_TARGET_PROVIDER, c->provider);
    set(c, DVARA_ATTR_TARGET_MODEL, c->model);
    set(c, DVARA_ATTR_TARGET_ZONE, zone);
    set(c, DVARA_ATTR_TARGET_REGION, region);
    set(c, DVARA_ATTR_TARGET_KIND, DVARA_STR("\"\""));
}

static void declare_prices(struct candidate *c)
{
    const struct decls *models = &c->program->by_kind[DECL_MODEL];
    struct dvara_str input = DVARA_STR("0"), output = input;
    for (size_t i = 0; i < models->n; i++) {
        const struct model *model = &models->v[i]->model;
        struct dvara_str here = script_and(c->script, is(c, c->provider, model->provider.s),
                                           is(c, c->model, model->model.s));
        int64_t in = model->input.has ? model->input.i : 0;
        int64_t out = model->output.has ? model->output.i : 0;
        input = script_if(c->script, SORT_INT, here, script_int(c->script, in), input);
        output = script_if(c->script, SORT_INT, here, script_int(c->script, out), output);
    }
    set(c, DVARA_ATTR_TARGET_INPUT_PRICE, input);
    set(c, DVARA_ATTR_TARGET_OUTPUT_PRICE, output);
}

/* ---- rules ---- */

static bool has_effect(const struct rule *rule, enum dvara_effect kind)
{
    for (size_t i = 0; i < rule->n_effects; i++)
        if (rule->effects[i].kind == kind)
            return true;
    return false;
}

/* Request rules that read the model, with the target's in its place (R12): what did not stand on
 * the request and stands now excludes. Of a rule that reads no model nothing changes. */
static struct dvara_str again(struct candidate *c, struct scene *scene, const struct decl *decl)
{
    const struct rule *rule = &decl->rule;
    struct dvara_str stood = c->decision->applies[decl->order];
    bool decides = has_effect(rule, DVARA_EFFECT_DENY) || has_effect(rule, DVARA_EFFECT_APPROVAL);
    if (!decides || rule->once || dvara_str_is_absent(stood))
        return SCRIPT_FALSE;
    struct dvara_str stands = formula_applies(c->script, scene_condition(scene, rule->when));
    return script_and(c->script, stands, script_not(c->script, stood));
}

static struct dvara_str excluded(struct candidate *c)
{
    const struct decls *rules = &c->program->by_kind[DECL_RULE];
    struct dvara_str any = SCRIPT_FALSE;
    struct scene scene;
    if (!scene_copy(&scene, &c->decision->judged, DVARA_PHASE_TARGET))
        return any;
    scene.set[DVARA_ATTR_REQUEST_MODEL] = (struct term){c->model, SCRIPT_TRUE, SCRIPT_FALSE};
    for (size_t i = 0; i < rules->n; i++) {
        const struct rule *rule = &rules->v[i]->rule;
        bool judges = rule->mode == DVARA_MODE_ENFORCE && (rule->phases & DVARA_PHASES_TARGET) &&
                      has_effect(rule, DVARA_EFFECT_EXCLUDE);
        if (judges)
            any = script_or(
                c->script, any,
                formula_applies(c->script, scene_condition(&c->decision->target, rule->when)));
        any = script_or(c->script, any, again(c, &scene, rules->v[i]));
    }
    return any;
}

static struct dvara_str any_text(struct script *script, const char *key, enum dvara_attribute id,
                                 uint32_t side)
{
    struct asked asked = {.kind = ASKED_VALUE, .sort = SORT_STRING, .attribute = id};
    return script_constant(script, arena_printf(script->arena, "%s.%u", key, side), asked, NULL);
}

bool decision_target(struct decision *decision)
{
    struct script *script = decision->judged.script;
    struct candidate c = {
        .decision = decision, .script = script, .program = decision->judged.program};
    uint32_t side = decision->judged.side;
    c.provider = any_text(script, "target.provider", DVARA_ATTR_TARGET_PROVIDER, side);
    c.model = any_text(script, "target.model", DVARA_ATTR_TARGET_MODEL, side);
    if (!providers_of(&decision->sent, &c.providers) ||
        !scene_copy(&decision->target, &decision->judged, DVARA_PHASE_TARGET))
        return false;
    struct dvara_str free = script_equal(script, decision->forced, DVARA_STR("(- 1)"));
    struct dvara_str empty = script_same(script, c.providers.model, DVARA_STR("\"\""));
    struct dvara_str unpinned = script_equal(script, c.providers.pin, DVARA_STR("0"));
    c.is_pinned = script_and(script, free, script_not(script, script_or(script, unpinned, empty)));
    declare_place(&c);
    declare_prices(&c);
    decision->reached = reached(&c);
    decision->eligible = script_and(script, decision->reached, script_not(script, excluded(&c)));
    return !arena_is_exhausted(script->arena);
}
