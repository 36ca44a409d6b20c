/* SPDX-License-Identifier: Apache-2.0 */
/* YAML through libyaml's events. Anchors and aliases are read, since configurations share settings
 * by them: an alias is its anchor's node, a `<<` adds the members that a map does not have itself.
 * How many places they fill and how deep they lead is bounded, so a small text cannot become a
 * large tree. */
#include "lang/import/node.h"
#include "lang/list.h"

#include <stdio.h>
#include <yaml.h>

struct anchor {
    struct dvara_str name;
    struct node *node;
};

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    struct node_problem *problem;
    struct anchor *anchors;
    size_t n_anchors;
    size_t count; /* nodes, and places filled */
};

static struct node *refuse(struct reader *r, unsigned line, const char *why_cstr)
{
    if (!r->problem->text[0]) {
        r->problem->line = line;
        (void)snprintf(r->problem->text, sizeof r->problem->text, "%s", why_cstr);
    }
    return NULL;
}

static unsigned line_of(const yaml_mark_t *mark)
{
    return (unsigned)mark->line + 1;
}

static bool next(struct reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event))
        return true;
    (void)refuse(r, line_of(&r->parser.problem_mark),
                 r->parser.problem ? r->parser.problem : "this is no YAML");
    return false;
}

/* ---- scalars ---- */

static bool is_one_of(struct dvara_str text, const char *const *words)
{
    for (; *words; words++)
        if (dvara_str_eq(text, dvara_str_from_cstr(*words)))
            return true;
    return false;
}

static bool is_number(struct dvara_str text)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        digits += c >= '0' && c <= '9';
        if (!(c >= '0' && c <= '9') && !memchr("+-._eE", c, 6))
            return false;
    }
    return digits > 0 && text.p[0] != '_' && text.p[0] != 'e' && text.p[0] != 'E';
}

/* A bare word's kind, as YAML 1.1 resolves it (PyYAML, which gateways read their files with). */
static void resolve(struct node *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", "yes", "Yes",
                                        "YES",  "on",   "On",   "ON",  NULL};
    static const char *const falses[] = {"false", "False", "FALSE", "no",  "No",
                                         "NO",    "off",   "Off",   "OFF", NULL};
    node->is_true = is_one_of(node->text, trues);
    if (is_one_of(node->text, nulls))
        node->kind = NODE_NULL;
    else if (node->is_true || is_one_of(node->text, falses))
        node->kind = NODE_BOOL;
    else if (is_number(node->text))
        node->kind = NODE_NUMBER;
}

static struct node *read_scalar(struct reader *r, const yaml_event_t *event)
{
    struct node *node = node_new(r->arena, NODE_TEXT, line_of(&event->start_mark));
    struct dvara_str value =
        dvara_str_from((const char *)event->data.scalar.value, event->data.scalar.length);
    if (!node)
        return refuse(r, line_of(&event->start_mark), "the file is too large");
    node->text = arena_copy(r->arena, value);
    if (value.n && memchr(value.p, 0, value.n))
        return refuse(r, node->line, "a value holds a NUL byte");
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        resolve(node);
    return node;
}

/* ---- anchors ---- */

static const char *anchor_of(const yaml_event_t *event)
{
    const yaml_char_t *anchor =
        event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
        : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
        : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.anchor
                                                   : NULL;
    return (const char *)anchor;
}

/* What stands inside an anchor's own value does not see it: there are no cycles. */
static struct node *alias(struct reader *r, const yaml_event_t *event)
{
    struct dvara_str name = dvara_str_from_cstr((const char *)event->data.alias.anchor);
    for (size_t i = r->n_anchors; i-- > 0;)
        if (dvara_str_eq(r->anchors[i].name, name))
            return r->anchors[i].node;
    return refuse(r, line_of(&event->start_mark), "the alias names no anchor before it");
}

static bool keep_anchor(struct reader *r, struct dvara_str name, struct node *node)
{
    struct anchor anchor = {name, node};
    LIST_APPEND(r->arena, r->anchors, r->n_anchors, anchor);
    return !arena_is_exhausted(r->arena);
}

/* ---- collections ---- */

static struct node *read_node(struct reader *r, const yaml_event_t *event, unsigned depth);

static bool add(struct reader *r, struct node *parent, struct dvara_str key, struct node *child,
                unsigned depth)
{
    if (++r->count > NODE_COUNT_MAX || !node_add(r->arena, parent, key, child)) {
        (void)refuse(r, child->line,
                     "the file is too large, counted with what its aliases stand for");
        return false;
    }
    if (depth + child->height <= NODE_DEPTH_MAX)
        return true;
    (void)refuse(r, child->line, "nested too deep");
    return false;
}

static bool has_key(const struct node *map, struct dvara_str key)
{
    for (size_t i = 0; i < map->n; i++)
        if (dvara_str_eq(map->keys[i], key))
            return true;
    return false;
}

