/* SPDX-License-Identifier: Apache-2.0 */
/* Workspaces are tenants; what their metadata says of personal data becomes rules for that tenant.
 */
#include "lang/import/dvara.h"

struct workspace {
    struct dvara_import *d;
    struct node *metadata;
    struct dvara_str path, id; /* of the metadata; ours */
    struct block *notes;
};

/* "pii.action" as a flat key, or nested: pii: {action: …}. */
static struct node *setting(struct node *metadata, const char *group_cstr, const char *key_cstr)
{
    char flat[96];
    size_t a = strlen(group_cstr), b = strlen(key_cstr);
    if (a + b + 2 > sizeof flat)
        return NULL;
    memcpy(flat, group_cstr, a);
    flat[a] = '.';
    memcpy(flat + a + 1, key_cstr, b + 1);
    struct node *node = node_look(metadata, flat);
    struct node *group = node_look(metadata, group_cstr);
    if (!node && group && group->kind == NODE_MAP) {
        group->taken = true;
        node = node_look(group, key_cstr);
    }
    return node;
}

static bool is_yes(struct node *node)
{
    return node && (node->is_true || node_is(node, "true"));
}

/* ---- personal data ---- */

/* Every type that the product finds and the library has. */
static struct dvara_str product_types(struct workspace *w)
{
    static const char *const types[] = {
        "EMAIL",           "PHONE_NUMBER",    "SSN",  "CREDIT_CARD", "DATE_OF_BIRTH", "IP_ADDRESS",
        "PASSPORT_NUMBER", "DRIVERS_LICENSE", "IBAN", "NPI_NUMBER",  "AADHAAR",       "PAN"};
    struct dvara_str all = {NULL, 0};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const char *detector = entity_detector(w->d->im, dvara_str_from_cstr(types[i]));
        if (detector)
            all = arena_printf(w->d->im->arena, "%.*s%s%s", DVARA_STR_ARG(all), all.n ? ", " : "",
                               detector);
    }
    return all;
}

static struct dvara_str add_pattern(struct workspace *w, struct dvara_str all,
                                    struct dvara_str label, struct node *node,
                                    struct dvara_str path)
{
    struct imported *im = w->d->im;
    struct dvara_str regex =
        node->kind == NODE_TEXT ? dvp_regex(im, node->text, "") : (struct dvara_str){NULL, 0};
    if (!regex.n) {
        imported_note(im, w->notes, node, path, "a pattern stands on one line");
        return all;
    }
    struct dvara_str name = imported_name(im, BLOCK_DETECTOR, label);
    struct block *block = imported_block(im, BLOCK_DETECTOR, name);
    block_line(im, block, "pattern %.*s", DVARA_STR_ARG(regex));
    block_line(im, block, "max_span 256");
    node->taken = true;
    return arena_printf(im->arena, "%.*s%s%.*s", DVARA_STR_ARG(all), all.n ? ", " : "",
                        DVARA_STR_ARG(name));
}

static struct dvara_str add_patterns(struct workspace *w, struct dvara_str all)
{
    struct dvara_str mark = DVARA_STR("pii.custom-patterns.");
    struct node *nested = setting(w->metadata, "pii", "custom-patterns");
    for (size_t i = 0; i < w->metadata->n; i++)
        if (dvara_str_starts_with(w->metadata->keys[i], mark))
            all = add_pattern(w, all,
                              dvara_str_slice(w->metadata->keys[i], mark.n, w->metadata->keys[i].n),
                              w->metadata->children[i], w->path);
    if (nested && nested->kind == NODE_MAP)
        nested->taken = true;
    for (size_t i = 0; nested && nested->kind == NODE_MAP && i < nested->n; i++)
        all = add_pattern(w, all, nested->keys[i], nested->children[i], w->path);
    return all;
}

