/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration as it was read, YAML or JSON: a tree with the line of each value. An importer
 * takes what it knows; what nobody took is reported afterwards. A YAML alias is the node it stands
 * for, so the tree is a graph without cycles, and a walk over all of it looks at a node once
 * (`reported`). */
#ifndef LANG_IMPORT_NODE_H
#define LANG_IMPORT_NODE_H

#include "base/arena.h"

enum {
    NODE_DEPTH_MAX = 48,      /* the deepest key that means something stands at 12 */
    NODE_INPUT_MAX = 4 << 20, /* bytes; thousands of models fit into one */
    NODE_COUNT_MAX = 400000,  /* nodes, and places where aliases put one */
    NODE_KEYS_MAX = 8192,     /* of one map: keys are compared with each other */
    NODE_PROBLEM_MAX = 256
};

enum node_kind { NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    struct dvara_str text; /* of a scalar: as written, decoded; in YAML a bare 1e5 is a NUMBER */
    bool is_true;
    unsigned line;          /* from 1 */
    struct dvara_str *keys; /* of a MAP: one a child; no two alike */
    struct node **children;
    size_t n;
    uint16_t height; /* levels under it, itself included */
    bool taken;      /* an importer has dealt with it, or with all of it that matters */
    bool noted;      /* it is told as not carried */
    bool reported;   /* a walk has been here */
};

/* Where reading failed and why, one line. */
struct node_problem {
    unsigned line;
    char text[NODE_PROBLEM_MAX];
};

/* NULL: what is wrong is in *ret_problem. An empty YAML text is an empty map. */
struct node *node_read_yaml(struct dvara_str text, struct arena *arena,
                            struct node_problem *ret_problem);
struct node *node_read_json(struct dvara_str text, struct arena *arena,
                            struct node_problem *ret_problem);

/* For readers. False: too many children. */
struct node *node_new(struct arena *arena, enum node_kind kind, unsigned line);
bool node_add(struct arena *arena, struct node *parent, struct dvara_str key, struct node *child);

/* The member of that name, or NULL; also where `map` is NULL or no map, or the member is null. The
 * first does not mark it, the second marks the member as taken (a map's or list's own members are
 * not). */
struct node *node_look(struct node *map, const char *key_cstr);
struct node *node_get(struct node *map, const char *key_cstr);
/* The node and everything in it. */
void node_take_all(struct node *node);

/* The member as text (a scalar; absent if it is none), as a list or a map (NULL if it is none),
 * taken. A scalar where a list is asked for is a list of it. */
struct dvara_str node_text(struct node *map, const char *key_cstr);
struct node *node_map(struct node *map, const char *key_cstr);
struct node *node_list(struct arena *arena, struct node *map, const char *key_cstr);
bool node_is_true(struct node *map, const char *key_cstr);
bool node_is_false(struct node *map, const char *key_cstr);
/* A whole number that is not negative. False: it is none; then it is not taken. */
bool node_whole(struct node *map, const char *key_cstr, int64_t *ret_value);
bool node_as_whole(const struct node *node, int64_t *ret_value);
bool node_is(const struct node *node, const char *text_cstr);

/* A decimal number as written, times 10^shift, with at most `places` digits behind the point,
 * rounded half up: exact, where doubles are not. False: no number, negative, or over 10^15. */
bool node_decimal(const struct node *node, int shift, unsigned places, struct arena *arena,
                  struct dvara_str *ret_text);

#endif
