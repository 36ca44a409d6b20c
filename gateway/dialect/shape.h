/* SPDX-License-Identifier: Apache-2.0 */
/* The shape of a dialect's bodies as a table: which keys an object has, of which types and ranges
 * their values are, and what their strings are to the detectors. One walk checks a body against its
 * shape and collects its leaves (chat/leaves.h).
 *
 * A value is judged by the field it stands under: a string by the role, an object by the child
 * place, the elements of an array each like the value itself. A key without a field is matched by
 * the place's
 * "*" row; where there is none, it is text all the way down. */
#ifndef GATEWAY_DIALECT_SHAPE_H
#define GATEWAY_DIALECT_SHAPE_H

#include "gateway/chat/leaves.h"
#include "gateway/chat/refusal.h"

struct arena;

/* Sets of types. INT is a number whose value is an integer; REQ: the key must stand, and not be
 * null. The fields of a place that are REQ come first in it. */
enum {
    SHAPE_NUL = 1 << JSON_NULL,
    SHAPE_BOO = 1 << JSON_BOOL,
    SHAPE_NUM = 1 << JSON_NUMBER,
    SHAPE_STR = 1 << JSON_STRING,
    SHAPE_ARR = 1 << JSON_ARRAY,
    SHAPE_OBJ = 1 << JSON_OBJECT,
    SHAPE_INT = 1 << 8,
    SHAPE_REQ = 1 << 9,
    SHAPE_ANY = (1 << JSON_KIND_COUNT) - 1
};

/* What a string is. */
enum shape_role {
    SHAPE_TEXT,      /* for the detectors */
    SHAPE_IDENT,     /* an identifier: changing it would break the exchange; never scanned */
    SHAPE_WORD,      /* of a closed set; scanned when it does not look like one */
    SHAPE_ARGUMENTS, /* JSON inside a string */
    SHAPE_IMAGE,     /* a data URI or a URL */
    SHAPE_AUDIO,     /* base 64 */
    SHAPE_FILE       /* a data URI, base 64 */
};

struct shape_field {
    struct dvara_str name;
    uint32_t mark;     /* of the name: most keys are told apart by it alone */
    double min, max;   /* of numbers */
    uint16_t types;    /* of the value */
    uint16_t elements; /* of an array's elements; 0: any */
    uint8_t role;
    uint8_t channel; /* enum chat_channel, or SHAPE_SAME */
    uint8_t child;   /* the place of an object */
    uint8_t feature; /* enum chat_feature, or SHAPE_NO_FEATURE; asked for unless null or false */
};
/* The mark of a name that is not empty: its first and last letter and its length. A constant for
 * literals. */
#define SHAPE_MARK(p, n)                                                                           \
    ((uint32_t)(unsigned char)(p)[0] << 24 | (uint32_t)(unsigned char)(p)[(n)-1] << 16 |           \
     (uint32_t)((n)&0xffff))

enum { SHAPE_SAME = 255, SHAPE_NO_FEATURE = 255, SHAPE_FIELDS_MAX = 64 };

struct shape {
    const struct shape_field *fields;
    const uint16_t *firsts; /* the fields of place p are [firsts[p], firsts[p + 1]) */
    uint8_t free_place;     /* of keys that have no row: any type, text all the way down */
    uint8_t choice_place, call_place, part_place; /* objects that carry "index" */
};

enum shape_arguments {
    SHAPE_ARGUMENTS_MUST_PARSE, /* a request: text that is no I-JSON refuses the body */
    SHAPE_ARGUMENTS_MAY_PARSE,  /* an answer: such text is a leaf as it stands */
    SHAPE_ARGUMENTS_ARE_PIECES  /* a stream event */
};

struct shape_walk {
    const struct shape *shape;
    const struct json_doc *doc;
    struct arena *arena;
    enum shape_arguments arguments;
    struct chat_leaves *leaves;
    uint32_t feature_set, opaque_set;
    struct chat_refusal refusal; /* when it fails */
    /* Inside: */
    uint32_t choice, call, ordinal;
    uint32_t nested_nodes;
    enum dvara_status status;
};

/* Walks the root, an object of `place`. shape, doc, arena, arguments and leaves are set by the
 * caller. */
DVARA_MUST_CHECK enum dvara_status shape_walk(struct shape_walk *walk, uint8_t place);

/* The value of each field of `place` in the object: ret_nodes[field - first], JSON_NONE if absent
 * or null. `ret_nodes` holds SHAPE_FIELDS_MAX. */
void shape_read(const struct shape *shape, uint8_t place, const struct json_doc *doc,
                uint32_t object, uint32_t *ret_nodes);

/* The number an object carries in "index", else its ordinal among its siblings. */
uint32_t shape_index(const struct json_doc *doc, uint32_t object, uint32_t ordinal);

/* A key of the root, an object, that clashes with a field but for case, or JSON_NONE. */
uint32_t shape_case_clash(const struct shape *shape, uint8_t place, const struct json_doc *doc);

/* "messages[3].content": the node's place as OpenAI's errors spell it. */
struct dvara_str shape_param(const struct json_doc *doc, uint32_t node, struct arena *arena);

#endif