static void write_effect(struct workspace *w, struct block *rule, struct dvara_str group,
                         struct node *action)
{
    struct imported *im = w->d->im;
    if (node_is(action, "BLOCK")) {
        block_line(im, rule, "deny code \"pii_detected\" status 400");
        block_line(im, rule, "reason \"the text holds personal data that is not accepted here\"");
        return;
    }
    block_line(im, rule, "redact %.*s with %s", DVARA_STR_ARG(group),
               node_is(action, "TOKENIZE") ? "token" : "label");
    if (!node_is(action, "REDACT") && !node_is(action, "TOKENIZE"))
        block_line(im, rule, "mode shadow");
}

static void read_pii(struct workspace *w)
{
    struct imported *im = w->d->im;
    struct node *enabled = setting(w->metadata, "pii", "enabled"),
                *action = setting(w->metadata, "pii", "action");
    struct node *responses = setting(w->metadata, "pii", "scan-responses");
    bool on = action || is_yes(enabled);
    if (enabled)
        enabled->taken = true;
    if (action)
        action->taken = true;
    if (responses)
        responses->taken = true;
    if (!on || (enabled && !is_yes(enabled)))
        return;
    struct dvara_str members = add_patterns(w, product_types(w));
    struct dvara_str name = arena_printf(im->arena, "%.*s_pii", DVARA_STR_ARG(w->id));
    struct dvara_str group = imported_name(im, BLOCK_GROUP, name);
    struct block *block = imported_block(im, BLOCK_GROUP, group),
                 *rule = imported_block(im, BLOCK_RULE, imported_name(im, BLOCK_RULE, name));
    if (!block || !rule)
        return;
    block->whole = arena_printf(im->arena, " = %.*s", DVARA_STR_ARG(members));
    block_line(im, rule, "on %s", is_yes(responses) ? "request, response" : "request");
    block_line(im, rule, "when tenant.id == %.*s and pii.found(%.*s)",
               DVARA_STR_ARG(dvp_string(im, w->id)), DVARA_STR_ARG(group));
    write_effect(w, rule, group, action);
}

/* ---- limits ---- */

static void read_rates(struct workspace *w)
{
    struct imported *im = w->d->im;
    static const char *const keys[][2] = {{"requests-per-minute", "requests"},
                                          {"tokens-per-minute", "tokens"}};
    struct block *block = NULL;
    for (size_t i = 0; i < 2; i++) {
        int64_t n = 0;
        struct node *node = setting(w->metadata, "rate-limit", keys[i][0]);
        if (!node_as_whole(node, &n) || n < 1)
            continue;
        node->taken = true;
        if (!block) {
            block = imported_block(
                im, BLOCK_LIMIT,
                imported_name(im, BLOCK_LIMIT,
                              arena_printf(im->arena, "%.*s_rate", DVARA_STR_ARG(w->id))));
            block_line(im, block, "when tenant.id == %.*s", DVARA_STR_ARG(dvp_string(im, w->id)));
            block_line(im, block, "per key.id");
        }
        block_line(im, block, "%s %lld per 1m", keys[i][1], (long long)n);
    }
}

/* ---- the list ---- */

static void read_workspace(struct dvara_import *d, struct node *node, struct dvara_str path)
{
    struct imported *im = d->im;
    struct dvara_str id = dvara_text(node, "id"), status = dvara_text(node, "status");
    struct block *notes = imported_section(im, "workspaces");
    if (node->kind != NODE_MAP || !id.n) {
        imported_note(im, notes, node, path, "a workspace has an id");
        return;
    }
    node->taken = true;
    struct imported_tenant *tenant = imported_tenant(im, id);
    if (!tenant)
        return;
    tenant->name = dvara_text(node, "name");
    tenant->region = dvara_text(node, "region");
    tenant->suspended = dvara_str_eq(status, DVARA_STR("suspended")) ||
                        dvara_str_eq(status, DVARA_STR("SUSPENDED"));
    struct workspace w = {.d = d,
                          .metadata = node_map(node, "metadata"),
                          .path = path_member(im, path, "metadata"),
                          .id = tenant->id,
                          .notes = notes};
    if (w.metadata) {
        read_pii(&w);
        read_rates(&w);
        dvara_rest(d, notes, w.metadata, w.path, "metadata");
    }
    dvara_rest(d, notes, node, path, "workspace");
}

