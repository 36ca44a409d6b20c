/* SPDX-License-Identifier: Apache-2.0 */
/* L0301 and L0302: two rules that set one thing, two routes that match one request. Reported at the
 * later declaration; silent when priorities differ or the conditions exclude each other. */
#include "lang/linter.h"

enum { PAIRS_MAX = 1000000 }; /* compared at most: past it the lint is silent */

static bool is_later(const struct decl *a, const struct decl *b)
{
    return a->span.file != b->span.file ? a->span.file > b->span.file
                                        : a->span.start > b->span.start;
}

static const struct effect *find_set(const struct decl *rule, size_t *at)
{
    for (; *at < rule->rule.n_effects; ++*at) {
        const struct effect *effect = &rule->rule.effects[*at];
        if (effect->kind >= DVARA_EFFECT_SET_MODEL && effect->kind <= DVARA_EFFECT_USE_ROUTE)
            return effect;
    }
    return NULL;
}

/* Do the two effects set one thing to what may be two values? */
static bool conflict(const struct effect *a, const struct effect *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == DVARA_EFFECT_USE_ROUTE)
        return a->route.decl != b->route.decl;
    if (a->kind == DVARA_EFFECT_SET_HEADER)
        return dvara_str_eq(a->header.name.s, b->header.name.s);
    const struct constant *x = a->value->value;
    const struct constant *y = b->value->value;
    return !x || !y || constant_compare(x, y) != 0;
}

static void compare_rules(struct linter *l, const struct decl *a, const struct decl *b)
{
    if (a->rule.priority != b->rule.priority || a->rule.mode != DVARA_MODE_ENFORCE ||
        b->rule.mode != DVARA_MODE_ENFORCE)
        return;
    for (size_t i = 0; find_set(a, &i); i++) {
        for (size_t k = 0; find_set(b, &k); k++) {
            const struct effect *x = &a->rule.effects[i];
            const struct effect *y = &b->rule.effects[k];
            if (!conflict(x, y) || !predicates_may_meet(l, a->rule.when, b->rule.when))
                continue;
            bool a_later = is_later(a, b);
            const struct effect *later = a_later ? x : y;
            struct diag *diag = lint_add(l, later->span, LINT_SET_CONFLICT, a->name, b->name,
                                         effect_row(x->kind)->spelling);
            diag_label(l->diags, diag, a_later ? y->span : x->span, "the other");
            diag_help(l->diags, diag,
                      "give one of them a higher `priority`, or conditions that exclude "
                      "each other");
            return;
        }
    }
}

void lint_set_pairs(struct linter *l)
{
    const struct decls *rules = &l->program->by_kind[DECL_RULE];
    size_t compared = 0;
    for (size_t i = 0; i < rules->n; i++) {
        if (!rules->v[i]->rule.is_rewrite)
            continue;
        for (size_t k = i + 1; k < rules->n && compared < PAIRS_MAX; k++) {
            if (!rules->v[k]->rule.is_rewrite)
                continue;
            compared++;
            compare_rules(l, rules->v[i], rules->v[k]);
        }
    }
}

static void compare_routes(struct linter *l, const struct decl *a, const struct decl *b)
{
    if (!b->route.match || a->route.priority != b->route.priority ||
        !predicates_may_meet(l, a->route.match, b->route.match))
        return;
    const struct decl *later = is_later(a, b) ? a : b;
    const struct decl *earlier = later == a ? b : a;
    struct diag *diag = lint_add(l, later->name_span, LINT_ROUTE_OVERLAP, a->name, b->name);
    diag_label(l->diags, diag, earlier->name_span, "the other");
    diag_help(l->diags, diag,
              "give one of them a higher `priority`, or matches that exclude each other");
}

void lint_route_pairs(struct linter *l)
{
    const struct decls *routes = &l->program->by_kind[DECL_ROUTE];
    size_t compared = 0;
    for (size_t i = 0; i < routes->n; i++)
        for (size_t k = i + 1; routes->v[i]->route.match && k < routes->n && compared < PAIRS_MAX;
             k++) {
            compared++;
            compare_routes(l, routes->v[i], routes->v[k]);
        }
}
