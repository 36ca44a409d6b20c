/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations as the tables of bundles tell of them: where sources are not at hand. */
#include "lang/change/declarations.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "bundle/loaded.h"
#include "dvara/trace.h"
#include "lang/change/contents.h"
#include "lang/list.h"
#include "pii/detectors.h"
#include "vm/attribute.h"

enum { ATOMS_SHOWN = 256, TEXT_MAX = 1 << 20 };

static const char *const phase_names[] = {
#define PHASE(id, spelling) [DVARA_PHASE_##id] = spelling,
#include "dvara/words.def"
};
static const char *const mode_names[] = {
#define MODE(id, spelling) [DVARA_MODE_##id] = spelling,
#include "dvara/words.def"
};
static const char *const strategy_names[] = {
#define STRATEGY(id, spelling, what) [DVARA_STRATEGY_##id] = spelling,
#include "dvara/words.def"
};
static const char *const style_names[] = {
#define STYLE(id, spelling) [DVARA_STYLE_##id] = spelling,
#include "dvara/words.def"
};

struct teller {
    const struct dvara_bundle *bundle;
    const struct bundle_tables *tables;
    struct arena *arena;
    struct buf *out;
};

/* ---- texts ---- */

/* How atoms are joined shows in no text: a number stands for it. */
static uint64_t shape_of(const struct teller *t, uint32_t block)
{
    static const struct hash_key key = {UINT64_C(0x6476617261646966), UINT64_C(0x6673686170656f66)};
    struct hash_state state;
    hash_init(&state, &key);
    const struct bundle_block *row = &t->tables->blocks[block];
    for (uint32_t i = row->code_first; i < row->code_first + row->code_count; i++) {
        const struct instruction *at = &t->bundle->program.code[i];
        const char bytes[4] = {(char)at->op, (char)at->a, (char)at->b, (char)at->c};
        hash_update(&state, dvara_str_from(bytes, sizeof bytes));
        if (at->op == OP_ATOM)
            hash_update(&state, bundle_text(t->bundle, t->tables->blocks[at->imm].text));
        else if (at->op == OP_JUMP_FALSE || at->op == OP_JUMP_TRUE)
            hash_update(&state, dvara_str_from((const char *)&at->imm, sizeof at->imm));
    }
    return hash_end(&state);
}

static void tell_effect(const struct teller *t, const struct bundle_effect *effect)
{
    buf_printf(t->out, "  %s", effect_place(effect->kind)->spelling);
    if (effect->name != BUNDLE_ABSENT && bundle_text(t->bundle, effect->name).n)
        buf_printf(t->out, " \"%.*s\"", DVARA_STR_ARG(bundle_text(t->bundle, effect->name)));
    if (effect->group != BUNDLE_ABSENT)
        buf_printf(t->out, " %.*s with %s",
                   DVARA_STR_ARG(bundle_text(t->bundle, t->tables->groups[effect->group].name)),
                   style_names[effect->style]);
    if (effect->route != BUNDLE_ABSENT)
        buf_printf(t->out, " %.*s",
                   DVARA_STR_ARG(bundle_text(t->bundle, t->tables->routes[effect->route].name)));
    if (effect->value != BUNDLE_ABSENT)
        buf_printf(t->out, " value %016llx", (unsigned long long)shape_of(t, effect->value));
    if (effect->status)
        buf_printf(t->out, " status %u", effect->status);
    buf_byte(t->out, '\n');
}

static void tell_rule(const struct teller *t, uint32_t index)
{
    const struct bundle_rule *rule = &t->tables->rules[index];
    struct dvara_rule_info info = dvara_bundle_rule(t->bundle, index);
    uint32_t atoms[ATOMS_SHOWN];
    buf_printf(t->out, "rule %.*s\n  on", DVARA_STR_ARG(info.name));
    for (uint32_t phase = 0; phase < DVARA_PHASE_COUNT; phase++) {
        if (info.phases & 1u << phase)
            buf_printf(t->out, " %s", phase_names[phase]);
    }
    buf_printf(t->out, "\n  mode %s priority %d\n", mode_names[info.mode], info.priority);
    size_t n = dvara_bundle_rule_atoms(t->bundle, index, atoms, ATOMS_SHOWN);
    for (size_t i = 0; i < n && i < ATOMS_SHOWN; i++)
        buf_printf(t->out, "  asks %.*s\n",
                   DVARA_STR_ARG(dvara_bundle_atom(t->bundle, atoms[i]).text));
    if (rule->when != BUNDLE_ABSENT)
        buf_printf(t->out, "  joined as %016llx\n", (unsigned long long)shape_of(t, rule->when));
    for (uint32_t i = rule->first; i < rule->first + rule->count; i++)
        tell_effect(t, &t->tables->effects[i]);
}

