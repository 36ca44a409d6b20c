/* SPDX-License-Identifier: Apache-2.0 */
/* Routes and what they stand on: shares of canaries, prices that a strategy or a budget needs,
 * zones that rules about residency ask for. */
#include "dvara/words.h"
#include "lang/linter.h"
#include "lang/same.h"

enum { WHOLE = 1000000 }; /* 100% in parts per million */

static void lint_shares(struct linter *l, const struct decl *decl)
{
    const struct route *route = &decl->route;
    int64_t sum = 0;
    for (size_t i = 0; i < route->n_targets && route->strategy == DVARA_STRATEGY_CANARY; i++) {
        const struct route_target *target = &route->targets[i];
        if (target->arm != DVARA_ARM_CANARY || !target->share.has)
            continue;
        sum += target->share.i;
        if (sum > WHOLE) {
            lint_add(l, target->share.span, LINT_CANARY_SHARES, decl->name);
            return;
        }
    }
}

static bool is_priced(const struct linter *l, struct dvara_str name)
{
    const struct decl *model = program_find(l->program, DECL_MODEL, name);
    return model && ((model->model.input.has && model->model.output.has) ||
                     model->model.request.has || model->model.image.has);
}

static void lint_prices(struct linter *l, const struct decl *decl)
{
    bool by_cost = decl->route.strategy == DVARA_STRATEGY_COST;
    bool budgets = l->program->by_kind[DECL_BUDGET].n > 0;
    const char *why = by_cost ? "`strategy cost` cannot compare it"
                              : "what it costs does not count against any budget";
    for (size_t i = 0; i < decl->route.n_targets && (by_cost || budgets); i++) {
        const struct route_target *target = &decl->route.targets[i];
        if (!is_priced(l, target->name.s))
            lint_add(l, target->name.span, LINT_UNPRICED_MODEL, target->name.s,
                     dvara_str_from_cstr(why));
    }
}

/* ---- zones ---- */

/* Which of target.zone and target.region the expression reads; lets included. */
enum { READS_ZONE = 1, READS_REGION = 2 };

static unsigned reads(struct linter *l, const struct expr *expr);

static unsigned any_reads(struct linter *l, const struct exprs *exprs)
{
    unsigned found = 0;
    for (size_t i = 0; i < exprs->n; i++)
        found |= reads(l, exprs->v[i]);
    return found;
}

static unsigned reads(struct linter *l, const struct expr *expr)
{
    expr = expr_seen(expr);
    if (!lint_step(l))
        return 0;
    if (expr->kind == EXPR_ATTRIBUTE)
        return expr->attribute.id == DVARA_ATTR_TARGET_ZONE     ? READS_ZONE
               : expr->attribute.id == DVARA_ATTR_TARGET_REGION ? READS_REGION
                                                                : 0;
    if (expr->kind == EXPR_NOT || expr->kind == EXPR_MINUS || expr->kind == EXPR_HAS)
        return reads(l, expr->operand);
    if (expr->kind == EXPR_BINARY)
        return reads(l, expr->binary.left) | reads(l, expr->binary.right);
    if (expr->kind == EXPR_CALL)
        return any_reads(l, &expr->call.args);
    if (expr->kind == EXPR_LIST)
        return any_reads(l, &expr->items);
    return expr->kind == EXPR_QUANTIFIER
               ? reads(l, expr->quantifier.over) | reads(l, expr->quantifier.body)
               : 0;
}

/* The first rule that asks for what `wanted` says. */
static const struct decl *asking_rule(struct linter *l, unsigned wanted)
{
    const struct decls *rules = &l->program->by_kind[DECL_RULE];
    for (size_t i = 0; i < rules->n; i++) {
        l->fuel = LINT_FUEL;
        if (rules->v[i]->rule.when && (reads(l, rules->v[i]->rule.when) & wanted))
            return rules->v[i];
    }
    return NULL;
}

static void report_missing(struct linter *l, const struct decl *rule, const char *what)
{
    const struct decls *providers = &l->program->by_kind[DECL_PROVIDER];
    bool zone = strcmp(what, "zone") == 0;
    for (size_t i = 0; i < providers->n; i++) {
        const struct decl *decl = providers->v[i];
        const struct text *text = zone ? &decl->provider.zone : &decl->provider.region;
        if (text->s.p || lint_is_library(l, decl))
            continue;
        struct diag *diag = lint_add(l, decl->name_span, LINT_PROVIDER_WITHOUT_ZONE, decl->name,
                                     dvara_str_from_cstr(what));
        diag_label(l->diags, diag, rule->name_span, "this rule asks for it");
    }
}

/* A built-in provider that a route names has no zone either. */
static void report_undeclared(struct linter *l, const struct decl *rule)
{
    const struct decls *routes = &l->program->by_kind[DECL_ROUTE];
    for (size_t i = 0; i < routes->n; i++) {
        const struct decl *route = routes->v[i];
        for (size_t k = 0; k < route->route.n_targets && !lint_is_library(l, route); k++) {
            const struct route_target *target = &route->route.targets[k];
            if (target->provider_decl)
                continue;
            struct diag *diag = lint_add(l, target->name.span, LINT_PROVIDER_WITHOUT_ZONE,
                                         target->provider.s, DVARA_STR("zone"));
            diag_label(l->diags, diag, rule->name_span, "this rule asks for it");
            diag_help(l->diags, diag, "declare it: `provider %.*s { zone \"…\" }`",
                      DVARA_STR_ARG(target->provider.s));
        }
    }
}

void lint_zones(struct linter *l)
{
    const struct decl *by_zone = asking_rule(l, READS_ZONE);
    const struct decl *by_region = asking_rule(l, READS_REGION);
    if (by_zone) {
        report_missing(l, by_zone, "zone");
        report_undeclared(l, by_zone);
    }
    if (by_region)
        report_missing(l, by_region, "region");
}

void lint_route(struct linter *l, const struct decl *decl)
{
    lint_shares(l, decl);
    lint_prices(l, decl);
}
