/* SPDX-License-Identifier: Apache-2.0 */
/* What a route does with its targets: names, strategy, retries, time-outs and fallbacks. */
#include "lang/import/litellm.h"
#include "lang/list.h"

#include <stdlib.h>

enum { TARGETS_MAX = 64, WEIGHT_MAX = 1000 };

/* ---- settings of all routes ---- */

struct common {
    const char *strategy;
    const char *strategy_note;               /* NULL: it is what LiteLLM does */
    int64_t retries, backoff_ms, timeout_ms; /* -1: not given */
};

static int64_t seconds(struct litellm *l, struct node *map, const char *key_cstr, int64_t most_ms)
{
    struct dvara_str text;
    int64_t value = -1;
    struct node *node = node_look(map, key_cstr);
    if (!node || !node_decimal(node, 3, 0, l->im->arena, &text))
        return -1;
    struct node number = {.kind = NODE_NUMBER, .text = text};
    if (!node_as_whole(&number, &value) || value < 1 || value > most_ms)
        return -1;
    node->taken = true;
    return value;
}

static void read_strategy(struct litellm *l, struct common *common)
{
    static const struct {
        const char *name, *strategy, *note;
    } rows[] = {
        {"simple-shuffle", "weighted", NULL},
        {"least-busy", "least_busy", NULL},
        {"latency-based-routing", "latency", NULL},
        {"cost-based-routing", "cost", NULL},
        {"usage-based-routing", "least_busy",
         "routing_strategy usage-based-routing: the nearest is fewest requests in flight"},
        {"usage-based-routing-v2", "least_busy",
         "routing_strategy usage-based-routing-v2: the nearest is fewest requests in flight"},
    };
    struct node *node = node_look(l->router, "routing_strategy");
    common->strategy = "weighted";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (node_is(node, rows[i].name)) {
            node->taken = true;
            common->strategy = rows[i].strategy;
            common->strategy_note = rows[i].note;
        }
}

static struct common read_common(struct litellm *l)
{
    struct common common = {.retries = -1};
    int64_t other = -1;
    read_strategy(l, &common);
    (void)node_whole(l->settings, "num_retries", &common.retries);
    if (node_whole(l->router, "num_retries", &other))
        common.retries = other;
    common.backoff_ms = seconds(l, l->router, "retry_after", 600 * 1000);
    common.timeout_ms = seconds(l, l->settings, "request_timeout", 3600 * 1000);
    other = seconds(l, l->router, "timeout", 3600 * 1000);
    common.timeout_ms = other > 0 ? other : common.timeout_ms;
    return common;
}

/* ---- names ---- */

static void read_aliases(struct litellm *l)
{
    struct node *aliases = node_look(l->router, "model_group_alias");
    if (!aliases || aliases->kind != NODE_MAP)
        return;
    aliases->taken = true;
    for (size_t i = 0; i < aliases->n; i++) {
        struct node *node = aliases->children[i];
        struct dvara_str name = node->kind == NODE_MAP ? node_text(node, "model") : node->text;
        struct litellm_group *group = litellm_group_find(l, name);
        if (!group || litellm_group_find(l, aliases->keys[i]))
            continue;
        node->taken = true;
        (void)node_look(node, "hidden");
        LIST_APPEND(l->im->arena, group->aliases, group->n_aliases, aliases->keys[i]);
    }
}

static void write_match(struct litellm *l, const struct litellm_group *group)
{
    struct imported *im = l->im;
    struct dvara_str list = dvp_string(im, group->name);
    for (size_t i = 0; i < group->n_aliases; i++)
        list = arena_printf(im->arena, "%.*s, %.*s", DVARA_STR_ARG(list),
                            DVARA_STR_ARG(dvp_string(im, group->aliases[i])));
    block_line(im, group->block,
               group->n_aliases ? "match request.model in [%.*s]" : "match request.model == %.*s",
               DVARA_STR_ARG(list));
}

/* ---- targets ---- */

static int compare_orders(const void *a, const void *b)
{
    const struct litellm_deployment *left = a, *right = b;
    return left->order < right->order ? -1 : left->order > right->order;
}

static bool has_order(const struct litellm_group *group)
{
    for (size_t i = 0; i < group->n; i++)
        if (group->deployments[i].order != INT64_MAX)
            return true;
    return false;
}

static int64_t greatest_weight(const struct litellm_group *group)
{
    int64_t most = 0;
    for (size_t i = 0; i < group->n; i++)
        most = group->deployments[i].weight > most ? group->deployments[i].weight : most;
    return most;
}

/* Into 0 to 1000, so that shares stay as they are as nearly as whole numbers can. */
static int64_t scaled(int64_t weight, int64_t most)
{
    int64_t value =
        most > WEIGHT_MAX ? (int64_t)((double)weight * WEIGHT_MAX / (double)most + 0.5) : weight;
    return value < 1 ? 1 : value;
}

