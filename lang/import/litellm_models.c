/* SPDX-License-Identifier: Apache-2.0 */
/* model_list: each model_name is a route, each deployment a target with its provider. */
#include "lang/import/litellm.h"
#include "lang/list.h"

/* One element of model_list while it is read. */
struct entry {
    struct litellm *l;
    struct node *params, *info;
    struct dvara_str path; /* of litellm_params */
    struct litellm_group *group;
    const struct upstream_row *row;
    struct dvara_str prefix, model;
};

/* ---- who serves it ---- */

/* LiteLLM knows models without a provider before them by what they begin with. */
static const char *guess(struct dvara_str model)
{
    static const struct {
        const char *prefix, *upstream;
    } rows[] = {{"gpt-", "openai"},       {"o1", "openai"},      {"o3", "openai"},
                {"o4", "openai"},         {"chatgpt", "openai"}, {"text-embedding-", "openai"},
                {"claude-", "anthropic"}, {"command-", "cohere"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (dvara_str_starts_with(model, dvara_str_from_cstr(rows[i].prefix)))
            return rows[i].upstream;
    return NULL;
}

static void find_upstream(struct entry *e, struct dvara_str model)
{
    struct dvara_str custom = node_text(e->params, "custom_llm_provider");
    const char *slash = model.n ? memchr(model.p, '/', model.n) : NULL;
    size_t cut = slash ? (size_t)(slash - model.p) : 0;
    e->prefix = custom.n ? custom : dvara_str_slice(model, 0, cut);
    e->row = upstream_find(UPSTREAM_LITELLM, e->prefix);
    bool has_prefix = e->row && slash && dvara_str_eq(dvara_str_slice(model, 0, cut), e->prefix);
    e->model = has_prefix ? dvara_str_slice(model, cut + 1, model.n) : model;
    if (e->row)
        return;
    const char *guessed = guess(model);
    if (!guessed && node_look(e->params, "api_base"))
        guessed = "openai"; /* an address of its own: what is there speaks OpenAI's protocol */
    e->row = guessed ? upstream_find(UPSTREAM_LITELLM, dvara_str_from_cstr(guessed)) : NULL;
    e->prefix = e->row ? dvara_str_from_cstr(e->row->name) : e->prefix;
}

/* ---- the provider ---- */

static void add_headers(struct entry *e, struct imported_provider *provider)
{
    struct imported *im = e->l->im;
    struct node *headers = node_look(e->params, "extra_headers");
    if (!headers || headers->kind != NODE_MAP || provider->n_headers)
        return;
    headers->taken = true;
    for (size_t i = 0; i < headers->n; i++) {
        struct dvara_str name = headers->keys[i];
        struct dvara_str variable = arena_printf(
            im->arena, "%.*s_%.*s", DVARA_STR_ARG(provider->name), DVARA_STR_ARG(name));
        variable =
            imported_variable(im, variable, headers->children[i]->text, "the value of a header");
        headers->children[i]->taken = true;
        provider_header(im, provider, arena_copy(im->arena, name).p,
                        arena_printf(im->arena, "${%.*s}", DVARA_STR_ARG(variable)));
    }
}

static void add_organization(struct entry *e, struct imported_provider *provider)
{
    struct imported *im = e->l->im;
    struct dvara_str organization = node_text(e->params, "organization");
    if (!organization.n || provider->n_headers)
        return;
    struct dvara_str variable = imported_variable(im, DVARA_STR("OPENAI_ORGANIZATION"),
                                                  organization, "the value of a header");
    provider_header(im, provider, "OpenAI-Organization",
                    arena_printf(im->arena, "${%.*s}", DVARA_STR_ARG(variable)));
}

static struct imported_provider *provider_of(struct entry *e, const char **ret_why)
{
    struct imported *im = e->l->im;
    struct dvara_str organization = node_text(e->params, "organization");
    struct node *headers = node_look(e->params, "extra_headers");
    struct dvara_str region = node_text(e->params, "region_name");
    struct upstream_wish wish = {
        .row = e->row,
        .name = e->prefix,
        .base_url = node_text(e->params, "api_base"),
        .api_key = node_text(e->params, "api_key"),
        .more = arena_printf(im->arena, "%.*s\n%u\n%.*s", DVARA_STR_ARG(organization),
                             headers ? headers->line : 0, DVARA_STR_ARG(region)),
    };
    struct imported_provider *provider = upstream_provider(im, &wish, ret_why);
    if (!provider)
        return NULL;
    if (region.n && provider->block->n == 0)
        block_line(im, provider->block, "region %.*s", DVARA_STR_ARG(dvp_string(im, region)));
    add_organization(e, provider);
    add_headers(e, provider);
    return provider;
}

/* ---- the model's declaration ---- */

static void price(struct entry *e, struct block *block, struct node *map, const char *key_cstr,
                  const char *clause_cstr)
{
    struct dvara_str money;
    struct node *node = node_look(map, key_cstr);
    if (!node || !node_decimal(node, 6, 6, e->l->im->arena, &money))
        return;
    node->taken = true;
    for (size_t i = 0; i < block->n; i++)
        if (dvara_str_starts_with(block->lines[i].text,
                                  arena_printf(e->l->im->arena, "%s $", clause_cstr)))
            return; /* litellm_params and model_info both say it: the first stands */
    block_line(e->l->im, block, "%s $%.*s", clause_cstr, DVARA_STR_ARG(money));
}

static void tokens(struct entry *e, struct block *block, const char *key_cstr,
                   const char *clause_cstr)
{
    int64_t n = 0;
    if (node_whole(e->info, key_cstr, &n) && n > 0)
        block_line(e->l->im, block, "%s %lld", clause_cstr, (long long)n);
}

/* A `supports` that leaves an ability out denies it, and LiteLLM's flags say nothing of what they
 * do not name: it is written only where one is denied. */
static void abilities(struct entry *e, struct block *block)
{
    static const struct {
        const char *key, *word;
    } rows[] = {{"supports_function_calling", "tools"},
                {"supports_vision", "vision"},
                {"supports_response_schema", "json_schema"}};
    struct dvara_str list = DVARA_STR("");
    bool denied = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool off = node_is_false(e->info, rows[i].key);
        (void)node_is_true(e->info, rows[i].key);
        denied |= off;
        if (!off)
            list = arena_printf(e->l->im->arena, "%.*s%s%s", DVARA_STR_ARG(list),
                                list.n ? ", " : "", rows[i].word);
    }
    if (denied && list.n)
        block_line(e->l->im, block, "supports %.*s", DVARA_STR_ARG(list));
}

static bool model_is_declared(const struct imported *im, struct dvara_str quoted)
{
    for (const struct block *block = im->blocks; block; block = block->next)
        if (block->kind == BLOCK_MODEL && dvara_str_eq(block->name, quoted))
            return true;
    return false;
}

static void declare_model(struct entry *e, struct dvara_str target)
{
    static const char *const prices[][2] = {{"input_cost_per_token", "input"},
                                            {"output_cost_per_token", "output"},
                                            {"cache_read_input_token_cost", "cached"},
                                            {"cache_creation_input_token_cost", "cache_write"}};
    struct imported *im = e->l->im;
    struct dvara_str quoted = dvp_string(im, target);
    struct block *block = ARENA_NEW(im->arena, struct block);
    if (!block)
        return;
    for (size_t i = 0; i < sizeof prices / sizeof *prices; i++) {
        price(e, block, e->params, prices[i][0], prices[i][1]);
        price(e, block, e->info, prices[i][0], prices[i][1]);
    }
    tokens(e, block, "max_input_tokens", "context");
    tokens(e, block, "max_output_tokens", "max_output");
    abilities(e, block);
    if (block->n == 0 || model_is_declared(im, quoted))
        return;
    struct block *placed = imported_block(im, BLOCK_MODEL, quoted);
    if (placed) {
        placed->lines = block->lines;
        placed->n = block->n;
    }
}

/* ---- the target ---- */

static int64_t milliseconds(struct entry *e, const char *key_cstr)
{
    struct dvara_str text;
    int64_t value = -1;
    struct node *node = node_look(e->params, key_cstr);
    if (!node || !node_decimal(node, 3, 0, e->l->im->arena, &text))
        return -1;
    struct node number = {.kind = NODE_NUMBER, .text = text};
    if (!node_as_whole(&number, &value) || value < 1 || value > 3600 * 1000)
        return -1;
    node->taken = true;
    return value;
}

static void most(int64_t *kept, int64_t value)
{
    *kept = value > *kept ? value : *kept;
}

/* rpm and tpm are what LiteLLM shares by where no weight is given; they are noted all the same. */
static int64_t weight_of(struct entry *e)
{
    static const char *const keys[] = {"weight", "rpm", "tpm"};
    int64_t value = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct node *node = node_look(e->params, keys[i]);
        if (!node_as_whole(node, &value) || value < 1)
            continue;
        node->taken = i == 0;
        return value;
    }
    return 0;
}