/* `<<: *base`, or a list of them: what is there already stays. */
static bool merge(struct reader *r, struct node *map, const struct node *base, unsigned depth)
{
    if (base->kind == NODE_LIST) {
        for (size_t i = 0; i < base->n; i++)
            if (base->children[i]->kind != NODE_MAP || !merge(r, map, base->children[i], depth))
                return false;
        return true;
    }
    for (size_t i = 0; base->kind == NODE_MAP && i < base->n; i++)
        if (!has_key(map, base->keys[i]) && map->n < NODE_KEYS_MAX &&
            !add(r, map, base->keys[i], base->children[i], depth))
            return false;
    return true;
}

static bool read_list(struct reader *r, struct node *list, unsigned depth)
{
    yaml_event_t event;
    while (next(r, &event)) {
        bool at_end = event.type == YAML_SEQUENCE_END_EVENT;
        struct node *child = at_end ? NULL : read_node(r, &event, depth + 1);
        yaml_event_delete(&event);
        if (at_end)
            return true;
        if (!child || !add(r, list, DVARA_STR(""), child, depth))
            return false;
    }
    return false;
}

/* The value of a key whose event was read. */
static struct node *read_value(struct reader *r, unsigned depth)
{
    yaml_event_t event;
    if (!next(r, &event))
        return NULL;
    struct node *node = read_node(r, &event, depth + 1);
    yaml_event_delete(&event);
    return node;
}

static bool read_member(struct reader *r, struct node *map, const yaml_event_t *event,
                        struct node **merged, unsigned depth)
{
    unsigned line = line_of(&event->start_mark);
    struct dvara_str key = {NULL, 0};
    if (event->type == YAML_SCALAR_EVENT)
        key = arena_copy(r->arena, dvara_str_from((const char *)event->data.scalar.value,
                                                  event->data.scalar.length));
    if (!key.p || (key.n && memchr(key.p, 0, key.n)))
        return refuse(r, line, "a key must be a word") != NULL;
    bool is_merge = dvara_str_eq(key, DVARA_STR("<<"));
    if (!is_merge && has_key(map, key))
        return refuse(r, line, "a key stands twice") != NULL;
    if (map->n >= NODE_KEYS_MAX)
        return refuse(r, line, "the map has too many keys") != NULL;
    struct node *child = read_value(r, depth);
    if (child && is_merge) {
        *merged = child;
        return true;
    }
    return child && add(r, map, key, child, depth);
}

static bool read_map(struct reader *r, struct node *map, unsigned depth)
{
    yaml_event_t event;
    struct node *merged = NULL;
    while (next(r, &event)) {
        bool at_end = event.type == YAML_MAPPING_END_EVENT;
        bool ok = at_end || read_member(r, map, &event, &merged, depth);
        yaml_event_delete(&event);
        if (at_end && merged && !merge(r, map, merged, depth))
            return refuse(r, map->line, "`<<` is given something that is no map") != NULL;
        if (at_end || !ok)
            return ok;
    }
    return false;
}

static struct node *read_collection(struct reader *r, const yaml_event_t *event, unsigned depth)
{
    unsigned line = line_of(&event->start_mark);
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    if (depth >= NODE_DEPTH_MAX)
        return refuse(r, line, "nested too deep");
    struct node *node = node_new(r->arena, is_map ? NODE_MAP : NODE_LIST, line);
    if (!node)
        return refuse(r, line, "the file is too large");
    return (is_map ? read_map(r, node, depth) : read_list(r, node, depth)) ? node : NULL;
}

static struct node *read_node(struct reader *r, const yaml_event_t *event, unsigned depth)
{
    if (event->type == YAML_ALIAS_EVENT)
        return alias(r, event);
    const char *anchor_cstr = anchor_of(event);
    struct dvara_str anchor = arena_copy(r->arena, dvara_str_from_cstr(anchor_cstr));
    struct node *node =
        event->type == YAML_SCALAR_EVENT ? read_scalar(r, event) : read_collection(r, event, depth);
    if (node && anchor_cstr && !keep_anchor(r, anchor, node))
        return refuse(r, node->line, "the file is too large");
    return node;
}

/* The first document; a second is refused. */
static struct node *read_document(struct reader *r)
{
    struct node *root = NULL;
    yaml_event_t event;
    while (next(r, &event)) {
        yaml_event_type_t type = event.type;
        unsigned line = line_of(&event.start_mark);
        bool structural = type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT ||
                          type == YAML_DOCUMENT_END_EVENT || type == YAML_STREAM_END_EVENT;
        struct node *node = structural ? NULL : read_node(r, &event, 0);
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT)
            return root ? root : node_new(r->arena, NODE_MAP, 1);
        if (type == YAML_DOCUMENT_START_EVENT && root)
            return refuse(r, line, "the file holds a second document");
        if (!structural && !node)
            return NULL;
        root = node ? node : root;
    }
    return NULL;
}

struct node *node_read_yaml(struct dvara_str text, struct arena *arena,
                            struct node_problem *ret_problem)
{
    struct reader r = {.arena = arena, .problem = ret_problem};
    if (!yaml_parser_initialize(&r.parser))
        return refuse(&r, 1, "out of memory");
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
    struct node *root = read_document(&r);
    yaml_parser_delete(&r.parser);
    if (!root)
        return refuse(&r, 1, "the file is too large");
    if (root->kind == NODE_NULL)
        root->kind = NODE_MAP;
    return root;
}
