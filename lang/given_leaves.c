/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/given_leaves.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "lang/list.h"

enum { TEXT_MAX = 64 << 20 };

static const char *const field_names[] = {
#define FIELD(record, id, name, type, taint, member, doc) name,
#include "dvara/records.def"
};

const char *field_name(uint32_t id)
{
    return field_names[id];
}

struct leaves {
    struct arena *arena;
    struct dvara_leaf *v;
    size_t n;
};

static void add(struct leaves *leaves, struct dvara_str text, struct dvara_str label,
                enum dvara_where where, bool in_text)
{
    struct dvara_leaf leaf = {.text = text,
                              .label = label,
                              .ref = (uint32_t)leaves->n,
                              .where = (uint8_t)where,
                              .in_request_text = in_text};
    if (text.n)
        LIST_APPEND(leaves->arena, leaves->v, leaves->n, leaf);
}

/* String leaves of a JSON text; a text that is none is one leaf. */
static void add_json(struct leaves *leaves, const struct json_doc *doc, enum dvara_where where)
{
    struct dvara_str key = {NULL, 0};
    for (uint32_t node = 0; node < doc->n; node++) {
        if (json_kind(doc, node) == JSON_KEY)
            key = json_string(doc, node, leaves->arena);
        else if (json_kind(doc, node) == JSON_STRING)
            add(leaves, json_string(doc, node, leaves->arena), key, where, false);
    }
}

static bool is_in_text(struct dvara_str role)
{
    return dvara_str_eq(role, DVARA_STR("user")) || dvara_str_eq(role, DVARA_STR("tool"));
}

static bool is_system(struct dvara_str role)
{
    return dvara_str_eq(role, DVARA_STR("system")) || dvara_str_eq(role, DVARA_STR("developer"));
}

/* Texts of the messages that `wanted` takes, joined by newlines; absent when there is none. */
static struct dvara_str join(struct given *given, bool (*wanted)(struct dvara_str role))
{
    struct dvara_messages messages = given->facts.request.messages;
    struct buf out;
    bool any = false;
    buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < messages.n; i++) {
        if (!wanted(messages.v[i].role))
            continue;
        if (any)
            buf_byte(&out, '\n');
        buf_append(&out, messages.v[i].text);
        any = true;
    }
    struct dvara_str text = any ? arena_copy(given->arena, buf_str(&out)) : (struct dvara_str){0};
    buf_clear(&out);
    return text;
}

static void add_request(struct given *given, struct leaves *leaves)
{
    struct dvara_facts *facts = &given->facts;
    for (size_t i = 0; i < facts->request.messages.n; i++) {
        const struct dvara_message *message = &facts->request.messages.v[i];
        add(leaves, message->text, DVARA_STR("content"), DVARA_WHERE_PROMPT,
            is_in_text(message->role));
    }
    for (size_t i = 0; i < facts->request.tools.n; i++)
        add(leaves, facts->request.tools.v[i].description, DVARA_STR("description"),
            DVARA_WHERE_PROMPT, false);
    for (size_t i = 0; i < facts->request.metadata.n; i++)
        add(leaves, facts->request.metadata.v[i].value, facts->request.metadata.v[i].name,
            DVARA_WHERE_PROMPT, false);
    add(leaves, facts->request.user, DVARA_STR("user"), DVARA_WHERE_PROMPT, false);
    if (facts->request.body)
        add_json(leaves, facts->request.body, DVARA_WHERE_PROMPT);
}

static void add_tool(struct given *given, struct leaves *leaves)
{
    struct json_doc doc;
    if (json_parse(given->facts.tool.args, 0, given->arena, &doc, NULL) == DVARA_OK)
        add_json(leaves, &doc, DVARA_WHERE_TOOLS);
    else
        add(leaves, given->facts.tool.args, (struct dvara_str){0}, DVARA_WHERE_TOOLS, false);
}

/* The chunks of a stream are its text. */
static void join_stream(struct given *given)
{
    struct buf out;
    buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < given->stream.n; i++)
        buf_append(&out, given->stream.v[i]);
    given->facts.response.text = arena_copy(given->arena, buf_str(&out));
    buf_clear(&out);
}

bool given_leaves(struct given *given)
{
    struct dvara_facts *facts = &given->facts;
    struct leaves request = {.arena = given->arena}, tool = request, response = request;
    facts->request.text = join(given, is_in_text);
    if (dvara_str_is_absent(facts->request.system))
        facts->request.system = join(given, is_system);
    if (given->has_stream) {
        join_stream(given);
        facts->request.stream = true;
    }
    add_request(given, &request);
    if (given->has_tool)
        add_tool(given, &tool);
    add(&response, facts->response.text, (struct dvara_str){0}, DVARA_WHERE_RESPONSE, false);
    facts->request.leaves = (struct dvara_leaves){request.v, request.n};
    facts->tool.leaves = (struct dvara_leaves){tool.v, tool.n};
    facts->response.leaves = (struct dvara_leaves){response.v, response.n};
    return !arena_is_exhausted(given->arena);
}
