/* SPDX-License-Identifier: Apache-2.0 */
/* Guardrails that find personal data and secrets become rules; those that ask a service are noted.
 */
#include "lang/import/litellm.h"

struct guardrail {
    struct litellm *l;
    struct node *params;
    struct dvara_str name;
    struct block *notes;
    const char *phases; /* NULL: none that rules have */
    bool logging_only, is_on;
};

struct members {
    struct dvara_str list; /* "email, credit_card at 80%" */
};

static void read_mode(struct guardrail *g)
{
    struct node *modes = node_list(g->l->im->arena, g->params, "mode");
    bool request = !modes, response = false;
    for (size_t i = 0; modes && i < modes->n; i++) {
        struct node *mode = modes->children[i];
        bool before = node_is(mode, "pre_call") || node_is(mode, "during_call");
        bool after = node_is(mode, "post_call");
        bool only = node_is(mode, "logging_only");
        request |= before || only;
        response |= after || only;
        g->logging_only |= only;
        mode->taken = before || after || only;
    }
    g->phases = request && response ? "request, response"
                : request           ? "request"
                : response          ? "response"
                                    : NULL;
    g->is_on = node_is_true(g->params, "default_on");
    (void)node_is_false(g->params, "default_on");
}

static struct block *new_rule(struct guardrail *g, const char *suffix_cstr)
{
    struct imported *im = g->l->im;
    struct dvara_str name = arena_printf(im->arena, "%.*s%s", DVARA_STR_ARG(g->name), suffix_cstr);
    struct block *block = imported_block(im, BLOCK_RULE, imported_name(im, BLOCK_RULE, name));
    if (!block)
        return NULL;
    if (!g->is_on && !g->logging_only)
        block_comment(im, block,
                      "LiteLLM runs it only for callers that ask for it (no default_on): here it "
                      "reports, for all");
    block_line(im, block, "on %s", g->phases);
    return block;
}

static void finish_rule(struct guardrail *g, struct block *block)
{
    if (g->logging_only)
        block_line(g->l->im, block, "mode shadow");
    else if (!g->is_on)
        block_line(g->l->im, block, "mode report");
}

static void redact(struct guardrail *g, const char *suffix_cstr, struct dvara_str group, bool back)
{
    struct block *block = new_rule(g, suffix_cstr);
    if (!block)
        return;
    block_line(g->l->im, block, "when pii.found(%.*s)", DVARA_STR_ARG(group));
    block_line(g->l->im, block, "redact %.*s with %s", DVARA_STR_ARG(group),
               back ? "token" : "label");
    finish_rule(g, block);
}

static void deny(struct guardrail *g, const char *suffix_cstr, struct dvara_str group)
{
    struct block *block = new_rule(g, suffix_cstr);
    if (!block)
        return;
    block_line(g->l->im, block, "when pii.found(%.*s)", DVARA_STR_ARG(group));
    block_line(g->l->im, block, "deny code \"pii_detected\" status 400");
    block_line(g->l->im, block,
               "reason \"the text holds personal data that is not accepted here\"");
    finish_rule(g, block);
}

/* ---- presidio ---- */

/* 0.8 is 80%. */
static struct dvara_str threshold(struct guardrail *g, struct node *scores, struct dvara_str entity)
{
    struct dvara_str percent;
    struct node *node = NULL;
    for (size_t i = 0; scores && i < scores->n; i++)
        if (dvara_str_eq(scores->keys[i], entity))
            node = scores->children[i];
    node = node ? node : node_look(scores, "ALL");
    if (!node || !node_decimal(node, 2, 4, g->l->im->arena, &percent))
        return DVARA_STR("");
    node->taken = true;
    return arena_printf(g->l->im->arena, " at %.*s%%", DVARA_STR_ARG(percent));
}

static void add_member(struct guardrail *g, struct members *members, const char *detector,
                       struct dvara_str at)
{
    bool several = strchr(detector, ',') != NULL;
    members->list = arena_printf(g->l->im->arena, "%.*s%s%s%.*s", DVARA_STR_ARG(members->list),
                                 members->list.n ? ", " : "", detector,
                                 DVARA_STR_ARG(several ? DVARA_STR("") : at));
}

