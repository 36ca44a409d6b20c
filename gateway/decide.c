/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/decide.h"

#include "gateway/dialect/openai_chat.h"
#include "gateway/limits.h"
#include "gateway/target_states.h"

/* A prompt's replacements may make it longer, by little: labels are about as long as what they
 * replace. */
#define BODY_EDITED_MAX ((size_t)LIMIT_BODY_BYTES * 2)

static void fill_tenant(struct dvara_facts *facts, const struct config_key *key)
{
    const struct config_tenant *tenant = key->tenant;
    facts->tenant.id = tenant->id;
    facts->tenant.name = tenant->name;
    facts->tenant.status = tenant->status_name;
    facts->tenant.region = tenant->region;
    facts->tenant.zones = tenant->zones;
    facts->tenant.tags = tenant->tags;
    facts->tenant.models = tenant->models;
    facts->tenant.attrs = tenant->attrs;
    facts->key.id = key->id;
    facts->key.name = key->name;
    facts->key.tags = key->tags;
    facts->key.scopes = key->scopes;
}

/* Four bytes a token: the usual rule of thumb; docs/gateway/usage.md. */
static int64_t estimate_tokens(const struct chat_request *request)
{
    size_t bytes = request->system.n;
    for (size_t i = 0; i < request->messages.n; i++)
        bytes += request->messages.v[i].text.n;
    return (int64_t)((bytes + 3) / 4);
}

static void fill_facts(struct exchange *x)
{
    struct dvara_facts *facts = &x->facts;
    x->view.facts = facts;
    const struct dvara_pairs headers = facts->request.headers;
    chat_fill_facts(&x->request, facts);
    facts->request.headers = headers;
    facts->request.endpoint = x->path->endpoint;
    facts->request.ip = x->view.ip;
    facts->request.time = (int64_t)x->view.time_ns;
    facts->request.path = x->view.path;
    facts->request.id = x->view.request_id;
    facts->request.trace_id = x->view.trace_id;
    facts->request.prompt_tokens = estimate_tokens(&x->request);
    fill_tenant(facts, x->key);
    facts->session.id = x->view.session_id;
}

static void look_at_target(void *user, struct dvara_str provider, struct dvara_str model,
                           int64_t window, struct dvara_target_state *ret_state)
{
    struct target_states *targets = user;
    target_states_look(targets, target_states_key(targets, provider, model), (uint64_t)window,
                       worker_now_ns(), ret_state);
}

static void fill_world(struct exchange *x)
{
    const struct config *config = x->snapshot->config;
    struct dvara_str *names = ARENA_ARRAY(&x->arena, config->n_providers, struct dvara_str);
    struct dvara_str *kinds = ARENA_ARRAY(&x->arena, config->n_providers, struct dvara_str);
    for (size_t i = 0; names && kinds && i < config->n_providers; i++) {
        names[i] = config->providers[i].name;
        kinds[i] = config->providers[i].kind_name;
    }
    size_t n = names && kinds ? config->n_providers : 0;
    x->world = (struct dvara_world){
        .providers = {.v = names, .n = n},
        .kinds = {.v = kinds, .n = n},
        .default_provider = config->default_provider,
        .look = look_at_target,
        .user = x->gateway->targets,
    };
}

bool decide_request(struct exchange *x, struct gateway_error *ret_error)
{
    *ret_error = (struct gateway_error){.id = GATEWAY_ERROR_OVERLOADED};
    fill_facts(x);
    fill_world(x);
    x->run = dvara_run_new(x->vm, &x->facts, &x->arena);
    if (!x->run)
        return false;
    dvara_run_request(x->run);
    x->view.decision = dvara_run_decision(x->run);
    x->view.run = x->run;
    x->view.model = x->facts.request.model;
    ret_error->id = GATEWAY_ERROR_COUNT;
    return x->view.decision->verdict == DVARA_VERDICT_ALLOW;
}

bool decide_would_serve(struct exchange *x, struct dvara_str model, struct arena *arena)
{
    const struct dvara_pairs headers = x->facts.request.headers; /* a rule may set some */
    if (!x->doc.text.p && json_parse(DVARA_STR("{}"), 0, &x->arena, &x->doc, NULL) != DVARA_OK)
        return false;
    x->request = (struct chat_request){.doc = &x->doc, .model = model, .text = DVARA_STR("")};
    fill_facts(x);
    x->view.facts = NULL;
    x->facts.request.endpoint = DVARA_STR("chat");
    x->facts.request.path = DVARA_STR("/v1/chat/completions");
    if (!x->world.providers.v)
        fill_world(x);
    struct dvara_run *run = dvara_run_new(x->vm, &x->facts, arena);
    if (!run)
        return false;
    dvara_run_request(run);
    if (dvara_run_decision(run)->verdict == DVARA_VERDICT_ALLOW)
        dvara_run_plan(run, &x->world);
    x->facts.request.headers = headers;
    return dvara_run_decision(run)->verdict == DVARA_VERDICT_ALLOW;
}

bool decide_vault(struct exchange *x)
{
    return x->vault || dvara_vault_new(x->key->tenant->hash_key, x->body, &x->vault) == DVARA_OK;
}

