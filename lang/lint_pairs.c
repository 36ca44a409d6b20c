/* SPDX-License-Identifier: Apache-2.0 */
/* L0301 and L0302: two rules that set one thing, two routes that match one request. Reported at the
 * later declaration; silent when priorities differ or the conditions exclude each other. */
#include "base/arena.h"
#include "lang/linter.h"
#include "lang/same.h"

enum {
    PAIRS_MAX = 1 << 22,   /* looked at, of which most are told apart at once */
    REASONED_MAX = 1000000 /* whose conditions are compared */
};

bool lint_pair(struct linter *l, struct pairs *pairs, const struct decl *decl)
{
    if (++pairs->looked_at <= PAIRS_MAX && pairs->reasoned < REASONED_MAX)
        return true;
    if (!pairs->told && !lint_is_library(l, decl)) {
        pairs->told = true;
        (void)lint_add(l, decl->name_span, LINT_PAIRS_NOT_COMPARED,
                       dvara_str_from_cstr(pairs->what), decl->name);
    }
    return false;
}

bool lint_is_later(const struct decl *a, const struct decl *b)
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

/* Do they print the same, whatever the exchange? */
static bool same_template(const struct template *a, const struct template *b)
{
    if (!a || !b || a->n_parts != b->n_parts)
        return false;
    for (size_t i = 0; i < a->n_parts; i++) {
        const struct template_part *x = &a->parts[i], *y = &b->parts[i];
        if (!x->expr != !y->expr ||
            !(x->expr ? expr_same(x->expr, y->expr) : dvara_str_eq(x->text, y->text)))
            return false;
    }
    return true;
}

static bool same_header(const struct effect *a, const struct effect *b)
{
    const struct expr *x = a->header.value, *y = b->header.value;
    return x && y ? expr_same(x, y) : same_template(a->header.template, b->header.template);
}

/* Do the two effects set one thing to what may be two values? */
static bool conflict(const struct effect *a, const struct effect *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == DVARA_EFFECT_USE_ROUTE)
        return a->route.decl != b->route.decl;
    if (a->kind == DVARA_EFFECT_SET_HEADER)
        return dvara_str_eq(a->header.name.s, b->header.name.s) && !same_header(a, b);
    const struct constant *x = a->value->value;
    const struct constant *y = b->value->value;
    return !x || !y || constant_compare(x, y) != 0;
}

struct conditions *lint_conditions(struct linter *l, const struct decls *decls)
{
    struct conditions *v = ARENA_ARRAY(l->arena, decls->n, struct conditions);
    for (size_t i = 0; v && i < decls->n; i++) {
        const struct decl *decl = decls->v[i];
        const struct expr *expr = decl->kind == DECL_RULE ? decl->rule.when : decl->route.match;
        v[i].holds = predicate_of(l->reasoner, expr);
        v[i].fails = predicate_of_not(l->reasoner, expr);
    }
    return v;
}

static bool may_meet(struct linter *l, struct pairs *pairs, const struct conditions *a,
                     const struct conditions *b)
{
    pairs->reasoned++;
    return !predicates_exclude(l->reasoner, a->holds, b->holds);
}

static void compare_rules(struct linter *l, struct pairs *pairs, const struct decl *a,
                          const struct decl *b, const struct conditions *when_a,
                          const struct conditions *when_b)
{
    if (a->rule.priority != b->rule.priority || a->rule.mode != DVARA_MODE_ENFORCE ||
        b->rule.mode != DVARA_MODE_ENFORCE)
        return;
    for (size_t i = 0; find_set(a, &i); i++) {
        for (size_t k = 0; find_set(b, &k); k++) {
            const struct effect *x = &a->rule.effects[i];
            const struct effect *y = &b->rule.effects[k];
            if (!conflict(x, y) || !may_meet(l, pairs, when_a, when_b))
                continue;
            bool a_later = lint_is_later(a, b);
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
    struct conditions *conditions = l->rules;
    struct pairs pairs = {.what = "rules that set one thing"};
    for (size_t i = 0; conditions && i < rules->n; i++) {
        if (!rules->v[i]->rule.is_rewrite)
            continue;
        for (size_t k = i + 1; k < rules->n && lint_pair(l, &pairs, rules->v[i]); k++) {
            if (!rules->v[k]->rule.is_rewrite)
                continue;
            compare_rules(l, &pairs, rules->v[i], rules->v[k], &conditions[i], &conditions[k]);
        }
    }
}

static void compare_routes(struct linter *l, struct pairs *pairs, const struct decl *a,
                           const struct decl *b, const struct conditions *match_a,
                           const struct conditions *match_b)
{
    if (!b->route.match || a->route.priority != b->route.priority ||
        !may_meet(l, pairs, match_a, match_b))
        return;
    const struct decl *later = lint_is_later(a, b) ? a : b;
    const struct decl *earlier = later == a ? b : a;
    struct diag *diag = lint_add(l, later->name_span, LINT_ROUTE_OVERLAP, a->name, b->name);
    diag_label(l->diags, diag, earlier->name_span, "the other");
    if (predicate_implies(l->reasoner, match_b->holds, match_a->fails))
        diag_help(l->diags, diag,
                  "`%.*s` is never taken by its `match`: `%.*s` takes all it matches",
                  DVARA_STR_ARG(b->name), DVARA_STR_ARG(a->name));
    diag_help(l->diags, diag,
              "give one of them a higher `priority`, or matches that exclude each other");
}

/* Routes are sorted by name: of two, the first is taken. */
void lint_route_pairs(struct linter *l)
{
    const struct decls *routes = &l->program->by_kind[DECL_ROUTE];
    struct pairs pairs = {.what = "routes that match one request"};
    for (size_t i = 0; l->routes && i < routes->n; i++)
        for (size_t k = i + 1;
             routes->v[i]->route.match && k < routes->n && lint_pair(l, &pairs, routes->v[i]); k++)
            compare_routes(l, &pairs, routes->v[i], routes->v[k], &l->routes[i], &l->routes[k]);
}
