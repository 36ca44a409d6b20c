/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as spans: one validating pass over borrowed bytes fills an array of nodes that point into
 * them. Nothing is copied or decoded until asked for. Accepts RFC 8259 under the rules of I-JSON
 * (RFC 7493): refused are duplicate keys (compared decoded) at any depth, depth over 64 (the
 * outermost value is 1), invalid UTF-8, lone surrogates, numbers that are no finite double, a byte
 * order mark, and controls.
 *
 * Nodes stand in document order. An object's children are KEY, value, KEY, value …: the value of a
 * key is the node after it. The text must outlive the document; nodes live in the arena given. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "dvara/status.h"
#include "dvara/str.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_KEY,
    JSON_ARRAY,
    JSON_OBJECT,
    JSON_KIND_COUNT
};

struct json_node {
    uint32_t start, end;  /* the value's bytes [start, end); strings and keys with their quotes */
    uint32_t next;        /* the node after the whole subtree (a key's subtree is its value) */
    uint32_t parent : 28; /* the container; the root's is 0 */
    uint32_t kind : 3;    /* enum json_kind */
    uint32_t escapes : 1; /* a string or key that holds a backslash */
};

enum {
    JSON_DEPTH_MAX = 64,
    /* 16 MiB of nodes: a body of digits and commas costs less memory than it has bytes. */
    JSON_NODES_DEFAULT = 1 << 20,
    JSON_POINTER_SHOWN = 200
};
#define JSON_NONE UINT32_MAX /* "no such node" */

struct json_doc {
    struct dvara_str text;
    const struct json_node *nodes; /* nodes[0] is the root */
    uint32_t n;
    uint32_t n_strings; /* string and key nodes */
};

/* Where and why a text was refused. The pointer names the place as deep as it is known, cut after a
 * whole step when it is longer than fits. `reason` is a sentence with static storage. */
struct json_error {
    size_t offset;
    const char *reason;
    char pointer[JSON_POINTER_SHOWN + 1];
};

/* INVALID: not I-JSON. TOO_LARGE: over nodes_max nodes, or 4 GiB. NO_MEMORY. ret_error (may be
 * NULL) is filled on INVALID and TOO_LARGE; ret_doc only on OK. nodes_max 0 means
 * JSON_NODES_DEFAULT. */
DVARA_MUST_CHECK enum dvara_status json_parse(struct dvara_str text, uint32_t nodes_max,
                                              struct arena *arena, struct json_doc *ret_doc,
                                              struct json_error *ret_error);

static inline enum json_kind json_kind(const struct json_doc *doc, uint32_t node)
{
    return (enum json_kind)doc->nodes[node].kind;
}

/* The node's bytes as they stand in the text (strings with quotes). */
static inline struct dvara_str json_raw(const struct json_doc *doc, uint32_t node)
{
    const struct json_node *at = &doc->nodes[node];
    return dvara_str_from(doc->text.p + at->start, at->end - at->start);
}

/* The first child (of an object: its first key), or JSON_NONE. */
static inline uint32_t json_first(const struct json_doc *doc, uint32_t node)
{
    return doc->nodes[node].next > node + 1 ? node + 1 : JSON_NONE;
}

/* The sibling after `node` (of a key: the next key), or JSON_NONE. Not for values of an object. */
static inline uint32_t json_next(const struct json_doc *doc, uint32_t node)
{
    uint32_t next = doc->nodes[node].next;
    return node != 0 && next < doc->nodes[doc->nodes[node].parent].next ? next : JSON_NONE;
}

/* Elements of an array, members of an object; 0 for others. Linear in them. */
uint32_t json_count(const struct json_doc *doc, uint32_t node);

/* The value under `key` (decoded), or JSON_NONE; also when the node is no object. */
uint32_t json_find(const struct json_doc *doc, uint32_t object, struct dvara_str key);

/* RFC 6901 from the root ("" is the root); JSON_NONE when absent or no pointer. */
uint32_t json_pointer(const struct json_doc *doc, struct dvara_str pointer);

/* Appends the RFC 6901 pointer of a node (of a key: of its member) to out[0 … size), with a NUL,
 * cut after a whole step; returns its length. */
size_t json_path(const struct json_doc *doc, uint32_t node, char *out, size_t size);

/* Is the string or key, decoded, equal to s? */
bool json_string_eq(const struct json_doc *doc, uint32_t node, struct dvara_str s);

/* The decoded text of a string or key: a slice of the text when it has no escapes, else decoded
 * into the arena. The absent slice when the arena is exhausted. */
struct dvara_str json_string(const struct json_doc *doc, uint32_t node, struct arena *arena);

static inline bool json_is_true(const struct json_doc *doc, uint32_t node)
{
    return json_kind(doc, node) == JSON_BOOL && doc->text.p[doc->nodes[node].start] == 't';
}

/* A number whose value is an integer in int64 (1e3, 10.0, -0 are). INVALID for others. */
DVARA_MUST_CHECK enum dvara_status json_int(const struct json_doc *doc, uint32_t node,
                                            int64_t *ret_value);
/* The nearest double of a number; 0 for other kinds. */
double json_double(const struct json_doc *doc, uint32_t node);

/* The key of the root object that differs from one of `known` only in case, as case is folded by
 * decoders that ignore it (ASCII, and U+017F as s, U+212A as k), or JSON_NONE. Such a body would
 * mean one thing here and another at the provider. Known keys are ASCII, at most 64 bytes. */
uint32_t json_case_clash(const struct json_doc *doc, const struct dvara_str *known, size_t n_known);

#endif
