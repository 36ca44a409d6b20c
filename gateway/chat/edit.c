/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/chat/edit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_text.h"

void chat_editor_init(struct chat_editor *editor, const struct json_doc *doc,
                      const struct chat_leaves *leaves, struct arena *arena)
{
    *editor = (struct chat_editor){.leaves = leaves, .arena = arena};
    json_edits_init(&editor->body, doc, arena);
}

bool chat_editor_is_empty(const struct chat_editor *editor)
{
    /* nested is made for an edit, so its presence is one */
    return json_edits_is_empty(&editor->body) && !editor->nested;
}

/* The edits of the document that holds the leaf, or NULL when memory ran out. */
static struct json_edits *edits_of(struct chat_editor *editor, const struct chat_place *place)
{
    if (place->nested == CHAT_OUTER)
        return &editor->body;
    if (!editor->nested)
        editor->nested = ARENA_ARRAY(editor->arena, editor->leaves->n_nested, struct json_edits);
    if (!editor->nested)
        return NULL;
    struct json_edits *edits = &editor->nested[place->nested];
    if (!edits->doc)
        json_edits_init(edits, &editor->leaves->nested[place->nested].doc, editor->arena);
    return edits;
}

/* A number of which anything is hidden becomes a string; it has one text. */
static enum dvara_status edit_number(struct json_edits *edits, uint32_t node, struct dvara_str text)
{
    struct buf raw;
    buf_init(&raw, SIZE_MAX / 4); /* the arena's limit holds */
    json_write_string(&raw, text);
    struct dvara_str copy = arena_copy(edits->arena, buf_str(&raw));
    bool failed = buf_failed(&raw) || dvara_str_is_absent(copy);
    buf_clear(&raw);
    return failed ? DVARA_NO_MEMORY : json_edit_replace(edits, node, copy);
}

enum dvara_status chat_edit_leaf(struct chat_editor *editor, uint32_t ref, size_t from, size_t to,
                                 struct dvara_str text)
{
    if (ref >= editor->leaves->n || editor->leaves->v[ref].fixed)
        return DVARA_INVALID;
    const struct chat_place *place = &editor->leaves->places[ref];
    struct json_edits *edits = edits_of(editor, place);
    if (!edits)
        return DVARA_NO_MEMORY;
    if (json_kind(edits->doc, place->node) != JSON_NUMBER)
        return json_edit_text(edits, place->node, from, to, text);
    if (editor->number == ref + 1)
        return DVARA_OK; /* of two findings the first stands for all of it */
    editor->number = ref + 1;
    return edit_number(edits, place->node, text);
}

enum dvara_status chat_edit_leaf_whole(struct chat_editor *editor, uint32_t ref,
                                       struct dvara_str text)
{
    if (ref >= editor->leaves->n || editor->leaves->v[ref].fixed)
        return DVARA_INVALID;
    const struct chat_place *place = &editor->leaves->places[ref];
    struct json_edits *edits = edits_of(editor, place);
    if (!edits)
        return DVARA_NO_MEMORY;
    return json_kind(edits->doc, place->node) == JSON_NUMBER
               ? edit_number(edits, place->node, text)
               : json_edit_replace_text(edits, place->node, text);
}

/* Edited arguments become text of the string that holds them. */
static enum dvara_status fold_nested(struct chat_editor *editor, size_t i)
{
    struct json_edits *edits = &editor->nested[i];
    if (!edits->doc || json_edits_is_empty(edits))
        return DVARA_OK;
    struct buf text;
    buf_init(&text, SIZE_MAX / 4); /* the arena's limit holds */
    enum dvara_status status = json_edits_apply(edits, &text);
    if (status == DVARA_OK) {
        struct dvara_str copy = arena_copy(editor->arena, buf_str(&text));
        status = dvara_str_is_absent(copy)
                     ? DVARA_NO_MEMORY
                     : json_edit_replace_text(&editor->body, editor->leaves->nested[i].node, copy);
    }
    buf_clear(&text);
    return status;
}

enum dvara_status chat_editor_apply(struct chat_editor *editor, struct buf *out)
{
    enum dvara_status status = DVARA_OK;
    for (size_t i = 0; editor->nested && i < editor->leaves->n_nested && status == DVARA_OK; i++)
        status = fold_nested(editor, i);
    return status == DVARA_OK ? json_edits_apply(&editor->body, out) : status;
}
