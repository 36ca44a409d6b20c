/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/models.h"

#include "gateway/answer.h"

#include "base/json_text.h"

enum { LIST_BYTES_MAX = 16 * 1024 * 1024 }; /* 65 536 names of 200 bytes */

static void finish(struct exchange *x, int status, struct dvara_str body)
{
    const struct gateway_error no_record = {.id = GATEWAY_ERROR_AUDIT_UNAVAILABLE};
    struct answer_head head = {.n = 0};
    x->view.status = status;
    x->view.response_bytes = body.n;
    if (!exchange_close_books(x, EXCHANGE_OUTCOME_RELAYED)) {
        answer_error(x, &no_record);
    } else {
        answer_common(x, &head, false);
        answer_json(x, status, &head, body);
    }
    exchange_end(x);
}

/* The tenant's list, when it has one, is of names as a client would send them. */
static bool is_allowed(const struct config_tenant *tenant, struct dvara_str name)
{
    size_t slash = 0;
    while (slash < name.n && name.p[slash] != '/')
        slash++;
    struct dvara_str bare = slash < name.n ? dvara_str_slice(name, slash + 1, name.n) : name;
    for (size_t i = 0; i < tenant->models.n; i++)
        if (dvara_str_eq(tenant->models.v[i], name) || dvara_str_eq(tenant->models.v[i], bare))
            return true;
    return tenant->models.n == 0;
}

/* What GET /v1/models shows: declared models, then names that rules compare with, each once. */
struct listing {
    struct exchange *x;
    struct buf out;
    struct dvara_str only; /* one id is asked for; absent: all */
    size_t count;
};

static bool was_declared(const struct exchange *x, struct dvara_str name, size_t before)
{
    size_t n = dvara_bundle_info(x->snapshot->bundle).n_models;
    for (size_t i = 0; i < n; i++) {
        struct dvara_model_info model = dvara_bundle_model(x->snapshot->bundle, (uint32_t)i);
        if (dvara_str_eq(model.model, name))
            return true;
        if (name.n == model.provider.n + 1 + model.model.n && name.p[model.provider.n] == '/' &&
            dvara_str_starts_with(name, model.provider) && dvara_str_ends_with(name, model.model))
            return true;
    }
    for (size_t i = 0; i < before; i++)
        if (dvara_str_eq(dvara_bundle_equality_model(x->snapshot->bundle, i), name))
            return true;
    return false;
}

static void list_one(struct listing *listing, struct dvara_str id, struct dvara_str owner)
{
    if (!is_allowed(listing->x->key->tenant, id))
        return;
    if (!dvara_str_is_absent(listing->only) && !dvara_str_eq(listing->only, id))
        return;
    if (listing->count++ > 0)
        buf_byte(&listing->out, ',');
    BUF_LIT(&listing->out, "{\"id\":");
    json_write_string(&listing->out, id);
    BUF_LIT(&listing->out, ",\"object\":\"model\",\"created\":0,\"owned_by\":");
    json_write_string(&listing->out, owner);
    buf_byte(&listing->out, '}');
}

static void list_all(struct listing *listing)
{
    struct exchange *x = listing->x;
    const struct dvara_bundle *bundle = x->snapshot->bundle;
    size_t n = dvara_bundle_info(bundle).n_models;
    for (size_t i = 0; i < n; i++) {
        struct dvara_model_info model = dvara_bundle_model(bundle, (uint32_t)i);
        list_one(listing,
                 arena_printf(&x->arena, "%.*s/%.*s", DVARA_STR_ARG(model.provider),
                              DVARA_STR_ARG(model.model)),
                 model.provider);
    }
    for (size_t i = 0; i < dvara_bundle_equality_models(bundle); i++) {
        struct dvara_str name = dvara_bundle_equality_model(bundle, i);
        if (!was_declared(x, name, i))
            list_one(listing, name, DVARA_STR("dvara"));
    }
}

void models_list(struct exchange *x)
{
    struct listing listing = {.x = x};
    buf_init(&listing.out, LIST_BYTES_MAX);
    BUF_LIT(&listing.out, "{\"object\":\"list\",\"data\":[");
    list_all(&listing);
    BUF_LIT(&listing.out, "]}");
    finish(x, 200, buf_str(&listing.out));
    buf_clear(&listing.out);
}

void models_get(struct exchange *x)
{
    struct listing listing = {.x = x, .only = x->path_rest};
    const struct gateway_error none = {.id = GATEWAY_ERROR_MODEL_NOT_FOUND};
    buf_init(&listing.out, LIST_BYTES_MAX);
    list_all(&listing);
    if (listing.count == 0)
        exchange_refuse(x, &none, EXCHANGE_OUTCOME_REFUSED);
    else
        finish(x, 200, buf_str(&listing.out));
    buf_clear(&listing.out);
}

void models_health(struct exchange *x)
{
    finish(x, 200, DVARA_STR("{\"status\":\"ok\"}"));
}

void models_ready(struct exchange *x)
{
    bool has_bundle = x->snapshot && x->snapshot->bundle;
    bool has_audit = !x->gateway->audit || audit_is_writable(x->gateway->audit);
    struct dvara_str body =
        arena_printf(&x->arena, "{\"status\":\"%s\",\"bundle\":%s,\"audit\":%s}",
                     has_bundle && has_audit ? "ready" : "not_ready", has_bundle ? "true" : "false",
                     has_audit ? "true" : "false");
    finish(x, has_bundle && has_audit ? 200 : 503, body);
}
