/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and routes that another leaves nothing to do: wherever they apply, errors included, the
 * other applies too and does the same or more. */
#include "lang/linter.h"
#include "lang/same.h"

static struct dvara_str template_text(const struct linter *l, const struct template *template)
{
    return template ? source_slice(l->program->sources.v[template->span.file], template->span)
                    : DVARA_STR("");
}

/* The style that keeps less, at all of its places. */
static bool covers_redaction(const struct effect *a, const struct effect *b)
{
    return a->redact.group.decl == b->redact.group.decl && a->redact.style >= b->redact.style &&
           (b->redact.where & ~a->redact.where) == 0 &&
           (a->redact.restore_tools || !b->redact.restore_tools) &&
           (a->redact.restore_urls || !b->redact.restore_urls);
}

static bool same_number(const struct number *a, const struct number *b)
{
    return a->has == b->has && (!a->has || a->i == b->i);
}

/* Of ttl and hold the least counts. */
static bool is_at_most(const struct number *a, const struct number *b)
{
    return a->has ? !b->has || a->i <= b->i : !b->has;
}

static bool covers_approval(const struct effect *a, const struct effect *b)
{
    if (!dvara_str_eq(a->approval.by.s, b->approval.by.s) ||
        !same_number(&a->approval.quorum, &b->approval.quorum) ||
        !is_at_most(&a->approval.ttl, &b->approval.ttl) ||
        !is_at_most(&a->approval.hold, &b->approval.hold) ||
        a->approval.session != b->approval.session || a->approval.binds.n != b->approval.binds.n)
        return false;
    for (size_t i = 0; i < a->approval.binds.n; i++)
        if (!expr_same(a->approval.binds.v[i], b->approval.binds.v[i]))
            return false;
    return true;
}

/* Does `a` make `b`, of the same kind, needless? */
static bool covers_same(const struct linter *l, const struct effect *a, const struct effect *b)
{
    switch (a->kind) {
    case DVARA_EFFECT_DENY:
    case DVARA_EFFECT_EXCLUDE:
    case DVARA_EFFECT_ALLOW:
    case DVARA_EFFECT_NO_CACHE:
        return true;
    case DVARA_EFFECT_REDACT:
        return covers_redaction(a, b);
    case DVARA_EFFECT_CAP:
        return expr_same(a->value, b->value) ||
               (a->value->value && b->value->value && a->value->value->i <= b->value->value->i);
    case DVARA_EFFECT_SET_MODEL:
    case DVARA_EFFECT_SET_TEMPERATURE:
    case DVARA_EFFECT_SET_USER:
        return expr_same(a->value, b->value);
    case DVARA_EFFECT_USE_ROUTE:
        return a->route.decl == b->route.decl;
    case DVARA_EFFECT_WARN:
        return dvara_str_eq(template_text(l, a->warn), template_text(l, b->warn));
    case DVARA_EFFECT_TAG:
        return dvara_str_eq(a->tag.key.s, b->tag.key.s) &&
               dvara_str_eq(template_text(l, a->tag.value), template_text(l, b->tag.value));
    case DVARA_EFFECT_APPROVAL:
        return covers_approval(a, b);
    case DVARA_EFFECT_CACHE:
        return a->cache.ttl.i <= b->cache.ttl.i && a->cache.any == b->cache.any;
    case DVARA_EFFECT_SET_HEADER:
    case DVARA_EFFECT_COUNT:
        return false;
    }
    return false;
}

static bool is_set(enum dvara_effect kind)
{
    return kind >= DVARA_EFFECT_SET_MODEL && kind <= DVARA_EFFECT_USE_ROUTE;
}

/* A denial leaves nothing to allow or to approve; a set of higher priority nothing to set. */
static bool covers(const struct linter *l, const struct effect *a, const struct effect *b,
                   bool outranks)
{
    if (a->kind == DVARA_EFFECT_DENY &&
        (b->kind == DVARA_EFFECT_ALLOW || b->kind == DVARA_EFFECT_APPROVAL))
        return true;
    if (a->kind != b->kind)
        return false;
    if (outranks && is_set(a->kind))
        return a->kind != DVARA_EFFECT_SET_HEADER ||
               dvara_str_eq(a->header.name.s, b->header.name.s);
    return covers_same(l, a, b);
}

static bool effects_cover(const struct linter *l, const struct rule *a, const struct rule *b)
{
    for (size_t i = 0; i < b->n_effects; i++) {
        bool covered = false;
        for (size_t k = 0; k < a->n_effects && !covered; k++)
            covered = covers(l, &a->effects[k], &b->effects[i], a->priority > b->priority);
        if (!covered)
            return false;
    }
    return true;
}

static const struct effect *denial(const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_effects; i++)
        if (rule->effects[i].kind == DVARA_EFFECT_DENY)
            return &rule->effects[i];
    return NULL;
}