void dvara_workspaces(struct dvara_import *d)
{
    static const char *const keys[] = {"workspaces", "tenants"};
    for (size_t k = 0; k < 2; k++) {
        struct node *list = dvara_list(d->root, keys[k]);
        for (size_t i = 0; list && i < list->n; i++)
            read_workspace(d, list->children[i],
                           path_element(d->im, path_member(d->im, d->path, keys[k]), i));
    }
}

/* ---- limits of the file ---- */

static void rate(struct dvara_import *d, struct block *block, struct node *map,
                 const char *rate_cstr, const char *burst_cstr, const char *word_cstr)
{
    int64_t n = 0, burst = 0;
    struct node *amount = dvara_look(map, rate_cstr), *more = dvara_look(map, burst_cstr);
    if (!node_as_whole(amount, &n) || n < 1)
        return;
    amount->taken = true;
    bool has_burst = node_as_whole(more, &burst) && burst > 0;
    if (has_burst)
        more->taken = true;
    block_line(d->im, block, has_burst ? "%s %lld per 1m burst %lld" : "%s %lld per 1m", word_cstr,
               (long long)n, (long long)burst);
}

static void read_budget(struct dvara_import *d, struct node *node, struct dvara_str path)
{
    static const char *const amounts[] = {"limit_usd", "limit", "amount", "amount_usd"};
    static const char *const periods[][2] = {
        {"HOUR", "hour"}, {"DAY", "day"}, {"WEEK", "week"}, {"MONTH", "month"}};
    struct imported *im = d->im;
    struct dvara_str money = {NULL, 0}, soft, tenant = dvara_text(node, "workspace"),
                     name = dvara_text(node, "id");
    struct node *period = dvara_look(node, "period"), *share = dvara_look(node, "soft_limit_pct");
    const char *window = NULL;
    for (size_t i = 0; i < 4; i++)
        window = node_is(period, periods[i][0]) || node_is(period, periods[i][1]) ? periods[i][1]
                                                                                  : window;
    for (size_t i = 0; i < 4 && !money.n; i++) {
        struct node *amount = dvara_look(node, amounts[i]);
        if (amount && node_decimal(amount, 0, 6, im->arena, &money))
            amount->taken = true;
    }
    if (!window || !money.n) {
        imported_note(im, imported_section(im, "budgets"), node, path,
                      "a budget has a period and an amount");
        return;
    }
    node->taken = period->taken = true;
    struct block *block = imported_block(
        im, BLOCK_BUDGET, imported_name(im, BLOCK_BUDGET, name.n ? name : DVARA_STR("budget")));
    if (tenant.n)
        block_line(im, block, "when tenant.id == %.*s", DVARA_STR_ARG(dvp_string(im, tenant)));
    block_line(im, block, "per tenant.id");
    block_line(im, block, "amount $%.*s per %s", DVARA_STR_ARG(money), window);
    if (share && node_decimal(share, 0, 4, im->arena, &soft)) {
        share->taken = true;
        block_line(im, block, "soft %.*s%%", DVARA_STR_ARG(soft));
    }
    dvara_rest(d, block, node, path, "budget");
}

void dvara_limits(struct dvara_import *d)
{
    struct node *rates = dvara_look(d->root, "rate_limits"),
                *budgets = dvara_list(d->root, "budgets");
    if (rates && rates->kind == NODE_MAP) {
        struct block *block = imported_block(
            d->im, BLOCK_LIMIT, imported_name(d->im, BLOCK_LIMIT, DVARA_STR("each_key")));
        rates->taken = true;
        block_line(d->im, block, "per key.id");
        rate(d, block, rates, "requests_per_minute", "requests_burst", "requests");
        rate(d, block, rates, "tokens_per_minute", "tokens_burst", "tokens");
        if (block)
            block->withdrawn = block->n == 1;
        dvara_rest(d, block, rates, path_member(d->im, d->path, "rate_limits"), "rate_limits");
    }
    for (size_t i = 0; budgets && i < budgets->n; i++)
        read_budget(d, budgets->children[i],
                    path_element(d->im, path_member(d->im, d->path, "budgets"), i));
}
