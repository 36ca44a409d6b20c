/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/value.h"

#include "base/json.h"

struct value oracle_json(struct arena *arena, struct dvara_str text, struct dvara_str pointer)
{
    struct json_doc doc;
    if (json_parse(text, 0, arena, &doc, NULL) != DVARA_OK)
        return (struct value){.state = VALUE_ERROR, .error = DVARA_ERROR_JSON};
    uint32_t node = json_pointer(&doc, pointer);
    if (node == JSON_NONE || json_kind(&doc, node) == JSON_NULL)
        return (struct value){.state = VALUE_ABSENT};
    if (json_kind(&doc, node) == JSON_STRING)
        return (struct value){.s = json_string(&doc, node, arena)};
    return (struct value){.s = json_raw(&doc, node)};
}
