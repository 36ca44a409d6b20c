/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/text_pattern.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "lang/generator.h"
#include "vm/text.h"

#include <stdlib.h>

enum {
    ITEMS_MAX = 256, /* of one pattern, all its alternatives together */
    WORDS = ITEMS_MAX / 64,
    PATTERNS_MAX = 8, /* more are left out, which only makes the answer more careful */
    STATES_MAX = 1024,
    SLOTS = 4 * STATES_MAX,
    SYMBOLS_MAX = 512,
    PLAIN_MAX = 256,
    PLAIN_TRIES = 4,
    LAST_POINT = 0x10ffff
};

enum item_kind { ITEM_END, ITEM_POINT, ITEM_ANY, ITEM_CLASS, ITEM_RUN };

struct item {
    enum item_kind kind;
    uint32_t point;
    struct dvara_str class; /* "[a-z]" */
};

struct set {
    uint64_t words[WORDS];
};

struct automaton {
    struct item items[ITEMS_MAX];
    size_t n;
    struct set start;
    bool positive;
};

struct state {
    struct set v[PATTERNS_MAX];
};

struct text_search {
    struct arena *arena;
    struct automaton automata[PATTERNS_MAX];
    size_t n;
    uint32_t symbols[SYMBOLS_MAX];
    size_t n_symbols;
    struct state states[STATES_MAX];
    size_t n_states;
    uint16_t slots[SLOTS]; /* number of the state plus one; 0: free */
};

static bool has(const struct set *set, size_t i)
{
    return (set->words[i / 64] >> i % 64) & 1;
}

/* A position and, behind a `*`, the one after it: a run may be empty. */
static void add(const struct automaton *a, struct set *set, size_t i)
{
    set->words[i / 64] |= UINT64_C(1) << i % 64;
    while (a->items[i].kind == ITEM_RUN) {
        i++;
        set->words[i / 64] |= UINT64_C(1) << i % 64;
    }
}

static bool push(struct automaton *a, struct item item)
{
    if (a->n == ITEMS_MAX)
        return false;
    a->items[a->n++] = item;
    return true;
}

static bool push_text(struct automaton *a, struct dvara_str text)
{
    bool ok = true;
    for (size_t at = 0; at < text.n && ok;)
        ok = push(a, (struct item){.kind = ITEM_POINT, .point = utf8_next(text, &at)});
    return ok;
}

/* A `]` first in a class is itself; an unclosed class is a literal bracket. */
static size_t class_end(struct dvara_str glob, size_t at)
{
    size_t i = at + 1;
    if (i < glob.n && glob.p[i] == '!')
        i++;
    if (i < glob.n && glob.p[i] == ']')
        i++;
    while (i < glob.n && glob.p[i] != ']')
        i++;
    return i;
}

static bool push_glob(struct automaton *a, struct dvara_str glob)
{
    bool ok = true;
    for (size_t at = 0; at < glob.n && ok;) {
        size_t end = glob.p[at] == '[' ? class_end(glob, at) : glob.n;
        if (end < glob.n) {
            ok = push(
                a, (struct item){.kind = ITEM_CLASS, .class = dvara_str_slice(glob, at, end + 1)});
            at = end + 1;
            continue;
        }
        uint32_t c = utf8_next(glob, &at);
        enum item_kind kind = c == '*' ? ITEM_RUN : c == '?' ? ITEM_ANY : ITEM_POINT;
        ok = push(a, (struct item){.kind = kind, .point = c});
    }
    return ok;
}

static bool push_alternative(struct automaton *a, enum binary op, struct dvara_str text)
{
    const struct item run = {.kind = ITEM_RUN};
    bool before = op == BINARY_ENDS_WITH || op == BINARY_CONTAINS;
    bool after = op == BINARY_STARTS_WITH || op == BINARY_CONTAINS;
    size_t first = a->n;
    bool ok = !before || push(a, run);
    ok = ok && (op == BINARY_GLOB ? push_glob(a, text) : push_text(a, text));
    ok = ok && (!after || push(a, run)) && push(a, (struct item){.kind = ITEM_END});
    if (ok)
        add(a, &a->start, first);
    return ok;
}

