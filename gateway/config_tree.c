/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/config_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

struct tree_reader {
    yaml_parser_t parser;
    const char *name_cstr;
    struct arena *arena;
    struct config_problems *problems;
};

enum { PROBLEM_BYTES = 64 * 1024, PROBLEM_LINE_BYTES = 1024, VARIABLE_NAME_BYTES = 128 };

void config_problems_init(struct config_problems *problems)
{
    buf_init(&problems->text, PROBLEM_BYTES);
    problems->count = 0;
}

void config_problems_clear(struct config_problems *problems)
{
    buf_clear(&problems->text);
    problems->count = 0;
}

void config_problem(struct config_problems *problems, const char *name_cstr, unsigned line,
                    unsigned column, const char *format, ...)
{
    char text[PROBLEM_LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    problems->count++;
    if (line != 0)
        buf_printf(&problems->text, "%s:%u:%u: %s\n", name_cstr, line, column, text);
    else
        buf_printf(&problems->text, "%s: %s\n", name_cstr, text);
}

static void problem_at(struct tree_reader *reader, const yaml_mark_t *mark, const char *message)
{
    config_problem(reader->problems, reader->name_cstr, (unsigned)mark->line + 1,
                   (unsigned)mark->column + 1, "%s", message);
}

static bool next_event(struct tree_reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    const char *why_cstr = reader->parser.problem ? reader->parser.problem : "not YAML";
    yaml_mark_t *mark = &reader->parser.problem_mark;
    problem_at(reader, mark, why_cstr);
    return false;
}

static bool is_variable_byte(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* One `${…}` at text[*at]; appends its value. False with a problem. */
static bool expand_one(struct tree_reader *reader, const struct config_node *node,
                       struct dvara_str text, size_t *at, struct buf *out)
{
    size_t from = *at + 2, to = from;
    while (to < text.n && is_variable_byte(text.p[to]))
        to++;
    struct dvara_str name = dvara_str_slice(text, from, to);
    struct dvara_str fallback = {NULL, 0};
    size_t end = to;
    if (to + 1 < text.n && text.p[to] == ':' && text.p[to + 1] == '-') {
        end = to + 2;
        while (end < text.n && text.p[end] != '}')
            end++;
        fallback = dvara_str_slice(text, to + 2, end);
    }
    char name_cstr[VARIABLE_NAME_BYTES];
    if (name.n == 0 || name.n >= sizeof name_cstr || end >= text.n || text.p[end] != '}') {
        config_problem(reader->problems, reader->name_cstr, node->line, node->column,
                       "`${` is not followed by NAME} or NAME:-default}; write `$${` for the text "
                       "itself");
        return false;
    }
    memcpy(name_cstr, name.p, name.n);
    name_cstr[name.n] = '\0';
    const char *value_cstr = getenv(name_cstr);
    if (value_cstr == NULL && dvara_str_is_absent(fallback)) {
        config_problem(reader->problems, reader->name_cstr, node->line, node->column,
                       "the environment variable %s is not set; give a default with ${%s:-…}",
                       name_cstr, name_cstr);
        return false;
    }
    buf_append(out, value_cstr != NULL ? dvara_str_from_cstr(value_cstr) : fallback);
    *at = end + 1;
    return true;
}

static bool expand(struct tree_reader *reader, struct config_node *node)
{
    struct dvara_str text = node->raw;
    node->text = text;
    if (text.n < 2 || memmem(text.p, text.n, "${", 2) == NULL)
        return true;
    struct buf out;
    buf_init(&out, CONFIG_FILE_BYTES);
    bool ok = true;
    for (size_t i = 0; ok && i < text.n;) {
        if (i + 2 < text.n && text.p[i] == '$' && text.p[i + 1] == '$' && text.p[i + 2] == '{') {
            BUF_LIT(&out, "${");
            i += 3;
        } else if (i + 1 < text.n && text.p[i] == '$' && text.p[i + 1] == '{') {
            ok = expand_one(reader, node, text, &i, &out);
        } else {
            buf_byte(&out, text.p[i++]);
        }
    }
    node->text = arena_copy(reader->arena, buf_str(&out));
    ok = ok && !buf_failed(&out);
    if (out.p != NULL)
        explicit_bzero(out.p, out.size); /* a variable may be a secret */
    buf_clear(&out);
    return ok;
}

static struct config_node *new_node(struct tree_reader *reader, enum config_node_kind kind,
                                    const yaml_mark_t *mark)
{
    struct config_node *node = ARENA_NEW(reader->arena, struct config_node);
    if (node == NULL) {
        problem_at(reader, mark, "the file is too large");
        return NULL;
    }
    node->kind = kind;
    node->line = (unsigned)mark->line + 1;
    node->column = (unsigned)mark->column + 1;
    return node;
}

static struct config_node *read_scalar(struct tree_reader *reader, const yaml_event_t *event)
{
    if (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL) {
        problem_at(reader, &event->start_mark, "anchors and tags are not used here");
        return NULL;
    }
    struct config_node *node = new_node(reader, CONFIG_NODE_SCALAR, &event->start_mark);
    if (node == NULL)
        return NULL;
    const char *value = (const char *)event->data.scalar.value;
    node->raw = arena_copy(reader->arena, dvara_str_from(value, event->data.scalar.length));
    if (node->raw.n != 0 && memchr(node->raw.p, '\0', node->raw.n) != NULL) {
        problem_at(reader, &event->start_mark, "a value holds a NUL byte");
        return NULL;
    }
    bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->is_null = is_plain && (node->raw.n == 0 || dvara_str_eq(node->raw, DVARA_STR("~")) ||
                                 dvara_str_eq(node->raw, DVARA_STR("null")));
    return expand(reader, node) ? node : NULL;
}

static bool check_key(struct tree_reader *reader, const yaml_event_t *event,
                      const struct config_node *map)
{
    if (event->type != YAML_SCALAR_EVENT || event->data.scalar.anchor != NULL ||
        event->data.scalar.tag != NULL || event->data.scalar.length == 0) {
        problem_at(reader, &event->start_mark, "a key must be a plain word");
        return false;
    }
    struct dvara_str key =
        dvara_str_from((const char *)event->data.scalar.value, event->data.scalar.length);
    for (const struct config_node *child = map->child; child != NULL; child = child->next)
        if (dvara_str_eq(child->key, key)) {
            config_problem(reader->problems, reader->name_cstr,
                           (unsigned)event->start_mark.line + 1,
                           (unsigned)event->start_mark.column + 1,
                           "duplicate key `%.*s`: the first is on line %u", DVARA_STR_ARG(key),
                           child->key_line);
            return false;
        }
    return true;
}

static struct config_node *read_node(struct tree_reader *reader, const yaml_event_t *event,
                                     unsigned depth);

static bool read_list(struct tree_reader *reader, struct config_node *list, unsigned depth)
{
    struct config_node **link = &list->child;
    yaml_event_t event;
    while (next_event(reader, &event)) {
        bool at_end = event.type == YAML_SEQUENCE_END_EVENT;
        *link = at_end ? NULL : read_node(reader, &event, depth + 1);
        yaml_event_delete(&event);
        if (at_end)
            return true;
        if (*link == NULL)
            return false;
        link = &(*link)->next;
        list->count++;
    }
    return false;
}

static struct config_node *read_member(struct tree_reader *reader, const yaml_event_t *key,
                                       const struct config_node *map, unsigned depth)
{
    if (!check_key(reader, key, map))
        return NULL;
    yaml_event_t event;
    if (!next_event(reader, &event))
        return NULL;
    struct config_node *node = read_node(reader, &event, depth + 1);
    yaml_event_delete(&event);
    if (node == NULL)
        return NULL;
    node->key = arena_copy(reader->arena, dvara_str_from((const char *)key->data.scalar.value,
                                                         key->data.scalar.length));
    node->key_line = (unsigned)key->start_mark.line + 1;
    node->key_column = (unsigned)key->start_mark.column + 1;
    return node;
}

static bool read_map(struct tree_reader *reader, struct config_node *map, unsigned depth)
{
    struct config_node **link = &map->child;
    yaml_event_t event;
    while (next_event(reader, &event)) {
        bool at_end = event.type == YAML_MAPPING_END_EVENT;
        struct config_node *node = at_end ? NULL : read_member(reader, &event, map, depth);
        yaml_event_delete(&event);
        if (at_end)
            return true;
        if (node == NULL)
            return false;
        *link = node;
        link = &node->next;
        map->count++;
    }
    return false;
}

static struct config_node *read_node(struct tree_reader *reader, const yaml_event_t *event,
                                     unsigned depth)
{
    if (depth > CONFIG_TREE_DEPTH) {
        problem_at(reader, &event->start_mark, "nested too deep");
        return NULL;
    }
    if (event->type == YAML_SCALAR_EVENT)
        return read_scalar(reader, event);
    if (event->type == YAML_ALIAS_EVENT) {
        problem_at(reader, &event->start_mark, "aliases are not used here: write the value out");
        return NULL;
    }
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    if (is_map
            ? event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL
            : event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL) {
        problem_at(reader, &event->start_mark, "anchors and tags are not used here");
        return NULL;
    }
    struct config_node *node =
        new_node(reader, is_map ? CONFIG_NODE_MAP : CONFIG_NODE_LIST, &event->start_mark);
    if (node == NULL)
        return NULL;
    bool ok = is_map ? read_map(reader, node, depth) : read_list(reader, node, depth);
    return ok ? node : NULL;
}

/* The one document of the stream. An empty one is an empty map. */
static struct config_node *read_document(struct tree_reader *reader, const yaml_event_t *start)
{
    yaml_event_t event;
    if (!next_event(reader, &event))
        return NULL;
    struct config_node *root = read_node(reader, &event, 0);
    yaml_event_delete(&event);
    if (root != NULL && root->kind == CONFIG_NODE_SCALAR && root->is_null)
        root = new_node(reader, CONFIG_NODE_MAP, &start->start_mark);
    if (root != NULL && root->kind != CONFIG_NODE_MAP) {
        problem_at(reader, &start->start_mark, "the file must be a map of sections");
        return NULL;
    }
    if (root == NULL || !next_event(reader, &event))
        return NULL;
    yaml_event_delete(&event); /* end of the document: libyaml gives nothing else here */
    return root;
}

static struct config_node *read_stream(struct tree_reader *reader)
{
    struct config_node *root = NULL;
    yaml_event_t event;
    while (next_event(reader, &event)) {
        yaml_event_type_t type = event.type;
        bool ok = true;
        if (type == YAML_DOCUMENT_START_EVENT && root != NULL) {
            problem_at(reader, &event.start_mark, "only one document is read");
            ok = false;
        } else if (type == YAML_DOCUMENT_START_EVENT) {
            root = read_document(reader, &event);
            ok = root != NULL;
        } else if (type == YAML_STREAM_END_EVENT && root == NULL) {
            root = new_node(reader, CONFIG_NODE_MAP, &event.start_mark);
        }
        yaml_event_delete(&event);
        if (!ok || type == YAML_STREAM_END_EVENT)
            return ok ? root : NULL;
    }
    return NULL;
}

enum dvara_status config_tree_parse(struct dvara_str text, const char *name_cstr,
                                    struct arena *arena, struct config_problems *problems,
                                    struct config_node **ret_root)
{
    if (text.n > CONFIG_FILE_BYTES) {
        config_problem(problems, name_cstr, 0, 0, "larger than 1 MiB");
        return DVARA_TOO_LARGE;
    }
    struct tree_reader reader = {.name_cstr = name_cstr, .arena = arena, .problems = problems};
    if (!yaml_parser_initialize(&reader.parser))
        return DVARA_NO_MEMORY;
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)(text.p ? text.p : ""),
                                 text.n);
    struct config_node *root = read_stream(&reader);
    yaml_parser_delete(&reader.parser);
    if (root == NULL)
        return DVARA_INVALID;
    *ret_root = root;
    return DVARA_OK;
}
