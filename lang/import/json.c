/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "lang/import/node.h"

#include <stdio.h>

struct reader {
    struct json_doc doc;
    struct arena *arena;
    uint32_t at; /* bytes counted into `line` */
    unsigned line;
};

/* Nodes come in document order, so lines are counted once. */
static unsigned line_of(struct reader *r, uint32_t offset)
{
    for (; r->at < offset; r->at++)
        r->line += r->doc.text.p[r->at] == '\n';
    return r->line;
}

static struct node *read(struct reader *r, uint32_t number);

static bool read_children(struct reader *r, struct node *node, uint32_t number)
{
    bool is_map = node->kind == NODE_MAP;
    for (uint32_t i = json_first(&r->doc, number); i != JSON_NONE; i = json_next(&r->doc, i)) {
        struct dvara_str key = is_map ? json_string(&r->doc, i, r->arena) : DVARA_STR("");
        struct node *child = read(r, is_map ? i + 1 : i);
        if (!child || !node_add(r->arena, node, key, child))
            return false;
    }
    return true;
}

static struct node *read(struct reader *r, uint32_t number)
{
    static const enum node_kind kinds[JSON_KIND_COUNT] = {
        [JSON_NULL] = NODE_NULL,   [JSON_BOOL] = NODE_BOOL, [JSON_NUMBER] = NODE_NUMBER,
        [JSON_STRING] = NODE_TEXT, [JSON_KEY] = NODE_TEXT,  [JSON_ARRAY] = NODE_LIST,
        [JSON_OBJECT] = NODE_MAP,
    };
    enum json_kind kind = json_kind(&r->doc, number);
    struct node *node = node_new(r->arena, kinds[kind], line_of(r, r->doc.nodes[number].start));
    if (!node)
        return NULL;
    node->text =
        kind == JSON_STRING ? json_string(&r->doc, number, r->arena) : json_raw(&r->doc, number);
    node->is_true = json_is_true(&r->doc, number);
    return read_children(r, node, number) ? node : NULL;
}

struct node *node_read_json(struct dvara_str text, struct arena *arena,
                            struct node_problem *ret_problem)
{
    struct json_error error = {0};
    struct reader r = {.arena = arena, .line = 1};
    enum dvara_status status = json_parse(text, NODE_COUNT_MAX, arena, &r.doc, &error);
    if (status != DVARA_OK) {
        const char *why = error.reason ? error.reason : "the file is too large";
        ret_problem->line = 1;
        for (size_t i = 0; i < error.offset && i < text.n; i++)
            ret_problem->line += text.p[i] == '\n';
        (void)snprintf(ret_problem->text, sizeof ret_problem->text,
                       "this is no JSON that can be read: %s", why);
        return NULL;
    }
    struct node *root = read(&r, 0);
    if (!root) {
        ret_problem->line = r.line;
        (void)snprintf(ret_problem->text, sizeof ret_problem->text, "the file is too large");
    }
    return root;
}
