/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_edit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_text.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdlib.h>

void json_edits_init(struct json_edits *edits, const struct json_doc *doc, struct arena *arena)
{
    *edits = (struct json_edits){.doc = doc, .arena = arena, .cursor_node = JSON_NONE};
}

/* Room for one more in an arena array that doubles. */
static bool grow(struct arena *arena, void **v, size_t n, size_t *size, size_t item)
{
    if (n < *size)
        return true;
    size_t larger = *size ? *size * 2 : 8;
    void *p = arena_array(arena, larger, item);
    if (!p)
        return false;
    if (n)
        memcpy(p, *v, n * item);
    *v = p;
    *size = larger;
    return true;
}

static enum dvara_status add(struct json_edits *edits, uint32_t start, uint32_t end,
                             struct dvara_str with, bool escape)
{
    void *v = edits->v;
    if (!grow(edits->arena, &v, edits->n, &edits->size, sizeof *edits->v))
        return DVARA_NO_MEMORY;
    edits->v = v;
    edits->v[edits->n] = (struct json_edit){
        .start = start, .end = end, .with = with, .order = (uint32_t)edits->n, .escape = escape};
    edits->n++;
    return DVARA_OK;
}

enum dvara_status json_edit_replace(struct json_edits *edits, uint32_t node, struct dvara_str raw)
{
    const struct json_node *at = &edits->doc->nodes[node];
    assert(at->kind != JSON_KEY);
    return add(edits, at->start, at->end, raw, false);
}

enum dvara_status json_edit_replace_text(struct json_edits *edits, uint32_t node,
                                         struct dvara_str text)
{
    const struct json_node *at = &edits->doc->nodes[node];
    assert(at->kind == JSON_STRING);
    return add(edits, at->start + 1, at->end - 1, text, true);
}

/* ---- offsets in strings ---- */

/* Moves the cursor to a decoded offset at or after it. False: past the end or inside a character.
 */
static bool advance(struct json_edits *edits, const struct json_node *node, size_t decoded)
{
    const char *text = edits->doc->text.p;
    uint32_t end = node->end - 1;
    while (edits->cursor_decoded < decoded && edits->cursor_raw < end) {
        const char *p = text + edits->cursor_raw;
        size_t want = decoded - edits->cursor_decoded;
        if (*p == '\\') {
            char scratch[4];
            unsigned raw;
            edits->cursor_decoded += json_text_escape(p, scratch, &raw);
            edits->cursor_raw += raw;
            continue;
        }
        size_t room = end - edits->cursor_raw;
        size_t run = want < room ? want : room;
        const char *backslash = node->escapes ? memchr(p, '\\', run) : NULL;
        if (backslash)
            run = (size_t)(backslash - p);
        edits->cursor_decoded += (uint32_t)run;
        edits->cursor_raw += (uint32_t)run;
    }
    return edits->cursor_decoded == decoded && !utf8_is_continuation(text[edits->cursor_raw]);
}

static bool seek(struct json_edits *edits, uint32_t node, size_t decoded)
{
    const struct json_node *at = &edits->doc->nodes[node];
    if (edits->cursor_node != node || decoded < edits->cursor_decoded) {
        edits->cursor_node = node;
        edits->cursor_decoded = 0;
        edits->cursor_raw = at->start + 1;
    }
    return advance(edits, at, decoded);
}

enum dvara_status json_edit_text(struct json_edits *edits, uint32_t node, size_t from, size_t to,
                                 struct dvara_str text)
{
    assert(json_kind(edits->doc, node) == JSON_STRING);
    if (from > to || !seek(edits, node, from))
        return DVARA_INVALID;
    uint32_t start = edits->cursor_raw;
    if (!seek(edits, node, to))
        return DVARA_INVALID;
    return add(edits, start, edits->cursor_raw, text, true);
}

/* ---- members ---- */

static enum dvara_status add_member(struct json_edits *edits, const struct json_member_op *op)
{
    void *v = edits->members;
    if (!grow(edits->arena, &v, edits->n_members, &edits->members_size, sizeof *edits->members))
        return DVARA_NO_MEMORY;
    edits->members = v;
    edits->members[edits->n_members++] = *op;
    return DVARA_OK;
}

enum dvara_status json_edit_insert(struct json_edits *edits, uint32_t object, struct dvara_str key,
                                   struct dvara_str raw)
{
    assert(json_kind(edits->doc, object) == JSON_OBJECT);
    return add_member(edits, &(struct json_member_op){
                                 .object = object, .key = JSON_NONE, .name = key, .raw = raw});
}

enum dvara_status json_edit_remove(struct json_edits *edits, uint32_t key_node)
{
    assert(json_kind(edits->doc, key_node) == JSON_KEY);
    return add_member(edits, &(struct json_member_op){.object = edits->doc->nodes[key_node].parent,
                                                      .key = key_node});
}

enum dvara_status json_edit_set(struct json_edits *edits, uint32_t object, struct dvara_str key,
                                struct dvara_str raw)
{
    uint32_t node = json_find(edits->doc, object, key);
    return node == JSON_NONE ? json_edit_insert(edits, object, key, raw)
                             : json_edit_replace(edits, node, raw);
}

