/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a JSON text by splices. Edits name places of a parsed document and are collected in any
 * order; applying them copies the untouched bytes as they stand. Offsets in strings are of the
 * decoded text; replacements of text are escaped here, replacements of values are raw JSON. All
 * slices given must live until json_edits_apply. */
#ifndef BASE_JSON_EDIT_H
#define BASE_JSON_EDIT_H

#include "base/json.h"

struct arena;
struct buf;

struct json_edit {
    uint32_t start, end; /* bytes of the text to replace */
    struct dvara_str with;
    uint32_t order; /* of collection: decides between insertions at one place */
    bool escape;    /* `with` is text that goes into a string */
};

struct json_member_op {
    uint32_t object;
    uint32_t key;               /* the KEY node to remove, or JSON_NONE: insert */
    struct dvara_str name, raw; /* of an insertion */
    uint32_t order;             /* of collection */
};

struct json_edits {
    const struct json_doc *doc;
    struct arena *arena;
    struct json_edit *v;
    size_t n, size;
    struct json_member_op *members;
    size_t n_members, members_size;
    /* Where the last text edit stopped, so that edits in order cost one walk over the string. */
    uint32_t cursor_node, cursor_decoded, cursor_raw;
};

void json_edits_init(struct json_edits *edits, const struct json_doc *doc, struct arena *arena);

static inline bool json_edits_is_empty(const struct json_edits *edits)
{
    return edits->n == 0 && edits->n_members == 0;
}

/* The whole value becomes `raw`, which the caller vouches is JSON. */
DVARA_MUST_CHECK enum dvara_status json_edit_replace(struct json_edits *edits, uint32_t node,
                                                     struct dvara_str raw);
/* The whole string value becomes `text`. */
DVARA_MUST_CHECK enum dvara_status json_edit_replace_text(struct json_edits *edits, uint32_t node,
                                                          struct dvara_str text);
/* Bytes [from, to) of a string's decoded text become `text`. INVALID: outside the text, or not on
 * the borders of code points. */
DVARA_MUST_CHECK enum dvara_status json_edit_text(struct json_edits *edits, uint32_t node,
                                                  size_t from, size_t to, struct dvara_str text);
/* A new first member of an object. The caller knows that the key is not there. */
DVARA_MUST_CHECK enum dvara_status json_edit_insert(struct json_edits *edits, uint32_t object,
                                                    struct dvara_str key, struct dvara_str raw);
/* The member of this KEY node goes, with one comma. */
DVARA_MUST_CHECK enum dvara_status json_edit_remove(struct json_edits *edits, uint32_t key_node);
/* Replaces the value under `key` or inserts the member. */
DVARA_MUST_CHECK enum dvara_status json_edit_set(struct json_edits *edits, uint32_t object,
                                                 struct dvara_str key, struct dvara_str raw);

/* Appends the edited text to out. INVALID: two edits overlap (nothing is appended). NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status json_edits_apply(struct json_edits *edits, struct buf *out);

#endif
