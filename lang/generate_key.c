/* SPDX-License-Identifier: Apache-2.0 */
/* From one predicate to the keys of which one leads to it. */
#include "lang/generate_key.h"

#include "base/arena.h"
#include "lang/list.h"
#include "vm/index_range.h"

/* One predicate being turned into keys. */
struct maker {
    struct generator *generator;
    struct keys *keys;
    size_t first; /* of its keys */
    uint32_t subject;
    struct type type; /* of the subject */
    bool has_default;
    struct constant fallback; /* what stands for an absent subject */
};

static bool begin(struct maker *m, const struct expr *expr)
{
    m->first = m->keys->n;
    if (!subject_with_default(m->generator, expr, &m->subject, &m->fallback, &m->has_default))
        return false;
    m->type = m->generator->subjects[m->subject].type;
    return true;
}

static bool add(struct maker *m, struct key key)
{
    if (m->keys->n >= KEYS_MAX)
        return false;
    key.subject = m->subject;
    LIST_APPEND(m->generator->arena, m->keys->v, m->keys->n, key);
    return true;
}

static bool add_text(struct maker *m, enum bundle_key_kind kind, struct dvara_str text)
{
    return add(m, (struct key){.kind = (uint8_t)kind, .text = text.p ? text : DVARA_STR("")});
}

static bool add_range(struct maker *m, int64_t low, int64_t high)
{
    return low > high || add(m, (struct key){.kind = BUNDLE_KEY_RANGE, .low = low, .high = high});
}

/* ---- an absent subject with a default ---- */

static bool is_number(struct type type)
{
    return type.base != DVARA_TYPE_STRING && type.base < DVARA_TYPE_MESSAGE;
}

/* The constant as a number of the subject's type. */
static bool number_of(const struct maker *m, const struct constant *c, int64_t *ret)
{
    bool is_float = m->type.base == DVARA_TYPE_FLOAT;
    if (!is_number(c->type) || !is_number(m->type) ||
        (!is_float && c->type.base == DVARA_TYPE_FLOAT))
        return false;
    if (is_float)
        *ret = index_order_float(c->type.base == DVARA_TYPE_FLOAT ? c->f : (double)c->i);
    else
        *ret = c->i;
    return true;
}

static bool contains(struct dvara_str s, struct dvara_str part)
{
    return part.n == 0 || (s.n >= part.n && memmem(s.p, s.n, part.p, part.n));
}

/* Could the predicate hold for the default? */
static bool leads(const struct maker *m, const struct key *key)
{
    struct dvara_str s = m->fallback.s.p ? m->fallback.s : DVARA_STR("");
    int64_t number;
    switch ((enum bundle_key_kind)key->kind) {
    case BUNDLE_KEY_EQUAL:
        return dvara_str_eq(s, key->text);
    case BUNDLE_KEY_PREFIX:
        return dvara_str_starts_with(s, key->text);
    case BUNDLE_KEY_SUFFIX:
        return dvara_str_ends_with(s, key->text);
    case BUNDLE_KEY_SUBSTRING:
        return contains(s, key->text);
    case BUNDLE_KEY_OTHER:
        return !dvara_str_eq(s, key->text);
    case BUNDLE_KEY_RANGE:
        return !number_of(m, &m->fallback, &number) || (number >= key->low && number <= key->high);
    case BUNDLE_KEY_NET:
    case BUNDLE_KEY_MEMBER:
    case BUNDLE_KEY_PRESENT:
    case BUNDLE_KEY_ABSENT:
    case BUNDLE_KEY_TRUE:
    case BUNDLE_KEY_FALSE:
    case BUNDLE_KEY_COUNT:
        break;
    }
    return true;
}

/* Ends a predicate: where its default could make it hold, an absent subject leads to it too. */
static bool end(struct maker *m)
{
    bool could = false;
    for (size_t i = m->first; m->has_default && i < m->keys->n; i++)
        could = could || leads(m, &m->keys->v[i]);
    return !could || add(m, (struct key){.kind = BUNDLE_KEY_ABSENT});
}

/* ---- kinds of predicates ---- */

static bool one_constant(struct maker *m, const struct expr *expr, struct constant *ret)
{
    return constant_of(m->generator->arena, expr, ret) && ret->type.shape == DVARA_SHAPE_ONE;
}

