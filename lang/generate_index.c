/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/generate_key.h"

#include "base/arena.h"
#include "lang/list.h"

#include <stdlib.h>

struct search {
    struct generator *generator;
    uint32_t visits;
    uint32_t n_open;     /* quantifiers around */
    bool counts;         /* only counts what is found */
    struct keys *models; /* not NULL: gathers keys of request.model instead */
};

/* ---- how often a key holds ---- */

static uint32_t *count_of(struct generator *generator, const struct key *key)
{
    struct {
        uint32_t subject, kind;
        struct bundle_net net;
        int64_t low, high;
    } head;
    memset(&head, 0, sizeof head);
    head.subject = key->subject;
    head.kind = key->kind;
    head.net = key->net;
    head.low = key->low;
    head.high = key->high;
    char *bytes = arena_alloc(generator->arena, sizeof head + key->text.n);
    if (!bytes)
        return NULL;
    memcpy(bytes, &head, sizeof head);
    if (key->text.n)
        memcpy(bytes + sizeof head, key->text.p, key->text.n);
    return intern_at(generator->intern, KIND_KEY_COUNT,
                     dvara_str_from(bytes, sizeof head + key->text.n));
}

static void count(struct generator *generator, const struct keys *keys)
{
    for (size_t i = 0; i < keys->n; i++) {
        const struct key *key = &keys->v[i];
        struct subject *subject = &generator->subjects[key->subject];
        uint32_t *n = count_of(generator, key);
        if (n)
            *n = *n == UINT32_MAX ? 1 : *n + 1;
        subject->n_keys++;
        if (key->kind != BUNDLE_KEY_RANGE)
            continue;
        LIST_APPEND(generator->arena, subject->lows, subject->n_lows, key->low);
        LIST_APPEND(generator->arena, subject->highs, subject->n_highs, key->high);
    }
}

static int compare_numbers(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* How many of the sorted numbers are below `bound` (or at it). */
static size_t count_below(const int64_t *v, size_t n, int64_t bound, bool at)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (v[middle] < bound || (at && v[middle] == bound))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Ranges of the subject that meet this one. */
static size_t count_meeting(const struct subject *s, const struct key *key)
{
    size_t before = count_below(s->highs, s->n_highs, key->low, false);
    size_t after = s->n_lows - count_below(s->lows, s->n_lows, key->high, true);
    return s->n_lows > before + after ? s->n_lows - before - after : 1;
}

/* A predicate that code answers is asked where nothing else can be, and one that reads content
 * where none other can be: the rule would have asked it anyway. */
enum { ALWAYS = 1000, UNSEEN = 16, BY_CODE = 8 * ALWAYS, BY_CONTENT = 64 * ALWAYS };

/* How likely the key is to hold, in thousandths: by its share of what the bundle asks about the
 * subject. What few rules ask is as likely as not. */
static uint64_t likelihood(struct generator *generator, const struct key *key)
{
    const struct subject *s = &generator->subjects[key->subject];
    const uint32_t *n = count_of(generator, key);
    uint64_t share = n && *n != UINT32_MAX ? *n : 1;
    uint64_t bits = key->kind == BUNDLE_KEY_NET ? (key->net.bits > 96 ? key->net.bits - 96 : 8)
                                                : 8 * key->text.n;
    switch ((enum bundle_key_kind)key->kind) {
    case BUNDLE_KEY_RANGE:
        if (s->type.base == DVARA_TYPE_BOOL)
            return ALWAYS / 2;
        share = count_meeting(s, key);
        break;
    case BUNDLE_KEY_PREFIX:
    case BUNDLE_KEY_NET:
        share = share * (bits < 16 ? 4 : 2);
        break;
    case BUNDLE_KEY_MEMBER:
        share *= 2;
        break;
    case BUNDLE_KEY_SUFFIX: /* each is tested, whether it holds or not */
    case BUNDLE_KEY_SUBSTRING:
        return ALWAYS / 8 + ALWAYS * share / (s->n_keys + UNSEEN);
    case BUNDLE_KEY_PRESENT:
    case BUNDLE_KEY_ABSENT:
        return ALWAYS / 2;
    case BUNDLE_KEY_OTHER:
        return ALWAYS;
    case BUNDLE_KEY_TRUE:
    case BUNDLE_KEY_FALSE:
        return s->is_dear ? BY_CONTENT : BY_CODE;
    case BUNDLE_KEY_EQUAL:
    case BUNDLE_KEY_COUNT:
        break;
    }
    return ALWAYS * share / (s->n_keys + UNSEEN);
}

/* What the keys cost a decision: how often they lead to the rule, and a look at each subject, which
 * its rules share. */
static uint64_t cost(struct generator *generator, const struct keys *keys)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < keys->n; i++) {
        const struct subject *s = &generator->subjects[keys->v[i].subject];
        bool again = i > 0 && keys->v[i].subject == keys->v[i - 1].subject;
        sum += likelihood(generator, &keys->v[i]) + (again ? 0 : ALWAYS / (s->n_keys + UNSEEN));
    }
    return sum;
}

