/* SPDX-License-Identifier: Apache-2.0 */
/* A config is a tree: its strategy over targets that may have strategies themselves. Each route
 * takes one level; `fallback` and conditions lead to further routes. */
#include "lang/import/portkey.h"

#include "lang/list.h"

static const struct import_reason reasons[] = {
#define PORTKEY_YES(says)                    "its value is not one that this importer knows"
#define PORTKEY_NO(says)                     says
#define PORTKEY(section, key, carried, says) {section, key, PORTKEY_##carried(says)},
#include "lang/import/portkey.def"
};

void portkey_rest(struct imported *im, struct block *block, struct node *node,
                  struct dvara_str path, const char *section_cstr)
{
    struct import_reasons table = {reasons, sizeof reasons / sizeof *reasons, section_cstr};
    imported_rest(im, block, node, path, import_reason, &table);
}

enum mode { MODE_SINGLE, MODE_LOADBALANCE, MODE_FALLBACK, MODE_CONDITIONAL, MODE_UNKNOWN };

static enum mode mode_of(struct node *config)
{
    static const char *const names[] = {"single", "loadbalance", "fallback", "conditional"};
    struct node *strategy = node_map(config, "strategy");
    struct node *mode = node_get(strategy, "mode");
    if (!strategy)
        return MODE_SINGLE;
    for (int i = 0; i < MODE_UNKNOWN; i++)
        if (node_is(mode, names[i]))
            return (enum mode)i;
    return MODE_UNKNOWN;
}

static struct node *targets_of(struct node *config)
{
    struct node *targets = node_look(config, "targets");
    if (!targets || targets->kind != NODE_LIST || targets->n == 0)
        return NULL;
    targets->taken = true;
    return targets;
}

/* ---- a route's clauses ---- */

static struct dvara_str causes(struct portkey *p, struct node *codes)
{
    struct dvara_str list = {NULL, 0};
    for (size_t i = 0; codes && codes->kind == NODE_LIST && i < codes->n; i++) {
        int64_t code = 0;
        if (!node_as_whole(codes->children[i], &code) || code < 400 || code > 599)
            continue;
        codes->taken = codes->children[i]->taken = true;
        list = arena_printf(p->im->arena, "%.*s\"%lld\", ", DVARA_STR_ARG(list), (long long)code);
    }
    return list.n ? list : DVARA_STR("\"429\", \"500\", \"502\", \"503\", \"504\", ");
}

/* A config's own retry, and the next targets of a fallback. */
static void write_retry(struct portkey *p, struct node *config, struct block *block, size_t others)
{
    struct node *retry = node_map(config, "retry");
    struct node *own = node_look(retry, "on_status_codes");
    struct node *codes = node_look(node_look(config, "strategy"), "on_status_codes");
    int64_t attempts = 0;
    (void)node_whole(retry, "attempts", &attempts);
    attempts = attempts > 100 ? 100 : attempts;
    if (attempts + (int64_t)others == 0 || (attempts == 0 && !codes))
        return;
    if (own && codes)
        (void)causes(p, codes);
    block_line(p->im, block, "retry %lld on %.*stimeout, connect, reset",
               (long long)(attempts + (int64_t)others),
               DVARA_STR_ARG(causes(p, own ? own : codes)));
}

static void write_timeout(struct portkey *p, struct node *config, struct block *block)
{
    int64_t ms = 0;
    struct node *node = node_look(config, "request_timeout");
    if (!node_as_whole(node, &ms) || ms < 1 || ms > 3600 * 1000)
        return;
    node->taken = true;
    block_line(p->im, block, "timeout %.*s", DVARA_STR_ARG(dvp_milliseconds(p->im, ms)));
}

static void finish(struct portkey *p, struct node *config, struct dvara_str path,
                   struct block *block)
{
    portkey_guardrails(p, config, path);
    (void)node_text(config, "name");
    portkey_rest(p->im, block, node_look(config, "strategy"), path_member(p->im, path, "strategy"),
                 "strategy");
    portkey_rest(p->im, block, node_look(config, "retry"), path_member(p->im, path, "retry"),
                 "retry");
    portkey_rest(p->im, block, node_look(config, "override_params"),
                 path_member(p->im, path, "override_params"), "override_params");
    portkey_rest(p->im, block, config, path, "config");
}

/* ---- leaves ---- */

static int64_t weight_of(struct portkey *p, struct node *config)
{
    struct dvara_str text;
    int64_t value = -1;
    struct node *node = node_look(config, "weight");
    if (!node || !node_decimal(node, 3, 0, p->im->arena, &text))
        return -1;
    struct node number = {.kind = NODE_NUMBER, .text = text};
    node->taken = true;
    return node_as_whole(&number, &value) ? value : -1;
}

/* Everything below the config as targets of one route: of a nested fallback the first has the
 * weight, and the others stand behind it with none, where its share goes while it is out. */
