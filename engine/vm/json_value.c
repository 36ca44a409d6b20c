/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/json_value.h"

struct value json_value(const struct json_doc *doc, struct dvara_str pointer, struct arena *arena)
{
    uint32_t node = json_pointer(doc, pointer);
    if (node == JSON_NONE || json_kind(doc, node) == JSON_NULL)
        return (struct value){.state = VALUE_ABSENT};
    if (json_kind(doc, node) != JSON_STRING)
        return value_str(json_raw(doc, node));
    struct dvara_str s = json_string(doc, node, arena);
    return dvara_str_is_absent(s) ? value_error(DVARA_ERROR_JSON) : value_str(s);
}