static void add_target(struct entry *e, struct imported_provider *provider)
{
    struct imported *im = e->l->im;
    int64_t order = INT64_MAX, retries = -1;
    struct litellm_deployment deployment = {.provider = provider, .weight = weight_of(e)};
    (void)node_whole(e->params, "order", &order);
    deployment.order = order;
    deployment.target = arena_printf(im->arena, "%.*s/%.*s", DVARA_STR_ARG(provider->name),
                                     DVARA_STR_ARG(e->model));
    most(&e->group->timeout_ms, milliseconds(e, "timeout"));
    if (node_whole(e->params, "max_retries", &retries) && retries <= 100)
        most(&e->group->retries, retries);
    declare_model(e, deployment.target);
    LIST_APPEND(im->arena, e->group->deployments, e->group->n, deployment);
}

/* "openai/_" (with a star for the underline): any model of the upstream, which a client names after
 * its provider's name. */
static void add_wildcard(struct entry *e, struct imported_provider *provider)
{
    struct imported *im = e->l->im;
    struct dvara_str name = e->group->name;
    struct dvara_str pin = arena_printf(im->arena, "%.*s/*", DVARA_STR_ARG(provider->name));
    e->group->is_wildcard = true;
    if (!dvara_str_eq(e->model, DVARA_STR("*")))
        imported_note(im, e->group->block, node_look(e->params, "model"),
                      path_member(im, e->path, "model"),
                      "only a wildcard for the whole name can be carried");
    else if (dvara_str_eq(name, DVARA_STR("*")) && !im->default_provider.n)
        im->default_provider = provider->name;
    else if (!dvara_str_eq(name, pin))
        imported_note(im, e->group->block, node_look(e->params, "model"),
                      path_member(im, e->path, "model"),
                      "a wildcard is carried where clients name the provider as dvara.yaml does");
    else
        block_comment(im, e->group->block,
                      "%.*s: a client that names the provider is served by it, without a route",
                      DVARA_STR_ARG(name));
}

