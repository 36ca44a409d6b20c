/* SPDX-License-Identifier: Apache-2.0 */
/* Any JSON as a request, an answer and a stream event: no crash, and replacing every text leaves
 * JSON. */
#include "base/arena.h"
#include "base/buf.h"
#include "gateway/dialect/openai_chat.h"

#include <assert.h>

static void replace_all(const struct json_doc *doc, const struct chat_leaves *leaves,
                        struct arena *arena)
{
    struct chat_editor editor;
    struct json_doc edited;
    struct buf out;
    buf_init(&out, 64 << 20);
    chat_editor_init(&editor, doc, leaves, arena);
    for (uint32_t i = 0; i < leaves->n; i++) {
        struct dvara_leaf *leaf = &leaves->v[i];
        enum dvara_status status =
            chat_edit_leaf(&editor, i, 0, leaf->text.n, DVARA_STR("<\"x\">"));
        assert(status == (leaf->fixed ? DVARA_INVALID : DVARA_OK));
    }
    assert(chat_editor_apply(&editor, &out) == DVARA_OK);
    assert(json_parse(buf_str(&out), 0, arena, &edited, NULL) == DVARA_OK);
    buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct json_doc doc;
    struct chat_request request;
    struct chat_refusal refusal;
    struct chat_answer answer;
    arena_init(&arena, 256 << 20);
    if (json_parse(dvara_str_from((const char *)data, size), 0, &arena, &doc, NULL) == DVARA_OK) {
        if (openai_chat_request(&doc, &arena, &request, &refusal) == DVARA_OK)
            replace_all(&doc, &request.leaves, &arena);
        else
            assert(refusal.code.n && refusal.message.n);
        if (openai_chat_answer(&doc, &arena, &answer) == DVARA_OK)
            replace_all(&doc, &answer.leaves, &arena);
        if (openai_chat_chunk(&doc, &arena, &answer) == DVARA_OK)
            replace_all(&doc, &answer.leaves, &arena);
    }
    arena_clear(&arena);
    return 0;
}