static void tell_route(const struct teller *t, uint32_t index)
{
    const struct bundle_route *route = &t->tables->routes[index];
    buf_printf(t->out, "route %.*s\n  strategy %s priority %lld\n",
               DVARA_STR_ARG(bundle_text(t->bundle, route->name)), strategy_names[route->strategy],
               (long long)route->priority);
    if (route->match != BUNDLE_ABSENT)
        buf_printf(t->out, "  match %016llx\n", (unsigned long long)shape_of(t, route->match));
    for (uint32_t i = route->first; i < route->first + route->count; i++) {
        const struct bundle_target *target = &t->tables->targets[i];
        buf_printf(t->out, "  target %.*s/%.*s weight %u\n",
                   DVARA_STR_ARG(bundle_text(t->bundle, target->provider)),
                   DVARA_STR_ARG(bundle_text(t->bundle, target->model)), target->weight);
    }
    if (route->fallback != BUNDLE_ABSENT)
        buf_printf(t->out, "  fallback %.*s\n",
                   DVARA_STR_ARG(bundle_text(t->bundle, t->tables->routes[route->fallback].name)));
}

static void tell_provider(const struct teller *t, uint32_t index)
{
    struct dvara_provider_info info = dvara_bundle_provider(t->bundle, index);
    buf_printf(t->out, "provider %.*s\n  zone %.*s region %.*s\n", DVARA_STR_ARG(info.name),
               DVARA_STR_ARG(info.zone), DVARA_STR_ARG(info.region));
}

static void tell_model(const struct teller *t, uint32_t index)
{
    struct dvara_model_info info = dvara_bundle_model(t->bundle, index);
    buf_printf(t->out, "model %.*s/%.*s\n  input %lld output %lld cached %lld\n",
               DVARA_STR_ARG(info.provider), DVARA_STR_ARG(info.model), (long long)info.input_price,
               (long long)info.output_price, (long long)info.cached_price);
}

static void tell_detector(const struct teller *t, uint32_t index)
{
    buf_printf(t->out, "detector %.*s\n",
               DVARA_STR_ARG(dvara_bundle_detector(t->bundle, index).name));
}

static void tell_budget(const struct teller *t, uint32_t index)
{
    struct dvara_budget_info info = dvara_bundle_budget(t->bundle, index);
    buf_printf(t->out, "budget %.*s\n  amount %lld\n", DVARA_STR_ARG(info.name),
               (long long)info.amount);
}

/* ---- kinds ---- */

struct teller_kind {
    const char *what;
    enum bundle_table table; /* whose rows are counted; BUNDLE_TABLE_COUNT: none's */
    size_t (*count)(const struct dvara_bundle *bundle);
    struct dvara_str (*name)(const struct dvara_bundle *bundle, uint32_t index,
                             struct arena *arena);
    void (*tell)(const struct teller *teller, uint32_t index);
};

#define COUNT(kind, member)                                                                        \
    static size_t count_##kind(const struct dvara_bundle *bundle)                                  \
    {                                                                                              \
        return dvara_bundle_info(bundle).member;                                                   \
    }
COUNT(rules, n_rules)
COUNT(routes, n_routes)
COUNT(providers, n_providers)
COUNT(models, n_models)
COUNT(detectors, n_detectors)
COUNT(budgets, n_budgets)