static bool keep_edits(struct exchange *x, size_t *size, uint32_t leaf,
                       const struct dvara_replacement *v, size_t n)
{
    if (x->n_edits + n > *size) {
        size_t bigger = (x->n_edits + n) * 2 + 16;
        struct prompt_edit *edits = ARENA_ARRAY(&x->arena, bigger, struct prompt_edit);
        if (!edits)
            return false;
        if (x->n_edits > 0)
            memcpy(edits, x->edits, x->n_edits * sizeof *edits);
        x->edits = edits;
        *size = bigger;
    }
    for (size_t i = 0; i < n; i++)
        x->edits[x->n_edits++] = (struct prompt_edit){
            .leaf = leaf, .start = v[i].start, .end = v[i].end, .text = v[i].text};
    return true;
}

static bool redact_leaf(struct exchange *x, uint32_t index, const uint8_t *styles, size_t *size,
                        struct gateway_error *ret_error)
{
    const struct dvara_leaf *leaf = &x->request.leaves.v[index];
    enum dvara_error_kind kind;
    struct dvara_spans spans = dvara_run_spans(x->run, DVARA_PHASE_REQUEST, index, &kind);
    if (kind != DVARA_ERROR_NONE) {
        ret_error->id = GATEWAY_ERROR_POLICY_ERROR;
        return false;
    }
    if (spans.n == 0)
        return true;
    if (leaf->fixed) {
        ret_error->id = GATEWAY_ERROR_UNSCANNABLE_INPUT;
        ret_error->message = DVARA_STR("An object key holds data that a rule redacts, and keys are "
                                       "never rewritten. Move it into a value.");
        return false;
    }
    struct dvara_replacement *v;
    size_t n;
    *ret_error = (struct gateway_error){.id = GATEWAY_ERROR_OVERLOADED};
    return dvara_redact(dvara_bundle_detectors(x->snapshot->bundle), x->vault, true, styles,
                        leaf->text, spans, &x->arena, &v, &n) == DVARA_OK &&
           keep_edits(x, size, index, v, n);
}

bool decide_redact(struct exchange *x, struct gateway_error *ret_error)
{
    const uint8_t *styles[DVARA_WHERE_COUNT];
    bool any = false;
    for (int where = 0; where < DVARA_WHERE_COUNT; where++) {
        styles[where] = dvara_run_styles(x->run, (enum dvara_where)where);
        any |= styles[where] && where != DVARA_WHERE_RESPONSE;
    }
    if (!any)
        return true;
    *ret_error = (struct gateway_error){.id = GATEWAY_ERROR_INTERNAL_ERROR};
    if (!decide_vault(x))
        return false;
    size_t size = 0;
    for (uint32_t i = 0; i < x->request.leaves.n; i++) {
        const uint8_t *wanted = styles[x->request.leaves.v[i].where];
        if (wanted && !redact_leaf(x, i, wanted, &size, ret_error))
            return false;
    }
    return true;
}

bool decide_plan(struct exchange *x)
{
    dvara_run_plan(x->run, &x->world);
    return x->view.decision->verdict == DVARA_VERDICT_ALLOW;
}

/* What the first stratum changed, beside the model. */
static enum dvara_status apply_rewrites(struct exchange *x, struct chat_editor *editor)
{
    const struct dvara_decision *decision = x->view.decision;
    enum dvara_status status = DVARA_OK;
    if (decision->max_tokens_was_set && decision->max_tokens.has)
        status = openai_chat_set_max_tokens(editor, &x->request, decision->max_tokens.value);
    if (status == DVARA_OK && decision->set_temperature.has)
        status = openai_chat_set_temperature(editor, &x->request, decision->set_temperature.value);
    if (status == DVARA_OK && !dvara_str_is_absent(decision->set_user))
        status = openai_chat_set_user(editor, &x->request, decision->set_user);
    if (status == DVARA_OK)
        status = openai_chat_ask_usage(editor, &x->request);
    return status;
}

/* The user field may be redacted and set by a rule: then the rule's value stands alone. */
static bool is_overwritten(const struct exchange *x, const struct prompt_edit *edit)
{
    const struct chat_place *place = &x->request.leaves.places[edit->leaf];
    return !dvara_str_is_absent(x->view.decision->set_user) && place->nested == CHAT_OUTER &&
           x->request.user_node != JSON_NONE && place->node == x->request.user_node;
}

bool decide_body(struct exchange *x, struct dvara_str model, struct buf *out,
                 struct dvara_str *ret_body)
{
    struct chat_editor editor;
    chat_editor_init(&editor, &x->doc, &x->request.leaves, &x->arena);
    enum dvara_status status = apply_rewrites(x, &editor);
    if (status == DVARA_OK && !dvara_str_eq(model, x->request.model))
        status = openai_chat_set_model(&editor, &x->request, model);
    for (size_t i = 0; i < x->n_edits && status == DVARA_OK; i++) {
        const struct prompt_edit *edit = &x->edits[i];
        if (!is_overwritten(x, edit))
            status = chat_edit_leaf(&editor, edit->leaf, edit->start, edit->end, edit->text);
    }
    if (status == DVARA_OK && chat_editor_is_empty(&editor)) {
        *ret_body = x->body;
        return true;
    }
    out->limit = BODY_EDITED_MAX;
    if (status == DVARA_OK)
        status = chat_editor_apply(&editor, out);
    *ret_body = buf_str(out);
    return status == DVARA_OK && !buf_failed(out);
}
