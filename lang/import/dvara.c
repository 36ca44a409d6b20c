/* SPDX-License-Identifier: Apache-2.0 */
/* The DVARA product's gateway.yaml, and the JSON that its administration exports. */
#include "lang/import/dvara.h"

#include "lang/list.h"

static const struct import_reason reasons[] = {
#define DVARA_YES(says)                    "its value is not one that this importer knows"
#define DVARA_NO(says)                     says
#define DVARA(section, key, carried, says) {section, key, DVARA_##carried(says)},
#include "lang/import/dvara.def"
};

void dvara_rest(struct dvara_import *d, struct block *block, struct node *node,
                struct dvara_str path, const char *section_cstr)
{
    struct import_reasons table = {reasons, sizeof reasons / sizeof *reasons, section_cstr};
    imported_rest(d->im, block, node, path, import_reason, &table);
}

struct node *dvara_look(struct node *map, const char *key_cstr)
{
    char camel[64];
    size_t n = 0;
    struct node *node = node_look(map, key_cstr);
    for (const char *c = key_cstr; *c && n + 1 < sizeof camel; c++) {
        bool joins = (*c == '_' || *c == '-') && c[1] >= 'a' && c[1] <= 'z';
        camel[n++] = joins ? (char)(c[1] & ~32) : *c;
        c += joins;
    }
    camel[n] = 0;
    return node ? node : node_look(map, camel);
}

struct dvara_str dvara_text(struct node *map, const char *key_cstr)
{
    struct node *node = dvara_look(map, key_cstr);
    if (!node || node->kind == NODE_LIST || node->kind == NODE_MAP)
        return (struct dvara_str){NULL, 0};
    node->taken = true;
    return node->text;
}

struct node *dvara_list(struct node *map, const char *key_cstr)
{
    struct node *node = dvara_look(map, key_cstr);
    if (!node || node->kind != NODE_LIST || node->n > DVARA_ROWS_MAX)
        return NULL;
    node->taken = true;
    return node;
}

struct dvara_str dvara_texts(struct dvara_import *d, struct node *list)
{
    struct dvara_str all = {NULL, 0};
    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++) {
        if (list->children[i]->kind == NODE_LIST || list->children[i]->kind == NODE_MAP)
            return (struct dvara_str){NULL, 0};
        all = arena_printf(d->im->arena, "%.*s%s%.*s", DVARA_STR_ARG(all), all.n ? ", " : "",
                           DVARA_STR_ARG(dvp_string(d->im, list->children[i]->text)));
    }
    if (all.n)
        node_take_all(list);
    return all;
}

/* "${NAME}" and "${NAME:-default}" as the shared code knows variables. */
static struct dvara_str variable_form(struct dvara_import *d, struct dvara_str text)
{
    size_t end = 2;
    if (!dvara_str_starts_with(text, DVARA_STR("${")) || text.p[text.n - 1] != '}')
        return text;
    while (end < text.n && text.p[end] != '}' && text.p[end] != ':')
        end++;
    return arena_printf(d->im->arena, "os.environ/%.*s",
                        DVARA_STR_ARG(dvara_str_slice(text, 2, end)));
}

/* ---- providers ---- */

static void keep_provider(struct dvara_import *d, struct dvara_str name,
                          struct imported_provider *provider)
{
    struct dvara_provider row = {name, provider};
    LIST_APPEND(d->im->arena, d->providers, d->n_providers, row);
}

static void read_provider(struct dvara_import *d, struct node *node, struct dvara_str path)
{
    struct imported *im = d->im;
    const char *why = "the provider's type is not known";
    struct dvara_str name = dvara_text(node, "name"), type = dvara_text(node, "type"),
                     region = dvara_text(node, "region");
    struct upstream_wish wish = {.row = upstream_find(UPSTREAM_DVARA, type.n ? type : name),
                                 .name = name.n ? name : type,
                                 .more = name};
    wish.base_url = variable_form(d, dvara_text(node, "base_url"));
    wish.api_key = variable_form(d, dvara_text(node, "api_key"));
    node->taken = node->kind == NODE_MAP;
    struct imported_provider *provider =
        wish.row && wish.name.n ? upstream_provider(im, &wish, &why) : NULL;
    struct block *notes = imported_section(im, "providers");
    if (!provider) {
        imported_note(im, notes, node, path, why);
        return;
    }
    if (region.n && provider->block->n == 0)
        block_line(im, provider->block, "region %.*s", DVARA_STR_ARG(dvp_string(im, region)));
    keep_provider(d, wish.name, provider);
    dvara_rest(d, provider->block, node, path, "provider");
}

struct imported_provider *dvara_provider_find(struct dvara_import *d, struct dvara_str name)
{
    const char *why;
    for (size_t i = 0; i < d->n_providers; i++)
        if (dvara_str_eq(d->providers[i].name, name))
            return d->providers[i].provider;
    struct upstream_wish wish = {
        .row = upstream_find(UPSTREAM_DVARA, name), .name = name, .more = name};
    if (wish.row && *wish.row->name == 'a' && wish.row->base_url && !*wish.row->base_url)
        wish.base_url = DVARA_STR("os.environ/AZURE_OPENAI_BASE_URL");
    struct imported_provider *provider = wish.row ? upstream_provider(d->im, &wish, &why) : NULL;
    if (provider)
        keep_provider(d, name, provider);
    return provider;
}

