/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes and fields, from the facts by name. */
#include "oracle/make.h"

#include <stdlib.h>

struct value walk_strings(struct scope *scope, struct dvara_strs list)
{
    struct value *items = ARENA_ARRAY(scope->arena, list.n + 1, struct value);
    for (size_t i = 0; i < list.n; i++)
        items[i] = string(list.v[i]);
    return (struct value){.items = items, .n_items = list.n};
}

static struct value records(struct scope *scope, const char *first, size_t n, size_t size)
{
    struct value *items = ARENA_ARRAY(scope->arena, n + 1, struct value);
    for (size_t i = 0; i < n; i++)
        items[i].record = first + i * size;
    return (struct value){.items = items, .n_items = n};
}

static struct dvara_str look_up(struct dvara_pairs pairs, struct dvara_str name)
{
    for (size_t i = 0; i < pairs.n; i++)
        if (dvara_str_eq(pairs.v[i].name, name))
            return pairs.v[i].value;
    return (struct dvara_str){0};
}

static struct value budget(const struct dvara_facts *facts, enum dvara_attribute id,
                           struct dvara_str name)
{
    for (size_t i = 0; i < facts->n_budgets; i++)
        if (dvara_str_eq(facts->budgets[i].name, name))
            return integer(id == DVARA_ATTR_BUDGET_USED ? facts->budgets[i].used_ppm
                                                        : facts->budgets[i].left_microusd);
    return failure(DVARA_ERROR_STORE);
}

static struct value by_name(const struct dvara_facts *facts, enum dvara_attribute id,
                            struct dvara_str name)
{
    if (id == DVARA_ATTR_BUDGET_USED || id == DVARA_ATTR_BUDGET_LEFT)
        return budget(facts, id, name);
    switch ((int)id) {
    case DVARA_ATTR_REQUEST_HEADER:
        return optional_string(look_up(facts->request.headers, name));
    case DVARA_ATTR_REQUEST_METADATA:
        return optional_string(look_up(facts->request.metadata, name));
    default:
        return optional_string(look_up(facts->tenant.attrs, name));
    }
}

