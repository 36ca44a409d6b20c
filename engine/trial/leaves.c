/* SPDX-License-Identifier: Apache-2.0 */
/* What is derived from `given`: request.text, request.system, and the texts that detectors read. */
#include "trial/given.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

enum { TEXT_MAX = 64 << 20 };

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
    if (text.n && leaves->v)
        leaves->v[leaves->n++] = leaf;
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

/* Room for so many. */
static struct leaves begin(struct given *given, size_t room)
{
    return (struct leaves){given->arena, ARENA_ARRAY(given->arena, room, struct dvara_leaf), 0};
}

/* `system`: the system prompt that stands beside the messages; absent if it is one of them. */
static struct leaves request_leaves(struct given *given, struct dvara_str system)
{
    struct dvara_facts *facts = &given->facts;
    const struct json_doc *body = facts->request.body;
    struct leaves found = begin(given, facts->request.messages.n + facts->request.tools.n +
                                           facts->request.metadata.n + 2 + (body ? body->n : 0));
    struct leaves *leaves = &found;
    add(leaves, system, DVARA_STR("system"), DVARA_WHERE_PROMPT, false);
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
    if (body)
        add_json(leaves, body, DVARA_WHERE_PROMPT);
    return found;
}

static struct leaves tool_leaves(struct given *given)
{
    struct json_doc doc = {.n = 0};
    bool is_json = json_parse(given->facts.tool.args, 0, given->arena, &doc, NULL) == DVARA_OK;
    struct leaves found = begin(given, is_json ? doc.n : 1);
    if (is_json)
        add_json(&found, &doc, DVARA_WHERE_TOOLS);
    else
        add(&found, given->facts.tool.args, (struct dvara_str){0}, DVARA_WHERE_TOOLS, false);
    return found;
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
    struct dvara_str beside = facts->request.system;
    facts->request.text = join(given, is_in_text);
    if (dvara_str_is_absent(facts->request.system))
        facts->request.system = join(given, is_system);
    if (given->has_stream) {
        join_stream(given);
        facts->request.stream = true;
    }
    struct leaves request = request_leaves(given, beside), tool = {.n = 0},
                  response = begin(given, 1);
    if (given->has_tool)
        tool = tool_leaves(given);
    add(&response, facts->response.text, (struct dvara_str){0}, DVARA_WHERE_RESPONSE, false);
    facts->request.leaves = (struct dvara_leaves){request.v, request.n};
    facts->tool.leaves = (struct dvara_leaves){tool.v, tool.n};
    facts->response.leaves = (struct dvara_leaves){response.v, response.n};
    return !arena_is_exhausted(given->arena);
}