static bool build(struct arena *arena, const struct text_pattern *pattern, struct automaton *a)
{
    *a = (struct automaton){.positive = pattern->positive};
    for (size_t i = 0; i < pattern->values.n; i++) {
        struct dvara_str v[GLOB_ALTERNATIVES];
        size_t n = 1;
        v[0] = pattern->values.v[i].s;
        if (pattern->op == BINARY_GLOB)
            n = generate_alternatives(arena, v[0], GLOB_ALTERNATIVES, v);
        if (n == 0)
            return false;
        for (size_t k = 0; k < n; k++)
            if (!push_alternative(a, pattern->op, v[k]))
                return false;
    }
    return true;
}

static bool matches_item(const struct item *item, uint32_t c)
{
    char text[4];
    switch (item->kind) {
    case ITEM_POINT:
        return item->point == c;
    case ITEM_ANY:
    case ITEM_RUN:
        return true;
    case ITEM_CLASS:
        return text_glob(item->class, dvara_str_from(text, utf8_put(text, c)));
    case ITEM_END:
        return false;
    }
    return false;
}

static struct set step(const struct automaton *a, const struct set *from, uint32_t c)
{
    struct set to = {{0}};
    for (size_t i = 0; i < a->n; i++)
        if (has(from, i) && matches_item(&a->items[i], c))
            add(a, &to, a->items[i].kind == ITEM_RUN ? i : i + 1);
    return to;
}

static bool is_empty(const struct set *set)
{
    uint64_t any = 0;
    for (size_t i = 0; i < WORDS; i++)
        any |= set->words[i];
    return any == 0;
}

static bool accepts(const struct automaton *a, const struct set *set)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->items[i].kind == ITEM_END && has(set, i))
            return true;
    return false;
}

static bool is_witness(const struct text_search *s, const struct state *state)
{
    for (size_t i = 0; i < s->n; i++)
        if (accepts(&s->automata[i], &state->v[i]) != s->automata[i].positive)
            return false;
    return true;
}

static bool is_dead(const struct text_search *s, const struct state *state)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->automata[i].positive && is_empty(&state->v[i]))
            return true;
    return false;
}

static int by_point(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static bool add_symbol(struct text_search *s, uint32_t c)
{
    if (c > LAST_POINT || (c >= 0xd800 && c <= 0xdfff))
        return true;
    if (s->n_symbols == SYMBOLS_MAX)
        return false;
    s->symbols[s->n_symbols++] = c;
    return true;
}

/* A boundary and both its neighbours: between two boundaries that are further apart no pattern
 * tells code points apart, so that a neighbour stands for all. */
static bool add_boundary(struct text_search *s, uint32_t c)
{
    uint32_t before = c == 0xe000 ? 0xd7ff : c - 1;
    uint32_t after = c == 0xd7ff ? 0xe000 : c + 1;
    return (c == 0 || add_symbol(s, before)) && add_symbol(s, c) && add_symbol(s, after);
}

static bool add_item_symbols(struct text_search *s, const struct item *item)
{
    if (item->kind == ITEM_POINT)
        return add_boundary(s, item->point);
    bool ok = true;
    for (size_t at = 0; item->kind == ITEM_CLASS && at < item->class.n && ok;)
        ok = add_boundary(s, utf8_next(item->class, &at));
    return ok;
}

static bool collect_symbols(struct text_search *s)
{
    bool ok = add_symbol(s, 'x');
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->automata[i].n && ok; k++)
            ok = add_item_symbols(s, &s->automata[i].items[k]);
    if (!ok)
        return false;
    qsort(s->symbols, s->n_symbols, sizeof *s->symbols, by_point);
    size_t kept = 1;
    for (size_t i = 1; i < s->n_symbols; i++)
        if (s->symbols[i] != s->symbols[kept - 1])
            s->symbols[kept++] = s->symbols[i];
    s->n_symbols = kept;
    return true;
}

static size_t hash(const struct text_search *s, const struct state *state)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < WORDS; k++)
            h = (h ^ state->v[i].words[k]) * 1099511628211u;
    return (size_t)(h ^ h >> 29) % SLOTS;
}

/* Adds a state that is new; false: there are too many. */
static bool visit(struct text_search *s, const struct state *state)
{
    size_t at = hash(s, state);
    for (; s->slots[at]; at = (at + 1) % SLOTS)
        if (memcmp(&s->states[s->slots[at] - 1], state, s->n * sizeof *state->v) == 0)
            return true;
    if (s->n_states == STATES_MAX)
        return false;
    s->states[s->n_states++] = *state;
    s->slots[at] = (uint16_t)s->n_states;
    return true;
}