static void collect(struct portkey *p, struct node *config, struct dvara_str path,
                    struct block *block, int64_t weight, unsigned depth,
                    struct portkey_targets *targets)
{
    struct node *children = targets_of(config);
    enum mode mode = mode_of(config);
    if (depth > PORTKEY_DEPTH_MAX || targets->n >= PORTKEY_TARGETS_MAX) {
        imported_note(p->im, block, config, path, "a route has at most 64 targets, 8 levels deep");
        return;
    }
    config->taken = true;
    portkey_guardrails(p, config, path); /* before a note about the target takes all of it */
    if (!children) {
        struct portkey_target target = {.weight = weight};
        if (portkey_target(p, config, path, block, &target.name))
            LIST_APPEND(p->im->arena, targets->v, targets->n, target);
    }
    for (size_t i = 0; children && i < children->n; i++) {
        int64_t own = weight_of(p, children->children[i]);
        int64_t share = mode == MODE_LOADBALANCE
                            ? own < 0 ? weight : own * (weight < 0 ? 1000 : weight) / 1000
                        : i == 0 ? weight
                                 : 0;
        collect(p, children->children[i],
                path_element(p->im, path_member(p->im, path, "targets"), i), block, share,
                depth + 1, targets);
    }
    finish(p, config, path, block);
}

static void write_targets(struct portkey *p, struct block *block,
                          const struct portkey_targets *targets, bool weighted)
{
    int64_t most = 1;
    for (size_t i = 0; i < targets->n; i++)
        most = targets->v[i].weight > most ? targets->v[i].weight : most;
    for (size_t i = 0; i < targets->n; i++) {
        struct dvara_str name = dvp_string(p->im, targets->v[i].name);
        int64_t weight = targets->v[i].weight;
        if (weighted && weight >= 0)
            block_line(p->im, block, "target %.*s weight %lld", DVARA_STR_ARG(name),
                       (long long)(most > 1000 ? (int64_t)((double)weight * 1000 / (double)most)
                                               : weight));
        else
            block_line(p->im, block, "target %.*s", DVARA_STR_ARG(name));
    }
}

/* ---- routes ---- */

static struct block *new_route(struct portkey *p, struct dvara_str name)
{
    return imported_block(p->im, BLOCK_ROUTE, imported_name(p->im, BLOCK_ROUTE, name));
}

static void read_config(struct portkey *p, struct node *config, struct dvara_str path,
                        struct block *block, unsigned depth);

static bool has_nested(const struct node *targets)
{
    for (size_t i = 0; i < targets->n; i++)
        if (node_look(targets->children[i], "targets"))
            return true;
    return false;
}

/* Each level of a fallback that has levels itself is a route, reached from the one before. */
static void read_chain(struct portkey *p, struct node *config, struct dvara_str path,
                       struct block *block, unsigned depth)
{
    struct node *targets = targets_of(config);
    struct block *notes = block;
    struct dvara_str then = arena_printf(p->im->arena, "%.*s_then", DVARA_STR_ARG(block->name));
    for (size_t i = 0; i < targets->n; i++) {
        struct dvara_str at = path_element(p->im, path_member(p->im, path, "targets"), i);
        if (!block) {
            imported_note(p->im, notes, targets->children[i], at,
                          "a config becomes at most 512 routes");
            continue;
        }
        bool more = i + 1 < targets->n && p->n_routes++ < PORTKEY_ROUTES_MAX;
        struct block *next = more ? new_route(p, then) : NULL;
        read_config(p, targets->children[i], at, block, depth + 1);
        if (next)
            block_line(p->im, block, "fallback %.*s", DVARA_STR_ARG(next->name));
        block = next;
    }
}

static struct node *target_named(struct node *targets, struct dvara_str name, size_t *ret_index)
{
    for (size_t i = 0; i < targets->n; i++) {
        struct node *own = node_look(targets->children[i], "name");
        if (own && own->kind == NODE_TEXT && dvara_str_eq(own->text, name)) {
            *ret_index = i;
            return targets->children[i];
        }
    }
    return NULL;
}

/* One route of the condition; those before it have a higher priority. */
static void read_case(struct portkey *p, struct node *targets, struct dvara_str path,
                      struct node *then, struct dvara_str match, size_t place, unsigned depth)
{
    size_t index = 0;
    struct node *target = target_named(targets, then->text, &index);
    struct block *block = new_route(p, then->text.n ? then->text : p->stem);
    if (!block)
        return;
    then->taken = true;
    if (!target) {
        imported_note(p->im, block, then, path, "no target has that name");
        block->withdrawn = true;
        return;
    }
    block_line(p->im, block, "match %.*s", DVARA_STR_ARG(match));
    block_line(p->im, block, "priority %lld", place < 1000 ? 1000 - (long long)place : 0);
    target->reported = false; /* several conditions may lead to one target */
    read_config(p, target, path_element(p->im, path_member(p->im, path, "targets"), index), block,
                depth + 1);
}

