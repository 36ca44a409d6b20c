/* SPDX-License-Identifier: Apache-2.0 */
/* Policies hold YAML in a text of YAML: a list of rules whose conditions are joined by and. */
#include "lang/import/dvara.h"

enum phase { PHASE_REQUEST, PHASE_TARGET, PHASE_TOOL };

struct rule {
    struct dvara_import *d;
    struct node *node;
    struct dvara_str path, condition, policy;
    struct block *block;
    enum phase phase;
    bool shadow, failed;
};

static void also(struct rule *r, struct dvara_str one)
{
    struct dvara_str all = r->condition;
    r->condition = all.n ? arena_printf(r->d->im->arena, "%.*s and %.*s", DVARA_STR_ARG(all),
                                        DVARA_STR_ARG(one))
                         : one;
}

/* ---- conditions: each gives terms, or false ---- */

static bool lists(struct rule *r, struct node *node, const char *not_in, const char *in)
{
    static const char *const keys[] = {"allowlist", "denylist"};
    const char *const formats[] = {not_in, in};
    bool some = false;
    for (size_t i = 0; i < 2; i++) {
        struct dvara_str list = dvara_texts(r->d, node_look(node, keys[i]));
        if (!list.n)
            continue;
        int before = (int)strcspn(formats[i], "~"); /* the list stands in its place */
        also(r, arena_printf(r->d->im->arena, "%.*s[%.*s]%s", before, formats[i],
                             DVARA_STR_ARG(list), formats[i] + before + 1));
        some = true;
    }
    return some;
}

static bool model(struct rule *r, struct node *node)
{
    return lists(r, node, "request.model not in ~", "request.model in ~");
}

static bool tools(struct rule *r, struct node *node)
{
    return lists(r, node, "any t in request.tools { t.name not in ~ }",
                 "any t in request.tools { t.name in ~ }");
}

static bool mcp_tool(struct rule *r, struct node *node)
{
    r->phase = PHASE_TOOL;
    return lists(r, node, "tool.name not in ~", "tool.name in ~");
}

static bool mcp_server(struct rule *r, struct node *node)
{
    r->phase = PHASE_TOOL;
    return lists(r, node, "(not has tool.server or tool.server not in ~)",
                 "(has tool.server and tool.server in ~)");
}

static bool max_tokens(struct rule *r, struct node *node)
{
    int64_t limit = 0;
    if (!node_whole(node, "limit", &limit))
        return false;
    also(r, arena_printf(r->d->im->arena, "(has request.max_tokens and request.max_tokens > %lld)",
                         (long long)limit));
    return true;
}

static bool data_residency(struct rule *r, struct node *node)
{
    struct dvara_str list = dvara_texts(r->d, dvara_look(node, "allowed_regions"));
    if (!list.n)
        return false;
    r->phase = PHASE_TARGET;
    also(r, arena_printf(r->d->im->arena, "target.region not in [%.*s]", DVARA_STR_ARG(list)));
    return true;
}

/* "22:00", or false. */
static bool is_clock(struct dvara_str text)
{
    if (text.n != 5 || text.p[2] != ':')
        return false;
    for (size_t i = 0; i < 5; i++)
        if (i != 2 && (text.p[i] < '0' || text.p[i] > '9'))
            return false;
    return true;
}

static struct dvara_str hours(struct rule *r, struct node *list, struct dvara_str zone)
{
    struct dvara_str all = {NULL, 0};
    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++) {
        struct dvara_str start = dvara_text(list->children[i], "start"),
                         end = dvara_text(list->children[i], "end");
        if (!is_clock(start) || !is_clock(end))
            return (struct dvara_str){NULL, 0};
        all = arena_printf(r->d->im->arena, "%.*s%sbetween(%.*s, %.*s, %.*s)", DVARA_STR_ARG(all),
                           all.n ? " or " : "", DVARA_STR_ARG(start), DVARA_STR_ARG(end),
                           DVARA_STR_ARG(zone));
    }
    if (all.n)
        node_take_all(list);
    return all;
}

