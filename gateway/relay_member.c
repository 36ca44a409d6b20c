/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/relay_member.h"

#include "base/arena.h"
#include "base/buf.h"
#include "gateway/dialect/shape.h"

enum { AROUND_MAX = 4096 };

static struct dvara_str key_of(const struct json_doc *doc, uint32_t key)
{
    struct dvara_str raw = json_raw(doc, key);
    return dvara_str_slice(raw, 1, raw.n - 1);
}

static bool is_listed(const struct json_doc *doc, uint32_t node)
{
    return json_kind(doc, doc->nodes[node].parent) == JSON_ARRAY;
}

/* Is the member told whole in each event, by its key? `inside` of it something is asked about. */
static bool is_told_whole(struct dvara_str key, bool inside)
{
    static const struct {
        const char *key;
        bool all; /* that is inside of it, too */
    } rows[] = {
#define WHOLE(key, all) {key, all},
#include "gateway/relay_members.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if ((rows[i].all || !inside) && dvara_str_eq(key, dvara_str_from_cstr(rows[i].key)))
            return true;
    }
    return false;
}

/* Is the string a text, by all the members around it up to the message? */
static bool is_text(const struct json_doc *doc, uint32_t message, uint32_t node)
{
    bool inside = false;
    for (uint32_t at = node; at != message; at = doc->nodes[at].parent) {
        if (is_listed(doc, at))
            continue; /* part of the list's member */
        if (is_told_whole(key_of(doc, at - 1), inside))
            return false;
        inside = true;
    }
    return true;
}

uint32_t relay_member_around(const struct chat_answer *answer, uint32_t leaf)
{
    const struct json_doc *doc = answer->doc;
    const struct chat_place *place = &answer->leaves.places[leaf];
    bool is_known =
        place->channel == CHAT_CHANNEL_CONTENT || place->channel == CHAT_CHANNEL_REFUSAL;
    if ((!is_known && place->channel != CHAT_CHANNEL_OTHER) || place->nested != CHAT_OUTER ||
        json_kind(doc, place->node) != JSON_STRING)
        return JSON_NONE;
    for (size_t i = 0; i < answer->n_choices; i++) {
        uint32_t message = answer->choices[i].message_node;
        if (message == JSON_NONE || place->node < message ||
            place->node >= doc->nodes[message].next)
            continue;
        bool may = is_known ? doc->nodes[place->node].parent != message
                            : is_text(doc, message, place->node);
        return may ? message : JSON_NONE;
    }
    return JSON_NONE;
}

/* What tells clients which part a piece belongs to: the object's own kind and number. */
static void put_names(const struct json_doc *doc, uint32_t object, struct buf *out)
{
    for (uint32_t key = json_first(doc, object); key != JSON_NONE; key = json_next(doc, key)) {
        struct dvara_str name = key_of(doc, key);
        if (!dvara_str_eq(name, DVARA_STR("type")) && !dvara_str_eq(name, DVARA_STR("index")))
            continue;
        buf_append(out, json_raw(doc, key));
        buf_byte(out, ':');
        buf_append(out, json_raw(doc, key + 1));
        buf_byte(out, ',');
    }
}

/* From the delta's brace to the value at `node`; as deep as the document. */
static void put_before(const struct json_doc *doc, uint32_t delta, uint32_t node, struct buf *out)
{
    uint32_t parent = doc->nodes[node].parent;
    if (parent != delta) {
        put_before(doc, delta, parent, out);
        buf_byte(out, is_listed(doc, node) ? '[' : '{');
        if (!is_listed(doc, node))
            put_names(doc, parent, out);
    }
    if (is_listed(doc, node))
        return;
    buf_append(out, json_raw(doc, node - 1));
    buf_byte(out, ':');
}

static void put_after(const struct json_doc *doc, uint32_t delta, uint32_t node, struct buf *out)
{
    for (; doc->nodes[node].parent != delta; node = doc->nodes[node].parent)
        buf_byte(out, is_listed(doc, node) ? ']' : '}');
}

static bool fill(struct relay_member *member, const struct json_doc *doc, uint32_t delta,
                 uint32_t node, struct arena *arena)
{
    struct buf out;
    buf_init(&out, AROUND_MAX);
    put_before(doc, delta, node, &out);
    bool ok = !buf_failed(&out);
    member->before = arena_copy(arena, buf_str(&out));
    buf_reset(&out);
    put_after(doc, delta, node, &out);
    member->after = arena_copy(arena, buf_str(&out));
    buf_clear(&out);
    member->name = arena_copy(arena, member->name);
    return ok && !dvara_str_is_absent(member->before) && !dvara_str_is_absent(member->after) &&
           !dvara_str_is_absent(member->name);
}

uint32_t relay_member_number(struct relay_members *members, const struct json_doc *doc,
                             uint32_t delta, uint32_t node, struct arena *scratch,
                             struct arena *keep)
{
    struct relay_member member = {.name = shape_param(doc, node, scratch)};
    if (dvara_str_is_absent(member.name))
        return UINT32_MAX; /* too long to tell from others */
    for (size_t i = 0; i < members->n; i++) {
        if (dvara_str_eq(members->v[i].name, member.name))
            return (uint32_t)i;
    }
    if (!members->v)
        members->v = ARENA_ARRAY(keep, RELAY_MEMBERS_MAX, struct relay_member);
    if (!members->v || members->n == RELAY_MEMBERS_MAX || !fill(&member, doc, delta, node, keep))
        return UINT32_MAX;
    members->v[members->n] = member;
    return (uint32_t)members->n++;
}
