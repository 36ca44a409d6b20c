/* SPDX-License-Identifier: Apache-2.0 */
/* The side of an import that becomes dvara.yaml: providers, tenants, keys, variables. */
#include "base/buf.h"
#include "lang/import/imported.h"
#include "lang/list.h"

static bool is_variable(struct dvara_str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
              (c >= '0' && c <= '9' && i > 0)))
            return false;
    }
    return name.n > 0 && name.n < 100;
}

/* A name that the input gives stays; one of ours is in upper case, with underlines for what a
 * variable's name cannot hold. */
static struct dvara_str variable_name(struct imported *im, struct dvara_str text, bool is_given)
{
    char out[100];
    size_t n = 0;
    if (is_given && is_variable(text))
        return arena_copy(im->arena, text);
    if (text.n == 0 || (text.p[0] >= '0' && text.p[0] <= '9'))
        out[n++] = '_';
    for (size_t i = 0; i < text.n && n < 80; i++) {
        char c = text.p[i];
        c = c >= 'a' && c <= 'z' ? (char)(c & ~32) : c;
        out[n++] = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    }
    return arena_copy(im->arena, dvara_str_from(out, n));
}

struct dvara_str imported_variable(struct imported *im, struct dvara_str name,
                                   struct dvara_str secret, const char *purpose_cstr)
{
    struct dvara_str plain = variable_name(im, name, !secret.n), wanted = plain;
    for (unsigned number = 2;; number++) {
        size_t i = 0;
        while (i < im->n_variables && !dvara_str_eq(im->variables[i].name, wanted))
            i++;
        if (i == im->n_variables)
            break;
        if (dvara_str_eq(im->secrets[i], secret))
            return wanted;
        wanted = arena_printf(im->arena, "%.*s_%u", DVARA_STR_ARG(plain), number);
        if (arena_is_exhausted(im->arena))
            return plain;
    }
    struct yaml_pair row = {wanted, dvara_str_from_cstr(purpose_cstr)};
    size_t n = im->n_variables;
    LIST_APPEND(im->arena, im->secrets, n, secret);
    n = im->n_variables;
    LIST_APPEND(im->arena, im->variables, n, row);
    im->n_variables = arena_is_exhausted(im->arena) ? im->n_variables : n;
    return wanted;
}

struct imported_provider *imported_provider(struct imported *im, struct dvara_str identity,
                                            struct dvara_str name)
{
    for (struct imported_provider *at = im->providers; at; at = at->next)
        if (dvara_str_eq(at->identity, identity))
            return at;
    struct imported_provider *provider = ARENA_NEW(im->arena, struct imported_provider);
    if (!provider)
        return NULL;
    provider->name = imported_name(im, BLOCK_PROVIDER, name);
    provider->identity = arena_copy(im->arena, identity);
    provider->block = imported_block(im, BLOCK_PROVIDER, provider->name);
    *im->last_provider = provider;
    im->last_provider = &provider->next;
    return provider;
}

void provider_header(struct imported *im, struct imported_provider *provider, const char *name_cstr,
                     struct dvara_str value)
{
    struct yaml_pair row = {arena_copy(im->arena, dvara_str_from_cstr(name_cstr)), value};
    LIST_APPEND(im->arena, provider->headers, provider->n_headers, row);
}

void provider_comment(struct imported *im, struct imported_provider *provider,
                      const char *text_cstr)
{
    struct dvara_str text = arena_copy(im->arena, dvara_str_from_cstr(text_cstr));
    for (size_t i = 0; i < provider->n_notes; i++)
        if (dvara_str_eq(provider->notes[i], text))
            return;
    LIST_APPEND(im->arena, provider->notes, provider->n_notes, text);
}

/* "letters, digits, . _ - and :" */
static struct dvara_str config_name(struct imported *im, struct dvara_str text)
{
    struct dvara_str copy = arena_copy(im->arena, text.n ? text : DVARA_STR("default"));
    struct buf out;
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < copy.n && i < 64; i++) {
        char c = copy.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        buf_byte(&out, plain || (c && strchr("._-:", c)) ? c : '_');
    }
    struct dvara_str name = arena_copy(im->arena, buf_str(&out));
    buf_clear(&out);
    return name;
}

struct imported_tenant *imported_tenant(struct imported *im, struct dvara_str id)
{
    struct dvara_str name = config_name(im, id);
    for (struct imported_tenant *at = im->tenants; at; at = at->next)
        if (dvara_str_eq(at->id, name))
            return at;
    struct imported_tenant *tenant = ARENA_NEW(im->arena, struct imported_tenant);
    if (tenant) {
        tenant->id = name;
        *im->last_tenant = tenant;
        im->last_tenant = &tenant->next;
    }
    return tenant;
}

struct imported_key *imported_key(struct imported *im, struct dvara_str id, struct dvara_str tenant,
                                  struct dvara_str hash)
{
    struct dvara_str plain = config_name(im, id), name = plain;
    for (unsigned i = 2;; i++) {
        struct imported_key *at = im->keys;
        while (at && !dvara_str_eq(at->id, name))
            at = at->next;
        if (!at || arena_is_exhausted(im->arena))
            break;
        name = arena_printf(im->arena, "%.*s-%u", DVARA_STR_ARG(plain), i);
    }
    struct imported_key *key = ARENA_NEW(im->arena, struct imported_key);
    if (key) {
        *key = (struct imported_key){.id = name, .tenant = config_name(im, tenant), .hash = hash};
        *im->last_key = key;
        im->last_key = &key->next;
    }
    return key;
}