static struct dvara_str days(struct rule *r, struct node *list, struct dvara_str zone)
{
    struct dvara_str all = {NULL, 0};
    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++) {
        char day[4] = "";
        struct dvara_str text = list->children[i]->text;
        for (size_t k = 0; k < 3 && k < text.n; k++)
            day[k] = (char)(text.p[k] | 32);
        all = arena_printf(r->d->im->arena, "%.*s%s%.*s", DVARA_STR_ARG(all), all.n ? ", " : "",
                           DVARA_STR_ARG(dvp_string(r->d->im, dvara_str_from_cstr(day))));
    }
    if (!all.n)
        return all;
    node_take_all(list);
    return arena_printf(r->d->im->arena, "weekday(%.*s) in [%.*s]", DVARA_STR_ARG(zone),
                        DVARA_STR_ARG(all));
}

static bool time_of_day(struct rule *r, struct node *node)
{
    struct dvara_str name = dvara_text(node, "timezone");
    struct dvara_str zone = dvp_string(r->d->im, name.n ? name : DVARA_STR("UTC"));
    struct node *hour_list = dvara_look(node, "deny_hours"),
                *day_list = dvara_look(node, "deny_days");
    struct dvara_str by_hour = hours(r, hour_list, zone), by_day = days(r, day_list, zone);
    if ((hour_list && !by_hour.n) || (day_list && !by_day.n) || (!by_hour.n && !by_day.n))
        return false;
    also(r, arena_printf(r->d->im->arena, "(%.*s%s%.*s)", DVARA_STR_ARG(by_hour),
                         by_hour.n && by_day.n ? " or " : "", DVARA_STR_ARG(by_day)));
    return true;
}

static void read_conditions(struct rule *r)
{
    static const struct {
        const char *key;
        bool (*read)(struct rule *r, struct node *node);
    } rows[] = {{"model", model},
                {"tools", tools},
                {"max_tokens", max_tokens},
                {"data_residency", data_residency},
                {"time_of_day", time_of_day},
                {"mcp_tool", mcp_tool},
                {"mcp_server", mcp_server}};
    struct node *conditions = node_map(r->node, "conditions");
    size_t known = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct node *node = dvara_look(conditions, rows[i].key);
        if (!node || node->kind != NODE_MAP)
            continue;
        node->taken = rows[i].read(r, node);
        known += node->taken;
    }
    r->failed = !conditions || known != conditions->n;
    dvara_rest(r->d, r->block, conditions, path_member(r->d->im, r->path, "conditions"),
               "conditions");
}

/* ---- effects ---- */

static void write_effect(struct rule *r)
{
    struct imported *im = r->d->im;
    struct node *action = dvara_look(r->node, "action");
    struct dvara_str deny = dvara_text(r->node, "deny_message"),
                     warn = dvara_text(r->node, "warn_message");
    bool warns = node_is(action, "WARN_AGENT") || node_is(action, "warn_agent");
    if (action)
        action->taken = warns || node_is(action, "DENY") || node_is(action, "deny");
    if (action && !action->taken) {
        r->failed = true;
        return;
    }
    if (warns && r->phase == PHASE_TARGET) {
        imported_note(im, r->block, action, path_member(im, r->path, "action"),
                      "a rule on targets excludes, it does not warn");
        r->failed = true;
        return;
    }
    if (warns)
        block_line(im, r->block, "warn %.*s",
                   DVARA_STR_ARG(dvp_template(im, warn.n ? warn : r->policy)));
    else
        block_line(im, r->block, r->phase == PHASE_TARGET ? "exclude" : "deny");
    if (!warns)
        block_line(im, r->block, "reason %.*s",
                   DVARA_STR_ARG(dvp_template(
                       im, deny.n ? deny
                                  : arena_printf(im->arena, "refused by the policy %.*s",
                                                 DVARA_STR_ARG(r->policy)))));
}

static void write_priority(struct rule *r)
{
    struct node *node = dvara_look(r->node, "priority");
    int64_t value = 0;
    if (!node_as_whole(node, &value))
        return;
    node->taken = true;
    value = value > 1000 ? 1000 : value;
    if (value)
        block_line(r->d->im, r->block, "priority -%lld", (long long)value);
}

