/* SPDX-License-Identifier: Apache-2.0 */
/* What request.body() and json() give: the value at an RFC 6901 pointer as text. */
#ifndef VM_JSON_VALUE_H
#define VM_JSON_VALUE_H

#include "base/json.h"
#include "vm/value.h"

/* A string decoded; a number, bool, object or array as its source text; null or missing absent. */
struct value json_value(const struct json_doc *doc, struct dvara_str pointer, struct arena *arena);

#endif
