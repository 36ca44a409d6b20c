/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to the tree of a record, and a record to JSON. */
#include "lang/given.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/number.h"

#include <inttypes.h>

static struct expr *convert(struct arena *arena, const struct json_doc *doc, uint32_t node);

static size_t count(const struct json_doc *doc, uint32_t node)
{
    return json_count(doc, node);
}

static void convert_array(struct arena *arena, const struct json_doc *doc, uint32_t node,
                          struct expr *expr)
{
    expr->kind = EXPR_LIST;
    expr->items.v = ARENA_ARRAY(arena, count(doc, node), struct expr *);
    for (uint32_t at = json_first(doc, node); expr->items.v && at != JSON_NONE;
         at = json_next(doc, at)) {
        struct expr *item = convert(arena, doc, at);
        if (item)
            expr->items.v[expr->items.n++] = item;
    }
}

static void convert_object(struct arena *arena, const struct json_doc *doc, uint32_t node,
                           struct expr *expr)
{
    expr->kind = EXPR_RECORD;
    expr->fields.v = ARENA_ARRAY(arena, count(doc, node), struct record_field);
    for (uint32_t at = json_first(doc, node); expr->fields.v && at != JSON_NONE;
         at = json_next(doc, at)) {
        struct expr *value = convert(arena, doc, at + 1);
        if (value) /* null is absent */
            expr->fields.v[expr->fields.n++] =
                (struct record_field){.key = json_string(doc, at, arena), .value = value};
    }
}

static struct expr *convert(struct arena *arena, const struct json_doc *doc, uint32_t node)
{
    struct expr *expr = ARENA_NEW(arena, struct expr);
    if (!expr)
        return NULL;
    switch (json_kind(doc, node)) {
    case JSON_BOOL:
        expr->kind = EXPR_BOOL;
        expr->boolean = json_is_true(doc, node);
        return expr;
    case JSON_NUMBER:
        expr->kind = EXPR_INT;
        if (json_int(doc, node, &expr->i) != DVARA_OK) {
            expr->kind = EXPR_FLOAT;
            expr->f = json_double(doc, node);
        }
        return expr;
    case JSON_STRING:
        expr->kind = EXPR_STRING;
        expr->string = json_string(doc, node, arena);
        return expr;
    case JSON_ARRAY:
        convert_array(arena, doc, node, expr);
        return expr;
    case JSON_OBJECT:
        convert_object(arena, doc, node, expr);
        return expr;
    case JSON_NULL:
    case JSON_KEY:
    case JSON_KIND_COUNT:
        break;
    }
    return NULL;
}

const struct expr *given_from_json(struct arena *arena, struct dvara_str text,
                                   struct dvara_str *ret_error)
{
    struct json_doc doc;
    struct json_error error;
    enum dvara_status status = json_parse(text, 0, arena, &doc, &error);
    if (status == DVARA_INVALID || status == DVARA_TOO_LARGE) {
        *ret_error = arena_printf(arena, "not I-JSON at byte %zu%s%s: %s", error.offset,
                                  error.pointer[0] ? ", " : "", error.pointer, error.reason);
        return NULL;
    }
    if (status != DVARA_OK || json_kind(&doc, 0) != JSON_OBJECT) {
        *ret_error = DVARA_STR("the input must be a JSON object");
        return NULL;
    }
    return convert(arena, &doc, 0);
}

static void write_list(const struct expr *value, struct buf *out)
{
    buf_byte(out, '[');
    for (size_t i = 0; i < value->items.n; i++) {
        if (i)
            buf_byte(out, ',');
        given_to_json(value->items.v[i], out);
    }
    buf_byte(out, ']');
}

static void write_record(const struct expr *value, struct buf *out)
{
    buf_byte(out, '{');
    for (size_t i = 0; i < value->fields.n; i++) {
        if (i)
            buf_byte(out, ',');
        json_write_string(out, value->fields.v[i].key);
        buf_byte(out, ':');
        given_to_json(value->fields.v[i].value, out);
    }
    buf_byte(out, '}');
}

void given_to_json(const struct expr *value, struct buf *out)
{
    bool minus = value->kind == EXPR_MINUS;
    value = minus ? value->operand : value;
    switch (value->kind) {
    case EXPR_BOOL:
        buf_append(out, value->boolean ? DVARA_STR("true") : DVARA_STR("false"));
        return;
    case EXPR_FLOAT:
        number_write_double(out, minus ? -value->f : value->f);
        return;
    case EXPR_STRING:
        json_write_string(out, value->string);
        return;
    case EXPR_LIST:
        write_list(value, out);
        return;
    case EXPR_RECORD:
        write_record(value, out);
        return;
    default:
        buf_printf(out, "%s%" PRId64, minus ? "-" : "", value->i);
    }
}