/* ---- conditions ---- */

static bool find(struct search *search, const struct expr *expr, bool negated, struct keys *keys);

static void take(struct search *search, struct keys *keys, const struct keys *from)
{
    for (size_t i = 0; i < from->n; i++)
        LIST_APPEND(search->generator->arena, keys->v, keys->n, from->v[i]);
}

/* One range of one subject, and perhaps its absence: NULL when the keys are anything else. */
static struct key *lone_range(const struct keys *keys)
{
    bool absent = keys->n == 2 && keys->v[1].kind == BUNDLE_KEY_ABSENT;
    bool lone = (keys->n == 1 || absent) && keys->v[0].kind == BUNDLE_KEY_RANGE;
    return lone ? keys->v : NULL;
}

/* Two ranges of one subject that must both hold are one. False: they are not such. */
static bool merge(const struct generator *generator, struct keys *into, const struct keys *from)
{
    struct key *a = lone_range(into), *b = lone_range(from);
    if (!a || !b || a->subject != b->subject || generator->subjects[a->subject].each)
        return false; /* two elements of a list may hold one each */
    a->low = a->low > b->low ? a->low : b->low;
    a->high = a->high < b->high ? a->high : b->high;
    bool absent = into->n == 2 && from->n == 2;
    if (a->low > a->high && absent)
        into->v[0] = into->v[1];
    into->n = (a->low <= a->high) + (size_t)absent;
    return true;
}

/* The keys of each operand that has some; returns how many sets. */
static size_t alternatives(struct search *search, const struct exprs *operands, bool negated,
                           struct keys *ret_sets)
{
    size_t n = 0;
    for (size_t i = 0; i < operands->n; i++) {
        struct keys found = {NULL, 0};
        bool merged = false;
        if (!find(search, operands->v[i], negated, &found))
            continue;
        for (size_t k = 0; k < n && !merged; k++)
            merged = merge(search->generator, &ret_sets[k], &found);
        if (!merged)
            ret_sets[n++] = found;
    }
    return n;
}

/* The cheapest operand's keys, beside those that `keys` has already. */
static bool conjunction(struct search *search, const struct exprs *operands, bool negated,
                        struct keys *keys)
{
    struct generator *generator = search->generator;
    struct keys *sets = ARENA_ARRAY(generator->arena, operands->n, struct keys);
    size_t n = sets ? alternatives(search, operands, negated, sets) : 0, best = n;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < n; i++) {
        uint64_t price = search->counts ? 0 : cost(generator, &sets[i]);
        if (search->counts)
            count(generator, &sets[i]);
        else if (price < least)
            best = i;
        least = price < least ? price : least;
    }
    if (search->counts || best == n)
        return false;
    take(search, keys, &sets[best]);
    return keys->n <= KEYS_MAX;
}

/* All operands' keys together; while counting, those of every operand that has some. */
static bool disjunction(struct search *search, const struct exprs *operands, bool negated,
                        struct keys *keys)
{
    bool all = operands->n > 0;
    for (size_t i = 0; i < operands->n && (all || search->counts || search->models); i++) {
        struct keys found = {NULL, 0};
        bool has = find(search, operands->v[i], negated, &found);
        if (has && search->counts)
            count(search->generator, &found);
        take(search, keys, &found);
        all = all && has && !search->counts;
    }
    return all && keys->n <= KEYS_MAX;
}

static bool chain(struct search *search, const struct expr *expr, bool negated, struct keys *keys)
{
    struct exprs operands = expr_chain(search->generator->arena, expr, expr->binary.op);
    return (expr->binary.op == BINARY_AND) != negated
               ? conjunction(search, &operands, negated, keys)
               : disjunction(search, &operands, negated, keys);
}

static void gather_models(struct search *search, const struct keys *found)
{
    for (size_t i = 0; i < found->n; i++) {
        const struct subject *s = &search->generator->subjects[found->v[i].subject];
        if (s->block == BUNDLE_ABSENT && s->attribute == DVARA_ATTR_REQUEST_MODEL &&
            found->v[i].kind == BUNDLE_KEY_EQUAL)
            LIST_APPEND(search->generator->arena, search->models->v, search->models->n,
                        found->v[i]);
    }
}

static bool is_model(const struct expr *expr)
{
    expr = expr_bare(expr);
    return expr->kind == EXPR_ATTRIBUTE && expr->attribute.id == DVARA_ATTR_REQUEST_MODEL;
}

static bool predicate(struct search *search, const struct expr *expr, bool negated,
                      struct keys *keys)
{
    struct keys found = {NULL, 0};
    if (search->models && !(expr->kind == EXPR_BINARY &&
                            (is_model(expr->binary.left) || is_model(expr->binary.right))))
        return false;
    if (!key_of_predicate(search->generator, expr, negated, &found))
        return false;
    if (search->models)
        gather_models(search, &found);
    take(search, keys, &found);
    return keys->n <= KEYS_MAX;
}

