/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/conflict.h"

#include "base/arena.h"
#include "lang/address_set.h"
#include "lang/same.h"
#include "lang/text_pattern.h"
#include "vm/text.h"

enum {
    PATTERNS_MAX = 16,
    WIDTH_MAX = 4096 /* of an interval whose values are tried one by one */
};

struct conflict {
    struct arena *arena;
    struct text_search *search;
    const struct literal *v;
    size_t n;
};

static bool is_judged(const struct literal *l)
{
    return l->atom->kind == ATOM_VALUE || l->atom->kind == ATOM_TEXT ||
           l->atom->kind == ATOM_ADDRESS;
}

/* May the thing be absent, by what the literals say? */
static bool may_be_absent(const struct conflict *c)
{
    bool optional = false;
    for (size_t i = 0; i < c->n; i++) {
        optional |= c->v[i].atom->is_optional;
        if (c->v[i].atom->when_absent != c->v[i].positive)
            return false;
    }
    return optional;
}

static bool denies_presence(const struct conflict *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->v[i].atom->kind == ATOM_PRESENT && !c->v[i].positive)
            return true;
    return false;
}

/* ---- truth, order, membership ---- */

static uint8_t turned(uint8_t mask)
{
    return (uint8_t)((mask & ORDER_EQUAL) | (mask & ORDER_LESS ? ORDER_GREATER : 0) |
                     (mask & ORDER_GREATER ? ORDER_LESS : 0));
}

static bool orders_conflict(const struct conflict *c)
{
    uint8_t left = ORDER_ANY;
    for (size_t i = 0; i < c->n; i++) {
        const struct atom *atom = c->v[i].atom;
        bool straight = expr_same(atom->subject, c->v[0].atom->subject);
        uint8_t mask = straight ? atom->mask : turned(atom->mask);
        left &= c->v[i].positive ? mask : (uint8_t)(ORDER_ANY & ~mask);
    }
    return left == 0;
}

static bool is_word_of(struct dvara_str words, struct dvara_str word)
{
    for (size_t at = 0; at <= words.n;) {
        size_t end = at;
        while (end < words.n && words.p[end] != ' ')
            end++;
        if (dvara_str_eq(dvara_str_slice(words, at, end), word))
            return true;
        at = end + 1;
    }
    return false;
}

/* Signs of one atom that differ; a member that the list never has. */
static bool signs_conflict(const struct conflict *c, enum atom_kind kind)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct atom *atom = c->v[i].atom;
        if (atom->kind != kind)
            continue;
        struct dvara_str words = atom_natural_words(atom->subject);
        if (kind == ATOM_MEMBER && c->v[i].positive && words.p && atom->other->value &&
            !is_word_of(words, atom->other->value->s))
            return true;
        for (size_t k = 0; k < i; k++)
            if (c->v[k].atom->kind == kind && c->v[k].positive != c->v[i].positive &&
                (kind != ATOM_REGEX || expr_same(c->v[k].atom->other, atom->other)))
                return true;
    }
    return false;
}

/* ---- values ---- */

/* `within` of what is no address errs: it says nothing about the text. */
static bool errs(const struct atom *atom, const struct constant *value)
{
    struct address_range range;
    return atom->kind == ATOM_ADDRESS && !address_range_of(value->s, &range);
}

static bool survives(const struct conflict *c, const struct constant *value)
{
    for (size_t i = 0; i < c->n; i++)
        if (is_judged(&c->v[i]) && !errs(c->v[i].atom, value) &&
            atom_holds(c->arena, c->v[i].atom, value) != c->v[i].positive)
            return false;
    return true;
}

static bool is_set(const struct atom *atom)
{
    return (atom->kind == ATOM_VALUE || atom->kind == ATOM_TEXT) &&
           (atom->op == BINARY_EQ || atom->op == BINARY_IN);
}

/* The smallest finite set that the value must be of; NULL: there is none. */
static const struct constants *smallest_set(const struct conflict *c)
{
    const struct constants *best = NULL;
    for (size_t i = 0; i < c->n; i++) {
        const struct atom *atom = c->v[i].atom;
        if (c->v[i].positive && is_set(atom) && (!best || atom->values.n < best->n))
            best = &atom->values;
    }
    return best;
}

/* Does the function that makes the text leave this one as it is? It maps character by character, so
 * that no part of its results is changed by it either. */
static bool is_own_result(const struct conflict *c, struct dvara_str text)
{
    const struct expr *subject = c->v[0].atom->subject;
    if (subject->kind != EXPR_CALL)
        return true;
    if (subject->call.id == FUNCTION_LOWER)
        return dvara_str_eq(text_lower(text, c->arena), text);
    return subject->call.id != FUNCTION_UPPER || dvara_str_eq(text_upper(text, c->arena), text);
}

static bool results_conflict(const struct conflict *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct atom *atom = c->v[i].atom;
        bool is_part = atom->op == BINARY_STARTS_WITH || atom->op == BINARY_ENDS_WITH ||
                       atom->op == BINARY_CONTAINS;
        if (atom->kind == ATOM_TEXT && is_part && c->v[i].positive && atom->values.n == 1 &&
            !is_own_result(c, atom->values.v->s))
            return true;
    }
    return false;
}

