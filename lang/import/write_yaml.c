/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/json_text.h"
#include "lang/import/write.h"

/* A double-quoted scalar: JSON's escapes are YAML's. */
static void quoted(struct buf *out, struct dvara_str text)
{
    json_write_string(out, text);
}

/* The same, in which no `${` of the input becomes a variable. */
static void literal(struct buf *out, struct dvara_str text)
{
    struct buf copy;
    buf_init(&copy, 1 << 20);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '$' && i + 1 < text.n && text.p[i + 1] == '{')
            buf_byte(&copy, '$');
        buf_byte(&copy, text.p[i]);
    }
    quoted(out, buf_str(&copy));
    buf_clear(&copy);
}

static void member(struct buf *out, const char *key_cstr, struct dvara_str value)
{
    if (!value.p)
        return;
    buf_append(out, dvara_str_from_cstr(key_cstr));
    literal(out, value);
    BUF_LIT(out, "\n");
}

static void write_variables(const struct imported *im, struct buf *out)
{
    BUF_LIT(out,
            "# The environment must have:\n"
            "#   DVARA_ADMIN_TOKEN  of the administration's port; `dvara keys new` makes one\n");
    for (size_t i = 0; i < im->n_variables; i++) {
        BUF_LIT(out, "#   ");
        write_comment_text(out, im->variables[i].name);
        BUF_LIT(out, "  ");
        write_comment_text(out, im->variables[i].value);
        BUF_LIT(out, "\n");
    }
}

static void write_headers(const struct imported_provider *provider, struct buf *out)
{
    if (provider->n_headers)
        BUF_LIT(out, "    headers:\n");
    for (size_t i = 0; i < provider->n_headers; i++) {
        BUF_LIT(out, "      ");
        literal(out, provider->headers[i].name);
        BUF_LIT(out, ": ");
        quoted(out, provider->headers[i].value);
        BUF_LIT(out, "\n");
    }
}

static void write_provider(const struct imported_provider *provider, struct buf *out)
{
    buf_printf(out, "  %.*s:\n", DVARA_STR_ARG(provider->name));
    for (size_t i = 0; i < provider->n_notes; i++) {
        BUF_LIT(out, "    # ");
        write_comment_text(out, provider->notes[i]);
        BUF_LIT(out, "\n");
    }
    BUF_LIT(out, "    kind: openai\n");
    if (provider->base_url.p) {
        BUF_LIT(out, "    base_url: ");
        quoted(out, provider->base_url); /* it may be a variable of ours */
        BUF_LIT(out, "\n");
    }
    if (provider->key_env.p)
        buf_printf(out, "    api_key_env: %.*s\n", DVARA_STR_ARG(provider->key_env));
    else
        BUF_LIT(out, "    auth: none\n");
    if (provider->is_private)
        BUF_LIT(out, "    private: true\n");
    write_headers(provider, out);
}

static void write_tenant(const struct imported_tenant *tenant, struct buf *out)
{
    member(out, "  - id: ", tenant->id);
    member(out, "    name: ", tenant->name);
    member(out, "    region: ", tenant->region);
    if (tenant->suspended)
        BUF_LIT(out, "    status: suspended\n");
    if (tenant->n_attrs)
        BUF_LIT(out, "    attrs:\n");
    for (size_t i = 0; i < tenant->n_attrs; i++) {
        BUF_LIT(out, "      ");
        literal(out, tenant->attrs[i].name);
        BUF_LIT(out, ": ");
        literal(out, tenant->attrs[i].value);
        BUF_LIT(out, "\n");
    }
}

static void write_key(const struct imported_key *key, struct buf *out)
{
    member(out, "  - id: ", key->id);
    member(out, "    tenant: ", key->tenant);
    BUF_LIT(out, "    hash: ");
    quoted(out, key->hash);
    BUF_LIT(out, "\n");
    if (key->n_scopes)
        BUF_LIT(out, "    scopes: [");
    for (size_t i = 0; i < key->n_scopes; i++) {
        buf_append(out, i ? DVARA_STR(", ") : DVARA_STR(""));
        literal(out, key->scopes[i]);
    }
    if (key->n_scopes)
        BUF_LIT(out, "]\n");
}

void write_config(const struct imported *im, struct buf *out)
{
    BUF_LIT(out, "# Imported from ");
    write_comment_text(out, im->source);
    buf_printf(out, " (%s). No credential is copied.\n", im->format);
    write_variables(im, out);
    BUF_LIT(out, "\nlisten:\n  address: 127.0.0.1:8080\nadmin:\n  token_env: DVARA_ADMIN_TOKEN\n"
                 "bundle:\n  path: policy.dvp\n");
    if (im->providers)
        BUF_LIT(out, "providers:\n");
    for (const struct imported_provider *at = im->providers; at; at = at->next)
        write_provider(at, out);
    if (im->default_provider.n)
        buf_printf(out, "default_provider: %.*s\n", DVARA_STR_ARG(im->default_provider));
    if (im->tenants)
        BUF_LIT(out, "tenants:\n");
    for (const struct imported_tenant *at = im->tenants; at; at = at->next)
        write_tenant(at, out);
    if (im->keys)
        BUF_LIT(out, "keys:\n");
    else
        BUF_LIT(out, "# keys: `dvara keys new` prints a key and the row for it\n");
    for (const struct imported_key *at = im->keys; at; at = at->next)
        write_key(at, out);
}
