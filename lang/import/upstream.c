/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "lang/import/format.h"

static const struct upstream_row rows[] = {
#define UPSTREAM(name, litellm, portkey, dvara, base_url, key_env, suffix)                         \
    {#name, litellm, portkey, dvara, base_url, key_env, suffix},
#include "lang/import/upstreams.def"
};

static bool is_one_of(const char *names, struct dvara_str name)
{
    while (*names && name.n) {
        size_t n = strcspn(names, "|");
        if (dvara_str_eq(dvara_str_from(names, n), name))
            return true;
        names += n + (names[n] == '|');
    }
    return false;
}

const struct upstream_row *upstream_find(enum upstream_column column, struct dvara_str name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const names[] = {rows[i].litellm, rows[i].portkey, rows[i].dvara};
        if (is_one_of(names[column], name))
            return &rows[i];
    }
    return NULL;
}

/* ---- addresses ---- */

static const char env_mark[] = "os.environ/";

static bool variable_of(struct dvara_str text, struct dvara_str *ret_name)
{
    struct dvara_str mark = dvara_str_from_cstr(env_mark);
    if (!dvara_str_starts_with(text, mark))
        return false;
    *ret_name = dvara_str_slice(text, mark.n, text.n);
    return ret_name->n > 0;
}

/* What the gateway's configuration takes as an address. */
static const char *url_problem(struct dvara_str url)
{
    if (!dvara_str_starts_with(url, DVARA_STR("https://")) &&
        !dvara_str_starts_with(url, DVARA_STR("http://")))
        return "its address is no http:// or https:// URL";
    for (size_t i = 0; i < url.n; i++) {
        char c = url.p[i];
        if (c == '@')
            return "its address holds a user name or a password, which are not copied";
        if (c <= ' ' || c >= 127 || strchr("?#\\\"<>^`{|}", c))
            return "its address holds characters that an address cannot have";
    }
    size_t at = dvara_str_starts_with(url, DVARA_STR("https://")) ? 8 : 7;
    return at == url.n || url.p[at] == '/' ? "its address names no host" : NULL;
}

static bool is_near(struct dvara_str url)
{
    static const char *const near[] = {"http://", "https://localhost", "https://127.",
                                       "https://10.", "https://192.168."};
    for (size_t i = 0; i < sizeof near / sizeof *near; i++)
        if (dvara_str_starts_with(url, dvara_str_from_cstr(near[i])))
            return true;
    return false;
}

static struct dvara_str with_suffix(struct imported *im, struct dvara_str url, const char *suffix)
{
    struct dvara_str tail = dvara_str_from_cstr(suffix);
    while (url.n && url.p[url.n - 1] == '/')
        url.n--;
    if (tail.n == 0 || dvara_str_ends_with(url, tail))
        return url;
    return arena_printf(im->arena, "%.*s%s", DVARA_STR_ARG(url), suffix);
}

static const char *set_address(struct imported *im, const struct upstream_wish *wish,
                               struct imported_provider *provider)
{
    struct dvara_str name, url = wish->base_url;
    if (variable_of(url, &name)) {
        struct dvara_str variable = imported_variable(im, name, (struct dvara_str){NULL, 0},
                                                      "an upstream's address, from https:// on");
        provider->base_url =
            arena_printf(im->arena, "${%.*s}%s", DVARA_STR_ARG(variable), wish->row->suffix);
        provider_comment(im, provider,
                         "an upstream in your own network needs `private: true` here");
        return NULL;
    }
    if (!url.n)
        url = dvara_str_from_cstr(wish->row->base_url);
    else
        url = with_suffix(im, url, wish->row->suffix);
    if (!url.n)
        return "its address is not given";
    const char *why = url_problem(url);
    provider->base_url = why ? (struct dvara_str){NULL, 0} : url;
    provider->is_private = is_near(url);
    return why;
}

static void set_credential(struct imported *im, const struct upstream_wish *wish,
                           struct imported_provider *provider)
{
    struct dvara_str name;
    if (variable_of(wish->api_key, &name)) {
        provider->key_env =
            imported_variable(im, name, (struct dvara_str){NULL, 0}, "a credential");
        return;
    }
    if (!wish->api_key.n && !*wish->row->key_env)
        return;
    name = *wish->row->key_env ? dvara_str_from_cstr(wish->row->key_env)
                               : arena_printf(im->arena, "%s_API_KEY", wish->row->name);
    if (wish->api_key.n)
        provider_comment(
            im, provider,
            "the input holds this credential itself; it is not copied: set the variable");
    provider->key_env = imported_variable(
        im, name, wish->api_key.n ? wish->api_key : (struct dvara_str){NULL, 0}, "a credential");
}

struct imported_provider *upstream_provider(struct imported *im, const struct upstream_wish *wish,
                                            const char **ret_why)
{
    if (!wish->row->base_url) {
        *ret_why = "its interface is not OpenAI's, and this version's providers speak no other";
        return NULL;
    }
    struct imported_provider probe = {.notes = NULL};
    struct dvara_str variable;
    const char *why = variable_of(wish->base_url, &variable) ? NULL : set_address(im, wish, &probe);
    if (why) {
        *ret_why = why;
        return NULL;
    }
    struct dvara_str identity = arena_printf(
        im->arena, "%s\n%.*s\n%.*s\n%.*s", wish->row->name, DVARA_STR_ARG(wish->base_url),
        DVARA_STR_ARG(wish->api_key), DVARA_STR_ARG(wish->more));
    struct imported_provider *provider = imported_provider(
        im, identity, wish->name.n ? wish->name : dvara_str_from_cstr(wish->row->name));
    *ret_why = "out of memory";
    if (!provider || provider->base_url.p)
        return provider;
    (void)set_address(im, wish, provider);
    set_credential(im, wish, provider);
    return provider;
}
