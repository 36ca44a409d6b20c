/* SPDX-License-Identifier: Apache-2.0 */
/* The pass behind json_parse: recursive descent, at most JSON_DEPTH_MAX deep. */
#ifndef BASE_JSON_PARSER_H
#define BASE_JSON_PARSER_H

#include "base/json.h"
#include "base/json_keys.h"
#include "base/json_scan.h"

struct json_parser {
    const char *text, *p, *end;
    struct json_node *nodes;
    uint32_t n, size, max;
    uint32_t n_strings;
    uint32_t open; /* the container being read */
    unsigned depth;
    json_scan *scan;
    struct arena *arena;
    struct json_keys keys;
    /* When it fails: */
    enum dvara_status status;
    const char *reason;
    size_t error_offset;
    uint32_t error_node; /* the place; valid when n > 0 */
};

DVARA_MUST_CHECK enum dvara_status json_parser_run(struct json_parser *parser,
                                                   struct dvara_str text, uint32_t nodes_max,
                                                   struct arena *arena);

#endif