/* Removals first, in the order of keys; then insertions as they came. */
static int compare_members(const void *a, const void *b)
{
    const struct json_member_op *x = a, *y = b;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* The bytes that go with a removed member: with the comma before it when a member stays before it,
 * else with the comma after it. So neighbouring removals never meet twice at one comma. */
static enum dvara_status remove_member(struct json_edits *edits, uint32_t key, uint32_t before,
                                       bool stays_before)
{
    const struct json_node *nodes = edits->doc->nodes;
    uint32_t start = nodes[key].start;
    uint32_t end = nodes[key + 1].end;
    uint32_t after = json_next(edits->doc, key);
    if (stays_before)
        start = nodes[before + 1].end;
    else if (after != JSON_NONE)
        end = nodes[after].start;
    return add(edits, start, end, DVARA_STR(""), false);
}

/* All removals of one object, from ops sorted by key. ret_stays: some member stays. */
static enum dvara_status remove_members(struct json_edits *edits, const struct json_member_op *ops,
                                        size_t n, bool *ret_stays)
{
    enum dvara_status status = DVARA_OK;
    uint32_t before = JSON_NONE;
    bool stays = false;
    size_t at = 0;
    for (uint32_t key = json_first(edits->doc, ops->object); key != JSON_NONE && status == DVARA_OK;
         key = json_next(edits->doc, key)) {
        bool removed = at < n && ops[at].key == key;
        if (removed)
            status = remove_member(edits, key, before, stays);
        while (at < n && ops[at].key == key)
            at++; /* asked for twice is asked for once */
        stays |= !removed;
        before = key;
    }
    *ret_stays = stays;
    return status;
}

static enum dvara_status insert_member(struct json_edits *edits, const struct json_member_op *op,
                                       bool comma)
{
    struct buf text;
    buf_init(&text, op->name.n * 6 + op->raw.n + 8);
    json_write_string(&text, op->name);
    buf_byte(&text, ':');
    buf_append(&text, op->raw);
    if (comma)
        buf_byte(&text, ',');
    struct dvara_str copy =
        buf_failed(&text) ? (struct dvara_str){0} : arena_copy(edits->arena, buf_str(&text));
    buf_clear(&text);
    uint32_t at = edits->doc->nodes[op->object].start + 1;
    return dvara_str_is_absent(copy) ? DVARA_NO_MEMORY : add(edits, at, at, copy, false);
}

/* The member operations of one object become edits. */
static enum dvara_status resolve_object(struct json_edits *edits, const struct json_member_op *ops,
                                        size_t n)
{
    bool stays;
    enum dvara_status status = remove_members(edits, ops, n, &stays);
    for (size_t i = 0; i < n && status == DVARA_OK; i++)
        if (ops[i].key == JSON_NONE)
            status = insert_member(edits, &ops[i], stays || i + 1 < n);
    return status;
}

static enum dvara_status resolve_members(struct json_edits *edits)
{
    enum dvara_status status = DVARA_OK;
    for (size_t i = 0; i < edits->n_members; i++)
        edits->members[i].order = (uint32_t)i;
    if (edits->n_members)
        qsort(edits->members, edits->n_members, sizeof *edits->members, compare_members);
    for (size_t i = 0; i < edits->n_members && status == DVARA_OK;) {
        size_t n = 1;
        while (i + n < edits->n_members && edits->members[i + n].object == edits->members[i].object)
            n++;
        status = resolve_object(edits, edits->members + i, n);
        i += n;
    }
    edits->n_members = 0;
    return status;
}

/* ---- applying ---- */

/* By place; insertions before a replacement that starts there. */
static int compare_edits(const void *a, const void *b)
{
    const struct json_edit *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    bool x_inserts = x->end == x->start, y_inserts = y->end == y->start;
    if (x_inserts != y_inserts)
        return x_inserts ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static bool overlap(const struct json_edit *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (v[i].start < v[i - 1].end)
            return true;
    return false;
}

enum dvara_status json_edits_apply(struct json_edits *edits, struct buf *out)
{
    enum dvara_status status = resolve_members(edits);
    if (status != DVARA_OK)
        return status;
    if (edits->n)
        qsort(edits->v, edits->n, sizeof *edits->v, compare_edits);
    if (overlap(edits->v, edits->n))
        return DVARA_INVALID;
    uint32_t at = 0;
    if (edits->doc->text.n <= out->limit - out->n)
        (void)buf_room(out, edits->doc->text.n); /* one allocation instead of a doubling row */
    for (size_t i = 0; i < edits->n; i++) {
        const struct json_edit *edit = &edits->v[i];
        buf_append(out, dvara_str_slice(edits->doc->text, at, edit->start));
        if (edit->escape)
            json_write_escaped(out, edit->with);
        else
            buf_append(out, edit->with);
        at = edit->end;
    }
    buf_append(out, dvara_str_slice(edits->doc->text, at, edits->doc->text.n));
    return buf_failed(out) ? DVARA_NO_MEMORY : DVARA_OK;
}