/* Would the answer of a denial be another without `b`? */
static bool answers_alike(const struct linter *l, const struct decl *a, const struct decl *b)
{
    const struct effect *x = denial(&a->rule);
    const struct effect *y = denial(&b->rule);
    if (!x || !y || a->rule.priority > b->rule.priority || dvara_str_cmp(a->name, b->name) < 0)
        return true;
    return dvara_str_eq(x->deny.code.s, y->deny.code.s) &&
           x->deny.status.has == y->deny.status.has && x->deny.status.i == y->deny.status.i &&
           dvara_str_eq(template_text(l, a->rule.reason), template_text(l, b->rule.reason));
}

/* Another lint says all there is to say: a constant condition, an `allow` of everything. */
static bool is_told_already(const struct rule *rule)
{
    if (rule->when)
        return rule->when->value != NULL;
    for (size_t i = 0; i < rule->n_effects; i++)
        if (rule->effects[i].kind == DVARA_EFFECT_ALLOW)
            return true;
    return false;
}

/* Everything but the conditions. */
static bool could_shadow(const struct linter *l, const struct decl *a, const struct decl *b)
{
    const struct rule *x = &a->rule;
    const struct rule *y = &b->rule;
    return !is_told_already(x) && !is_told_already(y) && x->mode == DVARA_MODE_ENFORCE &&
           y->mode == DVARA_MODE_ENFORCE && x->priority >= y->priority &&
           (y->phases & ~x->phases) == 0 && x->is_rewrite == y->is_rewrite &&
           (!x->once || y->once) && (!y->reads_pii || (x->reads_pii && x->opaque == y->opaque)) &&
           (!x->on_stream_notify || y->on_stream_notify) && effects_cover(l, x, y) &&
           answers_alike(l, a, b);
}

static bool is_shadowed(struct linter *l, struct pairs *pairs, size_t b, size_t a)
{
    const struct decls *rules = &l->program->by_kind[DECL_RULE];
    if (!could_shadow(l, rules->v[a], rules->v[b]))
        return false;
    pairs->reasoned++;
    return predicate_implies(l->reasoner, l->rules[b].holds, l->rules[a].fails) &&
           !predicate_is_never(l->rules[b].holds);
}

static void report_shadow(struct linter *l, const struct decl *b, const struct decl *a)
{
    if (lint_is_library(l, b))
        return;
    if (a->rule.priority > b->rule.priority) {
        struct diag *diag =
            lint_add(l, b->name_span, LINT_OUTRANKED, DVARA_STR("rule"), b->name, a->name);
        diag_label(l->diags, diag, a->name_span, "the one that decides");
        return;
    }
    const struct decl *later = lint_is_later(a, b) ? a : b;
    struct diag *diag = lint_add(l, later->name_span, LINT_SHADOWED, b->name, a->name);
    diag_label(l->diags, diag, (later == a ? b : a)->name_span, "the other");
}

static void lint_rules(struct linter *l)
{
    const struct decls *rules = &l->program->by_kind[DECL_RULE];
    struct pairs pairs = {.what = "rules in the shadow of another"};
    for (size_t b = 0; b < rules->n; b++) {
        for (size_t a = 0; a < rules->n && lint_pair(l, &pairs, rules->v[b]); a++) {
            if (a == b || !is_shadowed(l, &pairs, b, a))
                continue;
            /* Two that shadow each other: the one whose name comes first is kept. */
            if (a > b && is_shadowed(l, &pairs, a, b))
                continue;
            report_shadow(l, rules->v[b], rules->v[a]);
            break;
        }
    }
}

static void lint_routes(struct linter *l)
{
    const struct decls *routes = &l->program->by_kind[DECL_ROUTE];
    struct pairs pairs = {.what = "routes that are never taken"};
    for (size_t b = 0; b < routes->n; b++) {
        const struct decl *low = routes->v[b];
        for (size_t a = 0;
             low->route.match && !low->used && a < routes->n && lint_pair(l, &pairs, low); a++) {
            const struct decl *high = routes->v[a];
            if (!high->route.match || high->route.priority <= low->route.priority)
                continue;
            pairs.reasoned++;
            if (!predicate_implies(l->reasoner, l->routes[b].holds, l->routes[a].fails) ||
                predicate_is_never(l->routes[b].holds))
                continue;
            struct diag *diag = lint_add(l, low->name_span, LINT_OUTRANKED, DVARA_STR("route"),
                                         low->name, high->name);
            diag_label(l->diags, diag, high->name_span, "the one that decides");
            break;
        }
    }
}

void lint_shadows(struct linter *l)
{
    if (l->rules)
        lint_rules(l);
    if (l->routes)
        lint_routes(l);
}