/* ---- rules ---- */

static void read_rule(struct rule *r, struct dvara_str workspace)
{
    static const char *const phases[] = {"request", "target", "tool"};
    struct imported *im = r->d->im;
    struct dvara_str id = dvara_text(r->node, "id"), about = dvara_text(r->node, "description");
    struct dvara_str name =
        arena_printf(im->arena, "%.*s_%.*s", DVARA_STR_ARG(r->policy), DVARA_STR_ARG(id));
    r->block = imported_block(im, BLOCK_RULE, imported_name(im, BLOCK_RULE, name));
    r->node->taken = r->node->kind == NODE_MAP;
    if (!r->block)
        return;
    if (about.n)
        r->block->doc = about;
    if (workspace.n)
        also(r, arena_printf(im->arena, "tenant.id == %.*s",
                             DVARA_STR_ARG(dvp_string(im, workspace))));
    read_conditions(r);
    block_line(im, r->block, "on %s", phases[r->phase]);
    if (r->condition.n)
        block_line(im, r->block, "when %.*s", DVARA_STR_ARG(r->condition));
    write_effect(r);
    write_priority(r);
    if (r->shadow)
        block_line(im, r->block, "mode shadow");
    dvara_rest(r->d, r->block, r->node, r->path, "rule");
    if (!r->failed)
        return;
    r->block->withdrawn = true; /* with a condition less it would refuse more */
    block_comment(im, r->block, "the whole rule is left out: a part of it could not be carried");
    imported_note(im, NULL, NULL, r->path,
                  "the whole rule is left out: a part of it could not be carried");
}

static void read_dsl(struct dvara_import *d, struct node *dsl, struct dvara_str path,
                     struct rule model_rule, struct dvara_str workspace)
{
    struct node_problem problem = {.line = 0};
    struct block *notes = imported_section(d->im, "policies");
    struct node *root =
        dsl->kind == NODE_MAP ? dsl : node_read_yaml(dsl->text, d->im->arena, &problem);
    struct node *rules = root ? dvara_list(root, "rules") : NULL;
    if (!rules) {
        imported_note(d->im, notes, dsl, path,
                      root ? "a policy's text has a list of rules"
                           : "the policy's text is no YAML");
        return;
    }
    dsl->taken = true;
    for (size_t i = 0; i < rules->n; i++) {
        struct rule rule = model_rule;
        rule.node = rules->children[i];
        rule.node->line += root == dsl ? 0 : dsl->line;
        rule.path = path_element(d->im, path_member(d->im, path, "rules"), i);
        read_rule(&rule, workspace);
    }
}

static void read_policy(struct dvara_import *d, struct node *node, struct dvara_str path)
{
    struct imported *im = d->im;
    struct dvara_str workspace = dvara_text(node, "workspace"), status = dvara_text(node, "status");
    struct rule rule = {.d = d, .policy = dvara_text(node, "id")};
    struct node *dsl = dvara_look(node, "dsl");
    struct block *notes = imported_section(im, "policies");
    rule.shadow = dvara_str_eq(status, DVARA_STR("SHADOW"));
    node->taken = node->kind == NODE_MAP;
    if (!workspace.n)
        workspace = dvara_text(node, "tenant");
    if (!dsl || (status.n && !rule.shadow && !dvara_str_eq(status, DVARA_STR("ACTIVE")))) {
        imported_note(im, notes, node, path,
                      dsl ? "only ACTIVE and SHADOW policies are judged"
                          : "a policy has its rules in dsl");
        return;
    }
    if (!rule.policy.n)
        rule.policy = DVARA_STR("policy");
    read_dsl(d, dsl, path_member(im, path, "dsl"), rule, workspace);
    dvara_rest(d, notes, node, path, "policy");
}

void dvara_policies(struct dvara_import *d)
{
    struct node *list = dvara_list(d->root, "policies");
    for (size_t i = 0; list && i < list->n; i++)
        read_policy(d, list->children[i],
                    path_element(d->im, path_member(d->im, d->path, "policies"), i));
}