/* That some element holds is asked of each: what one of them needs, some element has. */
static bool quantifier(struct search *search, const struct expr *expr, bool negated,
                       struct keys *keys)
{
    struct generator *generator = search->generator;
    const struct binding *binding = expr->quantifier.binding;
    bool some = expr->quantifier.kind == (negated ? QUANTIFIER_NONE : QUANTIFIER_ANY);
    if (!some || binding->depth > DVARA_MAX_QUANTIFIER_DEPTH)
        return false;
    generator->elements[binding->depth].binding = binding;
    generator->elements[binding->depth].over = expr->quantifier.over;
    search->n_open++;
    bool has = find(search, expr->quantifier.body, false, keys);
    search->n_open--;
    generator->elements[binding->depth].binding = NULL;
    return has;
}

/* That the predicate is true, or false: what its code says. */
static bool truth(struct search *search, const struct expr *expr, bool negated, struct keys *keys)
{
    struct key key = {.kind = BUNDLE_KEY_TRUE};
    bool opposite;
    if (search->n_open || search->counts || search->models || keys->n >= KEYS_MAX ||
        !subject_of_truth(search->generator, expr, &key.subject, &opposite))
        return false;
    if (opposite != negated)
        key.kind = BUNDLE_KEY_FALSE;
    LIST_APPEND(search->generator->arena, keys->v, keys->n, key);
    return true;
}

static bool find(struct search *search, const struct expr *expr, bool negated, struct keys *keys)
{
    struct constant c;
    expr = expr_bare(expr);
    if (++search->visits > VISITS_MAX)
        return false;
    if (type_is(expr->type, DVARA_TYPE_BOOL) && constant_of(search->generator->arena, expr, &c))
        return (c.i != 0) == negated; /* what is false holds for no key at all */
    if (expr->kind == EXPR_LET)
        return find(search, expr->decl->let.expr, negated, keys);
    if (expr->kind == EXPR_NOT)
        return find(search, expr->operand, !negated, keys);
    if (expr->kind == EXPR_BINARY &&
        (expr->binary.op == BINARY_AND || expr->binary.op == BINARY_OR))
        return chain(search, expr, negated, keys);
    size_t before = keys->n;
    if (expr->kind == EXPR_QUANTIFIER ? quantifier(search, expr, negated, keys)
                                      : predicate(search, expr, negated, keys))
        return true;
    keys->n = before;
    return truth(search, expr, negated, keys);
}

/* ---- entry points ---- */

void generate_count_keys(struct generator *generator, const struct expr *condition)
{
    struct search search = {.generator = generator, .counts = true};
    struct keys found = {NULL, 0};
    if (condition && !generator->plain && find(&search, condition, false, &found))
        count(generator, &found);
}

void generate_sort_keys(struct generator *generator)
{
    for (size_t i = 0; i < generator->n_subjects; i++) {
        struct subject *s = &generator->subjects[i];
        if (s->n_lows)
            qsort(s->lows, s->n_lows, sizeof *s->lows, compare_numbers);
        if (s->n_highs)
            qsort(s->highs, s->n_highs, sizeof *s->highs, compare_numbers);
    }
}

static void add_key(struct generator *generator, const struct key *key)
{
    struct bundle_key row = {.subject = subject_row(generator, key->subject),
                             .kind = key->kind,
                             .text = BUNDLE_ABSENT,
                             .low = key->low,
                             .high = key->high,
                             .net = BUNDLE_ABSENT};
    if (key->text.p)
        row.text = bundle_string(generator->writer, key->text);
    if (key->kind == BUNDLE_KEY_NET)
        row.net = bundle_add(generator->writer, BUNDLE_TABLE_NET, &key->net);
    bundle_add(generator->writer, BUNDLE_TABLE_KEY, &row);
}

void generate_keys(struct generator *generator, const struct expr *condition,
                   struct bundle_rule *row)
{
    struct search search = {.generator = generator};
    struct keys found = {NULL, 0};
    row->key_first = bundle_count(generator->writer, BUNDLE_TABLE_KEY);
    if (!condition || generator->plain || !find(&search, condition, false, &found) ||
        arena_is_exhausted(generator->arena))
        return;
    row->flags |= BUNDLE_RULE_INDEXED;
    row->key_count = (uint32_t)found.n;
    for (size_t i = 0; i < found.n; i++)
        add_key(generator, &found.v[i]);
}

void generate_named_models(struct generator *generator, const struct expr *condition)
{
    struct keys models = {NULL, 0}, none = {NULL, 0};
    struct search search = {.generator = generator, .models = &models};
    if (!condition)
        return;
    (void)find(&search, condition, false, &none);
    for (size_t i = 0; i < models.n; i++) {
        struct bundle_named row = {bundle_string(generator->writer, models.v[i].text)};
        uint32_t *at = intern_at(generator->intern, BUNDLE_TABLE_NAMED,
                                 dvara_str_from((const char *)&row, sizeof row));
        if (at && *at == UINT32_MAX)
            *at = bundle_add(generator->writer, BUNDLE_TABLE_NAMED, &row);
    }
}