static bool none_survives(const struct conflict *c, const struct constants *set)
{
    for (size_t i = 0; i < set->n; i++)
        if (is_own_result(c, set->v[i].s) && survives(c, &set->v[i]))
            return false;
    return true;
}

static bool in_range(const struct conflict *c, const struct constant *value)
{
    int64_t low;
    int64_t high;
    return !atom_natural_range(c->v[0].atom->subject, &low, &high) ||
           (value->i >= low && value->i <= high);
}

static bool no_value_survives(const struct conflict *c, const struct constants *set)
{
    for (size_t i = 0; i < set->n; i++)
        if (in_range(c, &set->v[i]) && survives(c, &set->v[i]))
            return false;
    return true;
}

/* Every double has its number, in the order of the doubles; the two zeros are one. */
static int64_t number_of(const struct constant *value)
{
    if (value->type.base != DVARA_TYPE_FLOAT)
        return value->i;
    double f = value->f == 0 ? 0 : value->f;
    int64_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static struct constant value_of(int64_t number, struct type type)
{
    struct constant value = {.type = type, .i = number};
    if (type.base == DVARA_TYPE_FLOAT) {
        int64_t bits = number < 0 ? INT64_MIN - number : number;
        memcpy(&value.f, &bits, sizeof bits);
    }
    return value;
}

struct interval {
    int64_t low, high;
    bool empty;
};

/* number < limit, or <= ; or, negated, the rest. */
static void narrow(struct interval *in, const struct literal *l)
{
    int64_t limit = number_of(l->atom->values.v);
    bool strict = l->atom->op == BINARY_LT;
    if (l->positive && strict && limit == INT64_MIN)
        in->empty = true;
    else if (l->positive && limit - strict < in->high)
        in->high = limit - strict;
    else if (!l->positive && !strict && limit == INT64_MAX)
        in->empty = true;
    else if (!l->positive && limit + !strict > in->low)
        in->low = limit + !strict;
}

static bool values_conflict(const struct conflict *c)
{
    const struct constants *set = smallest_set(c);
    if (set)
        return no_value_survives(c, set);
    struct interval in = {.low = INT64_MIN, .high = INT64_MAX};
    struct type type = {0};
    if (!atom_natural_range(c->v[0].atom->subject, &in.low, &in.high)) {
        in.low = INT64_MIN;
        in.high = INT64_MAX;
    }
    for (size_t i = 0; i < c->n; i++) {
        const struct atom *atom = c->v[i].atom;
        if (atom->kind != ATOM_VALUE || atom->values.n == 0)
            continue;
        type = atom->values.v->type;
        if (!is_set(atom))
            narrow(&in, &c->v[i]);
    }
    if (in.empty || in.low > in.high)
        return true;
    uint64_t width = (uint64_t)in.high - (uint64_t)in.low;
    if (width > WIDTH_MAX || type.base == DVARA_TYPE_BOOL)
        return false;
    for (uint64_t i = 0; i <= width; i++) {
        struct constant value = value_of((int64_t)((uint64_t)in.low + i), type);
        if (survives(c, &value))
            return false;
    }
    return true;
}

/* ---- texts ---- */

static bool is_bound(const struct atom *atom)
{
    return atom->kind == ATOM_TEXT && (atom->op == BINARY_LT || atom->op == BINARY_LE);
}

/* A bound from below that reaches one from above. */
static bool bounds_conflict(const struct conflict *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct atom *above = c->v[i].atom;
        for (size_t k = 0; is_bound(above) && c->v[i].positive && k < c->n; k++) {
            const struct atom *below = c->v[k].atom;
            if (!is_bound(below) || c->v[k].positive)
                continue;
            int order = constant_compare(below->values.v, above->values.v);
            bool touches = below->op == BINARY_LT && above->op == BINARY_LE;
            if (order > 0 || (order == 0 && !touches))
                return true;
        }
    }
    return false;
}

/* A bound that no text with a beginning keeps: all such texts are at or after the beginning, and
 * before all greater texts that do not begin so. */
static bool starts_conflict(const struct conflict *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct atom *start = c->v[i].atom;
        bool begins = start->kind == ATOM_TEXT && start->op == BINARY_STARTS_WITH &&
                      start->values.n == 1 && c->v[i].positive;
        for (size_t k = 0; begins && k < c->n; k++) {
            const struct atom *bound = c->v[k].atom;
            if (!is_bound(bound))
                continue;
            struct dvara_str limit = bound->values.v->s, text = start->values.v->s;
            int order = dvara_str_cmp(text, limit);
            if (c->v[k].positive ? order > 0 || (order == 0 && bound->op == BINARY_LT)
                                 : order < 0 && !dvara_str_starts_with(limit, text))
                return true;
        }
    }
    return false;
}

