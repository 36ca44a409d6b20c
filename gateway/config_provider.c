/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "gateway/config_check.h"
#include "gateway/config_tree.h"
#include "gateway/config_values.h"
#include "gateway/http/head_write.h"
#include "gateway/secret_file.h"

#include <stdlib.h>
#include <unistd.h>

enum { CREDENTIAL_BYTES = 16 * 1024, HEAD_BYTES = 64 * 1024, VARIABLE_NAME_BYTES = 128 };

struct provider_check {
    struct config *config;
    struct config_provider *provider;
    const char *name_cstr;
    struct config_problems *problems;
};

#define PROBLEM(check, format, ...)                                                                \
    config_problem((check)->problems, (check)->name_cstr, 0, 0, "provider `%.*s`: " format,        \
                   DVARA_STR_ARG((check)->provider->name), __VA_ARGS__)

/* What may stand in a header field: visible ASCII, no spaces at its ends. */
static bool is_header_text(struct dvara_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < ' ' || text.p[i] > '~')
            return false;
    return text.n != 0 && text.p[0] != ' ' && text.p[text.n - 1] != ' ';
}

static void read_credential_file(struct provider_check *check)
{
    struct config_provider *provider = check->provider;
    struct buf text;
    buf_init(&text, CREDENTIAL_BYTES * 8);
    enum dvara_status status = file_read(provider->api_key_file_cstr, &text);
    struct dvara_str secret = buf_str(&text);
    while (secret.n != 0 && (secret.p[secret.n - 1] == '\n' || secret.p[secret.n - 1] == '\r'))
        secret.n--;
    if (status != DVARA_OK)
        PROBLEM(check, "api_key_file %s cannot be read", provider->api_key_file_cstr);
    else
        provider->api_key = arena_copy(check->config->arena, secret);
    if (text.p != NULL)
        explicit_bzero(text.p, text.size);
    buf_clear(&text);
}

static void read_credential_variable(struct provider_check *check)
{
    struct config_provider *provider = check->provider;
    char name_cstr[VARIABLE_NAME_BYTES];
    struct dvara_str name = provider->api_key_env;
    if (name.n >= sizeof name_cstr) {
        PROBLEM(check, "%s", "api_key_env is no name of a variable");
        return;
    }
    memcpy(name_cstr, name.p, name.n);
    name_cstr[name.n] = '\0';
    const char *value_cstr = getenv(name_cstr);
    if (value_cstr == NULL || value_cstr[0] == '\0')
        PROBLEM(check, "the environment variable %s is not set", name_cstr);
    else
        provider->api_key = arena_copy(check->config->arena, dvara_str_from_cstr(value_cstr));
}

static void check_credential(struct provider_check *check)
{
    struct config_provider *provider = check->provider;
    bool has_env = !dvara_str_is_absent(provider->api_key_env);
    bool has_file = provider->api_key_file_cstr != NULL;
    if (provider->auth == CONFIG_AUTH_NONE) {
        if (has_env || has_file)
            PROBLEM(check, "%s", "auth: none, and a credential is given");
        return;
    }
    if (has_env == has_file) {
        PROBLEM(check, "%s", "give one of api_key_env, api_key_file and auth: none");
        return;
    }
    size_t problems = check->problems->count;
    if (has_env)
        read_credential_variable(check);
    else
        read_credential_file(check);
    if (check->problems->count == problems && !is_header_text(provider->api_key))
        PROBLEM(check, "the credential in %s is empty or holds bytes that no header may hold",
                has_env ? "api_key_env" : "api_key_file");
}