static bool numbers(struct maker *m, enum binary op, const struct constant *c)
{
    int64_t n;
    if (!number_of(m, c, &n))
        return false;
    bool lowest = n == INT64_MIN, highest = n == INT64_MAX;
    switch (op) {
    case BINARY_EQ:
        return add_range(m, n, n);
    case BINARY_NE:
        return (lowest || add_range(m, INT64_MIN, n - 1)) &&
               (highest || add_range(m, n + 1, INT64_MAX));
    case BINARY_LT:
        return lowest || add_range(m, INT64_MIN, n - 1);
    case BINARY_LE:
        return add_range(m, INT64_MIN, n);
    case BINARY_GT:
        return highest || add_range(m, n + 1, INT64_MAX);
    default:
        return op == BINARY_GE && add_range(m, n, INT64_MAX);
    }
}

static bool texts(struct maker *m, enum binary op, struct dvara_str text)
{
    static const uint8_t kinds[BINARY_COUNT] = {
        [BINARY_EQ] = BUNDLE_KEY_EQUAL + 1,           [BINARY_NE] = BUNDLE_KEY_OTHER + 1,
        [BINARY_STARTS_WITH] = BUNDLE_KEY_PREFIX + 1, [BINARY_ENDS_WITH] = BUNDLE_KEY_SUFFIX + 1,
        [BINARY_CONTAINS] = BUNDLE_KEY_SUBSTRING + 1,
    };
    bool whole = op == BINARY_EQ || op == BINARY_NE;
    return kinds[op] && (whole || text.n > 0) &&
           add_text(m, (enum bundle_key_kind)(kinds[op] - 1), text);
}

/* `subject op constant`. */
static bool comparison(struct maker *m, enum binary op, const struct expr *subject,
                       const struct expr *constant)
{
    struct constant c;
    if (!one_constant(m, constant, &c) || !begin(m, subject) || type_is_list(m->type))
        return false;
    bool good = m->type.base == DVARA_TYPE_STRING
                    ? type_is(c.type, DVARA_TYPE_STRING) && texts(m, op, c.s)
                    : numbers(m, op, &c);
    return good && end(m);
}

/* An element of a list that the request brings, or a request's value in a constant list. */
static bool membership(struct maker *m, const struct expr *item, const struct expr *list)
{
    struct constant c;
    if (one_constant(m, item, &c))
        return type_is(c.type, DVARA_TYPE_STRING) && begin(m, list) && type_is_list(m->type) &&
               m->type.base == DVARA_TYPE_STRING && add_text(m, BUNDLE_KEY_MEMBER, c.s);
    if (!constant_of(m->generator->arena, list, &c) || !type_is_list(c.type) || !begin(m, item) ||
        type_is_list(m->type))
        return false;
    bool good = true;
    for (size_t i = 0; good && i < c.list.n; i++)
        good = m->type.base == DVARA_TYPE_STRING ? add_text(m, BUNDLE_KEY_EQUAL, c.list.v[i].s)
                                                 : numbers(m, BINARY_EQ, &c.list.v[i]);
    return good && end(m);
}

/* ---- globs ---- */

/* The characters from `from` on that stand for themselves. */
static struct dvara_str literal_run(struct dvara_str glob, size_t from)
{
    size_t to = from;
    while (to < glob.n && !memchr("*?[", glob.p[to], 3))
        to++;
    return dvara_str_slice(glob, from, to);
}

/* Past a wildcard at `at`. */
static size_t skip_wildcard(struct dvara_str glob, size_t at)
{
    const char *close =
        glob.p[at] == '[' && at + 2 < glob.n ? memchr(glob.p + at + 2, ']', glob.n - at - 2) : NULL;
    return close ? (size_t)(close - glob.p) + 1 : at + 1;
}

/* A glob without braces: whole, by its beginning, by its end, or by its longest literal part. */
static bool glob_key(struct maker *m, struct dvara_str glob)
{
    struct dvara_str best = literal_run(glob, 0);
    if (best.n == glob.n)
        return add_text(m, BUNDLE_KEY_EQUAL, glob);
    if (best.n)
        return add_text(m, BUNDLE_KEY_PREFIX, best);
    bool ends = false;
    for (size_t at = 0; at < glob.n;) {
        struct dvara_str run = literal_run(glob, at);
        if (run.n > best.n) {
            best = run;
            ends = at + run.n == glob.n;
        }
        at = run.n ? at + run.n : skip_wildcard(glob, at);
    }
    return best.n && add_text(m, ends ? BUNDLE_KEY_SUFFIX : BUNDLE_KEY_SUBSTRING, best);
}

