/* SPDX-License-Identifier: Apache-2.0 */
/* Which upstream and model a target means: by its provider, by the name of a key that is stored at
 * Portkey, or by the model. */
#include "lang/import/portkey.h"

struct wish {
    struct portkey *p;
    struct node *config;
    struct block *block;
    struct dvara_str provider; /* "openai", or the name of a stored key */
    struct dvara_str model;
    const struct upstream_row *row;
};

static bool same_letter(char a, char b)
{
    return (a >= 'A' && a <= 'Z' ? a | 32 : a) == b;
}

static bool begins(struct dvara_str text, const char *word)
{
    size_t i = 0;
    for (; word[i]; i++)
        if (i >= text.n || !same_letter(text.p[i], word[i]))
            return false;
    return true;
}

/* Names of stored keys tell the upstream by habit: "openai-prod", "azure-test-4110dd". */
static const struct upstream_row *guess(struct dvara_str slug, struct dvara_str model)
{
    static const struct {
        const char *word, *portkey;
    } words[] = {{"open-ai", "openai"},
                 {"openai", "openai"},
                 {"gpt", "openai"},
                 {"azure", "azure-openai"},
                 {"anthropic", "anthropic"},
                 {"claude", "anthropic"},
                 {"gemini", "google"},
                 {"google", "google"},
                 {"mistral", "mistral-ai"},
                 {"cohere", "cohere"},
                 {"groq", "groq"},
                 {"deepseek", "deepseek"},
                 {"together", "together-ai"},
                 {"fireworks", "fireworks-ai"},
                 {"perplexity", "perplexity-ai"},
                 {"openrouter", "openrouter"},
                 {"ollama", "ollama"},
                 {"bedrock", "bedrock"},
                 {"aws", "bedrock"},
                 {"vertex", "vertex-ai"}};
    static const struct {
        const char *word, *portkey;
    } models[] = {{"gpt-", "openai"},         {"o1", "openai"},         {"o3", "openai"},
                  {"o4", "openai"},           {"claude-", "anthropic"}, {"gemini-", "google"},
                  {"mistral-", "mistral-ai"}, {"command-", "cohere"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins(slug, words[i].word))
            return upstream_find(UPSTREAM_PORTKEY, dvara_str_from_cstr(words[i].portkey));
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (begins(model, models[i].word))
            return upstream_find(UPSTREAM_PORTKEY, dvara_str_from_cstr(models[i].portkey));
    return NULL;
}

/* "@slug/model" names both. */
static void split_model(struct wish *wish)
{
    const char *slash =
        wish->model.n && wish->model.p[0] == '@' ? memchr(wish->model.p, '/', wish->model.n) : NULL;
    if (!slash)
        return;
    size_t cut = (size_t)(slash - wish->model.p);
    if (!wish->provider.n)
        wish->provider = dvara_str_slice(wish->model, 1, cut);
    wish->model = dvara_str_slice(wish->model, cut + 1, wish->model.n);
}

static void read_wish(struct wish *wish)
{
    struct node *config = wish->config, *override = node_map(config, "override_params");
    struct dvara_str provider = node_text(config, "provider"),
                     stored = node_text(config, "virtual_key");
    static const char *const deployments[] = {"deployment_id", "azure_deployment_id"};
    wish->model = node_text(override, "model");
    for (size_t i = 0; i < 2 && !wish->model.n; i++)
        wish->model = node_text(config, deployments[i]);
    if (provider.n && provider.p[0] == '@')
        provider = dvara_str_slice(provider, 1, provider.n);
    wish->row = upstream_find(UPSTREAM_PORTKEY, provider);
    wish->provider = stored.n ? stored : provider;
    split_model(wish);
    if (!wish->row)
        wish->row = guess(wish->provider, wish->model);
}

/* "azure-eu" is AZURE_EU_API_KEY. */
static struct dvara_str environment(struct imported *im, struct dvara_str name,
                                    const char *suffix_cstr)
{
    char upper[64];
    size_t n = 0;
    for (; n < name.n && n < sizeof upper; n++) {
        char c = name.p[n];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        upper[n] = c >= 'a' && c <= 'z' ? (char)(c & ~32) : plain ? c : '_';
    }
    return arena_printf(im->arena, "os.environ/%.*s%s", (int)n, upper, suffix_cstr);
}

static struct dvara_str address_of(struct wish *wish)
{
    static const char *const keys[] = {"resource_name", "azure_resource_name"};
    struct dvara_str host = node_text(wish->config, "custom_host");
    for (size_t i = 0; i < 2 && !host.n; i++) {
        struct dvara_str resource = node_text(wish->config, keys[i]);
        if (resource.n)
            host = arena_printf(wish->p->im->arena, "https://%.*s.openai.azure.com",
                                DVARA_STR_ARG(resource));
    }
    if (!host.n && *wish->row->base_url == 0)
        host = environment(wish->p->im, dvara_str_from_cstr(wish->row->name), "_BASE_URL");
    return host;
}

static struct imported_provider *provider_of(struct wish *wish, const char **ret_why)
{
    struct imported *im = wish->p->im;
    struct dvara_str key = node_text(wish->config, "api_key"),
                     stored = node_text(wish->config, "virtual_key");
    bool is_slug = !upstream_find(UPSTREAM_PORTKEY, wish->provider);
    if (!wish->row->base_url) {
        *ret_why = "its interface is not OpenAI's, and this version's providers speak no other";
        return NULL;
    }
    if (!key.n && (stored.n || is_slug))
        key = environment(im, wish->provider, "_API_KEY");
    struct upstream_wish up = {.row = wish->row,
                               .name = is_slug ? wish->provider : (struct dvara_str){NULL, 0},
                               .base_url = address_of(wish),
                               .api_key = key};
    struct imported_provider *provider = upstream_provider(im, &up, ret_why);
    if (provider && is_slug)
        provider_comment(
            im, provider,
            arena_printf(
                im->arena,
                "%.*s is a key stored at Portkey; that it is of %s is a guess from its name",
                DVARA_STR_ARG(wish->provider), wish->row->name)
                .p);
    return provider;
}

bool portkey_target(struct portkey *p, struct node *config, struct dvara_str path,
                    struct block *block, struct dvara_str *ret_name)
{
    struct wish wish = {.p = p, .config = config, .block = block};
    const char *why = "which upstream it means cannot be told";
    if (config->kind != NODE_MAP) {
        imported_note(p->im, block, config, path, "a target is an object");
        return false;
    }
    read_wish(&wish);
    struct imported_provider *provider = wish.row ? provider_of(&wish, &why) : NULL;
    if (provider && wish.model.n) {
        *ret_name = arena_printf(p->im->arena, "%.*s/%.*s", DVARA_STR_ARG(provider->name),
                                 DVARA_STR_ARG(wish.model));
        return true;
    }
    if (provider) {
        bool first = !p->im->default_provider.n;
        p->im->default_provider = first ? provider->name : p->im->default_provider;
        why = first ? "it takes the client's model, and a target names its own: the provider "
                      "serves models that no route takes (`default_provider`)"
                    : "it takes the client's model, and a target names its own: give it "
                      "override_params.model";
    }
    imported_note(p->im, block, config, path, why);
    return false;
}