static void read_conditions(struct portkey *p, struct node *config, struct dvara_str path,
                            unsigned depth)
{
    struct node *strategy = node_look(config, "strategy"), *targets = targets_of(config);
    struct node *list = node_look(strategy, "conditions"),
                *fallback = node_look(strategy, "default");
    struct block *notes = imported_section(p->im, "conditions");
    size_t n = list && list->kind == NODE_LIST ? list->n : 0;
    if (n)
        list->taken = true;
    for (size_t i = 0; targets && i < n && p->n_routes++ < PORTKEY_ROUTES_MAX; i++) {
        struct node *condition = list->children[i], *then = node_look(condition, "then");
        struct node *query = node_map(condition, "query");
        struct dvara_str match,
            at = path_element(p->im, path_member(p->im, path, "strategy.conditions"), i);
        const char *why = "a condition has a query and then";
        condition->taken = condition->kind == NODE_MAP;
        if (!then || then->kind != NODE_TEXT || !query || !portkey_query(p, query, 0, &match, &why))
            imported_note(p->im, notes, condition, at, why);
        else
            read_case(p, targets, path, then, match, i, depth);
    }
    if (targets && fallback && fallback->kind == NODE_TEXT)
        read_case(p, targets, path, fallback, DVARA_STR("request.endpoint == \"chat\""), n, depth);
    finish(p, config, path, notes);
}

static void read_level(struct portkey *p, struct node *config, struct dvara_str path,
                       struct block *block, enum mode mode)
{
    struct portkey_targets targets = {NULL, 0};
    struct node *list = targets_of(config);
    bool balances = mode == MODE_LOADBALANCE && list;
    collect(p, config, path, block, -1, 0, &targets);
    if (targets.n == 0) {
        block->withdrawn = true;
        return;
    }
    block_line(p->im, block, "strategy %s", balances ? "weighted" : "failover");
    write_targets(p, block, &targets, balances);
}

/* The route of a config; `block` has its `match`, if it needs one. */
static void read_config(struct portkey *p, struct node *config, struct dvara_str path,
                        struct block *block, unsigned depth)
{
    enum mode mode = mode_of(config);
    struct node *targets = targets_of(config);
    config->taken = true;
    if (depth > PORTKEY_DEPTH_MAX || mode == MODE_UNKNOWN) {
        imported_note(p->im, block, config, path,
                      depth > PORTKEY_DEPTH_MAX ? "it is nested too deep"
                                                : "the strategy's mode is not known");
        block->withdrawn = true;
        return;
    }
    if (mode == MODE_CONDITIONAL) {
        block_comment(p->im, block, "its conditions are routes of their own");
        block->withdrawn = true;
        read_conditions(p, config, path, depth);
        return;
    }
    bool chain = mode == MODE_FALLBACK && targets && has_nested(targets);
    write_retry(p, config, block, mode == MODE_FALLBACK && targets && !chain ? targets->n - 1 : 0);
    write_timeout(p, config, block);
    if (chain) {
        read_chain(p, config, path, block, depth);
        finish(p, config, path, block);
    } else {
        read_level(p, config, path, block, mode);
    }
}

/* ---- the file ---- */

/* A config, or the answer that brings it: {"data": {"config": …}}. */
static struct node *config_in(struct node *root, struct dvara_str *ret_path)
{
    struct node *data = node_look(root, "data");
    struct node *inner = node_look(data ? data : root, "config");
    *ret_path = DVARA_STR("");
    if (!inner || inner->kind != NODE_MAP)
        return root;
    *ret_path = data ? DVARA_STR("data.config") : DVARA_STR("config");
    node_take_all(root);
    return inner;
}

static void forget(struct node *node)
{
    node->taken = node->reported = false;
    for (size_t i = 0; i < node->n; i++)
        forget(node->children[i]);
}

bool import_portkey(struct imported *im, struct node *root, struct node_problem *ret_problem)
{
    static const char *const keys[] = {"strategy",    "targets", "provider",
                                       "virtual_key", "retry",   "cache"};
    struct portkey p = {.im = im, .stem = DVARA_STR("portkey")};
    struct dvara_str path;
    bool known = false;
    if (root->kind != NODE_MAP)
        return import_refuse(ret_problem, root, "a Portkey config is an object");
    struct node *config = config_in(root, &path);
    if (config != root)
        forget(config);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        known |= node_look(config, keys[i]) != NULL;
    if (!known)
        return import_refuse(ret_problem, config,
                             "this is no Portkey config: it has no strategy, targets, provider, "
                             "virtual_key, retry or cache");
    (void)imported_tenant(im, DVARA_STR("default"));
    struct block *block = new_route(&p, p.stem);
    if (!block)
        return import_refuse(ret_problem, root, "the file is too large");
    block_line(im, block, "match request.endpoint == \"chat\"");
    read_config(&p, config, path, block, 0);
    config->taken = true;
    return true;
}
