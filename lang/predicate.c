/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/predicate.h"

#include "base/arena.h"
#include "lang/conflict.h"
#include "lang/list.h"
#include "lang/related.h"
#include "lang/same.h"
#include "lang/text_pattern.h"

enum {
    CLAUSES_MAX = 64,
    LITERALS_MAX = 64, /* of one conjunction */
    VISITS_MAX = 4096, /* nodes of one condition, lets included */
    TOPICS_MAX = 1 << 16
};

/* All must hold. */
struct clause {
    struct literal *v;
    size_t n;
    bool never;       /* its literals exclude each other */
    bool never_total; /* they do about something that cannot err */
};

/* One must hold; none: never. */
struct predicate {
    struct clause *v;
    size_t n;
};

struct reasoner {
    struct arena *arena;
    struct text_search *search;
    const struct atom **topics; /* by hash, open addressing */
    uint32_t n_topics;
    unsigned visits; /* left for the condition */
};

struct reasoner *reasoner_new(struct arena *arena)
{
    struct reasoner *r = ARENA_NEW(arena, struct reasoner);
    if (!r)
        return NULL;
    r->arena = arena;
    r->search = text_search_new(arena);
    r->topics = ARENA_ARRAY(arena, 2 * TOPICS_MAX, const struct atom *);
    return r->search && r->topics ? r : NULL;
}

/* Equal topics get one number. When the table is full each atom is a topic of its own. */
static uint32_t topic_of(struct reasoner *r, const struct atom *atom)
{
    size_t at = (size_t)(atom_topic_hash(atom) % (2 * TOPICS_MAX));
    for (; r->topics[at]; at = (at + 1) % (2 * TOPICS_MAX))
        if (atom_same_topic(r->topics[at], atom))
            return r->topics[at]->topic;
    r->n_topics++;
    if (r->n_topics <= TOPICS_MAX)
        r->topics[at] = atom;
    return r->n_topics;
}

struct literal reasoner_literal(struct reasoner *r, const struct expr *expr)
{
    struct atom *copy = ARENA_NEW(r->arena, struct atom);
    struct literal literal = atom_of(r->arena, expr);
    if (!literal.atom || !copy)
        return (struct literal){.atom = NULL};
    *copy = *literal.atom;
    copy->topic = 0;
    literal.atom = copy;
    copy->topic = topic_of(r, copy);
    return literal;
}

/* ---- the normal form ---- */

static const struct predicate *constant(struct reasoner *r, bool value)
{
    struct predicate *p = ARENA_NEW(r->arena, struct predicate);
    if (p && value) {
        p->v = ARENA_NEW(r->arena, struct clause);
        p->n = p->v != NULL;
    }
    return p;
}

static const struct predicate *lone(struct reasoner *r, struct literal literal)
{
    struct predicate *p = ARENA_NEW(r->arena, struct predicate);
    struct clause *clause = ARENA_NEW(r->arena, struct clause);
    struct literal *v = ARENA_NEW(r->arena, struct literal);
    if (!p || !clause || !v)
        return NULL;
    *v = literal;
    *clause = (struct clause){.v = v, .n = 1};
    *p = (struct predicate){clause, 1};
    return p;
}

/* Too many conjunctions: one that is always true stands for all, which concludes nothing. */
static const struct predicate *either(struct reasoner *r, const struct predicate *a,
                                      const struct predicate *b)
{
    if (a->n + b->n > CLAUSES_MAX)
        return constant(r, true);
    struct predicate *p = ARENA_NEW(r->arena, struct predicate);
    struct clause *v = ARENA_ARRAY(r->arena, a->n + b->n, struct clause);
    if (!p || !v)
        return NULL;
    for (size_t i = 0; i < a->n; i++)
        v[p->n++] = a->v[i];
    for (size_t i = 0; i < b->n; i++)
        v[p->n++] = b->v[i];
    p->v = v;
    return p;
}

/* What does not fit into the conjunction is left out. */
static struct clause join(struct reasoner *r, const struct clause *a, const struct clause *b)
{
    struct clause clause = {.v = ARENA_ARRAY(r->arena, a->n + b->n, struct literal)};
    for (size_t i = 0; clause.v && i < a->n && clause.n < LITERALS_MAX; i++)
        clause.v[clause.n++] = a->v[i];
    for (size_t i = 0; clause.v && i < b->n && clause.n < LITERALS_MAX; i++)
        clause.v[clause.n++] = b->v[i];
    return clause;
}

/* Over the budget the one with fewer conjunctions is kept and the other left out. */
static const struct predicate *both(struct reasoner *r, const struct predicate *a,
                                    const struct predicate *b)
{
    if (a->n * b->n > CLAUSES_MAX)
        return a->n < b->n ? a : b;
    struct predicate *p = ARENA_NEW(r->arena, struct predicate);
    struct clause *v = ARENA_ARRAY(r->arena, a->n * b->n, struct clause);
    if (!p || !v)
        return NULL;
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            v[p->n++] = join(r, &a->v[i], &b->v[k]);
    p->v = v;
    return p;
}

