/* SPDX-License-Identifier: Apache-2.0 */
/* Index keys: texts of which one must hold for a condition not to be false. Of `and` the best
 * operand's keys do; of `or` all operands' together. */
#include "lang/generator.h"

#include "base/arena.h"
#include "lang/list.h"

enum {
    KEYS_MAX = 1024,  /* of one rule: a longer list is cheaper to test than to index */
    VISITS_MAX = 4096 /* lets of lets are a graph: give up rather than walk it as a tree */
};

struct search {
    struct generator *generator;
    uint32_t visits;
};

static bool find(struct search *search, const struct expr *expr, struct keys *ret_keys);

/* A string attribute (or list of strings) without argument. */
static const struct expr *attribute(const struct expr *expr, bool list)
{
    expr = expr_bare(expr);
    if (expr->kind != EXPR_ATTRIBUTE)
        return NULL;
    const struct attribute *row = attribute_row(expr->attribute.id);
    bool fits = row->type.base == DVARA_TYPE_STRING && row->arg == DVARA_ARG_NONE &&
                type_is_list(row->type) == list;
    return fits ? expr : NULL;
}

static bool add(struct search *search, struct keys *keys, const struct expr *attr,
                enum bundle_key_kind kind, struct dvara_str text)
{
    struct generator *generator = search->generator;
    struct bundle_key key = {attr->attribute.id, kind, bundle_string(generator->writer, text)};
    if (keys->n >= KEYS_MAX)
        return false;
    LIST_APPEND(generator->arena, keys->v, keys->n, key);
    return true;
}

static bool string_constant(struct search *search, const struct expr *expr, struct dvara_str *ret)
{
    struct constant c;
    if (!constant_of(search->generator->arena, expr, &c) || !type_is(c.type, DVARA_TYPE_STRING))
        return false;
    *ret = c.s.p ? c.s : DVARA_STR("");
    return true;
}

static bool equality(struct search *search, const struct expr *expr, struct keys *ret)
{
    const struct expr *left = attribute(expr->binary.left, false);
    const struct expr *right = attribute(expr->binary.right, false);
    struct dvara_str text;
    if (left && string_constant(search, expr->binary.right, &text))
        return add(search, ret, left, BUNDLE_KEY_EQUAL, text);
    if (right && string_constant(search, expr->binary.left, &text))
        return add(search, ret, right, BUNDLE_KEY_EQUAL, text);
    return false;
}

static bool membership(struct search *search, const struct expr *item, const struct expr *list,
                       struct keys *ret)
{
    struct constant c;
    struct dvara_str text;
    const struct expr *attr = attribute(list, true);
    if (attr && string_constant(search, item, &text))
        return add(search, ret, attr, BUNDLE_KEY_MEMBER, text);
    attr = attribute(item, false);
    if (!attr || !constant_of(search->generator->arena, list, &c) || !type_is_list(c.type))
        return false;
    for (size_t i = 0; i < c.list.n; i++) {
        if (!add(search, ret, attr, BUNDLE_KEY_EQUAL, c.list.v[i].s))
            return false;
    }
    return true;
}

/* Up to the first wildcard; whole: there is none. */
static struct dvara_str literal_prefix(struct dvara_str glob, bool *ret_whole)
{
    size_t n = 0;
    while (n < glob.n && !memchr("*?[", glob.p[n], 3))
        n++;
    *ret_whole = n == glob.n;
    return dvara_str_slice(glob, 0, n);
}

static bool globs(struct search *search, const struct expr *expr, struct keys *ret)
{
    const struct expr *attr = attribute(expr->binary.left, false);
    struct constant c;
    struct dvara_str v[GLOB_ALTERNATIVES];
    if (!attr || !constant_of(search->generator->arena, expr->binary.right, &c))
        return false;
    struct constants list = type_is_list(c.type) ? c.list : (struct constants){&c, 1};
    for (size_t i = 0; i < list.n; i++) {
        size_t n =
            generate_alternatives(search->generator->arena, list.v[i].s, GLOB_ALTERNATIVES, v);
        for (size_t k = 0; k < n; k++) {
            bool whole;
            struct dvara_str text = literal_prefix(v[k], &whole);
            if ((text.n == 0 && !whole) ||
                !add(search, ret, attr, whole ? BUNDLE_KEY_EQUAL : BUNDLE_KEY_PREFIX, text))
                return false;
        }
        if (n == 0)
            return false;
    }
    return true;
}

static bool prefix(struct search *search, const struct expr *expr, struct keys *ret)
{
    const struct expr *attr = attribute(expr->binary.left, false);
    struct dvara_str text;
    return attr && string_constant(search, expr->binary.right, &text) && text.n &&
           add(search, ret, attr, BUNDLE_KEY_PREFIX, text);
}

static uint32_t cost(const struct keys *keys)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < keys->n; i++)
        sum += keys->v[i].kind == BUNDLE_KEY_EQUAL    ? 4
               : keys->v[i].kind == BUNDLE_KEY_MEMBER ? 5
                                                      : 6;
    return sum;
}

/* The cheapest operand's keys, beside those that `ret` has already. */
static bool conjunction(struct search *search, const struct expr *expr, struct keys *ret)
{
    struct arena *arena = search->generator->arena;
    struct exprs operands = expr_chain(arena, expr, BINARY_AND);
    struct keys best = {NULL, 0};
    bool found = false;
    for (size_t i = 0; i < operands.n; i++) {
        struct keys keys = {NULL, 0};
        if (!find(search, operands.v[i], &keys) || (found && cost(&keys) >= cost(&best)))
            continue;
        best = keys;
        found = true;
    }
    for (size_t i = 0; i < best.n; i++)
        LIST_APPEND(arena, ret->v, ret->n, best.v[i]);
    return found;
}

static bool disjunction(struct search *search, const struct expr *expr, struct keys *ret)
{
    struct exprs operands = expr_chain(search->generator->arena, expr, BINARY_OR);
    for (size_t i = 0; i < operands.n; i++) {
        if (!find(search, operands.v[i], ret))
            return false;
    }
    return operands.n > 0;
}

static bool find(struct search *search, const struct expr *expr, struct keys *ret_keys)
{
    struct constant c;
    expr = expr_bare(expr);
    if (++search->visits > VISITS_MAX)
        return false;
    if (expr->kind == EXPR_LET && !constant_of(search->generator->arena, expr, &c))
        return find(search, expr->decl->let.expr, ret_keys);
    if (type_is(expr->type, DVARA_TYPE_BOOL) && constant_of(search->generator->arena, expr, &c))
        return !c.i; /* false holds for no key at all */
    if (expr->kind != EXPR_BINARY)
        return false;
    switch (expr->binary.op) {
    case BINARY_AND:
        return conjunction(search, expr, ret_keys);
    case BINARY_OR:
        return disjunction(search, expr, ret_keys);
    case BINARY_EQ:
        return equality(search, expr, ret_keys);
    case BINARY_IN:
        return membership(search, expr->binary.left, expr->binary.right, ret_keys);
    case BINARY_CONTAINS:
        return membership(search, expr->binary.right, expr->binary.left, ret_keys);
    case BINARY_GLOB:
        return globs(search, expr, ret_keys);
    case BINARY_STARTS_WITH:
        return prefix(search, expr, ret_keys);
    default:
        return false;
    }
}

bool generate_keys(struct generator *generator, const struct expr *expr, struct keys *ret_keys)
{
    struct search search = {generator, 0};
    *ret_keys = (struct keys){NULL, 0};
    return expr && find(&search, expr, ret_keys);
}