static void write_targets(struct litellm *l, const struct litellm_group *group, struct block *block,
                          bool weighted)
{
    int64_t most = greatest_weight(group);
    for (size_t i = 0; i < group->n; i++) {
        const struct litellm_deployment *deployment = &group->deployments[i];
        struct dvara_str target = dvp_string(l->im, deployment->target);
        if (i == TARGETS_MAX) {
            block_comment(l->im, block, "a route has at most 64 targets: %zu more are left out",
                          group->n - i);
            return;
        }
        if (weighted && most > 1)
            block_line(l->im, block, "target %.*s weight %lld", DVARA_STR_ARG(target),
                       (long long)scaled(deployment->weight ? deployment->weight : 1, most));
        else
            block_line(l->im, block, "target %.*s", DVARA_STR_ARG(target));
    }
}

static void write_timers(struct litellm *l, const struct litellm_group *group, struct block *block,
                         const struct common *common)
{
    int64_t retries = group->retries >= 0 ? group->retries : common->retries;
    int64_t timeout = group->timeout_ms > 0 ? group->timeout_ms : common->timeout_ms;
    if (retries > 0) {
        struct dvara_str backoff =
            common->backoff_ms > 0 ? dvp_milliseconds(l->im, common->backoff_ms) : DVARA_STR("");
        block_line(
            l->im, block,
            "retry %lld on \"408\", \"409\", \"429\", \"5xx\", timeout, connect, reset%s%.*s",
            (long long)(retries > 100 ? 100 : retries), backoff.n ? " backoff " : "",
            DVARA_STR_ARG(backoff));
    }
    if (timeout > 0)
        block_line(l->im, block, "timeout %.*s", DVARA_STR_ARG(dvp_milliseconds(l->im, timeout)));
}

static void write_body(struct litellm *l, struct litellm_group *group, struct block *block,
                       const struct common *common)
{
    bool ordered = has_order(group);
    const char *strategy = group->n == 1 || ordered ? "failover" : common->strategy;
    if (ordered)
        qsort(group->deployments, group->n, sizeof *group->deployments, compare_orders);
    if (group->n > 1 && common->strategy_note && !ordered)
        block_comment(l->im, block, "%s", common->strategy_note);
    block_line(l->im, block, "strategy %s", strategy);
    write_targets(l, group, block, strcmp(strategy, "weighted") == 0);
    write_timers(l, group, block, common);
}

/* ---- fallbacks ---- */

static bool chain_has(const struct litellm_group *group, size_t index)
{
    for (size_t i = 0; i < group->n_chain; i++)
        if (group->chain[i] == index)
            return true;
    return false;
}

/* LiteLLM falls back from a fallback too; each group is tried once, and five in all. */
static void extend_chain(struct litellm *l, struct litellm_group *group, size_t from,
                         unsigned depth)
{
    struct node *list = l->fallbacks[from] ? l->fallbacks[from] : l->default_fallbacks;
    for (size_t i = 0; list && i < list->n && depth < LITELLM_CHAIN_MAX; i++) {
        struct litellm_group *other = litellm_group_find(l, list->children[i]->text);
        if (!other || list->children[i]->kind != NODE_TEXT)
            continue;
        list->children[i]->taken = true;
        size_t index = (size_t)(other - l->groups);
        if (other == group || chain_has(group, index) || group->n_chain == LITELLM_CHAIN_MAX)
            continue;
        if (other->n)
            LIST_APPEND(l->im->arena, group->chain, group->n_chain, index);
        extend_chain(l, group, index, depth + 1);
    }
}

static void read_fallback_list(struct litellm *l, struct node *list)
{
    if (!list || list->kind != NODE_LIST)
        return;
    list->taken = true;
    for (size_t i = 0; i < list->n; i++) {
        struct node *map = list->children[i];
        map->taken = map->kind == NODE_MAP;
        for (size_t k = 0; map->kind == NODE_MAP && k < map->n; k++) {
            struct node *names = map->children[k];
            struct litellm_group *group = litellm_group_find(l, map->keys[k]);
            bool any = dvara_str_eq(map->keys[k], DVARA_STR("*"));
            if (names->kind != NODE_LIST || (!group && !any))
                continue;
            names->taken = true;
            struct node **place = any ? &l->default_fallbacks : &l->fallbacks[group - l->groups];
            if (*place) /* the last list counts; the other is told */
                (*place)->taken = false;
            *place = names;
        }
    }
}

static void read_fallbacks(struct litellm *l)
{
    struct node *maps[] = {l->settings, l->router};
    l->fallbacks = ARENA_ARRAY(l->im->arena, l->n_groups + 1, struct node *);
    for (size_t i = 0; l->fallbacks && i < 2; i++) {
        struct node *defaults = node_look(maps[i], "default_fallbacks");
        if (defaults && defaults->kind == NODE_LIST) {
            defaults->taken = true;
            l->default_fallbacks = defaults;
        }
        read_fallback_list(l, node_look(maps[i], "fallbacks"));
    }
    for (size_t i = 0; l->fallbacks && i < l->n_groups; i++)
        extend_chain(l, &l->groups[i], i, 0);
}

