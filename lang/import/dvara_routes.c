/* SPDX-License-Identifier: Apache-2.0 */
/* Routes are tried in the order of the list there: those before get the higher priority. */
#include "lang/import/dvara.h"

struct route {
    struct dvara_import *d;
    struct node *node;
    struct dvara_str path,
        model; /* the model that targets name; absent: a wildcard without a pin */
    struct block *block;
    size_t n; /* targets */
};

/* A target, "provider/model"; a note where there is no such provider. */
static void add_target(struct route *r, struct node *at, struct dvara_str provider_name,
                       struct dvara_str model, struct dvara_str more)
{
    struct imported *im = r->d->im;
    struct imported_provider *provider = dvara_provider_find(r->d, provider_name);
    model = model.n ? model : r->model;
    if (!provider || !model.n) {
        imported_note(
            im, r->block, at, r->path,
            provider
                ? "a target names its model: the route is for many (give it pinned_model_version)"
                : "its provider is not known, or its interface is not OpenAI's");
        return;
    }
    struct dvara_str target =
        arena_printf(im->arena, "%.*s/%.*s", DVARA_STR_ARG(provider->name), DVARA_STR_ARG(model));
    block_line(im, r->block, "target %.*s%.*s", DVARA_STR_ARG(dvp_string(im, target)),
               DVARA_STR_ARG(more));
    r->n++;
}

static struct dvara_str weight_of(struct route *r, struct node *node)
{
    int64_t weight = 0;
    return node_whole(node, "weight", &weight) && weight <= 1000
               ? arena_printf(r->d->im->arena, " weight %lld", (long long)weight)
               : DVARA_STR("");
}

static void add_pool(struct route *r, bool weighted)
{
    struct node *pool = dvara_list(r->node, "providers");
    for (size_t i = 0; pool && i < pool->n && i < 60; i++) {
        struct node *row = pool->children[i];
        struct dvara_str weight = weight_of(r, row);
        row->taken = true;
        if (row->kind == NODE_MAP)
            add_target(r, row, dvara_text(row, "provider"), dvara_text(row, "model"),
                       weighted ? weight : DVARA_STR(""));
        else
            add_target(r, row, row->text, (struct dvara_str){NULL, 0}, DVARA_STR(""));
    }
}

static void add_fallbacks(struct route *r)
{
    struct node *one = dvara_look(r->node, "fallback"), *list = dvara_list(r->node, "fallbacks");
    if (one && one->kind == NODE_TEXT) {
        one->taken = true;
        add_target(r, one, one->text, (struct dvara_str){NULL, 0}, DVARA_STR(""));
    }
    for (size_t i = 0; list && i < list->n && i < 5; i++) {
        struct node *row = list->children[i];
        row->taken = true;
        if (row->kind == NODE_MAP)
            add_target(r, row, dvara_text(row, "provider"), dvara_text(row, "model"),
                       DVARA_STR(""));
        else
            add_target(r, row, row->text, (struct dvara_str){NULL, 0}, DVARA_STR(""));
    }
}

static void add_canary(struct route *r)
{
    struct node *canary = dvara_look(r->node, "canary");
    struct node *map = canary && canary->kind == NODE_MAP ? canary : r->node;
    struct dvara_str share = DVARA_STR("0");
    struct node *split = dvara_look(map, "split_pct");
    struct node *baseline = dvara_look(map, "baseline_provider"),
                *candidate = dvara_look(map, "candidate_provider");
    if (canary)
        canary->taken = true;
    split = split ? split : node_look(map, "split-pct");
    baseline = baseline ? baseline : node_look(map, "baseline-provider");
    candidate = candidate ? candidate : node_look(map, "candidate-provider");
    if (split && node_decimal(split, 0, 4, r->d->im->arena, &share))
        split->taken = true;
    if (baseline)
        baseline->taken = true, add_target(r, baseline, baseline->text, (struct dvara_str){NULL, 0},
                                           DVARA_STR(" as stable"));
    if (candidate)
        candidate->taken = true,
        add_target(r, candidate, candidate->text, (struct dvara_str){NULL, 0},
                   arena_printf(r->d->im->arena, " as canary %.*s%%", DVARA_STR_ARG(share)));
}

static const char *strategy_of(struct route *r)
{
    static const struct {
        const char *name, *strategy;
    } rows[] = {{"model-prefix", "failover"}, {"round-robin", "round_robin"},
                {"weighted", "weighted"},     {"canary", "canary"},
                {"latency-aware", "latency"}, {"cost-aware", "cost"}};
    struct node *node = dvara_look(r->node, "strategy");
    if (!node)
        return "failover";
    for (size_t i = 0; node->kind == NODE_TEXT && i < sizeof rows / sizeof *rows; i++) {
        const char *name = rows[i].name;
        size_t k = 0;
        for (; k < node->text.n && name[k]; k++) {
            char c = node->text.p[k] == '_' ? '-' : node->text.p[k];
            if ((c >= 'A' && c <= 'Z' ? c | 32 : c) != name[k])
                break;
        }
        if (k == node->text.n && !name[k]) {
            node->taken = true;
            return rows[i].strategy;
        }
    }
    imported_note(r->d->im, r->block, node, path_member(r->d->im, r->path, "strategy"),
                  "no strategy does that; the targets stand in declared order");
    return "failover";
}

static void write_match(struct route *r, struct dvara_str pattern, size_t place)
{
    bool star = pattern.n && pattern.p[pattern.n - 1] == '*';
    struct dvara_str pinned = dvara_text(r->node, "pinned_model_version");
    r->model = pinned.n ? pinned : star ? (struct dvara_str){NULL, 0} : pattern;
    block_line(r->d->im, r->block,
               star ? "match request.model glob %.*s" : "match request.model == %.*s",
               DVARA_STR_ARG(dvp_string(r->d->im, pattern)));
    if (place < 1000)
        block_line(r->d->im, r->block, "priority %lld", 1000 - (long long)place);
}

static void read_route(struct dvara_import *d, struct node *node, struct dvara_str path,
                       size_t place)
{
    struct imported *im = d->im;
    struct route r = {.d = d, .node = node, .path = path};
    struct dvara_str id = dvara_text(node, "id"), pattern = dvara_text(node, "model");
    if (node->kind != NODE_MAP || !pattern.n) {
        imported_note(im, imported_section(im, "routes"), node, path, "a route has a model");
        return;
    }
    node->taken = true;
    r.block = imported_block(im, BLOCK_ROUTE, imported_name(im, BLOCK_ROUTE, id.n ? id : pattern));
    if (!r.block)
        return;
    write_match(&r, pattern, place);
    const char *strategy = strategy_of(&r);
    struct node *single = dvara_look(node, "provider");
    block_line(im, r.block, "strategy %s", strategy);
    if (strcmp(strategy, "canary") == 0)
        add_canary(&r);
    if (single && single->kind == NODE_TEXT) {
        single->taken = true;
        add_target(&r, single, single->text, (struct dvara_str){NULL, 0}, DVARA_STR(""));
    }
    add_pool(&r, strcmp(strategy, "weighted") == 0);
    add_fallbacks(&r);
    r.block->withdrawn = r.n == 0;
    dvara_rest(d, r.block, node, path, "route");
}

void dvara_routes(struct dvara_import *d)
{
    struct node *list = dvara_list(d->root, "routes");
    for (size_t i = 0; list && i < list->n; i++)
        read_route(d, list->children[i],
                   path_element(d->im, path_member(d->im, d->path, "routes"), i), i);
}