static bool globs(struct maker *m, const struct expr *subject, const struct expr *right)
{
    struct constant c;
    struct dvara_str v[GLOB_ALTERNATIVES];
    if (!constant_of(m->generator->arena, right, &c) || !begin(m, subject))
        return false;
    struct constants list = type_is_list(c.type) ? c.list : (struct constants){&c, 1};
    for (size_t i = 0; i < list.n; i++) {
        size_t n = generate_alternatives(m->generator->arena, list.v[i].s, GLOB_ALTERNATIVES, v);
        for (size_t k = 0; k < n; k++) {
            if (!glob_key(m, v[k]))
                return false;
        }
        if (n == 0)
            return false;
    }
    return end(m);
}

/* ---- addresses ---- */

static bool nets(struct maker *m, const struct expr *subject, const struct expr *right)
{
    struct constant c;
    if (!constant_of(m->generator->arena, right, &c) || !begin(m, subject))
        return false;
    struct constants list = type_is_list(c.type) ? c.list : (struct constants){&c, 1};
    for (size_t i = 0; i < list.n; i++) {
        struct key key = {.kind = BUNDLE_KEY_NET};
        if (!generate_parse_net(list.v[i].s, &key.net) || !add(m, key))
            return false;
    }
    return end(m);
}

/* ---- one predicate ---- */

static bool presence(struct maker *m, const struct expr *operand, bool negated)
{
    return begin(m, operand) && type_is_optional(m->type) &&
           add(m, (struct key){.kind = negated ? BUNDLE_KEY_ABSENT : BUNDLE_KEY_PRESENT});
}

static bool truth(struct maker *m, const struct expr *expr, bool negated)
{
    return begin(m, expr) && type_is(m->type, DVARA_TYPE_BOOL) &&
           add_range(m, negated ? 0 : 1, negated ? 0 : 1);
}

/* The operator that says the opposite; BINARY_COUNT: there is none. */
static enum binary opposite(enum binary op)
{
    static const uint8_t opposites[BINARY_COUNT] = {
        [BINARY_EQ] = BINARY_NE + 1,     [BINARY_NE] = BINARY_EQ + 1,
        [BINARY_LT] = BINARY_GE + 1,     [BINARY_GE] = BINARY_LT + 1,
        [BINARY_GT] = BINARY_LE + 1,     [BINARY_LE] = BINARY_GT + 1,
        [BINARY_IN] = BINARY_NOT_IN + 1, [BINARY_NOT_IN] = BINARY_IN + 1,
    };
    return opposites[op] ? (enum binary)(opposites[op] - 1) : BINARY_COUNT;
}

/* The operator with its operands the other way round. */
static enum binary mirrored(enum binary op)
{
    switch (op) {
    case BINARY_LT:
        return BINARY_GT;
    case BINARY_LE:
        return BINARY_GE;
    case BINARY_GT:
        return BINARY_LT;
    case BINARY_GE:
        return BINARY_LE;
    case BINARY_EQ:
    case BINARY_NE:
        return op;
    default:
        return BINARY_COUNT;
    }
}

static bool binary(struct maker *m, const struct expr *expr, enum binary op)
{
    const struct expr *left = expr->binary.left, *right = expr->binary.right;
    struct constant c;
    switch (op) {
    case BINARY_IN:
        return membership(m, left, right);
    case BINARY_CONTAINS:
        return type_is_list(left->type) ? membership(m, right, left)
                                        : comparison(m, op, left, right);
    case BINARY_GLOB:
        return globs(m, left, right);
    case BINARY_WITHIN:
        return nets(m, left, right);
    case BINARY_NOT_IN:
    case BINARY_MATCHES:
    case BINARY_COUNT:
        return false;
    default:
        break;
    }
    if (!one_constant(m, left, &c))
        return comparison(m, op, left, right);
    op = mirrored(op);
    return op != BINARY_COUNT && comparison(m, op, right, left);
}

bool key_of_predicate(struct generator *generator, const struct expr *expr, bool negated,
                      struct keys *keys)
{
    struct maker m = {.generator = generator, .keys = keys, .first = keys->n};
    bool good = false;
    if (expr->kind == EXPR_HAS)
        good = presence(&m, expr->operand, negated);
    else if (expr->kind == EXPR_ATTRIBUTE || expr->kind == EXPR_FIELD)
        good = truth(&m, expr, negated);
    else if (expr->kind == EXPR_BINARY)
        good = binary(&m, expr, negated ? opposite(expr->binary.op) : expr->binary.op);
    if (!good)
        keys->n = m.first;
    return good;
}
