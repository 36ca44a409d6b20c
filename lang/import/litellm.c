/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/import/litellm.h"

#include "lang/list.h"

#include <stdlib.h>

static const struct import_reason reasons[] = {
#define LITELLM_YES(says)                    "its value is not one that this importer knows"
#define LITELLM_NO(says)                     says
#define LITELLM(section, key, carried, says) {section, key, LITELLM_##carried(says)},
#include "lang/import/litellm.def"
};

void litellm_rest(struct imported *im, struct block *block, struct node *node,
                  struct dvara_str path, const char *section_cstr)
{
    struct import_reasons table = {reasons, sizeof reasons / sizeof *reasons, section_cstr};
    imported_rest(im, block, node, path, import_reason, &table);
}

static int compare_name(const void *name, const void *group)
{
    return dvara_str_cmp(*(const struct dvara_str *)name,
                         (*(const struct litellm_group *const *)group)->name);
}

static int compare_groups(const void *a, const void *b)
{
    return compare_name(&(*(const struct litellm_group *const *)a)->name, b);
}

void litellm_sort(struct litellm *l)
{
    l->by_name = ARENA_ARRAY(l->im->arena, l->n_groups + 1, struct litellm_group *);
    for (size_t i = 0; l->by_name && i < l->n_groups; i++)
        l->by_name[i] = &l->groups[i];
    if (l->by_name)
        qsort(l->by_name, l->n_groups, sizeof *l->by_name, compare_groups);
}

struct litellm_group *litellm_group_find(struct litellm *l, struct dvara_str name)
{
    if (l->by_name) {
        struct litellm_group **found =
            bsearch(&name, l->by_name, l->n_groups, sizeof *l->by_name, compare_name);
        return found ? *found : NULL;
    }
    for (size_t i = 0; i < l->n_groups; i++)
        if (dvara_str_eq(l->groups[i].name, name))
            return &l->groups[i];
    return NULL;
}

/* ---- keys ---- */

static void read_master_key(struct litellm *l)
{
    struct dvara_str key = node_text(l->general, "master_key");
    struct imported_tenant *tenant = imported_tenant(l->im, DVARA_STR("default"));
    if (!key.n || !tenant)
        return;
    struct dvara_str variable =
        imported_variable(l->im, DVARA_STR("LITELLM_MASTER_KEY_HASH"), (struct dvara_str){NULL, 0},
                          "what `dvara keys hash` prints of the key that clients send");
    (void)imported_key(l->im, DVARA_STR("master"), tenant->id,
                       arena_printf(l->im->arena, "${%.*s}", DVARA_STR_ARG(variable)));
}

/* ---- limits ---- */

static void read_parallel(struct litellm *l, const char *key_cstr, const char *name_cstr,
                          const char *per_cstr)
{
    int64_t n = 0;
    if (!node_whole(l->general, key_cstr, &n) || n < 1)
        return;
    struct block *block = imported_block(
        l->im, BLOCK_LIMIT, imported_name(l->im, BLOCK_LIMIT, dvara_str_from_cstr(name_cstr)));
    if (!block)
        return;
    if (*per_cstr)
        block_line(l->im, block, "per %s", per_cstr);
    block_line(l->im, block, "concurrent %lld", (long long)n);
}

static void read_budget(struct litellm *l)
{
    static const struct {
        const char *duration, *window;
    } windows[] = {{"1h", "hour"},   {"60m", "hour"},  {"1d", "day"},
                   {"24h", "day"},   {"7d", "week"},   {"1w", "week"},
                   {"30d", "month"}, {"31d", "month"}, {"1mo", "month"}};
    struct node *amount = node_look(l->settings, "max_budget");
    struct node *duration = node_look(l->settings, "budget_duration");
    const char *window = duration ? NULL : "month";
    struct dvara_str money;
    for (size_t i = 0; duration && i < sizeof windows / sizeof *windows; i++)
        if (node_is(duration, windows[i].duration))
            window = windows[i].window;
    if (!amount || !window || !node_decimal(amount, 0, 6, l->im->arena, &money))
        return;
    amount->taken = true;
    if (duration)
        duration->taken = true;
    struct block *block =
        imported_block(l->im, BLOCK_BUDGET, imported_name(l->im, BLOCK_BUDGET, DVARA_STR("proxy")));
    if (!block)
        return;
    if (!duration)
        block_comment(l->im, block, "LiteLLM's budget without budget_duration never begins anew");
    block_line(l->im, block, "amount $%.*s per %s", DVARA_STR_ARG(money), window);
}

static bool is_litellm(struct node *root)
{
    static const char *const keys[] = {"model_list", "litellm_settings", "general_settings",
                                       "router_settings", "guardrails"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (node_look(root, keys[i]))
            return true;
    return false;
}

static struct node *section(struct litellm *l, const char *key_cstr)
{
    return node_map(l->root, key_cstr);
}

bool import_litellm(struct imported *im, struct node *root, struct node_problem *ret_problem)
{
    struct litellm l = {.im = im, .root = root};
    static const char *const sections[] = {"router_settings", "litellm_settings",
                                           "general_settings"};
    if (root->kind != NODE_MAP)
        return import_refuse(ret_problem, root, "a LiteLLM configuration is a map of sections");
    if (!is_litellm(root))
        return import_refuse(
            ret_problem, root,
            "this is no LiteLLM configuration: it has no model_list, router_settings, "
            "litellm_settings, general_settings or guardrails");
    l.router = section(&l, "router_settings");
    l.settings = section(&l, "litellm_settings");
    l.general = section(&l, "general_settings");
    if (!litellm_models(&l, ret_problem))
        return false;
    litellm_sort(&l);
    litellm_routes(&l);
    litellm_guardrails(&l);
    read_master_key(&l);
    read_parallel(&l, "max_parallel_requests", "parallel_each", "key.id");
    read_parallel(&l, "global_max_parallel_requests", "parallel_all", "");
    read_budget(&l);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        litellm_rest(im, imported_section(im, sections[i]), node_look(root, sections[i]),
                     dvara_str_from_cstr(sections[i]), sections[i]);
    litellm_rest(im, imported_section(im, "Other sections"), root, DVARA_STR(""), "file");
    return true;
}