static bool is_token_byte(char c)
{
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static void check_headers(struct provider_check *check)
{
    static const char *const framing[] = {"host",   "content-length", "transfer-encoding",
                                          "te",     "connection",     "upgrade",
                                          "expect", "content-type",   "trailer"};
    const struct dvara_pairs *headers = &check->provider->headers;
    for (size_t i = 0; i < headers->n; i++) {
        struct dvara_str name = headers->v[i].name;
        bool ok = name.n != 0;
        for (size_t j = 0; j < name.n; j++)
            ok = ok && is_token_byte(name.p[j]);
        for (size_t j = 0; j < sizeof framing / sizeof *framing; j++)
            ok = ok &&
                 !(strlen(framing[j]) == name.n && strncasecmp(framing[j], name.p, name.n) == 0);
        if (!ok)
            PROBLEM(check, "a header of the name `%.*s` cannot be added", DVARA_STR_ARG(name));
        else if (!is_header_text(headers->v[i].value))
            PROBLEM(check, "the value of header `%.*s` holds bytes that no header may hold",
                    DVARA_STR_ARG(name));
    }
}

static void hash_cstr(struct buf *out, const char *text_cstr)
{
    buf_append(out, dvara_str_from_cstr(text_cstr));
    buf_byte(out, '\0');
}

/* The pool's name for the target: of all that makes a connection what it is. */
static uint32_t target_id(const struct upstream_target *target)
{
    struct buf text;
    buf_init(&text, CREDENTIAL_BYTES);
    hash_cstr(&text, target->origin_cstr);
    hash_cstr(&text, target->proxy_cstr);
    hash_cstr(&text, target->ca_file_cstr);
    hash_cstr(&text, target->client_certificate_file_cstr);
    hash_cstr(&text, target->client_key_file_cstr);
    buf_byte(&text, target->is_private ? '1' : '0');
    uint64_t hash = hash_fixed(buf_str(&text));
    buf_clear(&text);
    return (uint32_t)(hash ^ hash >> 32);
}

static void check_target(struct provider_check *check)
{
    struct config_provider *provider = check->provider;
    struct config_url url;
    if (dvara_str_is_absent(provider->base_url))
        provider->base_url = DVARA_STR("https://api.openai.com/v1");
    if (config_read_url(provider->base_url, &url) != DVARA_OK)
        return; /* the row said so already */
    if (!url.is_https && !provider->is_private)
        PROBLEM(check, "%s",
                "http:// would send the credential in clear: use https://, or say "
                "private: true for an upstream in your own network");
    while (url.path.n != 0 && url.path.p[url.path.n - 1] == '/')
        url.path.n--;
    provider->host = url.host;
    provider->path = url.path;
    provider->target = (struct upstream_target){
        .origin_cstr = arena_copy(check->config->arena, url.origin).p,
        .proxy_cstr =
            provider->proxy.n ? arena_copy(check->config->arena, provider->proxy).p : NULL,
        .ca_file_cstr = provider->ca_file_cstr,
        .client_certificate_file_cstr = provider->client_certificate_file_cstr,
        .client_key_file_cstr = provider->client_key_file_cstr,
        .is_private = provider->is_private,
    };
    provider->target.id = target_id(&provider->target);
}

static void check_files(struct provider_check *check)
{
    const struct config_provider *provider = check->provider;
    const char *const files[] = {provider->ca_file_cstr, provider->client_certificate_file_cstr,
                                 provider->client_key_file_cstr,
                                 provider->simulator.script_file_cstr};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] != NULL && access(files[i], R_OK) != 0)
            PROBLEM(check, "the file %s cannot be read", files[i]);
    if ((provider->client_certificate_file_cstr == NULL) !=
        (provider->client_key_file_cstr == NULL))
        PROBLEM(check, "%s", "client_certificate_file and client_key_file need each other");
}

static void write_chat_head(const struct config_provider *provider, struct buf *target,
                            struct buf *bearer, struct buf *out)
{
    buf_append(target, provider->path);
    BUF_LIT(target, "/chat/completions");
    http_begin_request_head(out, DVARA_STR("POST"), buf_str(target), provider->host);
    http_write_field(out, DVARA_STR("content-type"), DVARA_STR("application/json"));
    http_write_field(out, DVARA_STR("user-agent"), DVARA_STR("dvara"));
    if (provider->auth == CONFIG_AUTH_BEARER) {
        BUF_LIT(bearer, "Bearer ");
        buf_append(bearer, provider->api_key);
        http_write_field(out, DVARA_STR("authorization"), buf_str(bearer));
    }
    for (size_t i = 0; i < provider->headers.n; i++) {
        const struct http_field field = {provider->headers.v[i].name, provider->headers.v[i].value};
        http_write_fields(out, &field, 1);
    }
    out->failed = out->failed || buf_failed(target) || buf_failed(bearer);
}

static void clear_secret(struct buf *buf)
{
    if (buf->p != NULL)
        explicit_bzero(buf->p, buf->size);
    buf_clear(buf);
}

/* Written once: an operator's fields are the same in every request. */
static void make_chat_head(struct provider_check *check)
{
    struct buf target, bearer, head;
    buf_init(&target, HEAD_BYTES);
    buf_init(&bearer, HEAD_BYTES);
    buf_init(&head, HEAD_BYTES);
    write_chat_head(check->provider, &target, &bearer, &head);
    if (buf_failed(&head))
        PROBLEM(check, "%s", "its headers are longer than 64 KiB");
    else
        check->provider->chat_head = arena_copy(check->config->arena, buf_str(&head));
    buf_clear(&target);
    clear_secret(&bearer);
    clear_secret(&head);
}

void config_check_provider(struct config *config, struct config_provider *provider,
                           const char *name_cstr, struct config_problems *problems)
{
    struct provider_check check = {config, provider, name_cstr, problems};
    check_files(&check);
    check_headers(&check);
    if (provider->kind == PROVIDER_KIND_SIMULATOR) {
        provider->kind_name = DVARA_STR("simulator");
        if (!dvara_str_is_absent(provider->base_url))
            PROBLEM(&check, "%s", "the simulator is built in and has no base_url");
        return;
    }
    provider->kind_name = DVARA_STR("openai");
    check_credential(&check);
    check_target(&check);
    make_chat_head(&check);
}