/* Can `fallback NAME` of the first in the chain stand for all of it? */
static bool is_the_others_chain(const struct litellm *l, const struct litellm_group *group)
{
    const struct litellm_group *first = &l->groups[group->chain[0]];
    if (first->n_chain != group->n_chain - 1)
        return false;
    for (size_t i = 0; i < first->n_chain; i++)
        if (first->chain[i] != group->chain[i + 1])
            return false;
    return true;
}

/* A route of its own for each link, without `match`: chains that lead back would be a cycle. */
static void write_chain(struct litellm *l, const struct litellm_group *group,
                        const struct common *common)
{
    struct block *from = group->block;
    if (is_the_others_chain(l, group)) {
        block_line(l->im, from, "fallback %.*s", DVARA_STR_ARG(l->groups[group->chain[0]].route));
        return;
    }
    for (size_t i = 0; i < group->n_chain && from; i++) {
        struct litellm_group *to = &l->groups[group->chain[i]];
        struct dvara_str name =
            imported_name(l->im, BLOCK_ROUTE,
                          arena_printf(l->im->arena, "%.*s_then_%.*s", DVARA_STR_ARG(group->route),
                                       DVARA_STR_ARG(to->route)));
        block_line(l->im, from, "fallback %.*s", DVARA_STR_ARG(name));
        from = imported_block(l->im, BLOCK_ROUTE, name);
        if (from)
            write_body(l, to, from, common);
    }
}

/* ---- all routes ---- */

static void withdraw(struct litellm *l, struct litellm_group *group)
{
    group->block->withdrawn = true;
    if (!group->is_wildcard)
        block_comment(l->im, group->block, "%.*s has no deployment that can be carried",
                      DVARA_STR_ARG(group->name));
}

/* A client's `openai/gpt-4o` is a pin where a provider `openai` is configured. */
static void warn_of_pin(struct litellm *l, const struct litellm_group *group)
{
    const char *slash = memchr(group->name.p, '/', group->name.n);
    struct dvara_str prefix =
        dvara_str_slice(group->name, 0, slash ? (size_t)(slash - group->name.p) : 0);
    for (const struct imported_provider *at = l->im->providers; slash && at; at = at->next)
        if (dvara_str_eq(at->name, prefix))
            block_comment(
                l->im, group->block,
                "a client that asks for this name pins the provider `%.*s` and takes no route",
                DVARA_STR_ARG(prefix));
}

/* A model that the list does not name is refused, as LiteLLM does. */
static void write_list(struct litellm *l)
{
    struct imported *im = l->im;
    struct dvara_str names = DVARA_STR(""), globs = DVARA_STR("");
    for (size_t i = 0; i < l->n_groups; i++) {
        const struct litellm_group *group = &l->groups[i];
        bool star = group->is_wildcard;
        if ((group->n == 0 && !star) || (star && dvara_str_eq(group->name, DVARA_STR("*"))))
            continue;
        struct dvara_str *list = star ? &globs : &names;
        *list = arena_printf(im->arena, "%.*s%s%.*s", DVARA_STR_ARG(*list), list->n ? ", " : "",
                             DVARA_STR_ARG(dvp_string(im, group->name)));
        for (size_t k = 0; k < group->n_aliases; k++)
            *list = arena_printf(im->arena, "%.*s, %.*s", DVARA_STR_ARG(*list),
                                 DVARA_STR_ARG(dvp_string(im, group->aliases[k])));
    }
    if (im->default_provider.n || (!names.n && !globs.n))
        return;
    struct block *block =
        imported_block(im, BLOCK_RULE, imported_name(im, BLOCK_RULE, DVARA_STR("listed_models")));
    if (!block)
        return;
    block->doc =
        DVARA_STR("Only models of the list are served; the name counts as the client sent it.");
    block_line(im, block, "on request");
    block_line(im, block, "when not (%s%.*s%s%s%s%.*s%s)",
               names.n ? "request.asked_model in [" : "", DVARA_STR_ARG(names), names.n ? "]" : "",
               names.n && globs.n ? " or " : "", globs.n ? "request.asked_model glob [" : "",
               DVARA_STR_ARG(globs), globs.n ? "]" : "");
    block_line(im, block, "deny code \"model_not_listed\" status 400");
    block_line(im, block, "reason \"the model {request.asked_model} is not served here\"");
}

void litellm_routes(struct litellm *l)
{
    struct common common = read_common(l);
    read_aliases(l);
    read_fallbacks(l);
    for (size_t i = 0; i < l->n_groups; i++) {
        struct litellm_group *group = &l->groups[i];
        if (group->n == 0) {
            withdraw(l, group);
            continue;
        }
        warn_of_pin(l, group);
        write_match(l, group);
        write_body(l, group, group->block, &common);
    }
    for (size_t i = 0; i < l->n_groups; i++)
        if (l->groups[i].n && l->groups[i].n_chain)
            write_chain(l, &l->groups[i], &common);
    write_list(l);
}