static struct dvara_str new_group(struct guardrail *g, const char *suffix_cstr,
                                  const struct members *members)
{
    struct imported *im = g->l->im;
    struct dvara_str name = imported_name(
        im, BLOCK_GROUP, arena_printf(im->arena, "%.*s%s", DVARA_STR_ARG(g->name), suffix_cstr));
    struct block *block = imported_block(im, BLOCK_GROUP, name);
    if (block)
        block->whole = arena_printf(im->arena, " = %.*s", DVARA_STR_ARG(members->list));
    return name;
}

static void read_entities(struct guardrail *g, struct dvara_str path)
{
    struct imported *im = g->l->im;
    struct node *entities = node_map(g->params, "pii_entities_config");
    struct node *scores = node_map(g->params, "presidio_score_thresholds");
    struct members masked = {DVARA_STR("")}, blocked = {DVARA_STR("")};
    bool back = node_is_true(g->params, "output_parse_pii");
    for (size_t i = 0; entities && i < entities->n; i++) {
        struct dvara_str entity = entities->keys[i];
        struct node *action = entities->children[i];
        bool block = node_is(action, "BLOCK"), mask = node_is(action, "MASK");
        const char *detector = block || mask ? entity_detector(im, entity) : NULL;
        if (!detector) {
            imported_note(im, g->notes, action,
                          arena_printf(im->arena, "%.*s.pii_entities_config.%.*s",
                                       DVARA_STR_ARG(path),
                                       DVARA_STR_ARG(dvara_str_slice(entity, 0, 80))),
                          block || mask ? "the library has no detector for this entity"
                                        : "the action is MASK or BLOCK");
            continue;
        }
        action->taken = true;
        add_member(g, block ? &blocked : &masked, detector, threshold(g, scores, entity));
    }
    if (!entities) {
        imported_import(im, "pii/everything");
        add_member(g, &masked, "everything", threshold(g, scores, DVARA_STR("ALL")));
    }
    if (masked.list.n)
        redact(g, blocked.list.n ? "_mask" : "", new_group(g, "_masked", &masked), back);
    if (blocked.list.n)
        deny(g, masked.list.n ? "_block" : "", new_group(g, "_blocked", &blocked));
}

/* ---- the list ---- */

static const char *service_reason(struct dvara_str kind)
{
    if (dvara_str_starts_with(kind, DVARA_STR("lakera")) ||
        dvara_str_starts_with(kind, DVARA_STR("azure/prompt_shield")))
        return "it asks a service that this gateway does not call; `import "
               "\"guardrails/injection\"` finds known wordings";
    return "it asks a service or a program that this gateway does not call";
}

static void read_guardrail(struct litellm *l, struct node *node, struct dvara_str path)
{
    struct imported *im = l->im;
    struct guardrail g = {.l = l,
                          .params = node_map(node, "litellm_params"),
                          .notes = imported_section(im, "guardrails")};
    g.name = node_text(node, "guardrail_name");
    struct dvara_str kind = node_text(g.params, "guardrail");
    struct dvara_str at = path_member(im, path, "litellm_params");
    bool presidio = dvara_str_eq(kind, DVARA_STR("presidio")),
         secrets = dvara_str_eq(kind, DVARA_STR("hide-secrets"));
    node->taken = node->kind == NODE_MAP;
    if (!g.name.n || !kind.n) {
        imported_note(im, g.notes, node, path,
                      "a guardrail has a guardrail_name and litellm_params.guardrail");
        return;
    }
    read_mode(&g);
    if (!presidio && !secrets) {
        imported_note(im, g.notes, g.params, path, service_reason(kind));
    } else if (!g.phases) {
        imported_note(im, g.notes, g.params, path, "its mode is none that rules have");
    } else if (presidio) {
        read_entities(&g, at);
    } else {
        imported_import(im, "secrets/secrets");
        redact(&g, "", DVARA_STR("secrets"), false);
    }
    litellm_rest(im, g.notes, g.params, at, "guardrail");
    litellm_rest(im, g.notes, node, path, "guardrails");
}

void litellm_guardrails(struct litellm *l)
{
    struct node *list = node_look(l->root, "guardrails");
    if (!list || list->kind != NODE_LIST)
        return;
    list->taken = true;
    for (size_t i = 0; i < list->n && i < LITELLM_MODELS_MAX; i++)
        read_guardrail(l, list->children[i], path_element(l->im, DVARA_STR("guardrails"), i));
}