static bool has_star(struct dvara_str text)
{
    return text.n && memchr(text.p, '*', text.n);
}

static void read_params(struct entry *e)
{
    struct imported *im = e->l->im;
    const char *why = "the upstream's name is not known";
    struct dvara_str model = node_text(e->params, "model");
    find_upstream(e, model);
    struct imported_provider *provider = e->row && e->model.n ? provider_of(e, &why) : NULL;
    if (!provider)
        imported_note(im, e->group->block, e->params, e->path, why);
    else if (has_star(e->model) || has_star(e->group->name))
        add_wildcard(e, provider);
    else
        add_target(e, provider);
    litellm_rest(im, e->group->block, e->params, e->path, "litellm_params");
}

/* ---- the list ---- */

static struct litellm_group *group_of(struct litellm *l, struct dvara_str name)
{
    struct litellm_group *found = litellm_group_find(l, name);
    if (found)
        return found;
    struct litellm_group group = {.name = name, .timeout_ms = -1, .retries = -1};
    group.route = imported_name(l->im, BLOCK_ROUTE, name);
    group.block = imported_block(l->im, BLOCK_ROUTE, group.route);
    LIST_APPEND(l->im->arena, l->groups, l->n_groups, group);
    return arena_is_exhausted(l->im->arena) ? NULL : &l->groups[l->n_groups - 1];
}

static void read_entry(struct litellm *l, struct node *node, struct dvara_str path)
{
    struct dvara_str name = node_text(node, "model_name");
    struct entry e = {
        .l = l, .params = node_map(node, "litellm_params"), .info = node_map(node, "model_info")};
    struct block *notes = imported_section(l->im, "model_list");
    if (node->kind != NODE_MAP || !name.n || !e.params) {
        imported_note(l->im, notes, node, path, "a deployment has a model_name and litellm_params");
        return;
    }
    node->taken = true;
    e.path = path_member(l->im, path, "litellm_params");
    e.group = group_of(l, name);
    if (!e.group)
        return;
    read_params(&e);
    litellm_rest(l->im, e.group->block, e.info, path_member(l->im, path, "model_info"),
                 "model_info");
    litellm_rest(l->im, e.group->block, node, path, "litellm_params");
}

bool litellm_models(struct litellm *l, struct node_problem *problem)
{
    struct node *list = node_look(l->root, "model_list");
    if (!list)
        return true;
    if (list->kind != NODE_LIST)
        return import_refuse(problem, list, "model_list is a list of deployments");
    if (list->n > LITELLM_MODELS_MAX)
        return import_refuse(problem, list, "model_list has more than 4096 deployments");
    list->taken = true;
    for (size_t i = 0; i < list->n; i++)
        read_entry(l, list->children[i], path_element(l->im, DVARA_STR("model_list"), i));
    return true;
}
