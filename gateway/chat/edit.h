/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the texts of a body in place: replacements by leaf, also inside tool-call arguments,
 * next to any other edit of the same body. Everything that is not edited stays byte for byte. */
#ifndef GATEWAY_CHAT_EDIT_H
#define GATEWAY_CHAT_EDIT_H

#include "base/json_edit.h"
#include "gateway/chat/leaves.h"

struct chat_editor {
    struct json_edits body; /* open to callers: json_edit_* on the body itself */
    const struct chat_leaves *leaves;
    struct json_edits *nested; /* one a nested document, made when first needed */
    uint32_t number;           /* ref + 1 of the number edited last */
    struct arena *arena;
};

void chat_editor_init(struct chat_editor *editor, const struct json_doc *doc,
                      const struct chat_leaves *leaves, struct arena *arena);
bool chat_editor_is_empty(const struct chat_editor *editor);

/* Bytes [from, to) of leaf `ref` become `text`; a number becomes the string `text`, whatever of it
 * was meant. INVALID: an object key, or offsets off the text. */
DVARA_MUST_CHECK enum dvara_status chat_edit_leaf(struct chat_editor *editor, uint32_t ref,
                                                  size_t from, size_t to, struct dvara_str text);
/* The whole leaf becomes `text`. */
DVARA_MUST_CHECK enum dvara_status chat_edit_leaf_whole(struct chat_editor *editor, uint32_t ref,
                                                        struct dvara_str text);
/* Appends the edited body to out. Call once. */
DVARA_MUST_CHECK enum dvara_status chat_editor_apply(struct chat_editor *editor, struct buf *out);

#endif