static struct dvara_str rule_name(const struct dvara_bundle *bundle, uint32_t i,
                                  struct arena *arena)
{
    (void)arena;
    return dvara_bundle_rule(bundle, i).name;
}
static struct dvara_str route_name(const struct dvara_bundle *bundle, uint32_t i,
                                   struct arena *arena)
{
    (void)arena;
    return dvara_bundle_route(bundle, i).name;
}
static struct dvara_str provider_name(const struct dvara_bundle *bundle, uint32_t i,
                                      struct arena *arena)
{
    (void)arena;
    return dvara_bundle_provider(bundle, i).name;
}
static struct dvara_str model_name(const struct dvara_bundle *bundle, uint32_t i,
                                   struct arena *arena)
{
    struct dvara_model_info info = dvara_bundle_model(bundle, i);
    return arena_join(arena, info.provider, '/', info.model);
}
static struct dvara_str detector_name(const struct dvara_bundle *bundle, uint32_t i,
                                      struct arena *arena)
{
    (void)arena;
    return dvara_bundle_detector(bundle, i).name;
}
static struct dvara_str budget_name(const struct dvara_bundle *bundle, uint32_t i,
                                    struct arena *arena)
{
    (void)arena;
    return dvara_bundle_budget(bundle, i).name;
}

/* Of these the numbers are told. */
#define PLAIN(kind, rows, TABLE)                                                                   \
    static size_t count_##rows(const struct dvara_bundle *bundle)                                  \
    {                                                                                              \
        return bundle->program.tables.n_##rows;                                                    \
    }                                                                                              \
    static struct dvara_str kind##_name(const struct dvara_bundle *bundle, uint32_t i,             \
                                        struct arena *arena)                                       \
    {                                                                                              \
        (void)arena;                                                                               \
        return bundle_text(bundle, bundle->program.tables.rows[i].name);                           \
    }                                                                                              \
    static void tell_##kind(const struct teller *t, uint32_t index)                                \
    {                                                                                              \
        buf_printf(t->out, #kind " %.*s\n", DVARA_STR_ARG(kind##_name(t->bundle, index, NULL)));   \
        contents_print(t->bundle, BUNDLE_TABLE_##TABLE, index, t->out);                            \
    }
PLAIN(group, groups, GROUP)
PLAIN(list, runtimes, RUNTIME)
PLAIN(limit, limits, LIMIT)
PLAIN(invariant, invariants, INVARIANT)

static const struct teller_kind kinds[] = {
    {"provider", BUNDLE_TABLE_PROVIDER, count_providers, provider_name, tell_provider},
    {"model", BUNDLE_TABLE_MODEL, count_models, model_name, tell_model},
    {"detector", BUNDLE_TABLE_COUNT, count_detectors, detector_name, tell_detector},
    {"group", BUNDLE_TABLE_GROUP, count_groups, group_name, tell_group},
    {"list", BUNDLE_TABLE_RUNTIME, count_runtimes, list_name, tell_list},
    {"rule", BUNDLE_TABLE_RULE, count_rules, rule_name, tell_rule},
    {"route", BUNDLE_TABLE_ROUTE, count_routes, route_name, tell_route},
    {"limit", BUNDLE_TABLE_LIMIT, count_limits, limit_name, tell_limit},
    {"budget", BUNDLE_TABLE_BUDGET, count_budgets, budget_name, tell_budget},
    {"invariant", BUNDLE_TABLE_INVARIANT, count_invariants, invariant_name, tell_invariant},
};

static struct dvara_str text_of(const struct teller_kind *kind, const struct dvara_bundle *bundle,
                                uint32_t index, struct arena *arena)
{
    struct buf out;
    buf_init(&out, TEXT_MAX);
    const struct teller teller = {bundle, &bundle->program.tables, arena, &out};
    kind->tell(&teller, index);
    struct dvara_str text = arena_copy(arena, buf_str(&out));
    buf_clear(&out);
    return text;
}

static uint32_t find(const struct teller_kind *kind, const struct dvara_bundle *bundle,
                     struct dvara_str name, struct arena *arena)
{
    size_t n = kind->count(bundle);
    for (uint32_t i = 0; i < n; i++) {
        if (dvara_str_eq(kind->name(bundle, i, arena), name))
            return i;
    }
    return UINT32_MAX;
}

/* The two bundles and what their rows say. */
struct sides {
    struct contents old, new;
    struct arena *arena;
    struct changes *changes;
};

/* The text, and a digest of all that it does not tell: whole, since texts are compared. */
static struct dvara_str with_rest(struct dvara_str text, const struct contents_digest *digest,
                                  struct arena *arena)
{
    char hex[2 * FORMAT_DIGEST];
    bytes_hex_text(dvara_str_from((const char *)digest->sha256, FORMAT_DIGEST), hex);
    return arena_printf(arena, "%.*s  all that it says %.*s\n", DVARA_STR_ARG(text),
                        (int)sizeof hex, hex);
}

/* What the text does not tell differs all the same. */
static void add_rest(struct sides *sides, const struct teller_kind *kind, uint32_t i,
                     uint32_t other, struct change *change)
{
    if (kind->table == BUNDLE_TABLE_COUNT || !dvara_str_eq(change->old_text, change->new_text))
        return;
    struct contents_digest was = contents_of(&sides->old, kind->table, i);
    struct contents_digest is = contents_of(&sides->new, kind->table, other);
    if (sides->old.failed || sides->new.failed) {
        change->new_text = arena_printf(sides->arena, "%.*s  not compared: out of memory\n",
                                        DVARA_STR_ARG(change->new_text));
        return;
    }
    if (memcmp(was.sha256, is.sha256, sizeof was.sha256) == 0)
        return;
    change->old_text = with_rest(change->old_text, &was, sides->arena);
    change->new_text = with_rest(change->new_text, &is, sides->arena);
}

static void compare_kind(const struct teller_kind *kind, struct sides *sides)
{
    const struct dvara_bundle *old = sides->old.bundle, *new = sides->new.bundle;
    struct arena *arena = sides->arena;
    for (uint32_t i = 0; i < kind->count(old); i++) {
        struct change change = {.what = dvara_str_from_cstr(kind->what),
                                .name = kind->name(old, i, arena),
                                .old_text = text_of(kind, old, i, arena)};
        uint32_t other = find(kind, new, change.name, arena);
        change.kind = other == UINT32_MAX ? CHANGE_REMOVED : CHANGE_CHANGED;
        if (other != UINT32_MAX) {
            change.new_text = text_of(kind, new, other, arena);
            add_rest(sides, kind, i, other, &change);
        }
        if (other == UINT32_MAX || !dvara_str_eq(change.old_text, change.new_text))
            LIST_APPEND(arena, sides->changes->v, sides->changes->n, change);
    }
    for (uint32_t i = 0; i < kind->count(new); i++) {
        struct change change = {.kind = CHANGE_ADDED,
                                .what = dvara_str_from_cstr(kind->what),
                                .name = kind->name(new, i, arena)};
        if (find(kind, old, change.name, arena) != UINT32_MAX)
            continue;
        change.new_text = text_of(kind, new, i, arena);
        LIST_APPEND(arena, sides->changes->v, sides->changes->n, change);
    }
}

/* Of detectors a bundle tells no more than their names; one without any differs by those. */
static void compare_detectors(const struct sides *sides)
{
    const struct dvara_bundle *old = sides->old.bundle, *new = sides->new.bundle;
    if (!old->detectors || !new->detectors ||
        dvara_str_eq(detectors_section(old->detectors), detectors_section(new->detectors)))
        return;
    static const char text[] = "detectors\n  their names, patterns, words and checks %016llx\n";
    struct change change = {
        .kind = CHANGE_CHANGED,
        .what = DVARA_STR("detectors"),
        .name = DVARA_STR("all"),
        .old_text = arena_printf(sides->arena, text, (unsigned long long)old->detectors_mark),
        .new_text = arena_printf(sides->arena, text, (unsigned long long)new->detectors_mark)};
    LIST_APPEND(sides->arena, sides->changes->v, sides->changes->n, change);
}

bool declarations_compare_bundles(const struct dvara_bundle *old, const struct dvara_bundle *new,
                                  struct arena *arena, struct changes *ret_changes)
{
    static const struct dvara_str words[] = {
        [BUNDLE_DEFAULT_DENY] = DVARA_STR_INIT("default deny\n"),
        [BUNDLE_DEFAULT_ALLOW] = DVARA_STR_INIT("default allow\n")};
    struct sides sides = {.arena = arena, .changes = ret_changes};
    uint32_t was = old->program.tables.manifests->fallback;
    uint32_t is = new->program.tables.manifests->fallback;
    *ret_changes = (struct changes){NULL, 0};
    if (!contents_init(&sides.old, old, arena) || !contents_init(&sides.new, new, arena))
        return false;
    if (was != is) {
        struct change change = {.kind = CHANGE_CHANGED,
                                .what = DVARA_STR("default"),
                                .old_text = words[was],
                                .new_text = words[is]};
        LIST_APPEND(arena, ret_changes->v, ret_changes->n, change);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        compare_kind(&kinds[i], &sides);
    compare_detectors(&sides);
    return !arena_is_exhausted(arena);
}