/* True: every reachable state was seen and none is a witness. */
static bool exhaust(struct text_search *s)
{
    struct state first = {.v = {{{0}}}};
    for (size_t i = 0; i < s->n; i++)
        first.v[i] = s->automata[i].start;
    bool ok = visit(s, &first);
    for (size_t at = 0; at < s->n_states && ok; at++) {
        if (is_witness(s, &s->states[at]))
            return false;
        for (size_t i = 0; i < s->n_symbols && ok; i++) {
            struct state next = {.v = {{{0}}}};
            for (size_t k = 0; k < s->n; k++)
                next.v[k] = step(&s->automata[k], &s->states[at].v[k], s->symbols[i]);
            ok = is_dead(s, &next) || visit(s, &next);
        }
    }
    return ok;
}

struct text_search *text_search_new(struct arena *arena)
{
    struct text_search *s = ARENA_NEW(arena, struct text_search);
    if (s)
        s->arena = arena;
    return s;
}

static bool value_holds(struct arena *arena, enum binary op, struct dvara_str value,
                        struct dvara_str text)
{
    struct dvara_str v[GLOB_ALTERNATIVES];
    if (op == BINARY_STARTS_WITH)
        return dvara_str_starts_with(text, value);
    if (op == BINARY_ENDS_WITH)
        return dvara_str_ends_with(text, value);
    if (op == BINARY_CONTAINS)
        return value.n == 0 || (text.n && memmem(text.p, text.n, value.p, value.n) != NULL);
    if (op != BINARY_GLOB)
        return dvara_str_eq(text, value);
    if (value.n == 0 || !memchr(value.p, '{', value.n))
        return text_glob(value, text);
    size_t n = generate_alternatives(arena, value, GLOB_ALTERNATIVES, v);
    for (size_t i = 0; i < n; i++)
        if (text_glob(v[i], text))
            return true;
    return false;
}

bool text_pattern_holds(struct arena *arena, const struct text_pattern *pattern,
                        struct dvara_str text)
{
    for (size_t i = 0; i < pattern->values.n; i++)
        if (value_holds(arena, pattern->op, pattern->values.v[i].s, text))
            return true;
    return false;
}

/* ---- a quick no ---- */

/* A short text that the value matches, where it is plain to see: the value itself, its runs empty.
 * False: a glob with classes, any characters or alternatives, or one that is too long. */
static bool plain_text(enum binary op, struct dvara_str value, char text[PLAIN_MAX], size_t *ret_n)
{
    *ret_n = 0;
    if (value.n > PLAIN_MAX)
        return false;
    for (size_t i = 0; i < value.n; i++) {
        bool is_glob = op == BINARY_GLOB && memchr("*?[{", value.p[i], 4) != NULL;
        if (is_glob && value.p[i] != '*')
            return false;
        if (!is_glob)
            text[(*ret_n)++] = value.p[i];
    }
    return true;
}

static bool satisfies(struct arena *arena, const struct text_pattern *v, size_t n,
                      struct dvara_str text)
{
    for (size_t i = 0; i < n; i++)
        if (text_pattern_holds(arena, &v[i], text) != v[i].positive)
            return false;
    return true;
}

/* Most questions have this answer, and many rules ask many: one text that satisfies all. */
static bool has_plain_witness(struct arena *arena, const struct text_pattern *v, size_t n)
{
    char text[PLAIN_MAX];
    size_t length;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; v[i].positive && k < v[i].values.n && k < PLAIN_TRIES; k++)
            if (plain_text(v[i].op, v[i].values.v[k].s, text, &length) &&
                satisfies(arena, v, n, dvara_str_from(text, length)))
                return true;
    return false;
}

bool text_patterns_exclude(struct text_search *s, const struct text_pattern *v, size_t n)
{
    if (has_plain_witness(s->arena, v, n))
        return false;
    s->n = s->n_symbols = s->n_states = 0;
    memset(s->slots, 0, sizeof s->slots);
    for (size_t i = 0; i < n && s->n < PATTERNS_MAX; i++)
        if (build(s->arena, &v[i], &s->automata[s->n]))
            s->n++;
    return s->n > 0 && collect_symbols(s) && exhaust(s);
}
