/* SPDX-License-Identifier: Apache-2.0 */
/* YAML text as a tree of nodes with their places, read through libyaml's events. Refused here: a
 * second document, anchors, aliases, tags, duplicate keys, keys that are no plain words, depth over
 * CONFIG_TREE_DEPTH. `${NAME}` and `${NAME:-default}` in scalar values are replaced from the
 * environment after parsing, so that no value can change the structure; `$${` is a literal `${`. */
#ifndef GATEWAY_CONFIG_TREE_H
#define GATEWAY_CONFIG_TREE_H

#include "gateway/config.h"

enum {
    CONFIG_TREE_DEPTH = 16,          /* the deepest option stands at 5 */
    CONFIG_FILE_BYTES = 1024 * 1024, /* some ten thousand keys */
};

enum config_node_kind { CONFIG_NODE_SCALAR, CONFIG_NODE_MAP, CONFIG_NODE_LIST };

struct config_node {
    enum config_node_kind kind;
    struct dvara_str key;  /* in a map: its key; else absent */
    struct dvara_str text; /* of a scalar, expanded */
    struct dvara_str raw;  /* as written: what messages may show */
    bool is_null;          /* `key:` with nothing after it */
    unsigned line, column; /* of the value, from 1 */
    unsigned key_line, key_column;
    size_t count; /* children */
    struct config_node *child, *next;
};

/* Problems are appended and the tree is NULL then. *ret_root is always a map (an empty text is an
 * empty map). */
enum dvara_status config_tree_parse(struct dvara_str text, const char *name_cstr,
                                    struct arena *arena, struct config_problems *problems,
                                    struct config_node **ret_root) DVARA_MUST_CHECK;

/* "name:line:column: " and the message, one line. */
void config_problem(struct config_problems *problems, const char *name_cstr, unsigned line,
                    unsigned column, const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
