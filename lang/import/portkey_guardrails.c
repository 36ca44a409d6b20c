/* SPDX-License-Identifier: Apache-2.0 */
/* Guardrails written into the config. A check that does not hold is a failure: it denies where the
 * guardrail says `deny`, else it is only told. */
#include "lang/import/portkey.h"

struct check {
    struct portkey *p;
    const char *phase, *text; /* "request", and the attribute that it reads */
    bool denies;
};

static struct dvara_str words_of(struct check *c, struct node *words, const char *join_cstr)
{
    struct dvara_str all = {NULL, 0};
    for (size_t i = 0; words && words->kind == NODE_LIST && i < words->n; i++)
        if (words->children[i]->kind == NODE_TEXT && words->children[i]->text.n)
            all = arena_printf(c->p->im->arena, "%.*s%s%s contains %.*s", DVARA_STR_ARG(all),
                               all.n ? join_cstr : "", c->text,
                               DVARA_STR_ARG(dvp_string(c->p->im, words->children[i]->text)));
    return all;
}

static struct dvara_str contains(struct check *c, struct node *settings)
{
    struct node *how = node_look(settings, "operator"), *words = node_look(settings, "words");
    bool all = node_is(how, "all"), none = node_is(how, "none");
    struct dvara_str text = words_of(c, words, all ? " and " : " or ");
    if (!text.n || (how && !all && !none && !node_is(how, "any")))
        return (struct dvara_str){NULL, 0};
    return none ? text : arena_printf(c->p->im->arena, "not (%.*s)", DVARA_STR_ARG(text));
}

static struct dvara_str regex_match(struct check *c, struct node *settings)
{
    struct node *rule = node_look(settings, "rule"), *inverse = node_look(settings, "not");
    struct dvara_str regex = rule && rule->kind == NODE_TEXT ? dvp_regex(c->p->im, rule->text, "")
                                                             : (struct dvara_str){NULL, 0};
    if (!regex.p)
        return regex;
    bool is_inverse = inverse && inverse->kind == NODE_BOOL && inverse->is_true;
    return arena_printf(c->p->im->arena, is_inverse ? "%s matches %.*s" : "not (%s matches %.*s)",
                        c->text, DVARA_STR_ARG(regex));
}

static struct dvara_str model_list(struct check *c, struct node *settings)
{
    struct node *models = node_look(settings, "models"), *inverse = node_look(settings, "not");
    struct dvara_str list = {NULL, 0};
    for (size_t i = 0; models && models->kind == NODE_LIST && i < models->n; i++)
        if (models->children[i]->kind == NODE_TEXT)
            list =
                arena_printf(c->p->im->arena, "%.*s%s%.*s", DVARA_STR_ARG(list), list.n ? ", " : "",
                             DVARA_STR_ARG(dvp_string(c->p->im, models->children[i]->text)));
    if (!list.n || strcmp(c->phase, "request") != 0)
        return (struct dvara_str){NULL, 0};
    bool is_inverse = inverse && inverse->kind == NODE_BOOL && inverse->is_true;
    return arena_printf(c->p->im->arena, "request.asked_model %s [%.*s]",
                        is_inverse ? "in" : "not in", DVARA_STR_ARG(list));
}

static void write_rule(struct check *c, struct dvara_str name, struct dvara_str condition)
{
    struct imported *im = c->p->im;
    struct block *block = imported_block(im, BLOCK_RULE, imported_name(im, BLOCK_RULE, name));
    if (!block)
        return;
    block_line(im, block, "on %s", c->phase);
    block_line(im, block, "when %.*s", DVARA_STR_ARG(condition));
    block_line(im, block, "deny code \"guardrail\"");
    block_line(im, block, "reason \"a guardrail does not accept the %s\"", c->phase);
    if (!c->denies)
        block_line(im, block, "mode report");
}

static bool read_check(struct check *c, struct dvara_str key, struct node *settings)
{
    static const struct {
        const char *key, *name;
        struct dvara_str (*condition)(struct check *c, struct node *settings);
    } rows[] = {{"default.contains", "contains", contains},
                {"default.regexMatch", "regex_match", regex_match},
                {"default.modelWhitelist", "models", model_list},
                {"default.modelwhitelist", "models", model_list}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dvara_str condition = {NULL, 0};
        if (dvara_str_eq(key, dvara_str_from_cstr(rows[i].key)))
            condition = rows[i].condition(c, settings);
        if (!condition.n)
            continue;
        write_rule(c, arena_printf(c->p->im->arena, "%s_%s", c->phase, rows[i].name), condition);
        node_take_all(settings);
        return true;
    }
    return false;
}

static void read_guardrail(struct check *c, struct node *guardrail, struct dvara_str path,
                           struct block *notes)
{
    static const char *const own[] = {"deny", "async", "on_success", "on_fail", "id", "type"};
    if (guardrail->kind != NODE_MAP) {
        imported_note(c->p->im, notes, guardrail, path,
                      "a guardrail that is stored at Portkey; write a rule");
        return;
    }
    guardrail->taken = true;
    struct node *deny = node_look(guardrail, "deny");
    c->denies = deny && deny->kind == NODE_BOOL && deny->is_true;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        node_take_all(node_look(guardrail, own[i]));
    for (size_t i = 0; i < guardrail->n; i++) {
        struct node *settings = guardrail->children[i];
        if (!settings->taken && !read_check(c, guardrail->keys[i], settings))
            imported_note(c->p->im, notes, settings, path, "no rule does what this check does");
    }
}

void portkey_guardrails(struct portkey *p, struct node *config, struct dvara_str path)
{
    static const struct {
        const char *key, *phase, *text;
    } rows[] = {{"input_guardrails", "request", "request.text"},
                {"before_request_hooks", "request", "request.text"},
                {"output_guardrails", "response", "response.text"},
                {"after_request_hooks", "response", "response.text"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct node *node = node_look(config, rows[i].key);
        struct node *list =
            node && node->taken ? NULL : node_list(p->im->arena, config, rows[i].key);
        struct check c = {.p = p, .phase = rows[i].phase, .text = rows[i].text};
        if (list && path.n)
            block_comment(p->im, imported_section(p->im, "guardrails"),
                          "a guardrail of one target is a rule for all requests");
        for (size_t k = 0; list && k < list->n; k++)
            read_guardrail(&c, list->children[k],
                           path_element(p->im, path_member(p->im, path, rows[i].key), k),
                           imported_section(p->im, "guardrails"));
    }
}
