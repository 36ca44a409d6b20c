/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/models.h"

#include "gateway/answer.h"
#include "gateway/decide.h"
#include "gateway/judge.h"

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

/* What GET /v1/models shows: declared models, then names that rules compare with, each once, and
 * only what a request with this key would be served by. */
struct listing {
    struct exchange *x;
    struct buf *out;
    struct dvara_str only; /* one id is asked for; absent: all */
    struct dvara_str *listed;
    size_t n_listed, room;
    struct arena judged; /* of one question */
};

enum { QUESTION_BYTES = 8 * 1024 * 1024 };

static bool is_listed(const struct listing *listing, struct dvara_str id)
{
    for (size_t i = 0; i < listing->n_listed; i++)
        if (dvara_str_eq(listing->listed[i], id))
            return true;
    return false;
}

/* True: it stands in the list now. */
static bool list_one(struct listing *listing, struct dvara_str id, struct dvara_str owner)
{
    bool is_asked = dvara_str_is_absent(listing->only) || dvara_str_eq(listing->only, id);
    if (!is_asked || listing->n_listed == listing->room || is_listed(listing, id) ||
        !is_allowed(listing->x->key->tenant, id))
        return false;
    arena_reset(&listing->judged);
    if (!decide_would_serve(listing->x, id, &listing->judged))
        return false;
    if (listing->n_listed > 0)
        buf_byte(listing->out, ',');
    listing->listed[listing->n_listed++] = id;
    BUF_LIT(listing->out, "{\"id\":");
    json_write_string(listing->out, id);
    BUF_LIT(listing->out, ",\"object\":\"model\",\"created\":0,\"owned_by\":");
    json_write_string(listing->out, owner);
    buf_byte(listing->out, '}');
    return true;
}

/* "provider/model"; where policy takes no pins, the model's name alone. */
static void list_declared(struct listing *listing, struct dvara_model_info model)
{
    struct dvara_str pin = arena_printf(&listing->x->arena, "%.*s/%.*s",
                                        DVARA_STR_ARG(model.provider), DVARA_STR_ARG(model.model));
    if (!list_one(listing, pin, model.provider))
        (void)list_one(listing, model.model, DVARA_STR("dvara"));
}

/* A declared model that is listed with its provider stands for its bare name too. */
static bool is_listed_pinned(const struct listing *listing, struct dvara_str name)
{
    for (size_t i = 0; i < listing->n_listed; i++) {
        struct dvara_str id = listing->listed[i];
        if (id.n > name.n && id.p[id.n - name.n - 1] == '/' && dvara_str_ends_with(id, name))
            return true;
    }
    return false;
}

static void list_all(struct listing *listing)
{
    const struct dvara_bundle *bundle = listing->x->snapshot->bundle;
    size_t declared = dvara_bundle_info(bundle).n_models;
    size_t named = dvara_bundle_equality_models(bundle);
    listing->room = declared + named;
    listing->listed = ARENA_ARRAY(&listing->x->arena, listing->room, struct dvara_str);
    arena_init(&listing->judged, QUESTION_BYTES);
    if (!listing->listed)
        listing->room = 0;
    for (size_t i = 0; i < declared; i++)
        list_declared(listing, dvara_bundle_model(bundle, (uint32_t)i));
    for (size_t i = 0; i < named; i++) {
        struct dvara_str name = dvara_bundle_equality_model(bundle, i);
        if (!is_listed_pinned(listing, name))
            (void)list_one(listing, name, DVARA_STR("dvara"));
    }
    arena_clear(&listing->judged);
}

/* Every name is a question to the policy: many are asked on another thread. */
enum { FEW_NAMES = 64 };

static void list(struct exchange *x)
{
    bool is_one = x->path->id == PATH_ID_MODEL;
    struct listing listing = {.x = x, .out = &x->attempt.edited};
    if (is_one)
        listing.only = x->path_rest.p ? x->path_rest : DVARA_STR("");
    buf_reset(listing.out);
    listing.out->limit = LIST_BYTES_MAX;
    if (!is_one)
        BUF_LIT(listing.out, "{\"object\":\"list\",\"data\":[");
    list_all(&listing);
    if (!is_one)
        BUF_LIT(listing.out, "]}");
}

static void list_away(struct exchange *x)
{
    if (judge_own_scratch(x))
        list(x);
    else
        x->attempt.edited.failed = true;
}

static void answer_list(struct exchange *x)
{
    const struct gateway_error none = {.id = GATEWAY_ERROR_MODEL_NOT_FOUND};
    const struct gateway_error no_memory = {.id = GATEWAY_ERROR_OVERLOADED};
    const struct buf *out = &x->attempt.edited;
    if (buf_failed(out))
        exchange_refuse(x, &no_memory, EXCHANGE_OUTCOME_FAILED);
    else if (out->n == 0)
        exchange_refuse(x, &none, EXCHANGE_OUTCOME_REFUSED);
    else
        finish(x, 200, buf_str(out));
}

void models_list(struct exchange *x)
{
    const struct dvara_bundle *bundle = x->snapshot->bundle;
    size_t n = dvara_bundle_info(bundle).n_models + dvara_bundle_equality_models(bundle);
    if (n > FEW_NAMES && exchange_send_away(x, list_away, answer_list))
        return;
    list(x);
    answer_list(x);
}

/* One id: the others are passed over without a question. */
void models_get(struct exchange *x)
{
    list(x);
    answer_list(x);
}

void models_health(struct exchange *x)
{
    finish(x, 200, DVARA_STR("{\"status\":\"ok\"}"));
}

void models_ready(struct exchange *x)
{
    bool has_bundle = x->snapshot && x->snapshot->bundle;
    const struct audit_chain *audit = x->gateway->audit;
    bool has_audit = !audit || audit_is_writable(audit);
    const char *audit_cstr = has_audit ? "true" : "false";
    struct dvara_str body =
        arena_printf(&x->arena, "{\"status\":\"%s\",\"bundle\":%s,\"audit\":%s}",
                     has_bundle && has_audit ? "ready" : "not_ready", has_bundle ? "true" : "false",
                     audit ? audit_cstr : "\"off\"");
    finish(x, has_bundle && has_audit ? 200 : 503, body);
}