static const struct predicate *normal(struct reasoner *r, const struct expr *expr, bool positive)
{
    expr = expr_seen(expr);
    if (r->visits == 0)
        return constant(r, true);
    r->visits--;
    if (expr->value && type_is(expr->value->type, DVARA_TYPE_BOOL))
        return constant(r, (expr->value->i != 0) == positive);
    if (expr->kind == EXPR_NOT)
        return normal(r, expr->operand, !positive);
    bool is_and = expr->kind == EXPR_BINARY && expr->binary.op == BINARY_AND;
    if (is_and || (expr->kind == EXPR_BINARY && expr->binary.op == BINARY_OR)) {
        const struct predicate *a = normal(r, expr->binary.left, positive);
        const struct predicate *b = normal(r, expr->binary.right, positive);
        if (!a || !b)
            return NULL;
        return is_and == positive ? both(r, a, b) : either(r, a, b);
    }
    struct literal literal = reasoner_literal(r, expr);
    literal.positive = literal.positive == positive;
    return literal.atom ? lone(r, literal) : NULL;
}

/* ---- questions ---- */

enum { GROUP_MAX = 2 * LITERALS_MAX };

/* The literals about v[first]'s topic; none if an earlier literal has it. */
static size_t gather(const struct literal *v, size_t n, size_t first, struct literal *ret_group)
{
    size_t found = 0;
    for (size_t i = 0; i < first; i++)
        if (v[i].atom->topic == v[first].atom->topic)
            return 0;
    for (size_t i = first; i < n; i++)
        if (v[i].atom->topic == v[first].atom->topic)
            ret_group[found++] = v[i];
    return found;
}

/* The same, and what literals about other things say of this one. */
static size_t gather_related(struct reasoner *r, const struct literal *v, size_t n, size_t first,
                             struct literal *ret_group)
{
    size_t found = gather(v, n, first, ret_group);
    if (found)
        found += related_literals(r->arena, v, n, v[first].atom->subject, ret_group + found);
    return found;
}

bool reasoner_conflict(struct reasoner *r, const struct literal *v, size_t n)
{
    struct literal group[GROUP_MAX + RELATED_MAX];
    n = n < GROUP_MAX ? n : GROUP_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t found = gather_related(r, v, n, i, group);
        if (found && literals_conflict(r->arena, r->search, group, found))
            return true;
    }
    return clocks_conflict(r->arena, v, n);
}

static bool are_total(const struct literal *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!v[i].atom->is_total)
            return false;
    return true;
}

static void judge(struct reasoner *r, struct clause *clause)
{
    struct literal group[GROUP_MAX + RELATED_MAX];
    for (size_t i = 0; i < clause->n; i++) {
        size_t found = gather_related(r, clause->v, clause->n, i, group);
        if (!found || !literals_conflict(r->arena, r->search, group, found))
            continue;
        clause->never = true;
        clause->never_total |= are_total(group, found);
    }
    if (clocks_conflict(r->arena, clause->v, clause->n))
        clause->never = clause->never_total = true;
}

static const struct predicate *finish(struct reasoner *r, const struct expr *condition,
                                      bool positive)
{
    r->visits = VISITS_MAX;
    const struct predicate *made =
        condition ? normal(r, condition, positive) : constant(r, positive);
    struct predicate *p = ARENA_NEW(r->arena, struct predicate);
    struct clause *v = made ? ARENA_ARRAY(r->arena, made->n, struct clause) : NULL;
    if (!made || !p || !v)
        return NULL;
    for (size_t i = 0; i < made->n; i++) {
        v[i] = made->v[i];
        judge(r, &v[i]);
    }
    *p = (struct predicate){v, made->n};
    return p;
}

const struct predicate *predicate_of(struct reasoner *r, const struct expr *condition)
{
    return finish(r, condition, true);
}

const struct predicate *predicate_of_not(struct reasoner *r, const struct expr *condition)
{
    return finish(r, condition, false);
}

bool predicate_is_never(const struct predicate *a)
{
    for (size_t i = 0; a && i < a->n; i++)
        if (!a->v[i].never)
            return false;
    return a != NULL;
}

static size_t append_topic(const struct clause *clause, uint32_t topic, struct literal *group,
                           size_t n)
{
    for (size_t i = 0; i < clause->n; i++)
        if (clause->v[i].atom->topic == topic)
            group[n++] = clause->v[i];
    return n;
}

/* A topic of both on which they exclude each other. */
static bool clauses_exclude(struct reasoner *r, const struct clause *a, const struct clause *b)
{
    struct literal group[GROUP_MAX + RELATED_MAX];
    for (size_t i = 0; i < a->n; i++) {
        uint32_t topic = a->v[i].atom->topic;
        size_t of_a = append_topic(a, topic, group, 0);
        size_t n = append_topic(b, topic, group, of_a);
        if (n > of_a && literals_conflict(r->arena, r->search, group, n))
            return true;
    }
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        group[n++] = a->v[i];
    for (size_t i = 0; i < b->n; i++)
        group[n++] = b->v[i];
    return clocks_conflict(r->arena, group, n);
}

bool predicates_exclude(struct reasoner *r, const struct predicate *a, const struct predicate *b)
{
    for (size_t i = 0; a && b && i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (!a->v[i].never && !b->v[k].never && !clauses_exclude(r, &a->v[i], &b->v[k]))
                return false;
    return a && b;
}

/* A conflict on a topic of both proves that `a` is no truer than `b`: they err together. A conflict
 * within one of them does only where judging cannot err. */
bool predicate_implies(struct reasoner *r, const struct predicate *a, const struct predicate *not_b)
{
    for (size_t i = 0; a && not_b && i < a->n; i++)
        for (size_t k = 0; k < not_b->n; k++)
            if (!a->v[i].never_total && !not_b->v[k].never_total &&
                !clauses_exclude(r, &a->v[i], &not_b->v[k]))
                return false;
    return a && not_b;
}