static bool patterns_conflict(const struct conflict *c)
{
    struct text_pattern v[PATTERNS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < c->n && n < PATTERNS_MAX; i++) {
        const struct atom *atom = c->v[i].atom;
        if (atom->kind == ATOM_TEXT && !is_bound(atom) && !is_set(atom))
            v[n++] = (struct text_pattern){atom->op, atom->values, c->v[i].positive};
    }
    bool lone = n == 0 || (n == 1 && v[0].positive && v[0].values.n);
    return !lone && text_patterns_exclude(c->search, v, n);
}

static bool addresses_conflict(const struct conflict *c)
{
    struct address_set left = {NULL, 0};
    bool any = false;
    for (size_t i = 0; i < c->n; i++) {
        if (c->v[i].atom->kind != ATOM_ADDRESS)
            continue;
        struct address_set set = address_set_of(c->arena, &c->v[i].atom->values);
        if (!c->v[i].positive)
            set = address_set_rest(c->arena, &set);
        left = any ? address_set_meet(c->arena, &left, &set) : set;
        any = true;
    }
    return any && left.n == 0;
}

static struct constants split_words(struct arena *arena, struct dvara_str words)
{
    size_t room = 1;
    for (size_t i = 0; i < words.n; i++)
        room += words.p[i] == ' ';
    struct constant *v = ARENA_ARRAY(arena, room, struct constant);
    size_t n = 0;
    for (size_t at = 0; v && at < words.n;) {
        size_t end = at;
        while (end < words.n && words.p[end] != ' ')
            end++;
        v[n].type = (struct type){DVARA_TYPE_STRING, DVARA_SHAPE_ONE};
        v[n++].s = dvara_str_slice(words, at, end);
        at = end + 1;
    }
    return (struct constants){v, n};
}

static bool texts_conflict(const struct conflict *c)
{
    const struct constants *set = smallest_set(c);
    if ((set && none_survives(c, set)) || results_conflict(c))
        return true;
    struct dvara_str words = atom_natural_words(c->v[0].atom->subject);
    if (words.p) {
        struct constants all = split_words(c->arena, words);
        return all.n && none_survives(c, &all);
    }
    return !set && (bounds_conflict(c) || starts_conflict(c) || patterns_conflict(c) ||
                    addresses_conflict(c));
}

/* ---- the time of day ---- */

/* The zone of a literal that asks hour or between; NULL: it asks neither. */
static const struct constant *zone_of(const struct literal *l)
{
    const struct expr *subject = l->atom->subject;
    if (subject->kind != EXPR_CALL)
        return NULL;
    if (subject->call.id == FUNCTION_HOUR && l->atom->kind == ATOM_VALUE)
        return subject->call.args.v[0]->value;
    return subject->call.id == FUNCTION_BETWEEN && l->atom->kind == ATOM_TRUTH
               ? subject->call.args.v[2]->value
               : NULL;
}

static bool holds_at(struct arena *arena, const struct literal *l, int64_t minute)
{
    const struct exprs *args = &l->atom->subject->call.args;
    if (l->atom->kind == ATOM_VALUE) {
        struct constant hour = {.type = {DVARA_TYPE_INT, DVARA_SHAPE_ONE}, .i = minute / 60};
        return atom_holds(arena, l->atom, &hour) == l->positive;
    }
    if (!args->v[0]->value || !args->v[1]->value)
        return true;
    int64_t from = args->v[0]->value->i, to = args->v[1]->value->i;
    bool within = from < to ? minute >= from && minute < to : minute >= from || minute < to;
    return within == l->positive;
}

/* Answers change where an hour or a period begins only, so that each minute would be more than is
 * needed; a day has few enough. */
static bool zone_conflict(struct arena *arena, const struct literal *v, size_t n,
                          const struct constant *zone)
{
    for (int64_t minute = 0; minute < 24 * 60; minute++) {
        bool all = true;
        for (size_t i = 0; i < n && all; i++) {
            const struct constant *own = zone_of(&v[i]);
            all = !own || !dvara_str_eq(own->s, zone->s) || holds_at(arena, &v[i], minute);
        }
        if (all)
            return false;
    }
    return true;
}

bool clocks_conflict(struct arena *arena, const struct literal *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct constant *zone = zone_of(&v[i]);
        for (size_t k = 0; zone && k < i; k++) {
            const struct constant *other = zone_of(&v[k]);
            if (other && dvara_str_eq(other->s, zone->s) && zone_conflict(arena, v, n, zone))
                return true;
        }
    }
    return false;
}

bool literals_conflict(struct arena *arena, struct text_search *search, const struct literal *v,
                       size_t n)
{
    struct conflict c = {arena, search, v, n};
    if (n == 0 || may_be_absent(&c))
        return false;
    if (v[0].atom->kind == ATOM_ORDER)
        return orders_conflict(&c);
    if (denies_presence(&c) || signs_conflict(&c, ATOM_MEMBER) || signs_conflict(&c, ATOM_TRUTH) ||
        signs_conflict(&c, ATOM_REGEX))
        return true;
    for (size_t i = 0; i < n; i++) {
        if (v[i].atom->kind == ATOM_VALUE)
            return values_conflict(&c);
        if (v[i].atom->kind == ATOM_TEXT || v[i].atom->kind == ATOM_ADDRESS)
            return texts_conflict(&c);
    }
    return false;
}