/* ---- keys ---- */

static bool is_hash(struct dvara_str text)
{
    struct dvara_str mark = DVARA_STR("sha256:");
    if (!dvara_str_starts_with(text, mark) || text.n != mark.n + 64)
        return false;
    for (size_t i = mark.n; i < text.n; i++)
        if (!((text.p[i] >= '0' && text.p[i] <= '9') || (text.p[i] >= 'a' && text.p[i] <= 'f')))
            return false;
    return true;
}

static void read_scopes(struct dvara_import *d, struct node *node, struct imported_key *key,
                        struct dvara_str path, struct block *notes)
{
    static const char *const known[] = {"completions:write", "embeddings:write", "models:read"};
    struct node *scopes = dvara_list(node, "scopes");
    for (size_t i = 0; scopes && i < scopes->n; i++) {
        struct node *scope = scopes->children[i];
        size_t k = 0;
        while (k < 3 && !node_is(scope, known[k]))
            k++;
        if (k == 3) {
            imported_note(d->im, notes, scope,
                          path_element(d->im, path_member(d->im, path, "scopes"), i),
                          "there is no such scope");
            continue;
        }
        scope->taken = true;
        LIST_APPEND(d->im->arena, key->scopes, key->n_scopes, scope->text);
    }
    if (scopes && scopes->n && !key->n_scopes) /* none left must not mean all */
        LIST_APPEND(d->im->arena, key->scopes, key->n_scopes, DVARA_STR("models:read"));
}

static void read_key(struct dvara_import *d, struct node *node, struct dvara_str path)
{
    struct imported *im = d->im;
    struct block *notes = imported_section(im, "api_keys");
    struct dvara_str hash = dvara_text(node, "key_hash"), tenant = dvara_text(node, "workspace");
    struct dvara_str name = dvara_text(node, "name"), status = dvara_text(node, "status");
    if (!tenant.n)
        tenant = dvara_text(node, "tenant");
    node->taken = node->kind == NODE_MAP;
    if (!is_hash(hash) || dvara_str_eq(status, DVARA_STR("REVOKED"))) {
        imported_note(im, notes, node, path,
                      is_hash(hash) ? "the key is revoked"
                                    : "a key is known by key_hash, sha256: and 64 hex digits");
        return;
    }
    for (const struct imported_key *at = im->keys; at; at = at->next)
        if (dvara_str_eq(at->hash, hash)) {
            imported_note(im, notes, node, path, "another key has the same hash");
            return;
        }
    struct imported_tenant *owner = imported_tenant(im, tenant);
    struct imported_key *key =
        owner ? imported_key(im, name.n ? name : DVARA_STR("key"), owner->id, hash) : NULL;
    if (key)
        read_scopes(d, node, key, path, notes);
    dvara_rest(d, notes, node, path, "key");
}

/* ---- the file ---- */

/* An export may wrap what it brings. */
static struct node *inner(struct node *root, struct dvara_str *ret_path)
{
    static const char *const wraps[] = {"config", "data", "snapshot"};
    for (size_t i = 0; i < 3; i++) {
        struct node *node = node_look(root, wraps[i]);
        if (node && node->kind == NODE_MAP && !node_look(root, "routes") &&
            !node_look(root, "policies")) {
            node->taken = true;
            *ret_path = dvara_str_from_cstr(wraps[i]);
            return node;
        }
    }
    return root;
}

static void read_rows(struct dvara_import *d, const char *key_cstr,
                      void (*read)(struct dvara_import *d, struct node *node,
                                   struct dvara_str path))
{
    struct node *list = dvara_list(d->root, key_cstr);
    for (size_t i = 0; list && i < list->n; i++)
        read(d, list->children[i], path_element(d->im, path_member(d->im, d->path, key_cstr), i));
}

bool import_dvara(struct imported *im, struct node *root, struct node_problem *ret_problem)
{
    static const char *const keys[] = {"providers", "routes",   "workspaces", "tenants",
                                       "policies",  "api_keys", "rate_limits"};
    struct dvara_import d = {.im = im, .path = DVARA_STR("")};
    bool known = false;
    if (root->kind != NODE_MAP)
        return import_refuse(ret_problem, root,
                             "a configuration of the DVARA product is a map of sections");
    d.root = inner(root, &d.path);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        known |= dvara_look(d.root, keys[i]) != NULL;
    if (!known)
        return import_refuse(ret_problem, d.root,
                             "this is no configuration of the DVARA product: it has no providers, "
                             "routes, workspaces, policies, api_keys or rate_limits");
    read_rows(&d, "providers", read_provider);
    dvara_workspaces(&d);
    read_rows(&d, "api_keys", read_key);
    dvara_routes(&d);
    dvara_policies(&d);
    dvara_limits(&d);
    dvara_rest(&d, imported_section(im, "Other sections"), d.root, d.path, "file");
    dvara_rest(&d, imported_section(im, "Other sections"), root, DVARA_STR(""), "file");
    return true;
}