#define LIST_OF(list, type)                                                                        \
    records(scope, (const char *)(list).v, (list).n, sizeof(struct dvara_##type))

static struct value list_attribute(struct scope *scope, enum dvara_attribute id)
{
    const struct dvara_facts *f = scope->facts;
    switch ((int)id) {
    case DVARA_ATTR_REQUEST_MESSAGES:
        return LIST_OF(f->request.messages, message);
    case DVARA_ATTR_REQUEST_TOOLS:
        return LIST_OF(f->request.tools, tool);
    case DVARA_ATTR_REQUEST_OPAQUE:
        return walk_strings(scope, f->request.opaque);
    case DVARA_ATTR_REQUEST_FEATURES:
        return walk_strings(scope, f->request.features);
    case DVARA_ATTR_TENANT_ZONES:
        return walk_strings(scope, f->tenant.zones);
    case DVARA_ATTR_TENANT_TAGS:
        return walk_strings(scope, f->tenant.tags);
    case DVARA_ATTR_TENANT_MODELS:
        return walk_strings(scope, f->tenant.models);
    case DVARA_ATTR_KEY_TAGS:
        return walk_strings(scope, f->key.tags);
    default:
        return walk_strings(scope, f->key.scopes);
    }
}

static struct value number_attribute(const struct dvara_facts *f, enum dvara_attribute id)
{
    switch ((int)id) {
    case DVARA_ATTR_REQUEST_STREAM:
        return truth(f->request.stream);
    case DVARA_ATTR_REQUEST_PROMPT_TOKENS:
        return integer(f->request.prompt_tokens);
    case DVARA_ATTR_REQUEST_SIZE:
        return integer(f->request.size);
    case DVARA_ATTR_REQUEST_TIME:
        return integer(f->request.time);
    case DVARA_ATTR_SESSION_REQUESTS:
        return integer(f->session.requests);
    case DVARA_ATTR_SESSION_TOOL_CALLS:
        return integer(f->session.tool_calls);
    case DVARA_ATTR_SESSION_REPEATS:
        return integer(f->session.repeats);
    case DVARA_ATTR_SESSION_KEY_REPEATS:
        return integer(f->session.key_repeats);
    case DVARA_ATTR_TARGET_OUTPUT_PRICE:
        return integer(f->target.output_price);
    case DVARA_ATTR_TARGET_LATENCY_P50:
        return integer(f->target.latency_p50);
    case DVARA_ATTR_SESSION_AGE:
        return integer(f->session.age);
    case DVARA_ATTR_SESSION_COST:
        return integer(f->session.cost);
    case DVARA_ATTR_TARGET_INPUT_PRICE:
        return integer(f->target.input_price);
    case DVARA_ATTR_TARGET_HEALTHY:
        return truth(f->target.healthy);
    case DVARA_ATTR_RESPONSE_COMPLETION_TOKENS:
        return integer(f->response.completion_tokens);
    case DVARA_ATTR_RESPONSE_LATENCY:
        return integer(f->response.latency);
    default:
        abort(); /* the generator uses no other */
    }
}

static struct value optional_number(const struct dvara_facts *f, enum dvara_attribute id)
{
    struct dvara_opt_int i = id == DVARA_ATTR_REQUEST_N ? f->request.n : f->request.max_tokens;
    struct dvara_opt_float d =
        id == DVARA_ATTR_REQUEST_TOP_P ? f->request.top_p : f->request.temperature;
    bool real = id == DVARA_ATTR_REQUEST_TOP_P || id == DVARA_ATTR_REQUEST_TEMPERATURE;
    bool has = real ? d.has : i.has;
    return (struct value){.state = has ? VALUE_PRESENT : VALUE_ABSENT, .i = i.value, .f = d.value};
}

/* Rows of attributes.def that are plain strings: where they stand in the facts. */
static struct dvara_str string_attribute(const struct dvara_facts *f, enum dvara_attribute id)
{
    switch ((int)id) {
    case DVARA_ATTR_REQUEST_ENDPOINT:
        return f->request.endpoint;
    case DVARA_ATTR_REQUEST_MODEL:
        return f->request.model;
    case DVARA_ATTR_REQUEST_ASKED_MODEL:
        return f->request.asked_model;
    case DVARA_ATTR_REQUEST_TEXT:
        return f->request.text;
    case DVARA_ATTR_REQUEST_SYSTEM:
        return f->request.system;
    case DVARA_ATTR_REQUEST_USER:
        return f->request.user;
    case DVARA_ATTR_REQUEST_IP:
        return f->request.ip;
    case DVARA_ATTR_REQUEST_ID:
        return f->request.id;
    case DVARA_ATTR_TENANT_ID:
        return f->tenant.id;
    case DVARA_ATTR_TENANT_REGION:
        return f->tenant.region;
    case DVARA_ATTR_KEY_NAME:
        return f->key.name;
    case DVARA_ATTR_SESSION_ID:
        return f->session.id;
    case DVARA_ATTR_TARGET_PROVIDER:
        return f->target.provider;
    case DVARA_ATTR_TARGET_MODEL:
        return f->target.model;
    case DVARA_ATTR_TARGET_ZONE:
        return f->target.zone;
    case DVARA_ATTR_TARGET_REGION:
        return f->target.region;
    case DVARA_ATTR_TOOL_NAME:
        return f->tool.name;
    case DVARA_ATTR_TOOL_ARGS:
        return f->tool.args;
    case DVARA_ATTR_RESPONSE_TEXT:
        return f->response.text;
    case DVARA_ATTR_RESPONSE_FINISH_REASON:
        return f->response.finish_reason;
    default:
        abort(); /* the generator uses no other */
    }
}

/* The steps that `faults` can break (R25). */
static bool needs_store(enum dvara_attribute id)
{
    return (id >= DVARA_ATTR_SESSION_ID && id <= DVARA_ATTR_SESSION_COST) ||
           id == DVARA_ATTR_BUDGET_USED || id == DVARA_ATTR_BUDGET_LEFT;
}

struct value walk_attribute(struct scope *scope, const struct expr *expr)
{
    enum dvara_attribute id = expr->attribute.id;
    struct type type = attribute_row(id)->type;
    if (id >= DVARA_ATTR_PII_FOUND && id <= DVARA_ATTR_PROMPT_PII_SCORE)
        return walk_personal(scope, expr);
    if (needs_store(id) && faulty(scope, DVARA_ERROR_STORE))
        return failure(DVARA_ERROR_STORE);
    if (type_is_list(type) && faulty(scope, DVARA_ERROR_LIST))
        return failure(DVARA_ERROR_LIST);
    if (id == DVARA_ATTR_REQUEST_BODY)
        return faulty(scope, DVARA_ERROR_JSON) ? failure(DVARA_ERROR_JSON)
                                               : (struct value){.state = VALUE_ABSENT};
    if (!dvara_str_is_absent(expr->attribute.arg))
        return by_name(scope->facts, id, expr->attribute.arg);
    if (type_is_list(type))
        return list_attribute(scope, id);
    if (type.base == DVARA_TYPE_STRING) {
        struct dvara_str s = string_attribute(scope->facts, id);
        return type_is_optional(type) ? optional_string(s) : string(s);
    }
    return type_is_optional(type) ? optional_number(scope->facts, id)
                                  : number_attribute(scope->facts, id);
}

struct value walk_field(struct scope *scope, const struct expr *expr)
{
    const struct value base = walk(scope, expr->field.base);
    const struct dvara_message *message = base.record;
    const struct dvara_tool *tool = base.record;
    switch (expr->field.id) {
    case DVARA_FIELD_MESSAGE_ROLE:
        return string(message->role);
    case DVARA_FIELD_MESSAGE_TEXT:
        return string(message->text);
    case DVARA_FIELD_MESSAGE_HAS_IMAGE:
        return truth(message->has_image);
    case DVARA_FIELD_TOOL_NAME:
        return string(tool->name);
    case DVARA_FIELD_TOOL_DESCRIPTION:
        return string(tool->description);
    case DVARA_FIELD_COUNT:
        break;
    }
    abort();
}
